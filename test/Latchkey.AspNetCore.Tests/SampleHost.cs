using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Latchkey.Sqlite;
using Latchkey.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore.Tests;

/// <summary>
/// The smallest app that Latchkey is built into: Kestrel on a free port of loopback, a SQLite store in a folder of its own, and a
/// clock that a test turns. People sign in with the cookie <see cref="Cookie"/> or a bearer token; either is just their name.
/// </summary>
internal sealed class SampleHost : IAsyncDisposable
{
    public const string Cookie = "sample";

    private readonly WebApplication _app;
    private readonly string _directory;

    private SampleHost(WebApplication app, string directory, ManualClock? clock)
    {
        (_app, _directory) = (app, directory);
        Clock = clock ?? new ManualClock();
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Address { get; }

    public ManualClock Clock { get; }

    public IServiceProvider Services => _app.Services;

    public SupportAccess Access => _app.Services.GetRequiredService<SupportAccess>();

    public SampleApps Apps => _app.Services.GetRequiredService<SampleApps>();

    /// <summary>Every address that can be read, with its parameters in braces.</summary>
    public IReadOnlyList<string> Reads =>
    [
        .. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") == true).Select(e => "/" + e.RoutePattern.RawText!.TrimStart('/')),
    ];

    /// <summary>Starts it.</summary>
    /// <param name="configure">Further options of Latchkey.</param>
    /// <param name="clock">The clock. Default: one that stands still at <see cref="ManualClock.DefaultStart"/>.</param>
    /// <param name="address">Where it listens. Default: a free port of loopback.</param>
    /// <param name="services">What else is built in, or stands in for what is.</param>
    /// <param name="routes">What else it answers.</param>
    /// <param name="before">What requests pass before they are routed.</param>
    public static async Task<SampleHost> StartAsync(
        Action<LatchkeyOptions>? configure = null,
        TimeProvider? clock = null,
        string address = "http://127.0.0.1:0",
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? routes = null,
        Action<WebApplication>? before = null)
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-sample-").FullName;
        clock ??= new ManualClock();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton<SampleApps>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddAuthentication(Cookie).AddScheme<AuthenticationSchemeOptions, SampleSignIn>(Cookie, null);
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddLatchkey(options =>
            {
                options.Catalogue = SampleApps.Catalogue;
                options.Team = "Sample Support";
                options.SignInCookies.Add(Cookie);
                configure?.Invoke(options);
            })
            .UseHost<SampleSupportHost>()
            .UseNotices<SampleNoticeHost>()
            .UseStore(_ => new SqliteStore(Path.Combine(directory, "store"), clock));
        services?.Invoke(builder.Services);

        var app = builder.Build();
        before?.Invoke(app);
        app.UseRouting();
        app.UseAuthentication();
        app.UseLatchkey();
        SampleApps.Map(app);
        routes?.Invoke(app);
        app.MapLatchkey();
        try
        {
            await app.StartAsync();
            return new SampleHost(app, directory, clock as ManualClock);
        }
        catch
        {
            await app.DisposeAsync();
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    /// <summary>A browser in which somebody is signed in: cookies are kept, redirects are not followed, pages are asked for.</summary>
    public HttpClient Browser(string? who)
    {
        var cookies = new CookieContainer();
        if (who is not null)
        {
            cookies.Add(Address, new System.Net.Cookie(Cookie, who));
        }

        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Add("Accept", "text/html");
        return client;
    }

    /// <summary>A program that sends somebody's token, or none.</summary>
    public HttpClient Program(string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }

        return client;
    }

    public Task RunUntilStoppedAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>Whoever is named in the cookie or the token is signed in.</summary>
internal sealed class SampleSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        var name = header.StartsWith("Bearer ", StringComparison.Ordinal) ? header["Bearer ".Length..] : Request.Cookies[SampleHost.Cookie];
        if (name is null || name.StartsWith(Credential.BearerPrefix, StringComparison.Ordinal))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }
}

/// <summary>The host's own data: a person, an app, who has which role where.</summary>
internal sealed class SampleApps
{
    private int _asked;

    public static readonly Catalogue Catalogue = Catalogue.Create()
        .Read("app.read", "opened the app", viewer: true)
        .Read("settings.read", "opened the settings")
        .Change("app.title.update", "changed the title")
        .Change("yml.update", "changed bitrise.yml")
        .Change("secret.update", "changed a secret")
        .Stream("log.follow", "followed the log", viewer: true)
        .OffLimits("app.delete", "deleted the app")
        .OffLimits("billing.read", "opened billing")
        .Build();

