namespace Latchkey.Benchmarks;

/// <summary>
/// The first page of an inbox, with unread marks, with 100,000 conversations against 100 in turn.
/// </summary>
internal static class ConversationBenchmark
{
    private const int Few = 100;
    private const int Many = 100_000;
    private const int PerAccount = 50;
    private const int AtOnce = 500;
    private const int Rounds = 200;
    private const int PageLength = 20;

    private static readonly (string Name, ConversationQuery Query)[] s_pages =
    [
        ("inbox", new ConversationQuery(OpenOnly: true, Reader: "agent:agt_bench")),
        ("inbox-waiting", new ConversationQuery(State: ConversationState.WaitingOnCustomer, Reader: "agent:agt_bench")),
        ("inbox-account", new ConversationQuery(Account: new("acc_00000001"), Reader: "person:per_bench")),
        ("inbox-search", new ConversationQuery(Words: "signing", Reader: "agent:agt_bench")),
    ];

    public static Task InboxAsync() => Sample.InFolderAsync(async folder =>
    {
        await using var few = await FillAsync(Path.Combine(folder, "few"), Few);
        await using var many = await FillAsync(Path.Combine(folder, "many"), Many);
        foreach (var (name, query) in s_pages)
        {
            var (times, limits) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                limits.Add(await ReadAsync(few, query));
                times.Add(await ReadAsync(many, query));
            }

            Figure.Print(name, Figure.Median(times), "ms", Figure.Median(limits), name == "inbox-search" ? "for reading" : "ratio <= 1.5, flat");
        }
    });

    private static async Task<SupportAccess> FillAsync(string directory, int count)
    {
        var access = Sample.Access(Sample.Store(directory));
        await access.StartAsync();
        foreach (var some in Enumerable.Range(0, count).Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(i => OpenAsync(access, i)));
        }

        return access;
    }

    private static async Task OpenAsync(SupportAccess access, int number)
    {
        var account = new AccountId($"acc_{number / PerAccount:d8}");
        var app = Sample.App(number) with { Account = account };
        var opened = await access.OpenConversationAsync(
            new Topic(account, "Bench", app), Speaker.Of(Sample.Lender), $"Number {number} stops at signing", new Said("Since Monday every build stops."));
        if (opened.Value is null)
        {
            throw new InvalidOperationException(opened.Refusal!.Message);
        }

        // Every third waits on the customer, every fifth is solved.
        var conversation = (await access.Conversations.FindAsync(opened.Value.Id, null, CancellationToken.None))!;
        var agent = new AgentRef(new AgentId($"agt_{number}"), "Sam Okafor", "sign-in");
        if (number % 3 == 0)
        {
            await access.SendAsync(conversation, Speaker.Of(agent), new Said("Which step is it?"));
        }

        if (number % 5 == 0)
        {
            await access.SolveAsync(conversation, Speaker.Of(agent));
        }
    }

    // As many rows as the smaller store can fill in each case.
    private static async Task<double> ReadAsync(SupportAccess access, ConversationQuery query)
    {
        var from = TimeProvider.System.GetTimestamp();
        var page = await access.Conversations.ReadAsync(query with { Limit = PageLength }, CancellationToken.None);
        return page.Count == PageLength ? Figure.Milliseconds(from) : throw new InvalidOperationException("The page is not full.");
    }
}
