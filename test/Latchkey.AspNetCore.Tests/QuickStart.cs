using System.Security.Claims;
using Latchkey;
using Latchkey.AspNetCore;
using Latchkey.Sqlite;

public static class AcmeApp
{
    // What can be done in the app: lendable in roles, or off limits whatever a customer lends.
    private static readonly Catalogue Permissions = Catalogue.Create()
        .Read("project.read", "opened the project", viewer: true)
        .Change("project.title.update", "changed the title")
        .OffLimits("billing.read", "looked at billing")
        .Build();

    public static WebApplication Create(string[] args, string dataDirectory)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddAuthentication("cookie").AddCookie("cookie");
        builder.Services.AddSingleton<Projects>();

        // 1. Latchkey, told how to ask the host and where its ledger lives.
        builder.Services.AddLatchkey(options =>
        {
            options.Team = "Acme Support";
            options.Catalogue = Permissions;
            options.AppPath = slug => $"/projects/{slug}";
            options.SignInCookies.Add(".AspNetCore.cookie");
        }).UseHost<AcmeHost>().UseStore(_ => new SqliteStore(dataDirectory, TimeProvider.System));

        var app = builder.Build();
        app.UseRouting();
        app.UseAuthentication();

        // 2. The one place where requests are let through, for members and support alike.
        app.UseLatchkey();

        // 3. The API, the support console and the customer's pages.
        app.MapLatchkey("/support-access");

        // And each endpoint says what it does. "project" is the route value that names the app.
        app.MapGet("/projects/{project}", (AccessContext access, Projects projects) => projects.Title(access.App!.Value))
            .RequirePermission("project.read", appRoute: "project");
        app.MapPut("/projects/{project}/title/{title}", (string title, AccessContext access, Projects projects) =>
            {
                access.Changed("title", projects.Title(access.App!.Value), title);
                projects.Rename(access.App.Value, title);
            })
            .RequirePermission("project.title.update", appRoute: "project");
        app.MapGet("/billing", () => "Invoices").RequirePermission("billing.read");
        return app;
    }
}

// How Latchkey asks the host. Members are judged here; support never is.
public sealed class AcmeHost(Projects projects) : ISupportHost
{
    public ValueTask<Caller?> GetCallerAsync(HttpContext context)
    {
        var user = context.User;
        if (user.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id || user.Identity?.Name is not { } name)
        {
            return new((Caller?)null);
        }

        // A sign-in of before, which has no id, counts as none: they sign in anew.
        return new(user.IsInRole("support")
            ? new Agent(new AgentId(id), name, user.FindFirstValue(ClaimTypes.Email), Lead: false, SignIn: user.FindFirstValue("sid") ?? "")
            : new Member(new PersonId(id), new AccountId(user.FindFirstValue("account")!), name, user.FindFirstValue(ClaimTypes.Email)));
    }

    public ValueTask<HostApp?> FindAppAsync(Member member, string app, CancellationToken cancellation) =>
        new(projects.Find(app) is { } found && projects.RoleOf(member, found) is not null ? found : null);

    public ValueTask<HostApp?> GetAppAsync(AppId app, CancellationToken cancellation) => new(projects.Find(app.Value));

    // The rules that the host has for its members anyway. What isn't named is refused.
    public ValueTask<bool> AllowsAsync(Member member, HostApp? app, string permission, CancellationToken cancellation) =>
        new((permission, projects.RoleOf(member, app)) switch
        {
            ("project.read" or Catalogue.SupportAccessRead or Catalogue.SupportAccessTurnOff, "owner" or "admin" or "developer") => true,
            ("project.title.update" or Catalogue.SupportAccessTurnOn, "owner" or "admin") => true,
            (Catalogue.SupportAccessActivity or Catalogue.SupportAccessManage, "owner" or "admin") => true,
            ("billing.read", "owner") => true,
            _ => false,
        });

    // Owners and a project's admins lend it; what concerns the account is its owners' alone.
    public ValueTask<AccessRights> GetRightsAsync(Member member, HostApp app, CancellationToken cancellation) =>
        new(new AccessRights(projects.RoleOf(member, app) is "owner" or "admin", PromotedBySupport: false, projects.With("owner", "admin")));

    public ValueTask<AccessRights> GetAccountRightsAsync(Member member, CancellationToken cancellation) =>
        new(new AccessRights(projects.RoleOf(member, app: null) == "owner", PromotedBySupport: false, projects.With("owner")));

    public ValueTask<HostAccount> GetAccountAsync(Member member, CancellationToken cancellation) =>
        new(new HostAccount(member.Account, "Wile E.", [.. projects.All.Where(app => projects.RoleOf(member, app) is "owner" or "admin")]));

    public ValueTask<bool> IsAgentAsync(Member member, CancellationToken cancellation) =>
        new(member.VerifiedEmail?.EndsWith("@support.acme.test", StringComparison.OrdinalIgnoreCase) == true);
}

// The host's own data: one customer, with an owner, an admin and a developer, and one project.
public sealed class Projects
{
    private static readonly AccountId s_account = new("wile");
    private readonly Dictionary<string, string> _titles = new(StringComparer.Ordinal) { ["rocket"] = "Rocket" };
    private readonly Dictionary<PersonId, string> _roles = new() { [new("wile")] = "owner", [new("ada")] = "admin", [new("dev")] = "developer" };

    public IEnumerable<HostApp> All => _titles.Select(project => new HostApp(new AppId(project.Key), s_account, project.Key, project.Value, "Wile E."));

    public HostApp? Find(string slug) => All.FirstOrDefault(app => app.Slug == slug);

    // Of a project, or without one of the account, where only its owner has a role. Looked up anew each time, so what is taken away is gone.
    public string? RoleOf(Member member, HostApp? app) =>
        member.Account == (app?.Account ?? s_account) && _roles.GetValueOrDefault(member.Person) is { } role && (app is not null || role == "owner") ? role : null;

    public IReadOnlyList<PersonId> With(params string[] roles) => [.. _roles.Where(person => roles.Contains(person.Value)).Select(person => person.Key)];

    public string Title(AppId project) => _titles[project.Value];

    public void Rename(AppId project, string title) => _titles[project.Value] = title;
}