    /// <summary>Admins may turn support access; developers may only see it; testers not even that.</summary>
    public Dictionary<string, Member> Members { get; } = new[]
    {
        new Member(new("adam"), new("northwind"), "Adam Reyes", "adam@northwind.test"),
        new Member(new("olivia"), new("northwind"), "Olivia Hart", "olivia@northwind.test"),
        new Member(new("dana"), new("northwind"), "Dana Kim", "dana@northwind.test"),
        new Member(new("tess"), new("northwind"), "Tess Moreau", "tess@northwind.test"),
        new Member(new("carla"), new("contoso"), "Carla Ruiz", "carla@contoso.test"),
        new Member(new("sam-at-home"), new("northwind"), "Sam Okafor", "sam@support.test"),
    }.ToDictionary(m => m.Person.Value);

    public Dictionary<string, Agent> Agents { get; } = new[]
    {
        new Agent(new("sam"), "Sam Okafor", "sam@support.test", Lead: false, "sam-1"),
        new Agent(new("sue"), "Sue Lindqvist", "sue@support.test", Lead: false, "sue-1"),
        new Agent(new("lee"), "Lee Park", "lee@support.test", Lead: true, "lee-1"),
    }.ToDictionary(a => a.Id.Value);

    public Dictionary<string, HostApp> Apps { get; } = new[]
    {
        new HostApp(new("app_1"), new("northwind"), "northwind-ios", "Northwind iOS", "Northwind"),
        new HostApp(new("app_2"), new("northwind"), "northwind-android", "Northwind Android", "Northwind"),
        new HostApp(new("app_3"), new("contoso"), "contoso-web", "Contoso Web", "Contoso"),
    }.ToDictionary(a => a.Slug);

    public HashSet<string> Administrators { get; } = ["adam", "olivia", "carla", "sam-at-home"];

    public HashSet<string> Owners { get; } = ["olivia", "carla"];

    public HashSet<string> PromotedBySupport { get; } = [];

    /// <summary>Who was taken off an app, by person and slug: the host finds it for them no more.</summary>
    public HashSet<(string Person, string Slug)> Removed { get; } = [];

    /// <summary>Members who are no administrators and may still turn support access off.</summary>
    public HashSet<string> MayTurnOff { get; } = [];

    /// <summary>How often it was asked who is calling.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public void Ask() => Interlocked.Increment(ref _asked);

    /// <summary>The names that were looked for because an agent asked by them.</summary>
    public ConcurrentQueue<string> LookedFor { get; } = new();

    /// <summary>Whether a name is looked for until whoever asks by it has hung up.</summary>
    public bool LooksUntilHungUp { get; set; }

    /// <summary>Held by a request to change the title until it is released, so that a test can end access meanwhile.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public static void Map(WebApplication app)
    {
        app.MapGet("/", () => "sample").AllowAnonymous();
        app.MapGet("/apps/{app}", (AccessContext access, SampleApps apps) => PageOf(access, apps)).RequirePermission("app.read");
        app.MapPost("/apps/{app}/title", async (HttpContext context, AccessContext access, SampleApps apps, CancellationToken cancellation) =>
            {
                if (apps.Gate is { } gate)
                {
                    await gate.Task.WaitAsync(cancellation);
                }

                var form = await context.Request.ReadFormAsync(cancellation);
                var old = apps.Find(access);
                apps.Apps[old.Slug] = old with { Title = form["title"].ToString() };
                access.Changed("title", old.Title, form["title"]);
                return Results.NoContent();
            })
            .RequirePermission("app.title.update");
        app.MapPut("/apps/{app}/yml", async (HttpContext context, AccessContext access, SampleApps apps) =>
            {
                using var reader = new StreamReader(context.Request.Body);
                var text = await reader.ReadToEndAsync(context.RequestAborted);
                access.Changed("bitrise.yml", apps.Yml, text);
                apps.Yml = text;
                return Results.NoContent();
            })
            .RequirePermission("yml.update");
        app.MapPut("/apps/{app}/secrets/{name}", (string name, AccessContext access) =>
            {
                access.Target($"secret {name}");
                access.ChangedSecret(name);
                return Results.NoContent();
            })
            .RequirePermission("secret.update");
        app.MapPost("/apps/{app}/refused", () => Results.Conflict()).RequirePermission("app.title.update");
        app.MapGet("/billing", () => "billing").RequirePermission("billing.read");
    }

    public string Yml { get; set; } = "format_version: \"13\"\nworkflows:\n  primary:\n    steps:\n    - script@1: {}\n";

