namespace Latchkey.Tests.Storage;

/// <summary>Each write fails both ways: nothing became durable, and everything did.</summary>
public sealed class StoreFaultTests
{
    [Theory]
    [InlineData(CommitFault.Lost)]
    [InlineData(CommitFault.SavedUnseen)]
    internal async Task WriteThatFails_IsRefused_LocksSupportOut_AndNothingIsHalf(CommitFault fault)
    {
        foreach (var (name, write) in Writes())
        {
            await using var at = await Faulty.StartAsync();
            var before = await at.World.Ledgers.CountAsync(World.Northwind);
            at.Store.Commits.Enqueue(fault);
            var refused = await write(at);
            Assert.True(refused, name);
            Assert.Equal(DecisionReason.LedgerUnavailable, at.World.Ask(at.Session));
            Assert.Equal(RefusalReason.LedgerUnavailable, (await at.World.Access.EnterAsync(World.Ios.Id, World.Sue, "Let me in", ticket: null)).Refusal?.Reason);

            await at.RecoverAsync();
            var written = await at.World.Ledgers.CountAsync(World.Northwind) - before;
            Assert.Equal(fault == CommitFault.SavedUnseen && name != "redeem", written > 0);
            await at.AssertWholeAsync();
        }
    }

    [Theory]
    [InlineData(new[] { CommitFault.Lost }, true)]
    [InlineData(new[] { CommitFault.SavedUnseen }, true)]
    [InlineData(new[] { CommitFault.Lost, CommitFault.Lost }, false)]
    [InlineData(new[] { CommitFault.Lost, CommitFault.SavedUnseen }, false)]
    [InlineData(new[] { CommitFault.Lost, CommitFault.Lost, CommitFault.Lost, CommitFault.SavedUnseen }, false)]
    internal async Task EndWhoseWriteFails_HoldsAtOnce_AndIsOnTheLedgerOnce(CommitFault[] faults, bool saved)
    {
        foreach (var (name, end) in Ends())
        {
            await using var at = await Faulty.StartAsync();
            using var act = await at.World.BeginAsync(at.Session, World.UpdateTitle);
            Array.ForEach(faults, at.Store.Commits.Enqueue);
            var ending = end(at);
            Assert.True(await Eventually.HoldsAsync(() => act.Stopping.IsCancellationRequested), name);
            await act.EndAsync(ActOutcome.Cancelled);
            var refusal = await ending;
            Assert.Equal(saved ? null : RefusalReason.EndedNotSaved, refusal?.Reason);

            at.Store.Commits.Clear();
            await at.RecoverAsync();
            Assert.NotEqual(DecisionReason.Allowed, at.World.Ask(at.Session));
            Assert.Single(await at.World.Ledgers.FactsAsync<SessionClosed>(World.Northwind));
            Assert.Equal(name == "leave" ? 0 : 1, (await at.World.Ledgers.FactsAsync<GrantEnded>(World.Northwind)).Count);
            await at.AssertWholeAsync();
            Assert.NotEqual(DecisionReason.Allowed, at.World.Ask(at.Session));
        }
    }

    [Fact]
    public async Task WhileTheLedgerIsDown_EndsHoldInMemory_AndAreWrittenBeforeAnythingElse()
    {
        await using var at = await Faulty.StartAsync();
        await at.World.TurnOnAsync(World.Android);
        using var act = await at.World.BeginAsync(at.Session, World.FollowLog);
        at.Store.IsDown = true;
        Assert.Equal(RefusalReason.LedgerUnavailable, (await at.World.Access.TurnOnAsync(World.Web, World.Adam, new Terms())).Refusal?.Reason);
        var off = at.World.Access.TurnOffAsync(World.Ios, World.Adam);
        Assert.True(await Eventually.HoldsAsync(() => act.Stopping.IsCancellationRequested));
        await act.EndAsync(ActOutcome.Cancelled);
        Assert.Equal(RefusalReason.EndedNotSaved, (await off).Refusal?.Reason);
        Assert.Null(at.World.Access.Find(World.Ios.Id)!.Toggle);
        var endedAt = at.World.Clock.GetUtcNow();

        at.World.Clock.Advance(TimeSpan.FromSeconds(5));
        at.Store.IsDown = false;
        await at.World.TurnOnAsync(World.Ios, new Terms(Role: "viewer"));
        var last = (await at.World.Ledgers.ReadAsync(World.Northwind)).TakeLast(3).Select(e => e.Fact).ToList();
        var ended = Assert.IsType<GrantEnded>(last[0]);
        Assert.Equal((GrantEnd.Off, endedAt, World.Adam.Person), (ended.Cause, ended.At, ended.By));
        Assert.IsType<SessionClosed>(last[1]);
        Assert.IsType<GrantStarted>(last[2]);
        await at.AssertWholeAsync();
    }

