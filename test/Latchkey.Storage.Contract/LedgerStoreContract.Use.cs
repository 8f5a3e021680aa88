namespace Latchkey.Storage.Contract;

public abstract partial class LedgerStoreContract
{
    [Fact]
    [Trait("capability", "V6")]
    public async Task Use_ListsUnusedKeys_LongestWindows_AndWhatEachAgentDid()
    {
        var (old, used, unused) = (Facts.Lend(new AppId("app_old")), Facts.Lend(new AppId("app_used")), Facts.Lend(new AppId("app_unused")));
        await WriteAsync(old, Facts.Enter(old, new AgentId("gone")), Facts.End(old));
        Clock.Advance(TimeSpan.FromDays(40));
        var since = Clock.GetUtcNow();
        (used, unused) = (used with { Until = since.AddDays(9) }, unused with { Until = since.AddDays(20) });
        await WriteAsync(unused);
        Clock.Advance(TimeSpan.FromHours(1));
        var session = Facts.Enter(used);
        await WriteAsync(used, session, Facts.Read(session), Facts.Begin(session));
        Clock.Advance(TimeSpan.FromMinutes(90));
        var (allowed, declined, pending) = (Facts.Ask(), Facts.Ask(), Facts.Ask(agent: new AgentId("sue")));
        var open = Facts.Enter(used);
        await WriteAsync(
            Facts.Leave(session), open, allowed, Facts.Approve(allowed, GrantId.New(Clock.GetUtcNow())), declined, Facts.EndRequest(declined), pending,
            // What a customer asks among themselves is nothing that an agent did.
            Facts.AskSecond());
        Clock.Advance(TimeSpan.FromMinutes(30));

        var report = await Store.ReadUseAsync(new UseQuery(since, Clock.GetUtcNow()), CancellationToken.None);
        Assert.Equal([unused.Grant], report.Unused.Select(u => u.Id));
        Assert.Equal([(unused.Grant, 0), (used.Grant, 2)], report.Longest.Select(u => (u.Id, u.Sessions)));
        Assert.Equal(
            [
                new AgentUse(Facts.Sam, "Sam Okafor", 2, 2, 1, TimeSpan.FromHours(2), 2, 1, 1),
                new AgentUse(new("sue"), "Sam Okafor", 0, 0, 0, TimeSpan.Zero, 1, 0, 0),
            ],
            report.Agents);

        var own = await Store.ReadUseAsync(new UseQuery(since, Clock.GetUtcNow(), new AgentId("sue"), Limit: 1), CancellationToken.None);
        Assert.Equal([new AgentId("sue")], own.Agents.Select(a => a.Agent));
        Assert.Equal([unused.Grant], own.Longest.Select(u => u.Id));

        // A window that is over is unused no longer, whether or not its end was recorded.
        Clock.Advance(TimeSpan.FromDays(30));
        Assert.Empty((await Store.ReadUseAsync(new UseQuery(since, Clock.GetUtcNow()), CancellationToken.None)).Unused);
    }
}