    public HostApp Find(AccessContext access) => Apps.Values.Single(a => a.Id == access.App);

    private static RazorComponentResult<SamplePage> PageOf(AccessContext access, SampleApps apps) =>
        new(new { App = apps.Find(access) }) { PreventStreamingRendering = true };
}

internal sealed class SampleSupportHost(SampleApps apps, IHttpContextAccessor request) : ISupportHost
{
    public ValueTask<Caller?> GetCallerAsync(HttpContext context)
    {
        apps.Ask();
        var name = context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "";
        return new(apps.Agents.TryGetValue(name, out var agent) ? agent : apps.Members.GetValueOrDefault(name));
    }

    public ValueTask<HostApp?> FindAppAsync(Member member, string app, CancellationToken cancellation) =>
        new(apps.Apps.Values.FirstOrDefault(a =>
            (a.Slug == app || a.Id.Value == app) && a.Account == member.Account && !apps.Removed.Contains((member.Person.Value, a.Slug))));

    public ValueTask<HostApp?> GetAppAsync(AppId app, CancellationToken cancellation) =>
        new(apps.Apps.Values.FirstOrDefault(a => a.Id == app));

    public async ValueTask<HostApp?> FindAppToAskForAsync(string app, CancellationToken cancellation)
    {
        apps.LookedFor.Enqueue(app);
        if (apps.LooksUntilHungUp)
        {
            var hungUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var _ = request.HttpContext!.RequestAborted.Register(hungUp.SetResult);
            await hungUp.Task;
        }

        cancellation.ThrowIfCancellationRequested();
        return apps.Apps.Values.FirstOrDefault(a => a.Slug == app || a.Id.Value == app);
    }

    public ValueTask<IReadOnlyList<HostApp>> GetAppsAsync(AccountId account, CancellationToken cancellation) =>
        new(apps.Apps.Values.Where(a => a.Account == account).ToArray());

    public ValueTask<bool> AllowsAsync(Member member, HostApp? app, string permission, CancellationToken cancellation) => new(
        apps.Administrators.Contains(member.Person.Value)
        || permission is "app.read"
        || (permission is Catalogue.SupportAccessTurnOff && apps.MayTurnOff.Contains(member.Person.Value))
        || (permission is Catalogue.SupportAccessRead && member.Person.Value != "tess"));

    public ValueTask<AccessRights> GetRightsAsync(Member member, HostApp app, CancellationToken cancellation) => new(new AccessRights(
        apps.Administrators.Contains(member.Person.Value),
        apps.PromotedBySupport.Contains(member.Person.Value),
        [.. apps.Members.Values.Where(m => m.Account == app.Account && (apps.Administrators.Contains(m.Person.Value) || apps.MayTurnOff.Contains(m.Person.Value))).Select(m => m.Person)]));

    public ValueTask<AccessRights> GetAccountRightsAsync(Member member, CancellationToken cancellation) => new(new AccessRights(
        apps.Owners.Contains(member.Person.Value), apps.PromotedBySupport.Contains(member.Person.Value),
        [.. apps.Members.Values.Where(m => m.Account == member.Account && apps.Owners.Contains(m.Person.Value)).Select(m => m.Person)]));

    public ValueTask<Member?> FindMemberAsync(AccountId account, PersonId person, CancellationToken cancellation) =>
        new(apps.Members.Values.FirstOrDefault(m => m.Account == account && m.Person == person));

    public ValueTask<IReadOnlyList<Approver>> GetApproversAsync(AccountId account, CancellationToken cancellation) => new(
        [.. apps.Members.Values.Where(m => m.Account == account && apps.Administrators.Contains(m.Person.Value) && !apps.Agents.Values.Any(a => a.VerifiedEmail == m.VerifiedEmail))
            .Select(m => new Approver(m.Person, m.Name, apps.Owners.Contains(m.Person.Value)))]);

    public ValueTask<HostAccount> GetAccountAsync(Member member, CancellationToken cancellation) => new(new HostAccount(
        member.Account,
        member.Account.Value == "contoso" ? "Contoso" : "Northwind",
        [.. apps.Apps.Values.Where(a => a.Account == member.Account && apps.Administrators.Contains(member.Person.Value)).OrderBy(a => a.Title, StringComparer.Ordinal)]));

    public ValueTask<bool> IsAgentAsync(Member member, CancellationToken cancellation) =>
        new(apps.Agents.Values.Any(a => a.VerifiedEmail == member.VerifiedEmail));
}
