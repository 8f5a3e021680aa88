using Latchkey;

namespace Buildyard;

/// <summary>Everything that can be done here, once: who of the customer may, and whether support can be lent it.</summary>
public static class BuildyardPermissions
{
    private static readonly IReadOnlyList<Rule> s_rules =
    [
        Read("app.read", "opened the app", MemberRole.Tester),
        Change("app.update", "changed the app's settings", MemberRole.Admin),
        Change("app.enabled.update", "enabled or disabled the app", MemberRole.Admin),
        OffLimits("app.create", "added an app", MemberRole.Owner),
        OffLimits("app.delete", "deleted the app", MemberRole.Owner),

        Read("team.read", "opened the team", MemberRole.Tester),
        Change("team.role.update", "changed a member's role", MemberRole.Admin),
        OffLimits("team.member.add", "added a member to the team", MemberRole.Admin),
        OffLimits("team.member.remove", "removed a member from the team", MemberRole.Admin),
        OffLimits("team.promotion.accept", "accepted a role that support gave", MemberRole.Admin),

        Read("yml.read", "opened bitrise.yml", MemberRole.Developer),
        Change("yml.update", "changed bitrise.yml", MemberRole.PlatformEngineer),
        Read("yml.version.read", "opened the history of bitrise.yml", MemberRole.Developer),
        Change("yml.restore", "restored a version of bitrise.yml", MemberRole.PlatformEngineer),
        Read("workflow.read", "opened the workflows", MemberRole.Developer),
        Change("workflow.create", "added a workflow", MemberRole.PlatformEngineer),
        Change("workflow.update", "changed a workflow", MemberRole.PlatformEngineer),
        Change("workflow.delete", "deleted a workflow", MemberRole.PlatformEngineer),
        OffLimits("workflow.adopt", "took over changes of another workflow", MemberRole.PlatformEngineer),
        Change("step.update", "changed a step", MemberRole.PlatformEngineer),
        Change("env.update", "changed an environment variable", MemberRole.PlatformEngineer),
        Change("trigger.update", "changed a trigger", MemberRole.PlatformEngineer),
        Change("stack.update", "changed the stack", MemberRole.PlatformEngineer),

        Read("ssh_key.read", "opened the code settings", MemberRole.Admin),
        Change("ssh_key.update", "set the SSH key", MemberRole.Admin),
        Change("ssh_key.delete", "removed the SSH key", MemberRole.Admin),
        Change("repository.check", "tried to read the repository", MemberRole.Admin),

        Read("webhook.read", "opened the webhooks", MemberRole.Admin),
        Change("webhook.update", "changed a webhook", MemberRole.Admin),
        Change("webhook.delete", "removed a webhook", MemberRole.Admin),
        Change("webhook.deliver", "sent a webhook's delivery", MemberRole.Admin),
        OffLimits("webhook.secret.read", "read a webhook's signing secret", MemberRole.Admin),

        Read("notification.read", "opened the notifications", MemberRole.Admin),
        Change("notification.update", "changed who is notified", MemberRole.Admin),
        Read("integration.read", "opened the integrations", MemberRole.Admin),
        Change("service_user.update", "chose the service credential user", MemberRole.Admin),
        Change("apple.select", "chose the Apple Developer account", MemberRole.Admin),

        Read("secret.read", "opened the secrets", MemberRole.PlatformEngineer),
        Change("secret.update", "changed a secret", MemberRole.PlatformEngineer),
        Change("secret.delete", "removed a secret", MemberRole.PlatformEngineer),
        Read("signing_file.read", "opened the code signing files", MemberRole.PlatformEngineer),
        Change("signing_file.update", "changed a code signing file", MemberRole.PlatformEngineer),
        Change("signing_file.delete", "removed a code signing file", MemberRole.PlatformEngineer),
        OffLimits("signing_file.content.read", "downloaded a code signing file", MemberRole.PlatformEngineer),
        OffLimits("secret.value.read", "read a secret's value", MemberRole.PlatformEngineer),

        Read("build.read", "opened the builds", MemberRole.Tester),
        Stream("build.log.read", "read a build's log", MemberRole.Developer),
        Change("build.start", "started a build", MemberRole.Developer),
        Change("build.abort", "stopped a build", MemberRole.Developer),
        Change("build.approve", "approved a build", MemberRole.Developer),
        Change("build.rebuild", "ran a build again", MemberRole.Developer),
        File("artifact.read", "opened a build's artifacts", MemberRole.Developer),
        Named("build.secrets.use", "used secrets in a build", MemberRole.PlatformEngineer),
        Read("build.settings.read", "opened the build settings", MemberRole.Tester),
        Change("approval.update", "changed manual approval", MemberRole.Admin),
        Change("rolling.update", "changed rolling builds", MemberRole.Admin),
        Change("selective.update", "changed selective builds", MemberRole.Admin),
        Change("checks.update", "changed GitHub checks", MemberRole.Admin),
        Read("cache.read", "opened the build cache", MemberRole.Developer),
        OffLimits("cache.download", "downloaded a cache archive", MemberRole.Developer),
        Change("cache.delete", "deleted from the build cache", MemberRole.Admin),
        Read("hook.read", "opened the incoming webhook", MemberRole.Admin),
        Change("hook.rotate", "rotated the token of the incoming webhook", MemberRole.Admin),
        Change("hook.update", "changed the secret of the incoming webhook", MemberRole.Admin),
        Change("hook.delete", "removed the incoming webhook", MemberRole.Admin),
        OffLimits("hook.url.read", "read the address of the incoming webhook", MemberRole.Admin),
        OffLimits("build.secrets.allow", "allowed a guarded build its secrets", MemberRole.PlatformEngineer),

        OffLimits("account.apple_key.read", "opened the account's Apple Developer keys", MemberRole.Owner),
        OffLimits("account.apple_key.update", "changed the account's Apple Developer keys", MemberRole.Owner),
        OffLimits("account.read", "opened the account", MemberRole.Owner),
        OffLimits("account.update", "changed the account", MemberRole.Owner),
        OffLimits("account.member.add", "added a member to the account", MemberRole.Owner),
        OffLimits("account.member.update", "changed who owns the account", MemberRole.Owner),
        OffLimits("account.member.remove", "removed a member from the account", MemberRole.Owner),
        OffLimits("billing.read", "opened billing", MemberRole.Owner),
        OffLimits("billing.update", "changed billing", MemberRole.Owner),
    ];

