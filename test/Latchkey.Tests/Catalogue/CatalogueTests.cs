namespace Latchkey.Tests.Catalogues;

public sealed class CatalogueTests
{
    [Fact]
    public void Build_NamesEveryFaultAtOnce()
    {
        var builder = Catalogue.Create()
            .Read("Title.read", "looked")
            .Read("title", "looked")
            .Read("title..read", "looked")
            .Change(new string('a', 63) + ".b", "changed")
            .Change("title.update", " ")
            .Change("twice.update", "changed")
            .Stream("twice.update", "changed")
            .OffLimits("app.delete", "deleted")
            .Role("admin", "mine", "twice.update")
            .Role("Odd Role", "odd", "twice.update")
            .Role("empty", "empty")
            .Role("wishful", "wishful", "not.declared", "app.delete");
        var message = Assert.Throws<InvalidOperationException>(builder.Build).Message;
        Assert.Equal(11, message.Split("\n- ").Length - 1);
        string[] named =
        [
            "'Title.read'", "'title'", "'title..read'", new string('a', 63), "'title.update' has no title", "'twice.update' is declared twice",
            "Role 'admin' is declared twice", "'Odd Role'", "'empty' needs", "'not.declared', which is not declared", "'app.delete', which is off limits",
        ];
        Assert.All(named, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Build_RefusesMoreThanItCanHold()
    {
        var builder = Catalogue.Create();
        for (var i = 0; i <= CatalogueBuilder.MaxPermissions - Catalogue.Create().Build().Permissions.Count; i++)
        {
            builder.Read("thing.read" + i, "looked");
        }

        Assert.Contains("1025 permissions", Assert.Throws<InvalidOperationException>(builder.Build).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Roles_LendEachTheirOwn_OverMoreThanOneWordOfBits()
    {
        var builder = Catalogue.Create();
        for (var i = 0; i < 300; i++)
        {
            _ = (i % 3) switch
            {
                0 => builder.Read("thing.read" + i, "looked", viewer: i % 2 == 0),
                1 => builder.Change("thing.update" + i, "changed"),
                _ => builder.OffLimits("thing.delete" + i, "deleted"),
            };
        }

        var catalogue = builder.Build();
        var (admin, viewer) = (catalogue.FindRole(Catalogue.Admin)!, catalogue.FindRole(Catalogue.Viewer)!);
        Assert.All(catalogue.Permissions, p => Assert.Equal(!p.OffLimits, admin.Contains(p)));
        Assert.All(catalogue.Permissions, p => Assert.Equal(viewer.Permissions.Contains(p), viewer.Contains(p)));
        Assert.All(viewer.Permissions, p => Assert.Equal(PermissionKind.Read, p.Kind));
        Assert.Equal(50, viewer.Permissions.Count);
    }

    [Fact]
    public void WhatMustBeNamed_IsLentByNoRole_ButByAGrantThatNamesIt()
    {
        var catalogue = Catalogue.Create().Read("app.read", "looked").OnlyNamed("secret.use", "used").Role("careful", "careful", "app.read").Build();
        var use = catalogue.Find("secret.use")!;
        Assert.False(use.OffLimits);
        Assert.All(catalogue.Roles, role => Assert.False(role.Contains(use)));
        var grant = new Grant(
            new GrantId("grt_1"), new AccountId("acc_1"), new AppId("app_1"), catalogue.FindRole(Catalogue.Admin)!, [use],
            DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, new PersonId("per_1"), []);
        Assert.True(grant.Lends(use));
        Assert.False((grant with { Also = [] }).Lends(use));
    }

    [Fact]
    public void SupportAccessItself_IsOffLimits_AndCanNotBeDeclaredAgain()
    {
        var catalogue = Catalogue.Create().Build();
        Assert.Equal(5, catalogue.Permissions.Count);
        Assert.All(catalogue.Permissions, permission => Assert.True(permission.OffLimits && permission.Name.StartsWith("support_access.", StringComparison.Ordinal)));
        Assert.Throws<InvalidOperationException>(Catalogue.Create().Change(Catalogue.SupportAccessManage, "changed").Build);
    }

    [Fact]
    public async Task OffLimits_IsNotLent_ByAnyRole_NorAsASinglePermission()
    {
        await using var world = await World.StartAsync();
        foreach (var role in World.Catalogue.Roles)
        {
            await world.TurnOnAsync(World.Ios, new Terms(Role: role.Name));
            var session = await world.EnterAsync(World.Ios, World.Sam);
            foreach (var permission in World.Catalogue.Permissions.Where(p => p.OffLimits))
            {
                Assert.Equal(DecisionReason.OffLimits, world.Ask(session, permission));
                var refusal = (await world.Access.TurnOnAsync(World.Ios, World.Adam, new Terms(Also: [permission.Name]))).Refusal;
                Assert.Equal((RefusalReason.Invalid, "also"), (refusal!.Reason, refusal.Field));
            }
        }
    }

    [Fact]
    public async Task GrantOfAnEarlierCatalogue_LendsOnlyWhatThisOneStillLends()
    {
        await using var world = await World.StartAsync();
        await world.TurnOnAsync(World.Ios, new Terms(Role: "titler", Also: ["artifact.read", "build.log.follow"]));
        var session = await world.EnterAsync(World.Ios, World.Sam);

        // The role is gone, one single permission is off limits now, and the other has another place.
        var later = Catalogue.Create()
            .OffLimits("artifact.read", "downloaded an artifact").Change("app.title.update", "changed the title").Stream("build.log.follow", "followed a log").Build();
        await world.RestartAsync(catalogue: later);
        Assert.Equal(DecisionReason.OffLimits, world.Ask(session, later.Find("artifact.read")));
        Assert.Equal(DecisionReason.NotInRole, world.Ask(session, later.Find("app.title.update")));
        Assert.Equal(DecisionReason.Allowed, world.Ask(session, later.Find("build.log.follow")));
        Assert.Equal(0, await world.TurnOffAsync(World.Ios));
    }

    [Fact]
    public void Options_NameEveryFaultAtOnce()
    {
        var options = new SupportAccessOptions
        {
            MaxWindow = TimeSpan.FromDays(31),
            DefaultWindow = TimeSpan.FromSeconds(59),
            DefaultRole = "owner",
            StopWait = TimeSpan.FromSeconds(31),
            TicketPattern = "[",
        };
        Assert.Equal(5, options.Check(World.Catalogue).Count);
        Assert.Empty(new SupportAccessOptions().Check(World.Catalogue));
        Assert.Single(new SupportAccessOptions { TicketPattern = "T-[0-9]+", TicketExample = "T-1 and more" }.Check(World.Catalogue));
    }

    [Fact]
    public void Options_DefaultToTwoWeeks_TheAdminRole_AndTwoSeconds()
    {
        var options = new SupportAccessOptions();
        Assert.Equal(
            (TimeSpan.FromDays(14), TimeSpan.FromDays(30), "admin", TimeSpan.FromSeconds(2), null),
            (options.DefaultWindow, options.MaxWindow, options.DefaultRole, options.StopWait, options.TicketPattern));
    }
}