    [Fact]
    public async Task WhileTheLedgerIsDown_ActsAreToldToStop_AndSupportReturnsByItself()
    {
        await using var at = await Faulty.StartAsync();
        using var act = await at.World.BeginAsync(at.Session, World.FollowLog);
        at.Store.IsDown = true;
        Assert.Null((await at.World.Access.BeginAsync(World.Sam.Id, World.Ios.Id, at.Session.Session.Id, World.UpdateTitle, target: null)).Act);
        Assert.False(at.World.Access.Health.IsWorking);
        at.World.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await Eventually.HoldsAsync(() => act.Stopping.IsCancellationRequested));

        at.Store.IsDown = false;
        await at.RecoverAsync();
        Assert.Equal(DecisionReason.Allowed, at.World.Ask(at.Session));
    }

    [Fact]
    public async Task WindowThatEndsWhileTheLedgerIsDown_IsRecordedAtItsEnd_WhenItIsBack()
    {
        await using var at = await Faulty.StartAsync();
        var until = at.World.Clock.GetUtcNow().AddMinutes(5);
        await at.World.TurnOnAsync(World.Ios, new Terms(Until: until));
        at.Store.IsDown = true;
        await at.World.AdvanceAsync(TimeSpan.FromMinutes(6));
        at.Store.IsDown = false;
        await at.RecoverAsync();
        var ended = Assert.Single(await at.World.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
        Assert.Equal((GrantEnd.Expired, until), (ended.Cause, ended.At));
        await at.AssertWholeAsync();
    }

    [Fact]
    public async Task StoreThatIsShutAtTheStart_LetsNobodyIn_TakesEnds_AndOpensByItself()
    {
        await using var at = await Faulty.StartAsync();
        await at.World.TurnOnAsync(World.Android, new Terms(TimeSpan.FromHours(1)));
        at.ShutAtStart = true;
        await at.World.RestartAsync();
        Assert.Equal(DecisionReason.LedgerUnavailable, at.World.Ask(at.Session));
        Assert.Equal(DecisionReason.LedgerUnavailable, at.World.Access.Health.Reason);
        Assert.Equal(RefusalReason.LedgerUnavailable, (await at.World.Access.TurnOnAsync(World.Web, World.Adam, new Terms())).Refusal?.Reason);
        Assert.Equal(RefusalReason.EndedNotSaved, (await at.World.Access.TurnOffAsync(World.Ios, World.Adam)).Refusal?.Reason);

        at.Store.IsShut = at.ShutAtStart = false;
        await at.RecoverAsync();
        Assert.Equal(World.Android.Id, Assert.Single(at.World.Access.OpenApps()).App);
        Assert.Equal(DecisionReason.Ended, at.World.Ask(at.Session));
        Assert.Equal(GrantEnd.Off, Assert.Single(await at.World.Ledgers.FactsAsync<GrantEnded>(World.Northwind)).Cause);

        // Windows read late end by themselves as any other.
        await at.World.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(2, (await at.World.Ledgers.FactsAsync<GrantEnded>(World.Northwind)).Count);
        await at.AssertWholeAsync();
    }

    /// <summary>Whoever asks while everything is read anew is answered by the whole of what was, and then by the whole of what is.</summary>
    [Fact]
    public async Task AReload_IsNeverSeenHalf()
    {
        await using var at = await Faulty.StartAsync();
        var seen = new List<(bool Credential, bool Grant)>();
        at.Store.Opened = state => state with { Grants = new Asking<StoredGrant>(state.Grants, Ask), Credentials = new Asking<Credential>(state.Credentials, Ask) };
        at.Store.Commits.Enqueue(CommitFault.SavedUnseen);
        await at.World.Access.TurnOnAsync(World.Android, World.Adam, new Terms());
        await at.RecoverAsync();

        Assert.NotEmpty(seen);
        Assert.All(seen, asked => Assert.Equal((true, true), asked));
        Assert.True(at.World.Access.Find(World.Android.Id)?.IsOpen(at.World.Clock.GetUtcNow()));

        void Ask() => seen.Add((
            at.World.Access.Recognise(at.Session.Token, CredentialKind.Bearer) is not null, at.World.Access.Find(World.Ios.Id)?.Toggle is not null));
    }

    [Fact]
    public async Task StoreThatCanNotBeOpenedEver_RefusesToStart()
    {
        await using var world = await World.StartAsync();
        await using var second = new SupportAccess(
            new Latchkey.Sqlite.SqliteStore("/proc/latchkey", world.Clock), World.Catalogue, new SupportAccessOptions(), world.Clock,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<SupportAccess>.Instance);
        Assert.False((await Assert.ThrowsAsync<LedgerStoreException>(second.StartAsync)).IsTransient);
        Assert.Equal(DecisionReason.NoGrant, second.Decide(World.Sam.Id, World.Ios.Id, null, World.ReadTitle).Reason);
    }

    private static IEnumerable<(string, Func<Faulty, Task<bool>>)> Writes() =>
    [
        ("turn on", async at => (await at.World.Access.TurnOnAsync(World.Android, World.Adam, new Terms())).Refusal?.Reason == RefusalReason.LedgerUnavailable),
        ("renew", async at => (await at.World.Access.TurnOnAsync(World.Ios, World.Adam, new Terms(Role: "viewer"))).Refusal?.Reason == RefusalReason.LedgerUnavailable),
        ("enter", async at => (await at.World.Access.EnterAsync(World.Ios.Id, World.Sue, "A reason", ticket: null)).Refusal?.Reason == RefusalReason.LedgerUnavailable),
        ("enter again", async at => (await at.World.Access.EnterAsync(World.Ios.Id, World.Sam, "A reason", ticket: null)).Refusal?.Reason == RefusalReason.LedgerUnavailable),
        ("redeem", async at => (await at.World.Access.RedeemAsync(at.Session.Code, World.Sam)).Refusal?.Reason == RefusalReason.LedgerUnavailable),
        ("change", at => IsRefusedAsync(at, World.UpdateTitle)),
        ("read", at => IsRefusedAsync(at, World.ReadTitle)),
        ("stream", at => IsRefusedAsync(at, World.FollowLog)),
    ];

    private static IEnumerable<(string, Func<Faulty, Task<Refusal?>>)> Ends() =>
    [
        ("off", async at => (await at.World.Access.TurnOffAsync(World.Ios, World.Adam)).Refusal),
        ("forfeit", async at => (await at.World.Access.ForfeitAsync(at.Session.View.Toggle!.Id, World.Sam)).Refusal),
        ("leave", async at => (await at.World.Access.LeaveAsync(at.Session.Session.Id, World.Sam.Id)).Refusal),
        ("deleted", async at => (await at.World.Access.AppDeletedAsync(World.Ios.Id)).Refusal),
    ];

    private static async Task<bool> IsRefusedAsync(Faulty at, Permission permission)
    {
        var (decision, act) = await at.World.Access.BeginAsync(World.Sam.Id, World.Ios.Id, at.Session.Session.Id, permission, target: null);
        return act is null && decision.Reason == DecisionReason.LedgerUnavailable;
    }

    /// <summary>A list during whose reading something is asked.</summary>
    private sealed class Asking<T>(IReadOnlyList<T> all, Action ask) : IReadOnlyList<T>
    {
        public int Count => all.Count;

        public T this[int index] => all[index];

        public IEnumerator<T> GetEnumerator()
        {
            foreach (var one in all)
            {
                ask();
                yield return one;
            }

            ask();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
