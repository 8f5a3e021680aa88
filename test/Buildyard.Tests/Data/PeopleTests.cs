using System.Net.Http.Json;
using Buildyard.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Data;

/// <summary>Whatever names a person goes with them, by the database, or is declared to stay.</summary>
public sealed class PeopleTests
{
    /// <summary>What stays under the name of whoever left, and why.</summary>
    private static readonly Dictionary<string, string> s_stays = new(StringComparer.Ordinal)
    {
        ["Build.StartedById"] = "who started a build: history, compared with the caller's own id",
        ["NotificationRule.People"] = "those chosen, of whom only who is in the team is told",
    };

    [Fact]
    public void WhateverNamesAPerson_GoesWithThem_OrIsDeclaredToStay()
    {
        using var db = new BuildyardDb(new DbContextOptionsBuilder<BuildyardDb>().UseSqlite("Data Source=:memory:").Options);
        var people = db.Model.FindEntityType(typeof(Person))!;

        Assert.All(people.GetReferencingForeignKeys(), key => Assert.Equal(DeleteBehavior.Cascade, key.DeleteBehavior));
        Assert.Equal(s_stays.Keys.Order(StringComparer.Ordinal), db.Model.GetEntityTypes().Where(entity => entity != people).SelectMany(Loose).Order(StringComparer.Ordinal));
    }

    /// <summary>Who leaves and can still end what is lent keeps their sign-in, and nothing else that goes with a person.</summary>
    [Fact]
    public async Task OfWhoLeaves_AndCanStillEndWhatIsLent_OnlyTheSignInStays()
    {
        await using var host = await BuildyardHost.StartAsync();
        var adam = await host.CallAsAsync("adam@northwind.test");
        (await adam.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { })).EnsureSuccessStatusCode();
        await using var scope = host.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        var person = await db.People.AsNoTracking().SingleAsync(p => p.Email == "adam@northwind.test", TestContext.Current.CancellationToken);
        var app = await db.Apps.AsNoTracking().SingleAsync(a => a.Slug == "northwind-ios", TestContext.Current.CancellationToken);
        db.Add(new IdentityUserClaim<string> { UserId = person.Id, ClaimType = "any", ClaimValue = "any" });
        db.Add(new ServiceUser { Id = "svc_1", AppId = app.Id, PersonId = person.Id });
        db.Add(new InboxItem { Id = "ibx_1", AppId = app.Id, PersonId = person.Id, Sentence = "It failed.", Path = "/", CreatedAt = person.CreatedAt });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);

        using var removed = await (await host.BrowseAsAsync("olivia@northwind.test")).SubmitAsync("/account", "/account/members/remove", ("person", person.Id));

        int[] left =
        [
            await db.SignIns.CountAsync(s => s.PersonId == person.Id && s.TokenHash != null, TestContext.Current.CancellationToken),
            await db.AppRoles.CountAsync(r => r.PersonId == person.Id, TestContext.Current.CancellationToken),
            await db.UserClaims.CountAsync(c => c.UserId == person.Id, TestContext.Current.CancellationToken),
            await db.ServiceUsers.CountAsync(u => u.PersonId == person.Id, TestContext.Current.CancellationToken),
            await db.InboxItems.CountAsync(i => i.PersonId == person.Id, TestContext.Current.CancellationToken),
            await db.Mails.CountAsync(m => m.PersonId == person.Id, TestContext.Current.CancellationToken),
        ];
        Assert.Equal([1, 0, 0, 0, 0, 0], left);
        Assert.Equal(person.PasswordHash, (await db.People.AsNoTracking().SingleAsync(p => p.Id == person.Id, TestContext.Current.CancellationToken)).PasswordHash);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await adam.DeleteAsync("/support-access/v1/apps/northwind-ios/access", TestContext.Current.CancellationToken)).StatusCode);
    }

    /// <summary>What is called like a person, a member or a user, or like whoever did something by id, and refers to no row.</summary>
    private static IEnumerable<string> Loose(IEntityType entity) =>
        from property in entity.GetProperties()
        where property.ClrType == typeof(string) && !property.IsForeignKey() && (property.Name is "People" || Array.Exists(s_words, word => property.Name.EndsWith(word, StringComparison.Ordinal)))
        select $"{entity.ClrType.Name}.{property.Name}";

    private static readonly string[] s_words = ["PersonId", "PersonIds", "People", "MemberId", "UserId", "OwnerId", "ById"];
}
