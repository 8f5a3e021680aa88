namespace Latchkey.Tests.Activity;

/// <summary>What waits to be written while a transaction is slow, and in which order it comes.</summary>
public sealed class OvertakingTests
{
    [Fact]
    public async Task CrowdOfActs_DoesNotKeepAnEndWaiting()
    {
        await using var slow = await Slow.StartAsync();
        var session = await slow.World.EnterAsync(World.Ios, World.Sam);
        slow.Close();
        var crowd = Enumerable.Range(0, 3000)
            .Select(_ => slow.World.Access.BeginAsync(World.Sam.Id, World.Ios.Id, session.Session.Id, World.UpdateTitle, target: null)).ToArray();
        var off = slow.World.Access.TurnOffAsync(World.Ios, World.Adam);
        slow.Open();
        await off;
        var answers = await Task.WhenAll(crowd);

        // Only the transaction that had been begun before the end could hold acts, and one takes 256 of them.
        Assert.InRange(answers.Count(a => a.Decision.IsAllowed), 0, 256);
        Assert.Equal(answers.Count(a => a.Decision.IsAllowed), (await slow.World.Ledgers.FactsAsync<ActBegun>(World.Northwind)).Count);
        await slow.World.Ledgers.AssertStoryHoldsAsync();
    }

    [Fact]
    public async Task WhoEnteredAMomentBefore_IsNotLeftInside_WhenTheHostReportsThemGone()
    {
        Func<SupportAccess, Task>[] reports =
        [
            a => a.AgentRemovedAsync(World.Sam.Id),
            a => a.SignedOutAsync(World.Sam.Id, World.Sam.SignIn),
        ];
        foreach (var report in reports)
        {
            await using var slow = await Slow.StartAsync();
            slow.Close();
            var entering = Enumerable.Range(0, 5).Select(_ => slow.World.EnterAsync(World.Ios, World.Sam)).ToArray();
            var reported = report(slow.World.Access);
            slow.Open();
            await reported;
            foreach (var session in await Task.WhenAll(entering))
            {
                Assert.Equal(DecisionReason.SessionClosed, slow.World.Ask(session));
            }

            Assert.Empty(slow.World.Access.Find(World.Ios.Id)!.Sessions);
        }
    }

    [Fact]
    public async Task WhatWasTurnedOnAMomentBefore_IsEnded_WhenTheHostReportsItGone()
    {
        Func<SupportAccess, Task>[] reports =
        [
            a => a.AppDeletedAsync(World.Android.Id),
            a => a.AppTransferredAsync(World.Android.Id),
            a => a.AccountClosedAsync(World.Northwind),
        ];
        foreach (var report in reports)
        {
            await using var slow = await Slow.StartAsync();
            slow.Close();
            var first = slow.World.TurnOnAsync(World.Android);
            var reported = report(slow.World.Access);
            slow.Open();
            await reported;
            await first;
            Assert.Null(slow.World.Access.Find(World.Android.Id)?.Toggle);
        }
    }

    [Fact]
    public async Task ManyOffsAtOnce_EndOnce_AndAllAreAnswered()
    {
        await using var slow = await Slow.StartAsync();
        slow.Close();
        var offs = Enumerable.Range(0, 100).Select(_ => slow.World.TurnOffAsync(World.Ios)).ToArray();
        slow.Open();
        Assert.All(await Task.WhenAll(offs), running => Assert.Equal(0, running));
        Assert.Single(await slow.World.Ledgers.FactsAsync<GrantEnded>(World.Northwind));
    }

    [Fact]
    public async Task CallerWhoIsGoneBefore_BeginsNothing_AndHoldsUpNobody()
    {
        await using var slow = await Slow.StartAsync();
        var session = await slow.World.EnterAsync(World.Ios, World.Sam);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            slow.World.Access.BeginAsync(World.Sam.Id, World.Ios.Id, session.Session.Id, World.UpdateTitle, target: null, new CancellationToken(canceled: true)));
        Assert.Empty(await slow.World.Ledgers.FactsAsync<ActBegun>(World.Northwind));
        Assert.Equal(0, await slow.World.TurnOffAsync(World.Ios));
    }

    [Fact]
    public async Task Stopping_AnswersEveryoneWhoWaits()
    {
        await using var slow = await Slow.StartAsync();
        slow.Close();
        var waiting = Enumerable.Range(0, 500).Select(_ => slow.World.Access.TurnOnAsync(World.Android, World.Adam, new Terms(Note: "again"))).ToArray();
        var stopping = slow.World.Access.DisposeAsync();
        slow.Open();
        await stopping;
        foreach (var answer in await Task.WhenAll(waiting))
        {
            Assert.True(answer.Value is not null || answer.Refusal?.Reason == RefusalReason.LedgerUnavailable);
        }
    }

    private sealed class Slow : IAsyncDisposable
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private FaultyStore _store = null!;

        public World World { get; private set; } = null!;

        public static async Task<Slow> StartAsync()
        {
            var slow = new Slow();
            slow.World = await World.StartAsync(configure: o => o.StopWait = TimeSpan.Zero, around: inner => slow._store = new FaultyStore(inner));
            await slow.World.TurnOnAsync(World.Ios);
            return slow;
        }

        public void Close() => _store.Gate = _gate.Task;

        public void Open()
        {
            _store.Gate = null;
            _gate.SetResult();
        }

        public ValueTask DisposeAsync() => World.DisposeAsync();
    }
}
