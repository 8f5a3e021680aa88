namespace Buildyard.Process.Tests.Disks;

/// <summary>An admin who lets support in, and an agent who is in.</summary>
internal sealed class People : IDisposable
{
    public const string Access = "/support-access/v1/apps/northwind-ios/access";
    public const string App = "/api/apps/northwind-ios";
    private readonly HttpClient _http;
    private readonly string _admin;
    private readonly string _agent;

    private readonly string? _session;

    private People(HttpClient http, string admin, string agent, string? session) => (_http, _admin, _agent, _session) = (http, admin, agent, session);

    public Caller Nobody => new(_http, null);

    public Caller Admin => new(_http, _admin);

    public Caller Agent => new(_http, _agent);

    /// <summary>The agent inside the app, with a session's token.</summary>
    public Caller Inside => new(_http, _session);

    /// <summary>Signs both in, turns access on and enters the app.</summary>
    public static async Task<People> MeetAsync(BuildyardProcess server)
    {
        var http = server.Connect();
        using var outside = new People(http, await Caller.LoginAsync(http, "adam@northwind.test"), await Caller.LoginAsync(http, "sam@support.test"), null);
        await outside.TurnOnAsync();
        return await outside.EnterAsync(server);
    }

    /// <summary>The same people, with the same tokens, at a server that was started again.</summary>
    public People At(BuildyardProcess server) => new(server.Connect(), _admin, _agent, _session);

    /// <summary>The same people, the agent in a new session.</summary>
    public async Task<People> EnterAsync(BuildyardProcess server)
    {
        var entered = await Agent.PostAsync("/support-access/v1/sessions", new { app = "northwind-ios", reason = "The release fails" });
        Assert.Equal(201, entered.Status);
        return new People(server.Connect(), _admin, _agent, entered.Json["token"]!.GetValue<string>());
    }

    public async Task TurnOnAsync() => Assert.Equal(200, (await Admin.PutAsync(Access, new { duration = "P7D" })).Status);

    /// <summary>The agent changes something.</summary>
    public Task<Reply> ChangeAsync(string title) => Inside.PatchAsync(App, new { title });

    public Task<Reply> HealthAsync() => Nobody.GetAsync("/healthz");

    public void Dispose() => _http.Dispose();
}