    private static readonly Dictionary<string, MemberRole> s_lowest = new(
        s_rules.Select(rule => KeyValuePair.Create(rule.Name, rule.Lowest)),
        StringComparer.Ordinal)
    {
        // Latchkey's own: everyone with a part in the app sees the state, admins turn it on (rule 6 is Latchkey's to keep). Off is also for
        // whoever keeps the app's workflows; what support did shows what admins alone see elsewhere.
        [Catalogue.SupportAccessRead] = MemberRole.Tester,
        [Catalogue.SupportAccessTurnOff] = MemberRole.PlatformEngineer,
        [Catalogue.SupportAccessTurnOn] = MemberRole.Admin,
        [Catalogue.SupportAccessActivity] = MemberRole.Admin,
        [Catalogue.SupportAccessManage] = MemberRole.Admin,
    };

    private enum Lending
    {
        /// <summary>Lent with <c>viewer</c> and <c>admin</c>.</summary>
        Viewer,

        /// <summary>Lent with <c>admin</c> only.</summary>
        Admin,

        /// <summary>Lent only where a grant names it, whatever its role.</summary>
        Named,

        /// <summary>Never lent.</summary>
        Never,
    }

    /// <summary>What Latchkey is told.</summary>
    public static Catalogue Catalogue { get; } = Build();

    /// <summary>The names of all permissions, Latchkey's built-in ones included.</summary>
    public static IReadOnlyCollection<string> Names => s_lowest.Keys;

    /// <summary>Whether <paramref name="role"/> includes <paramref name="permission"/>. An unknown permission is nobody's.</summary>
    public static bool Allows(MemberRole role, string permission) => s_lowest.TryGetValue(permission, out var lowest) && role >= lowest;

    private static Catalogue Build() => s_rules.Aggregate(Catalogue.Create(), (catalogue, rule) => rule switch
    {
        { Lending: Lending.Never } => catalogue.OffLimits(rule.Name, rule.Title),
        { Lending: Lending.Named } => catalogue.OnlyNamed(rule.Name, rule.Title),
        { Kind: PermissionKind.Stream } => catalogue.Stream(rule.Name, rule.Title, viewer: rule.Lending == Lending.Viewer),
        { Kind: PermissionKind.Change } => catalogue.Change(rule.Name, rule.Title),
        _ => catalogue.Read(rule.Name, rule.Title, viewer: rule.Lending == Lending.Viewer),
    }).Build();

    private static Rule Read(string name, string title, MemberRole lowest) => new(name, title, PermissionKind.Read, Lending.Viewer, lowest);

    /// <summary>Shows a file that leaves the house: viewers don't have it.</summary>
    private static Rule File(string name, string title, MemberRole lowest) => new(name, title, PermissionKind.Read, Lending.Admin, lowest);

    private static Rule Stream(string name, string title, MemberRole lowest) => new(name, title, PermissionKind.Stream, Lending.Viewer, lowest);

    private static Rule Named(string name, string title, MemberRole lowest) => new(name, title, PermissionKind.Change, Lending.Named, lowest);

    private static Rule Change(string name, string title, MemberRole lowest) => new(name, title, PermissionKind.Change, Lending.Admin, lowest);

    private static Rule OffLimits(string name, string title, MemberRole lowest) => new(name, title, PermissionKind.Change, Lending.Never, lowest);

    private sealed record Rule(string Name, string Title, PermissionKind Kind, Lending Lending, MemberRole Lowest);
}
