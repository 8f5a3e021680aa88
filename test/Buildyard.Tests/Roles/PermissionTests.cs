using Latchkey;

namespace Buildyard.Roles;

public sealed class PermissionTests
{
    /// <summary>The table of roles: the least role that may. A permission that is added without a row here fails.</summary>
    private static readonly Dictionary<string, MemberRole> s_least = new(StringComparer.Ordinal)
    {
        ["app.read"] = MemberRole.Tester,
        ["app.update"] = MemberRole.Admin,
        ["app.enabled.update"] = MemberRole.Admin,
        ["app.create"] = MemberRole.Owner,
        ["app.delete"] = MemberRole.Owner,
        ["team.read"] = MemberRole.Tester,
        ["team.role.update"] = MemberRole.Admin,
        ["team.member.add"] = MemberRole.Admin,
        ["team.member.remove"] = MemberRole.Admin,
        ["team.promotion.accept"] = MemberRole.Admin,
        ["yml.read"] = MemberRole.Developer,
        ["yml.update"] = MemberRole.PlatformEngineer,
        ["yml.version.read"] = MemberRole.Developer,
        ["yml.restore"] = MemberRole.PlatformEngineer,
        ["ssh_key.read"] = MemberRole.Admin,
        ["ssh_key.update"] = MemberRole.Admin,
        ["ssh_key.delete"] = MemberRole.Admin,
        ["repository.check"] = MemberRole.Admin,
        ["signing_file.read"] = MemberRole.PlatformEngineer,
        ["signing_file.update"] = MemberRole.PlatformEngineer,
        ["signing_file.delete"] = MemberRole.PlatformEngineer,
        ["signing_file.content.read"] = MemberRole.PlatformEngineer,
        ["webhook.read"] = MemberRole.Admin,
        ["webhook.update"] = MemberRole.Admin,
        ["webhook.delete"] = MemberRole.Admin,
        ["webhook.deliver"] = MemberRole.Admin,
        ["webhook.secret.read"] = MemberRole.Admin,
        ["notification.read"] = MemberRole.Admin,
        ["notification.update"] = MemberRole.Admin,
        ["integration.read"] = MemberRole.Admin,
        ["service_user.update"] = MemberRole.Admin,
        ["apple.select"] = MemberRole.Admin,
        ["account.apple_key.read"] = MemberRole.Owner,
        ["account.apple_key.update"] = MemberRole.Owner,
        ["workflow.read"] = MemberRole.Developer,
        ["workflow.create"] = MemberRole.PlatformEngineer,
        ["workflow.update"] = MemberRole.PlatformEngineer,
        ["workflow.delete"] = MemberRole.PlatformEngineer,
        ["workflow.adopt"] = MemberRole.PlatformEngineer,
        ["step.update"] = MemberRole.PlatformEngineer,
        ["env.update"] = MemberRole.PlatformEngineer,
        ["trigger.update"] = MemberRole.PlatformEngineer,
        ["stack.update"] = MemberRole.PlatformEngineer,
        ["secret.read"] = MemberRole.PlatformEngineer,
        ["secret.update"] = MemberRole.PlatformEngineer,
        ["secret.delete"] = MemberRole.PlatformEngineer,
        ["secret.value.read"] = MemberRole.PlatformEngineer,
        ["build.read"] = MemberRole.Tester,
        ["build.log.read"] = MemberRole.Developer,
        ["build.start"] = MemberRole.Developer,
        ["build.abort"] = MemberRole.Developer,
        ["build.approve"] = MemberRole.Developer,
        ["build.rebuild"] = MemberRole.Developer,
        ["artifact.read"] = MemberRole.Developer,
        ["build.secrets.use"] = MemberRole.PlatformEngineer,
        ["build.secrets.allow"] = MemberRole.PlatformEngineer,
        ["build.settings.read"] = MemberRole.Tester,
        ["approval.update"] = MemberRole.Admin,
        ["rolling.update"] = MemberRole.Admin,
        ["selective.update"] = MemberRole.Admin,
        ["checks.update"] = MemberRole.Admin,
        ["cache.read"] = MemberRole.Developer,
        ["cache.download"] = MemberRole.Developer,
        ["cache.delete"] = MemberRole.Admin,
        ["hook.read"] = MemberRole.Admin,
        ["hook.rotate"] = MemberRole.Admin,
        ["hook.update"] = MemberRole.Admin,
        ["hook.delete"] = MemberRole.Admin,
        ["hook.url.read"] = MemberRole.Admin,
        ["account.read"] = MemberRole.Owner,
        ["account.update"] = MemberRole.Owner,
        ["account.member.add"] = MemberRole.Owner,
        ["account.member.update"] = MemberRole.Owner,
        ["account.member.remove"] = MemberRole.Owner,
        ["billing.read"] = MemberRole.Owner,
        ["billing.update"] = MemberRole.Owner,
        ["support_access.read"] = MemberRole.Tester,
        ["support_access.turn_off"] = MemberRole.PlatformEngineer,
        ["support_access.turn_on"] = MemberRole.Admin,
        ["support_access.activity.read"] = MemberRole.Admin,
        ["support_access.manage"] = MemberRole.Admin,
    };

