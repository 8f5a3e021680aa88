namespace Latchkey;

/// <content>Support asks for screenshots, the customer sends them or not. Whoever calls has made sure that the caller may see the conversation.</content>
public sealed partial class SupportAccess
{
    private const int MostWanted = 5;
    private const int LongestWanted = 200;
    private const int LongestWord = 2_000;

    /// <summary>
    /// Asks for screenshots: 1 to 5 lines, each what should be seen, of 3 to 200 characters. One ask is open in a conversation at a time,
    /// else <see cref="RefusalReason.AlreadyPending"/>.
    /// </summary>
    public async Task<Answer<ScreenshotsRecord>> AskForScreenshotsAsync(
        ConversationRecord conversation, AgentRef agent, IReadOnlyList<string> wanted, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(wanted);
        if (wanted.Count is 0 or > MostWanted)
        {
            return new Refusal(RefusalReason.Invalid, $"'wanted' takes 1 to {MostWanted} lines, each what should be seen.", "wanted");
        }

        var lines = new List<string>();
        foreach (var line in wanted)
        {
            if (TypedText.Check(line, "wanted", 3, LongestWanted, out var kept) is { } refusal)
            {
                return refusal;
            }

            lines.Add(kept!);
        }

        using var turn = await _turns.EnterAsync(conversation.Id.Value, cancellation);
        if (await Conversations.ReadScreenshotsAsync(new ScreenshotsQuery(conversation.Id, OpenOnly: true, Limit: 1), cancellation) is [var open])
        {
            return new Refusal(RefusalReason.AlreadyPending, $"{open.AgentName ?? "Somebody of the team"} has asked for screenshots already; the customer has not answered yet. One at a time.");
        }

        var by = Speaker.Of(agent);
        var asked = Saved(await _appender.AppendAsync<Answer<ScreenshotsAsked>>(
            batch =>
            {
                if ((batch.ClockTrusted ? Talking.Hurry(batch, _pace, by) : Refusal.ClockHoldsWords) is { } refusal)
                {
                    return refusal;
                }

                var fact = new ScreenshotsAsked(
                    ScreenshotsId.New(batch.Now), conversation.Id, conversation.App, by.At(batch.Now), Content.New(string.Join('\n', lines), batch.Now));
                batch.Append(conversation.Account, fact);
                return fact;
            },
            cancellation: cancellation));
        return asked.Value is { } made ? (await FindScreenshotsAsync(made.Screenshots, CancellationToken.None))! : asked.Refusal!;
    }

    /// <summary>What was asked for; null where there is none of that id.</summary>
    public async Task<ScreenshotsRecord?> FindScreenshotsAsync(ScreenshotsId id, CancellationToken cancellation = default) =>
        await Conversations.ReadScreenshotsAsync(new ScreenshotsQuery(Screenshots: id, Limit: 1), cancellation) is [var found] ? found : null;

    /// <summary>
    /// Answers with files that the speaker uploaded to the conversation before (<see cref="AttachAsync"/>), at least one, and a word
    /// of up to 2,000 characters. Counts as a message: it opens a solved conversation again.
    /// </summary>
    public async Task<Answer<ScreenshotsRecord>> AnswerScreenshotsAsync(
        ConversationRecord conversation, ScreenshotsId id, Speaker by, Said said, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(said);
        if (said.Attachments is not { Count: > 0 and <= Talking.MaxAttachments } || !said.Attachments.All(IdText.IsId))
        {
            return new Refusal(RefusalReason.Invalid, $"'attachments' takes 1 to {Talking.MaxAttachments} ids of uploaded files.", "attachments");
        }

        using var turn = await _turns.EnterAsync(conversation.Id.Value, cancellation);
        var uploads = await UploadsAsync(conversation, by, said, cancellation);
        return uploads.Value is { } files
            ? await EndScreenshotsAsync(conversation, id, by, ScreenshotsState.Answered, said.Text, files)
            : uploads.Refusal!;
    }

    /// <summary>Says that these can't be sent, with a word of up to 2,000 characters where one helps.</summary>
    public async Task<Answer<ScreenshotsRecord>> DeclineScreenshotsAsync(ConversationRecord conversation, ScreenshotsId id, Speaker by, string? note)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        using var turn = await _turns.EnterAsync(conversation.Id.Value, CancellationToken.None);
        return await EndScreenshotsAsync(conversation, id, by, ScreenshotsState.Declined, note, []);
    }

    /// <summary>Takes it back: whoever asked, or a lead of the team.</summary>
    public async Task<Answer<ScreenshotsRecord>> WithdrawScreenshotsAsync(ConversationRecord conversation, ScreenshotsId id, AgentRef agent, bool isLead)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(agent);
        using var turn = await _turns.EnterAsync(conversation.Id.Value, CancellationToken.None);
        return await FindScreenshotsAsync(id) is { } found && found.Agent != agent.Id && !isLead
            ? new Refusal(RefusalReason.NotAllowed, $"{found.AgentName ?? "Another agent"} asked for these; they, or a lead of the team, can take it back.")
            : await EndScreenshotsAsync(conversation, id, Speaker.Of(agent), ScreenshotsState.Withdrawn, note: null, []);
    }

    private async Task<Answer<ScreenshotsRecord>> EndScreenshotsAsync(
        ConversationRecord conversation, ScreenshotsId id, Speaker by, ScreenshotsState state, string? note, IReadOnlyList<AttachmentRecord> files)
    {
        if ((by.Silenced ?? TypedText.CheckLines(note, "note", 0, LongestWord, out note)) is { } refusal)
        {
            return refusal;
        }

        if (await FindScreenshotsAsync(id) is not { } found || found.Conversation != conversation.Id)
        {
            return new Refusal(RefusalReason.NotFound, "Support has not asked for this.");
        }

        if (by.Person is null != (state == ScreenshotsState.Withdrawn))
        {
            return new Refusal(RefusalReason.NotAllowed, "Only the customer answers what support asks for.");
        }

        if (found.State != ScreenshotsState.Open)
        {
            return new Refusal(RefusalReason.AlreadyDecided, Became(found.State), At: found.EndedAt);
        }

        var answer = Saved(await _appender.AppendAsync<Answer<ScreenshotsRecord>>(batch =>
        {
            if (!batch.ClockTrusted)
            {
                return Refusal.ClockHoldsWords;
            }

            Talking.Attach(batch, conversation.Account, conversation.Id, conversation.App, by, files);
            batch.Append(conversation.Account, new ScreenshotsEnded(
                id, conversation.Id, conversation.App, by.At(batch.Now), state, note is null ? null : Content.New(note, batch.Now),
                [.. files.Select(f => f.Id.Value)]));
            return found;
        }));
        return answer.Value is null ? answer : (await FindScreenshotsAsync(id))!;
    }

    private static string Became(ScreenshotsState state) => state switch
    {
        ScreenshotsState.Answered => "This was answered already.",
        ScreenshotsState.Declined => "This was declined already.",
        _ => "Support has taken this back.",
    };
}
