using System.Text;
using Latchkey.Ledger;

namespace Latchkey.Storage.Contract;

public abstract partial class LedgerStoreContract
{
    private const long Plenty = 1_000_000;

    [Fact]
    public async Task File_IsKeptFromItsUploadOn_AndSentWithItsEntry()
    {
        var opened = Facts.Open("Signing fails");
        var (record, salt, bytes, fact) = Facts.Attach(opened, "Übersicht \u202Fx.log", "a\0b"u8.ToArray());
        await WriteAsync(opened);
        Assert.True(await Store.Attachments.KeepAsync(record, salt, bytes, Plenty, CancellationToken.None));

        var uploaded = await FileAsync(record.Id);
        Assert.Equal(record.Removed, uploaded!.Removed);
        Assert.Equal(record with { Removed = [] }, uploaded with { Removed = [] });
        await WriteAsync(fact);
        await ReopenAsync();
        Assert.True((await FileAsync(record.Id))!.Sent);
        var read = await Store.Attachments.ReadAsync(record.Id, CancellationToken.None);
        Assert.Equal(bytes, read!.Bytes);
        Assert.True(Commitment.Matches(fact.Commitment, read.Salt, read.Bytes));
        Assert.Null(await Store.Attachments.ReadAsync(new("att_none"), CancellationToken.None));
    }

    [Fact]
    public async Task ErasedFile_LeavesItsEntry_EveryProof_AndNothingToGuess()
    {
        var opened = Facts.Open("Signing fails");
        var (record, salt, bytes, fact) = Facts.Attach(opened, "secret-plan.log", Encoding.UTF8.GetBytes("the secret plan"));
        var other = Facts.Attach(opened, "other.log", [1]);
        await WriteAsync(opened);
        await Store.Attachments.KeepAsync(record, salt, bytes, Plenty, CancellationToken.None);
        await Store.Attachments.KeepAsync(other.Record, other.Salt, other.Bytes, Plenty, CancellationToken.None);
        await WriteAsync(fact, other.Fact);
        await Store.Attachments.EraseAsync(record.Id, CancellationToken.None);
        await Store.Attachments.EraseAsync(record.Id, CancellationToken.None);
        await Store.RebuildAsync(CancellationToken.None);

        Assert.Null(await FileAsync(record.Id));
        Assert.Null(await Store.Attachments.ReadAsync(record.Id, CancellationToken.None));
        Assert.NotNull(await Store.Attachments.ReadAsync(other.Record.Id, CancellationToken.None));
        var entries = await Store.ReadEntriesAsync(Facts.Account, 0, 10, CancellationToken.None);
        Assert.Equal([0, 1], entries.Skip(1).Select(e => e.Contents.Count));
        Assert.DoesNotContain("secret-plan", Encoding.UTF8.GetString(entries[1].Bytes), StringComparison.Ordinal);
        await VerifyAsync(Facts.Account);
    }

    [Fact]
    public async Task UnsentFiles_AreForgotten_SentOnesStay()
    {
        var opened = Facts.Open("Signing fails");
        var (old, sent) = (Facts.Attach(opened, "old.log", [1]), Facts.Attach(opened, "sent.log", [2]));
        Clock.Advance(TimeSpan.FromHours(1));
        var young = Facts.Attach(opened, "young.log", [3]);
        foreach (var (record, salt, bytes, _) in new[] { old, sent, young }) await Store.Attachments.KeepAsync(record, salt, bytes, Plenty, CancellationToken.None);
        await WriteAsync(opened, sent.Fact);

        Assert.Equal([old.Record.Id, young.Record.Id], (await Store.Attachments.ReadUnsentAsync(opened.Conversation, "person:adam", CancellationToken.None)).Select(f => f.Id));
        Assert.Empty(await Store.Attachments.ReadUnsentAsync(opened.Conversation, "person:eve", CancellationToken.None));
        Assert.Equal(1, await Store.Attachments.ForgetUnsentAsync(Clock.GetUtcNow(), CancellationToken.None));
        Assert.Null(await Store.Attachments.ReadAsync(old.Record.Id, CancellationToken.None));
        var left = await Store.Attachments.FindAsync([old.Record.Id, sent.Record.Id, young.Record.Id], CancellationToken.None);
        Assert.Equal(["sent.log", "young.log"], left.Select(f => f.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Files_OfOneAccount_AreBoundedTogether()
    {
        var opened = Facts.Open("Signing fails");
        var (first, second) = (Facts.Attach(opened, "a", new byte[60]), Facts.Attach(opened, "b", new byte[41]));
        var other = Facts.Attach(opened, "c", new byte[41], new AccountId("contoso"));
        Assert.True(await Store.Attachments.KeepAsync(first.Record, first.Salt, first.Bytes, 100, CancellationToken.None));
        Assert.False(await Store.Attachments.KeepAsync(second.Record, second.Salt, second.Bytes, 100, CancellationToken.None));
        Assert.True(await Store.Attachments.KeepAsync(other.Record, other.Salt, other.Bytes, 100, CancellationToken.None));
        Assert.Null(await FileAsync(second.Record.Id));
        await Store.Attachments.EraseAsync(first.Record.Id, CancellationToken.None);
        Assert.True(await Store.Attachments.KeepAsync(second.Record, second.Salt, second.Bytes, 100, CancellationToken.None));
    }

    private async Task<AttachmentRecord?> FileAsync(AttachmentId id) => (await Store.Attachments.FindAsync([id], CancellationToken.None)).SingleOrDefault();
}
