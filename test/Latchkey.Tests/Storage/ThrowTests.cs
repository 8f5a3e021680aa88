namespace Latchkey.Tests.Storage;

/// <summary>
/// The writer survives whatever throws, and when: at every place where the store is asked something, before and after it did it, once and
/// until it is mended, whatever is thrown. Each caller is answered, memory says what the store says, nobody else is harmed, and ends work.
/// </summary>
public sealed class ThrowTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string, string> Table()
    {
        var table = new TheoryData<string, string>();
        foreach (var deed in Deeds.Keys)
        {
            foreach (var thrown in Thrown.Keys)
            {
                table.Add(deed, thrown);
            }
        }

        return table;
    }

    private static readonly Dictionary<string, Func<Faulty, Task<string>>> Deeds = new(StringComparer.Ordinal)
    {
        ["turn on"] = async at => Said((await at.World.Access.TurnOnAsync(World.Android, World.Adam, new Terms())).Refusal),
        ["enter"] = async at => Said((await at.World.Access.EnterAsync(World.Ios.Id, World.Sue, "A reason", ticket: null)).Refusal),
        ["redeem"] = async at => Said((await at.World.Access.RedeemAsync(at.Session.Code, World.Sam)).Refusal),
        ["change"] = async at => (await at.World.Access.BeginAsync(World.Sam.Id, World.Ios.Id, at.Session.Session.Id, World.UpdateTitle, target: null)).Decision.Reason.ToString(),
        ["off"] = async at => Said((await at.World.Access.TurnOffAsync(World.Ios, World.Adam)).Refusal),
        ["leave"] = async at => Said((await at.World.Access.LeaveAsync(at.Session.Session.Id, World.Sam.Id)).Refusal),
    };

    private static readonly Dictionary<string, Func<Exception>> Thrown = new(StringComparer.Ordinal)
    {
        ["broken for now"] = () => new LedgerStoreException("The test breaks it.", isTransient: true),
        ["broken for good"] = () => new LedgerStoreException("The test breaks it.", isTransient: false),
        ["a bug"] = () => new InvalidOperationException("The test has a bug."),
        ["cancelled"] = () => new OperationCanceledException("The test cancels."),
    };

    private static readonly string[] Ends = ["off", "leave"];

    /// <summary>What each of them puts on the ledger.</summary>
    private static readonly Dictionary<string, Type> Writes = new(StringComparer.Ordinal)
    {
        ["turn on"] = typeof(GrantStarted),
        ["enter"] = typeof(SessionOpened),
        ["change"] = typeof(ActBegun),
        ["off"] = typeof(GrantEnded),
        ["leave"] = typeof(SessionClosed),
    };

    private const string Still = "The test's clock stands still.";

    public static TheoryData<string> Names => [.. Deeds.Keys];

    public static TheoryData<string> Written => [.. Writes.Keys];

    [Theory]
    [MemberData(nameof(Table))]
    public async Task WhateverThrows_EveryCallerIsAnswered_MemoryIsTheStore_AndEndsWork(string deed, string thrown)
    {
        var points = await PointsOfAsync(deed);
        Assert.Contains(new StorePoint("commit", After: false), points);
        for (var place = 0; place < points.Count; place++)
        {
            await TryAsync(deed, thrown, points, place, untilMended: false);
            await TryAsync(deed, thrown, points, place, untilMended: true);
        }
    }

    /// <summary>The clock is read wherever something is decided, published or heard: a throw there is one in a command, a fold or a listener.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task WhereverTheClockIsRead_AThrowStopsNobody(string deed)
    {
        var reads = 0;
        await using (var at = await Faulty.StartAsync())
        {
            at.Clock.At = () => Interlocked.Increment(ref reads);
            await Deeds[deed](at);
            at.Clock.At = null;
        }

        Assert.InRange(reads, 3, 200);
        for (var place = 0; place < reads; place++)
        {
            var what = $"'{deed}', at read {place} of the clock";
            await using var at = await Faulty.StartAsync();
            var calls = -1;
            at.Clock.At = () =>
            {
                if (Interlocked.Increment(ref calls) == place)
                {
                    throw new InvalidOperationException(Still);
                }
            };
            var answer = await AnswerAsync(Deeds[deed](at), what);
            at.Clock.At = null;
            await CheckAsync(at, deed, answer, what);
        }
    }

    /// <summary>One command can't be written, and the store is well: it alone fails, whatever shares its batch, and nobody of support is put out.</summary>
    [Theory]
    [MemberData(nameof(Written))]
    public async Task WhatCanNotBeWritten_IsItsCallersError_AndNobodyElses(string deed)
    {
        await using var at = await Faulty.StartAsync();
        await at.World.TurnOnAsync(World.Web);
        var inWeb = await at.World.EnterAsync(World.Web, World.Sue);
        at.Store.Chokes = writes => writes.Entries.Any(e => e.Fact.GetType() == Writes[deed] && e.Account == World.Northwind);

        // One transaction waits, so that what comes meanwhile shares the next one.
        var gate = new TaskCompletionSource();
        at.Store.Gate = gate.Task;
        var before = at.Store.Transactions;
        var first = at.World.Access.AppDeletedAsync(new AppId("never-lent"));
        Assert.True(await Eventually.HoldsAsync(() => at.Store.Transactions > before));
        var mates = Enumerable.Range(0, 8).Select(i => at.World.BeginAsync(inWeb, World.UpdateTitle, $"title {i}")).ToList();
        var bad = Deeds[deed](at);
        mates.AddRange(Enumerable.Range(8, 8).Select(i => at.World.BeginAsync(inWeb, World.UpdateTitle, $"title {i}")));
        at.Store.Gate = null;
        gate.SetResult();
        await first;
        var acts = await Task.WhenAll(mates).WaitAsync(s_patience, TimeProvider.System);
        Assert.All(acts, act => Assert.NotNull(act.Recorded));
        await Task.WhenAll(acts.Select(act => act.EndAsync(ActOutcome.Done)));
        Assert.Equal(16, (await at.World.Ledgers.FactsAsync<ActBegun>(World.Contoso)).Count);

        var isEnd = Ends.Contains(deed);
        Assert.Equal(isEnd ? nameof(RefusalReason.EndedNotSaved) : "The test's store chokes on this.", await AnswerAsync(bad, deed));
        Assert.True(at.World.Access.Health.IsWorking);
        Assert.Equal(isEnd, at.World.Ask(at.Session) != DecisionReason.Allowed);
        await at.World.TurnOffAsync(World.Web);

        // An end that could not be written is, as soon as it can be, without anybody asking.
        at.Store.Chokes = null;
        at.World.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await Eventually.HoldsAsync(async () => !isEnd || (await at.World.Ledgers.ReadAsync(World.Northwind)).Any(e => e.Fact.GetType() == Writes[deed])));
        await at.AssertWholeAsync();
        Assert.Equal(isEnd, at.World.Ask(at.Session) != DecisionReason.Allowed);
    }

    /// <summary>Where the store is asked something in the course of it, in turn.</summary>
    private static async Task<List<StorePoint>> PointsOfAsync(string deed)
    {
        await using var at = await Faulty.StartAsync();
        var points = new List<StorePoint>();
        at.Store.At = points.Add;
        await Deeds[deed](at);
        at.Store.At = null;
        return points;
    }

    private static async Task TryAsync(string deed, string thrown, List<StorePoint> points, int place, bool untilMended)
    {
        var what = $"'{deed}', {thrown}, {(untilMended ? "from" : "once at")} point {place} ({points[place]})";
        await using var at = await Faulty.StartAsync();
        await at.World.TurnOnAsync(World.Web);
        var calls = -1;
        at.Store.At = _ =>
        {
            if (Interlocked.Increment(ref calls) is var call && (call == place || (untilMended && call > place)))
            {
                throw Thrown[thrown]();
            }
        };
        var answer = await AnswerAsync(Deeds[deed](at), what);
        if (!untilMended && points[place].Call is "read edge" or "commit" or "dispose" && Thrown[thrown]() is not LedgerStoreException)
        {
            Assert.True(at.World.Access.Health.IsWorking, $"{what} puts everybody out");
        }

        at.Store.At = null;
        await CheckAsync(at, deed, answer, what);
    }

    private static async Task CheckAsync(Faulty at, string deed, string answer, string what)
    {
        // What was answered as done is done, also for a process that starts now.
        await at.RecoverAsync();
        at.World.Clock.Advance(TimeSpan.FromSeconds(1));
        await at.World.SettleAsync();
        var ended = Ends.Contains(deed) && answer is "" or nameof(RefusalReason.EndedNotSaved);
        Assert.True(ended || !Ends.Contains(deed) || answer == Still, $"{what}: {answer}");
        if (ended)
        {
            Assert.NotEqual(DecisionReason.Allowed, at.World.Ask(at.Session));
        }
        else if (answer is "" or nameof(DecisionReason.Allowed))
        {
            Assert.True(await IsThereAsync(at, deed), what);
        }

        // Others go on, and end.
        await at.World.TurnOnAsync(World.Web, new Terms(Role: "viewer"));
        await at.World.TurnOffAsync(World.Web);
        await at.AssertWholeAsync();
        if (ended)
        {
            Assert.NotEqual(DecisionReason.Allowed, at.World.Ask(at.Session));
        }
    }

    private static async Task<bool> IsThereAsync(Faulty at, string deed) => deed switch
    {
        "turn on" => at.World.Access.Find(World.Android.Id)?.IsOpen(at.World.Clock.GetUtcNow()) == true,
        "enter" => at.World.Access.Find(World.Ios.Id)!.SessionOf(World.Sue.Id) is not null,
        "redeem" => at.World.Access.Recognise(at.Session.Code, CredentialKind.Code) is null,
        _ => (await at.World.Ledgers.FactsAsync<ActBegun>(World.Northwind)).Count == 1,
    };

    private static async Task<string> AnswerAsync(Task<string> asked, string what)
    {
        try
        {
            return await asked.WaitAsync(s_patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{what} is answered by nobody");
            throw;
        }
        catch (Exception e) when (e is LedgerStoreException or InvalidOperationException or OperationCanceledException)
        {
            return e.Message;
        }
    }

    private static string Said(Refusal? refusal) => refusal?.Reason.ToString() ?? "";
}
