using System.Text;
using Latchkey.Ledger;

namespace Latchkey.Tests.Attachments;

/// <summary>Files go along with messages: uploaded before by the same speaker to the same conversation, and by nobody else.</summary>
public sealed class SendingTests
{
    private static readonly Speaker Adam = Speaker.Of(World.Adam);
    private static readonly Speaker Eve = Speaker.Of(World.Admin("eve"));
    private static readonly Speaker Sam = Speaker.Of(World.Sam);

    [Fact]
    public async Task Upload_IsCleaned_AndCommittedToWithItsMessage()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        var upload = await UploadAsync(world, conversation, Adam, "C:\\logs\\..\\build\u202E.exe", "token=abcdefgh123");
        Assert.Equal(("build.exe.txt", 15, AttachmentType.Text, false), (upload.Name, upload.Size, upload.Type, upload.Sent));
        Assert.Equal([new RemovedPart(RemovedKind.Secret, null, "token", 1)], upload.Removed);

        await SendAsync(world, conversation, Adam, upload);
        await world.RestartAsync();
        var entries = await world.Access.History.ReadEntriesAsync(World.Northwind, 0, 10, CancellationToken.None);
        var kinds = entries.Select(e => LedgerEntry.Parse(e.Bytes).Kind).ToList();
        Assert.Equal(["conversation.opened", "message.sent", "attachment.added", "message.sent"], kinds);
        var fact = (AttachmentAdded)Fact.Read("attachment.added", LedgerEntry.Parse(entries[2].Bytes).Fields);
        var kept = await world.Access.Attachments.ReadAsync(upload.Id, CancellationToken.None);
        Assert.Equal("token=[removed]", Encoding.UTF8.GetString(kept!.Bytes));
        Assert.True(Commitment.Matches(fact.Commitment, kept.Salt, kept.Bytes));
        Assert.True((await world.Access.FindAttachmentAsync(conversation, Sam, upload.Id.Value))!.Sent);
    }

    [Fact]
    public async Task Upload_IsItsUploadersAlone_UntilItIsSent()
    {
        await using var world = await World.StartAsync();
        var (conversation, another) = (await OpenAsync(world), await OpenAsync(world));
        var upload = await UploadAsync(world, conversation, Adam);

        foreach (var (where, by) in new[] { (conversation, Eve), (conversation, Sam), (another, Adam) })
        {
            Assert.Null(await world.Access.FindAttachmentAsync(where, by, upload.Id.Value));
            Assert.Equal("attachments", (await world.Access.SendAsync(where, by, new Said("", [upload.Id.Value]))).Refusal?.Field);
            Assert.Equal(RefusalReason.NotFound, (await world.Access.EraseAttachmentAsync(where, by, upload.Id.Value)).Refusal?.Reason);
        }

        await SendAsync(world, conversation, Adam, upload);
        Assert.NotNull(await world.Access.FindAttachmentAsync(conversation, Eve, upload.Id.Value));
        Assert.Null(await world.Access.FindAttachmentAsync(another, Adam, upload.Id.Value));
        Assert.Equal("attachments", (await world.Access.SendAsync(conversation, Adam, new Said("again", [upload.Id.Value]))).Refusal?.Field);
    }

    [Fact]
    public async Task OnlyWhoSentAFile_Erases_AndItsProofStays()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        var upload = await UploadAsync(world, conversation, Adam);
        await SendAsync(world, conversation, Adam, upload);

        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.EraseAttachmentAsync(conversation, Sam, upload.Id.Value)).Refusal?.Reason);
        Assert.Null((await world.Access.EraseAttachmentAsync(conversation, Adam, upload.Id.Value)).Refusal);
        Assert.Null(await world.Access.Attachments.ReadAsync(upload.Id, CancellationToken.None));
        var entry = (await world.Access.History.ReadEntriesAsync(World.Northwind, 0, 10, CancellationToken.None))[2];
        Assert.Empty(entry.Contents);
        Assert.Equal(entry.Leaf, MerkleTree.HashLeaf(entry.Bytes));
    }

    [Fact]
    public async Task WhatIsNotSent_IsForgottenAfterADay()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        var (left, sent) = (await UploadAsync(world, conversation, Adam), await UploadAsync(world, conversation, Adam));
        await SendAsync(world, conversation, Adam, sent);
        world.Clock.Advance(TimeSpan.FromHours(20));
        Assert.NotNull(await world.Access.Attachments.ReadAsync(left.Id, CancellationToken.None));

        world.Clock.Advance(TimeSpan.FromHours(6));
        Assert.True(await Eventually.HoldsAsync(async () => await world.Access.Attachments.ReadAsync(left.Id, CancellationToken.None) is null));
        Assert.NotNull(await world.Access.Attachments.ReadAsync(sent.Id, CancellationToken.None));
    }

    [Fact]
    public async Task SilencedSpeakers_BadFiles_AndFloods_AreRefused()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        var disguised = Speaker.Of(World.Adam with { IsAgent = true });
        Assert.Equal(RefusalReason.SupportInDisguise, (await world.Access.AttachAsync(conversation, disguised, File("x"), null)).Refusal?.Reason);
        Assert.Equal("file", (await world.Access.AttachAsync(conversation, Adam, File("<html>"), null)).Refusal?.Field);
        Assert.Equal("attachments", (await world.Access.OpenConversationAsync(new Topic(World.Northwind, "Northwind", World.Ios), Adam, "Subject", new Said("x", ["att_1"]))).Refusal?.Field);
        for (var i = 0; i < 59; i++) await world.Access.AttachAsync(conversation, Adam, File("x"), null);
        Assert.Equal(RefusalReason.TooMany, (await world.Access.AttachAsync(conversation, Adam, File("x"), null)).Refusal?.Reason);
        Assert.Null((await world.Access.AttachAsync(conversation, Eve, File("x"), null)).Refusal);
    }

    /// <summary>However many files somebody sends slowly, nobody else waits; and what comes in the end is taken whole.</summary>
    [Fact]
    public async Task SlowUploads_HoldUpNobodyElse_AndNoMoreOfTheirSendersThanFour()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        using var stop = new CancellationTokenSource();
        SlowFile[] files = [new(), new(), new(), new()];
        var slow = files.Select(file => world.Access.AttachAsync(conversation, Eve, file, "slow.txt", cancellation: stop.Token)).ToList();

        Assert.Equal(RefusalReason.TooMany, (await world.Access.AttachAsync(conversation, Eve, File("x"), null)).Refusal?.Reason);
        Assert.Equal(200_000, (await UploadAsync(world, conversation, Adam, text: new string('a', 200_000)).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System)).Size);

        files[0].Finish(new string('b', 300_000));
        Assert.Equal(300_000, (await slow[0]).Value!.Size);
        Assert.Null((await world.Access.AttachAsync(conversation, Eve, File("x"), null)).Refusal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow[1]);
    }

    private static MemoryStream File(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<ConversationRecord> OpenAsync(World world)
    {
        var opened = await world.Access.OpenConversationAsync(new Topic(World.Northwind, "Northwind", World.Ios), Adam, "Signing fails", new Said("It fails"));
        return (await world.Access.Conversations.FindAsync(opened.Value!.Id, null, CancellationToken.None))!;
    }

    private static async Task<AttachmentRecord> UploadAsync(World world, ConversationRecord conversation, Speaker by, string? name = null, string text = "text") =>
        (await world.Access.AttachAsync(conversation, by, File(text), name)).Value!;

    private static async Task SendAsync(World world, ConversationRecord conversation, Speaker by, AttachmentRecord upload) =>
        Assert.Null((await world.Access.SendAsync(conversation, by, new Said("", [upload.Id.Value]))).Refusal);

    /// <summary>A body whose sender takes their time.</summary>
    private sealed class SlowFile : Stream
    {
        private readonly TaskCompletionSource<MemoryStream> _rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Finish(string text) => _rest.SetResult(File(text));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await (await _rest.Task.WaitAsync(cancellationToken)).ReadAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
