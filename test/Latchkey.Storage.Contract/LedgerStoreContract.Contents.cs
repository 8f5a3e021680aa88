using System.Text;
using Latchkey.Ledger;

namespace Latchkey.Storage.Contract;

public abstract partial class LedgerStoreContract
{
    public static TheoryData<string> Texts { get; } =
    [
        "",
        " ",
        "Grüße, Zoë 👩‍👩‍👧 \U0001F511",
        "e\u0301 is not \u00e9",
        "\u202Eright to left\u202C, \u200Bzero width, \uFEFFmark, \uFFFF",
        "a NUL\0 inside, tab\t, line\r\n, \u007F and \u0085",
        "'; DROP TABLE entry; --",
        "{\"id\":\"cnt_1\"}",
        new string('x', 500),
        string.Concat(Enumerable.Repeat("\U0001F600", 250)),
        new string('y', Content.MaxLength),
    ];

    [Theory]
    [MemberData(nameof(Texts), DisableDiscoveryEnumeration = true)]
    public async Task Text_ComesBackAsItWasTyped_EverywhereItIsShown(string text)
    {
        var grant = Facts.Lend(note: text);
        var session = Facts.Enter(grant, reason: text, ticket: text) with { AgentName = Facts.Text(text) };
        var act = Facts.Begin(session, target: text);
        await WriteAsync(
            grant, session, act,
            Facts.Finish(act, ActOutcome.Done, null, new ActChange(Facts.Text(text), Facts.Text(text), Facts.Text(text), Secret: false)),
            Facts.End(grant) with { ByName = Facts.Text(text) });
        var state = await ReopenAsync();

        Assert.Equal((text, text), (state.Sessions[0].AgentName, state.Sessions[0].Reason));
        var lent = Assert.Single(await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: 1), CancellationToken.None));
        Assert.Equal((text, text), (lent.Note, lent.EndedByName));
        var entered = Assert.Single(await Store.ReadSessionsAsync(new SessionQuery(), CancellationToken.None));
        Assert.Equal((text, text, text), (entered.AgentName, entered.Reason, entered.Ticket));
        var done = Assert.Single(await Store.ReadActsAsync(new ActQuery(Facts.App), CancellationToken.None));
        Assert.Equal(text, done.Target);
        Assert.Equal(new ChangeRecord(text, text, text, Secret: false), Assert.Single(done.Changes));
        foreach (var (entry, written) in (await Store.ReadEntriesAsync(Facts.Account, 0, 10, CancellationToken.None)).Zip(Scribe.Entries))
        {
            Assert.All(written.Fact.Contents, c => Assert.True(Commitment.Matches(c.Commitment, entry.Contents[c.Id].Salt, Encoding.UTF8.GetBytes(entry.Contents[c.Id].Text))));
        }
    }

    [Fact]
    public async Task HalfASurrogatePair_IsKeptAsWhatWasCommittedTo()
    {
        var grant = Facts.Lend(note: "half \uD83D of a pair");
        await WriteAsync(grant);
        var entry = Assert.Single(await Store.ReadEntriesAsync(Facts.Account, 0, 1, CancellationToken.None));
        var (salt, text) = entry.Contents[grant.Note!.Id];
        Assert.Equal("half \uFFFD of a pair", text);
        Assert.True(Commitment.Matches(grant.Note.Commitment, salt, Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public async Task ErasedContent_IsGoneEverywhere_AndTheEntriesStillVerify()
    {
        var grant = Facts.Lend(note: "call 555-0100");
        var session = Facts.Enter(grant, reason: "Zoë asked", ticket: "ZD-1");
        var act = Facts.Begin(session, target: "Zoë's webhook");
        var finish = Facts.Finish(act, ActOutcome.Done, null, new ActChange(Facts.Text("owner"), Facts.Text("Zoë"), Facts.Text("Bo"), Secret: false));
        await WriteAsync(grant, session, act, finish);
        var before = await VerifyAsync(Facts.Account);
        foreach (var id in (string[])[grant.Note!.Id, grant.ByName.Id, session.Reason.Id, session.AgentName.Id, act.Target!.Id, finish.Changes[0].Before!.Id])
        {
            await EraseAsync(id);
        }

        var state = await ReopenAsync();
        Assert.Equal(("", ""), (state.Sessions[0].AgentName, state.Sessions[0].Reason));
        var lent = Assert.Single(await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: 1), CancellationToken.None));
        Assert.Equal((null, null), (lent.Note, lent.LentByName));
        var entered = Assert.Single(await Store.ReadSessionsAsync(new SessionQuery(), CancellationToken.None));
        Assert.Equal((null, null, "ZD-1"), (entered.AgentName, entered.Reason, entered.Ticket));
        var done = Assert.Single(await Store.ReadActsAsync(new ActQuery(Facts.App), CancellationToken.None));
        Assert.Null(done.Target);
        Assert.Equal(new ChangeRecord("owner", null, "Bo", Secret: false), Assert.Single(done.Changes));
        var entries = await Store.ReadEntriesAsync(Facts.Account, 0, 10, CancellationToken.None);
        Assert.Equal([0, 1, 0, 2], entries.Select(e => e.Contents.Count));
        Assert.Equal(before, await VerifyAsync(Facts.Account));
    }

    [Fact]
    public async Task Erasing_WhatIsNotThere_ChangesNothing()
    {
        var grant = Facts.Lend(note: "call 555-0100");
        await WriteAsync(grant);
        await Store.EraseAsync(Facts.Account, 0, "cnt_other", CancellationToken.None);
        await Store.EraseAsync(Facts.Account, 1, grant.Note!.Id, CancellationToken.None);
        await Store.EraseAsync(new AccountId("acc_other"), 0, grant.Note.Id, CancellationToken.None);
        Assert.Equal("call 555-0100", Assert.Single(await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: 1), CancellationToken.None)).Note);
        await EraseAsync(grant.Note.Id);
        await EraseAsync(grant.Note.Id);
        Assert.Null(Assert.Single(await Store.ReadGrantsAsync(new GrantQuery(Facts.App, Limit: 1), CancellationToken.None)).Note);
    }

    private Task EraseAsync(string content)
    {
        var entry = Scribe.Entries.Single(e => e.Fact.Contents.Any(c => c.Id == content));
        return Store.EraseAsync(entry.Account, entry.Seq, content, CancellationToken.None);
    }

    /// <summary>Verifies all of an account's entries as an auditor would, against a checkpoint over the stored edge. Answers the root.</summary>
    protected async Task<Hash> VerifyAsync(AccountId account)
    {
        var origin = $"latchkey.test/{account}";
        using var key = NoteKey.Create(origin);
        var edge = await Store.ReadEdgeAsync(account, CancellationToken.None);
        var export = new System.Buffers.ArrayBufferWriter<byte>();
        for (var from = 0L; from < edge.Size; from += IHistory.MaxPage)
        {
            foreach (var entry in await Store.ReadEntriesAsync(account, from, IHistory.MaxPage, CancellationToken.None))
            {
                LedgerExport.WriteLine(
                    export, entry.Seq, entry.Leaf, entry.Bytes, [.. entry.Contents.Select(c => new ExportedContent(c.Key, c.Value.Salt, c.Value.Text))]);
            }
        }

        using var stream = new MemoryStream(export.WrittenSpan.ToArray());
        var checkpoint = SignedNote.Sign(new Checkpoint(origin, edge.Size, edge.Root()).ToText(), key).ToString();
        var report = await new LedgerVerifier(origin, account.Value, key.Verifier).VerifyAsync(stream, [checkpoint]);
        Assert.Empty(report.Findings);
        Assert.Equal((edge.Size, edge.Size), (report.Size, report.Covered));
        return report.Root;
    }
}
