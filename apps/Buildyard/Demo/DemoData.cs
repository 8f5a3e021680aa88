using System.Reflection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Fills an empty demo directory, all or nothing.</summary>
internal sealed class DemoData(BuildyardDb db, UserManager<Person> people, DemoBuilds builds, DataDirectory directory, TimeProvider clock)
{
    private readonly DateTimeOffset _now = clock.Now();
    private readonly Dictionary<string, Person> _byEmail = new(StringComparer.Ordinal);

    public async Task FillAsync()
    {
        var isEmpty = !await db.People.AnyAsync();
        if (isEmpty) await FillTablesAsync();
        var owners = DemoRepositories.All.Select(repository => repository.Owner).ToList();
        var accounts = await db.People.Where(p => owners.Contains(p.Email!) && p.AccountId != null).ToDictionaryAsync(p => p.Email!, p => p.AccountId!);
        var canClone = await DemoRepositories.MakeAsync(directory, accounts, _now);
        if (isEmpty && canClone) await builds.StartAsync();
    }

    private async Task FillTablesAsync()
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        var northwind = AddAccount(DemoPeople.Northwind, 412, new Billing { AccountId = "", Plan = "Team", Seats = 10, CardLastFour = "4242", InvoiceEmail = "olivia@northwind.test" }, 89_00);
        var contoso = AddAccount(DemoPeople.Contoso, 96, new Billing { AccountId = "", Plan = "Starter", Seats = 3, CardLastFour = "1881", InvoiceEmail = "carla@contoso.test" }, 29_00);
        foreach (var person in DemoPeople.All)
            await AddPersonAsync(person, person.Group switch { DemoPeople.Northwind => northwind, DemoPeople.Contoso => contoso, _ => null });

        AddApp(northwind, "northwind-ios", "Northwind iOS", "ios",
            (60, "adam@northwind.test", "Added with the app"),
            (41, "piet@northwind.test", "Move checkout into a workflow of its own"),
            (6, "piet@northwind.test", "Release from main, cache pods"));
        AddApp(northwind, "northwind-android", "Northwind Android", "android",
            (58, "adam@northwind.test", "Added with the app"),
            (12, "piet@northwind.test", "Nightly builds and a Gradle cache"));
        AddApp(contoso, "contoso-web", "Contoso Web", "node-js",
            (80, "carla@contoso.test", "Added with the app"),
            (23, "carla@contoso.test", "Publish on tags"));
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    private Account AddAccount(string name, int daysOld, Billing billing, long monthlyCents)
    {
        var account = new Account { Id = Ids.Create("acc", _now), Name = name, CreatedAt = _now.AddDays(-daysOld) };
        db.Accounts.Add(account);
        db.Billing.Add(new Billing
        {
            AccountId = account.Id,
            Plan = billing.Plan,
            Seats = billing.Seats,
            CardLastFour = billing.CardLastFour,
            InvoiceEmail = billing.InvoiceEmail,
        });
        var month = new DateTimeOffset(_now.Year, _now.Month, 1, 6, 0, 0, TimeSpan.Zero);
        for (var back = 0; back < 3; back++)
        {
            var issued = month.AddMonths(-back);
            db.Invoices.Add(new Invoice
            {
                Number = $"{name[..2].ToUpperInvariant()}-{issued:yyyyMM}",
                AccountId = account.Id,
                IssuedAt = issued,
                AmountCents = monthlyCents,
                Currency = "EUR",
                Paid = back > 0,
            });
        }
        return account;
    }

    private async Task AddPersonAsync(DemoPerson demo, Account? account)
    {
        var person = new Person
        {
            Id = Ids.Create(account is null ? "agt" : "per", _now),
            Kind = account is null ? PersonKind.Agent : PersonKind.Member,
            UserName = demo.Email,
            Email = demo.Email,
            EmailConfirmed = true,
            Name = demo.Name,
            AccountId = account?.Id,
            IsOwner = demo.Email is "olivia@northwind.test" or "carla@contoso.test",
            IsLead = demo.Email == "lee@support.test",
            CreatedAt = _now.AddDays(-60),
        };
        person.PasswordHash = people.PasswordHasher.HashPassword(person, DemoPeople.Password);
        var created = await people.CreateAsync(person);
        if (!created.Succeeded) throw new InvalidOperationException($"{demo.Email} could not be made: {created}");
        _byEmail[demo.Email] = person;
    }

    private void AddApp(Account account, string slug, string title, string type, params (int DaysAgo, string By, string Message)[] versions)
    {
        var app = new App
        {
            Id = Ids.Create("app", _now),
            AccountId = account.Id,
            Slug = slug,
            Title = title,
            RepositoryUrl = DemoRepositories.All.Single(repository => repository.Slug == slug).Url,
            ProjectType = type,
            Enabled = true,
            CreatedAt = _now.AddDays(-versions[0].DaysAgo),
            ChangedAt = _now.AddDays(-versions[^1].DaysAgo),
        };
        db.Apps.Add(app);
        foreach (var (number, version) in versions.Index())
        {
            db.YamlVersions.Add(new YamlVersion
            {
                AppId = app.Id,
                Number = number + 1,
                Content = Read($"demo/{slug}-{number + 1}.yml"),
                AuthorId = _byEmail[version.By].Id,
                AuthorName = _byEmail[version.By].Name,
                BySupport = false,
                SavedAt = _now.AddDays(-version.DaysAgo),
                Message = version.Message,
            });
        }
        if (account.Name != DemoPeople.Northwind) return;
        AddRole(app, "adam@northwind.test", MemberRole.Admin);
        AddRole(app, "piet@northwind.test", MemberRole.PlatformEngineer);
        AddRole(app, "dana@northwind.test", MemberRole.Developer);
        AddRole(app, "tess@northwind.test", MemberRole.Tester);
    }

    private void AddRole(App app, string email, MemberRole role) =>
        db.AppRoles.Add(new AppRole { AppId = app.Id, PersonId = _byEmail[email].Id, Role = role, AcceptedRole = role });

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
