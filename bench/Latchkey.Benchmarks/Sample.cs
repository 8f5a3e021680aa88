using Latchkey.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Latchkey.Benchmarks;

/// <summary>The small world that is measured: one catalogue, numbered apps, one agent.</summary>
internal static class Sample
{
    public static readonly AccountId Account = new("acc_bench");
    public static readonly AgentRef Agent = new(new AgentId("agt_bench"), "Sam Okafor", "sign-in");
    public static readonly Lender Lender = new(new PersonId("per_bench"), "Adam Reyes", MayTurn: true, IsAgent: false, PromotedBySupport: false, [new PersonId("per_bench")]);

    public static readonly Catalogue Catalogue = Catalogue.Create()
        .Read("app.read", "opened the app", viewer: true)
        .Change("app.update", "changed the app")
        .OffLimits("billing.read", "looked at billing")
        .Build();

    public static AppRef App(int number) =>
        new(new AppId($"app_{number:d8}"), Account, new AppName($"app-{number}", $"App {number}", "Bench"));

    public static SupportAccess Access(ILedgerStore store) =>
        new(store, Catalogue, new SupportAccessOptions(), TimeProvider.System, NullLogger<SupportAccess>.Instance);

    public static SqliteStore Store(string directory) => new(directory, TimeProvider.System);

    public static async Task InFolderAsync(Func<string, Task> run)
    {
        // On the disk that the project lies on: a temporary file system in memory would flatter everything durable.
        var folder = Path.Combine(AppContext.BaseDirectory, "bench-" + Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        try
        {
            await run(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Turns access to an app on and enters it.</summary>
    public static async Task<Session> EnterAsync(SupportAccess access, AppRef app)
    {
        var on = await access.TurnOnAsync(app, Lender, new Terms());
        var entered = await access.EnterAsync(app.Id, Agent, "Measuring", ticket: null);
        return on.Value is not null && entered.Value is { } session
            ? session.Session
            : throw new InvalidOperationException(on.Refusal?.Message ?? entered.Refusal?.Message);
    }
}