    /// <summary>What an admin can and support, let in as admin, can't: each with the reason that is good enough for it.</summary>
    private static readonly Dictionary<string, string> s_beyondSupport = new(StringComparer.Ordinal)
    {
        ["team.member.add"] = "A way back in.",
        ["team.member.remove"] = "Whoever could end access would be gone.",
        ["team.promotion.accept"] = "Support would accept what support did.",
        ["workflow.adopt"] = "It makes support's text the customer's own.",
        ["webhook.secret.read"] = "A secret.",
        ["signing_file.content.read"] = "A secret.",
        ["secret.value.read"] = "A secret.",
        ["cache.download"] = "Builds leave in it what they were given.",
        ["hook.url.read"] = "A secret: whoever knows it starts builds, for as long as it holds.",
        ["build.secrets.allow"] = "Support would open the customer's secrets to itself.",
        ["build.secrets.use"] = "Lent where a grant names it, and only there.",
        [Catalogue.SupportAccessRead] = "The customer's view of support.",
        [Catalogue.SupportAccessActivity] = "The customer's view of support.",
        [Catalogue.SupportAccessTurnOn] = "Nobody lends to themselves.",
        [Catalogue.SupportAccessTurnOff] = "Support gives its keys back; what the customer ends is the customer's.",
        [Catalogue.SupportAccessManage] = "Support would settle what support did.",
    };

    [Fact]
    public void WhatAnAdminCan_AndSupportCant_IsExactlyWhatIsOffLimits_EachWithItsReason()
    {
        var catalogue = BuildyardPermissions.Catalogue;
        var lent = catalogue.FindRole(Catalogue.Admin)!;
        var beyond = catalogue.Permissions.Where(p => BuildyardPermissions.Allows(MemberRole.Admin, p.Name) && !lent.Contains(p)).ToList();

        Assert.Equal(s_beyondSupport.Keys.Order(StringComparer.Ordinal), beyond.Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.All(beyond, p => Assert.True(p.OffLimits || p.Name == "build.secrets.use"));
        // And nothing is lent that an admin can't do.
        Assert.All(lent.Permissions, p => Assert.True(BuildyardPermissions.Allows(MemberRole.Admin, p.Name), p.Name));
    }

    [Fact]
    public void EveryPermission_IsEachRoles_AsTheTableSays()
    {
        Assert.Equal(s_least.Keys.Order(), BuildyardPermissions.Names.Order());
        foreach (var (permission, least) in s_least)
        {
            foreach (var role in Enum.GetValues<MemberRole>())
                Assert.True((role >= least) == BuildyardPermissions.Allows(role, permission), $"{role} {permission}");
        }
    }

    [Fact]
    public void UnknownPermissions_AreNobodys()
    {
        Assert.All(Enum.GetValues<MemberRole>(), role => Assert.False(BuildyardPermissions.Allows(role, "app.fly")));
    }

    [Fact]
    public void Catalogue_NeverLends_WhatLetsSomebodyStayOrPay()
    {
        var offLimits = BuildyardPermissions.Catalogue.Permissions.Where(p => p.OffLimits).Select(p => p.Name).Order();

        Assert.Equal(
            ["account.apple_key.read", "account.apple_key.update", "account.member.add", "account.member.remove", "account.member.update", "account.read", "account.update", "app.create", "app.delete", "billing.read", "billing.update", "build.secrets.allow", "cache.download", "hook.url.read",
             "secret.value.read", "signing_file.content.read", "support_access.activity.read", "support_access.manage", "support_access.read", "support_access.turn_off", "support_access.turn_on", "team.member.add", "team.member.remove", "team.promotion.accept", "webhook.secret.read", "workflow.adopt"],
            offLimits);
    }

    [Fact]
    public void Catalogue_KnowsEveryPermission_AndNoOther() =>
        Assert.Equal(BuildyardPermissions.Names.Order(), BuildyardPermissions.Catalogue.Permissions.Select(p => p.Name).Order());

    [Fact]
    public void Viewer_ChangesNothing() =>
        Assert.All(BuildyardPermissions.Catalogue.FindRole(Catalogue.Viewer)!.Permissions, p => Assert.NotEqual(PermissionKind.Change, p.Kind));

    [Fact]
    public void Viewer_GetsNoFiles() => Assert.DoesNotContain(BuildyardPermissions.Catalogue.FindRole(Catalogue.Viewer)!.Permissions, p => p.Name == "artifact.read");

    [Fact]
    public void UsingSecretsInBuilds_IsLentByNoRole_OnlyByName()
    {
        var use = BuildyardPermissions.Catalogue.Find("build.secrets.use")!;
        Assert.False(use.OffLimits);
        Assert.All(BuildyardPermissions.Catalogue.Roles, role => Assert.False(role.Contains(use)));
    }
}
