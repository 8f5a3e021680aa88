using System.Collections.Immutable;
using Latchkey.Sqlite;
using Latchkey.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Latchkey.Tests;

/// <summary>A running SupportAccess on a real store in a directory of its own, with a clock to turn, that can be stopped and started again.</summary>
internal sealed class World : IAsyncDisposable
{
    public static readonly AccountId Northwind = new("northwind");
    public static readonly AccountId Contoso = new("contoso");
    public static readonly AppRef Ios = App("app_ios", Northwind);
    public static readonly AppRef Android = App("app_android", Northwind);
    public static readonly AppRef Web = App("app_web", Contoso);
    public static readonly AgentRef Sam = new(new("agt_sam"), "Sam Okafor", "signin_sam");
    public static readonly AgentRef Sue = new(new("agt_sue"), "Sue Lindqvist", "signin_sue");
    public static readonly Lender Adam = Admin("adam");

    public static readonly Catalogue Catalogue = Catalogue.Create()
        .Read("app.title.read", "looked at the title", viewer: true)
        .Read("artifact.read", "downloaded an artifact")
        .Change("app.title.update", "changed the title")
        .Stream("build.log.follow", "followed a log", viewer: true)
        .OffLimits("app.delete", "deleted the app")
        .Role("titler", "title editor", "app.title.read", "app.title.update")
        .Build();

    public static readonly Permission ReadTitle = Catalogue.Find("app.title.read")!;
    public static readonly Permission ReadArtifact = Catalogue.Find("artifact.read")!;
    public static readonly Permission UpdateTitle = Catalogue.Find("app.title.update")!;
    public static readonly Permission FollowLog = Catalogue.Find("build.log.follow")!;
    public static readonly Permission DeleteApp = Catalogue.Find("app.delete")!;

    private readonly string _directory;
    private readonly Action<SupportAccessOptions> _configure;
    private readonly Func<ILedgerStore, ILedgerStore> _around;
    private readonly TimeProvider _time;
    private readonly ILogger<SupportAccess> _log;

    private World(
        ManualClock clock, Action<SupportAccessOptions> configure, Func<ILedgerStore, ILedgerStore> around, TimeProvider time, ILogger<SupportAccess> log)
    {
        // Memory where there is some: nothing here is about the disk.
        var root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _directory = Path.Combine(root, "latchkey-tests", Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N"));
        (Clock, _configure, _around, _time, _log) = (clock, configure, around, time, log);
        (Store, Access) = Make();
        Ledgers = new Ledgers(() => Access.History);
    }

    public ManualClock Clock { get; }

    public SupportAccess Access { get; private set; }

    public ILedgerStore Store { get; private set; }

    public Ledgers Ledgers { get; }

    public static async Task<World> StartAsync(
        ManualClock? clock = null,
        Action<SupportAccessOptions>? configure = null,
        Func<ILedgerStore, ILedgerStore>? around = null,
        Func<ManualClock, TimeProvider>? time = null,
        ILogger<SupportAccess>? log = null)
    {
        clock ??= new ManualClock();
        var world = new World(
            clock, configure ?? (_ => { }), around ?? (store => store), time?.Invoke(clock) ?? clock, log ?? NullLogger<SupportAccess>.Instance);
        await world.Access.StartAsync();
        return world;
    }

    public static AppRef App(string id, AccountId account, string? slug = null) =>
        new(new(id), account, new AppName(slug ?? id.Replace('_', '-'), "Title of " + id, "Title of " + account));

    public static Lender Admin(string person, params ImmutableArray<string> administrators) => new(
        new(person), person, MayTurn: true, IsAgent: false, PromotedBySupport: false, [.. administrators.Select(a => new PersonId(a))]);

    /// <summary>Stops, lets time pass with nobody running, and starts again on the same directory.</summary>
    public async Task RestartAsync(TimeSpan down = default, Catalogue? catalogue = null)
    {
        await Access.DisposeAsync();
        Clock.Advance(down);
        (Store, Access) = Make(catalogue);
        await Access.StartAsync();
        await SettleAsync();
    }

    /// <summary>Waits until all that timers asked for has been done: ends are recorded in the order in which they were asked for.</summary>
    public Task SettleAsync() => Access.AppDeletedAsync(new AppId("never-lent"));

    public async Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        await SettleAsync();
    }

    public async Task<AppView> TurnOnAsync(AppRef app, Terms? terms = null, Lender? lender = null)
    {
        var answer = await Access.TurnOnAsync(app, lender ?? Adam, terms ?? new Terms());
        Assert.Null(answer.Refusal);
        Assert.Null(answer.Value!.Waits);
        return answer.Value.App;
    }

    public async Task<Entered> EnterAsync(AppRef app, AgentRef agent)
    {
        var answer = await Access.EnterAsync(app.Id, agent, "Looking into it", ticket: null);
        Assert.Null(answer.Refusal);
        return answer.Value!;
    }

    public async Task<int> TurnOffAsync(AppRef app, Lender? lender = null)
    {
        var answer = await Access.TurnOffAsync(app, lender ?? Adam);
        Assert.Null(answer.Refusal);
        return answer.Value!.StillRunning;
    }

    public async Task<Act> BeginAsync(Entered session, Permission permission, string? target = null)
    {
        var (decision, act) = await Access.BeginAsync(session.Session.Agent, session.Session.App, session.Session.Id, permission, target);
        Assert.Equal(DecisionReason.Allowed, decision.Reason);
        return act!;
    }

    public DecisionReason Ask(Entered session, Permission? permission = null) =>
        Access.Decide(session.Session.Agent, session.Session.App, session.Session.Id, permission ?? ReadTitle).Reason;

    public async ValueTask DisposeAsync()
    {
        await Access.DisposeAsync();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private (ILedgerStore Store, SupportAccess Access) Make(Catalogue? catalogue = null)
    {
        var options = new SupportAccessOptions();
        _configure(options);
        var store = _around(new SqliteStore(_directory, Clock));
        return (store, new SupportAccess(store, catalogue ?? Catalogue, options, _time, _log));
    }
}
