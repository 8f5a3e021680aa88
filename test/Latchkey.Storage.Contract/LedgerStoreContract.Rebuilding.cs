namespace Latchkey.Storage.Contract;

public abstract partial class LedgerStoreContract
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AfterAnyHistory_StateRowsAndProofsHold_OverReopeningAndRebuilding(ulong seed)
    {
        var story = new RandomStory(seed, Clock, Facts);
        for (var round = 0; round < 4; round++)
        {
            for (var transactions = 0; transactions < 40; transactions++)
            {
                var (facts, also) = story.Next();
                await Scribe.WriteAsync(Store, facts, also);
            }

            var expected = Describe(story.State(Clock.GetUtcNow() - TimeSpan.FromDays(1)));
            Assert.Equal(expected, Describe(await StateAsync()));
            var rows = await DumpReadTablesAsync();
            Assert.NotEmpty(rows);
            await Store.RebuildAsync(CancellationToken.None);
            Assert.Equal(rows, await DumpReadTablesAsync());
            Assert.Equal(expected, Describe(await ReopenAsync()));
        }

        foreach (var account in Scribe.Entries.Select(e => e.Account).Distinct())
        {
            await VerifyAsync(account);
        }
    }

    [Fact]
    public async Task Rebuild_DoesNotBringErasedContentBack()
    {
        var grant = Facts.Lend(note: "secret plan");
        await WriteAsync(grant);
        await EraseAsync(grant.Note!.Id);
        await Store.RebuildAsync(CancellationToken.None);
        Assert.Null(Assert.Single(await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: 1), CancellationToken.None)).Note);
    }
}
