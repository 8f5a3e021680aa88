namespace Latchkey;

/// <content>
/// What support proposes, and what customers make of it. Whoever calls has made sure that the conversation is one that the caller may
/// see. Nothing of it needs support access.
/// </content>
public sealed partial class SupportAccess
{
    // Of two who answer at once in a conversation, where the host has to act too, the second one sees what the first one did.
    private readonly Gates _turns = new(1);

    /// <summary>
    /// Proposes a change to something that the customer showed. An open proposal to the same target in the same conversation is
    /// replaced by it. At most 20 are open in one conversation, else <see cref="RefusalReason.TooMany"/>.
    /// </summary>
    public async Task<Answer<ProposalRecord>> ProposeAsync(ConversationRecord conversation, AgentRef agent, ProposalDraft draft, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(draft);
        var checkedDraft = Proposing.Check(draft);
        if (checkedDraft.Value is not { } kept)
        {
            return checkedDraft.Refusal!;
        }

        using var turn = await _turns.EnterAsync(conversation.Id.Value, cancellation);
        var open = await Conversations.ReadProposalsAsync(new ProposalQuery(conversation.Id, OpenOnly: true, Limit: IHistory.MaxPage), cancellation);
        var by = Speaker.Of(agent);
        var answer = Saved(await _appender.AppendAsync(
            batch => Talking.Hurry(batch, _pace, by) is { } refusal ? refusal : Proposing.Make(batch, conversation, by, kept, open), cancellation: cancellation));
        return answer.Value is { } made ? (await FindProposalAsync(made.Proposal))! : answer.Refusal!;
    }

    /// <summary>A proposal; null where there is none of that id.</summary>
    public async Task<ProposalRecord?> FindProposalAsync(ProposalId id, CancellationToken cancellation = default) =>
        await Conversations.ReadProposalsAsync(new ProposalQuery(Proposal: id, Limit: 1), cancellation) is [var found] ? found : null;

    /// <summary>Why a person may not answer a proposal for an app, whatever it says; null where they may.</summary>
    public Refusal? MayAnswerProposal(Lender by)
    {
        ArgumentNullException.ThrowIfNull(by);
        return Proposing.MayAnswer(by) ?? (_appender.Fault is not null ? Refusal.LedgerUnavailable : _clock.IsHeld ? Refusal.ClockHoldsWords : null);
    }

    /// <summary>
    /// Applies a proposal: the host makes the change, under the member's own name, and then it is recorded. Where it could not be recorded the
    /// proposal stays open, and applying it again finds the change there. Of two who answer at once, one does.
    /// </summary>
    /// <param name="id">The proposal.</param>
    /// <param name="by">Who applies it, with their rights at this moment on the app.</param>
    /// <param name="apply">Makes the change, all of it or nothing, or says why not. A change that is there already is no error.</param>
    public Task<Answer<ProposalRecord>> ApplyProposalAsync(ProposalId id, Lender by, Func<ProposalRecord, Task<Refusal?>> apply) =>
        ChangeProposalAsync(id, ProposalState.Applied, by, apply);

    /// <summary>Undoes what applying a proposal changed. Otherwise like <see cref="ApplyProposalAsync"/>.</summary>
    public Task<Answer<ProposalRecord>> RevertProposalAsync(ProposalId id, Lender by, Func<ProposalRecord, Task<Refusal?>> undo) =>
        ChangeProposalAsync(id, ProposalState.Reverted, by, undo);

    /// <summary>Declines a proposal.</summary>
    /// <param name="id">The proposal.</param>
    /// <param name="by">Who declines, with their rights at this moment on the app.</param>
    /// <param name="note">What they want support to know, up to 500 characters.</param>
    public async Task<Answer<ProposalRecord>> DeclineProposalAsync(ProposalId id, Lender by, string? note)
    {
        if ((MayAnswerProposal(by) ?? TypedText.Check(note, "note", 0, Lending.MaxNote, out note)) is { } refusal)
        {
            return refusal;
        }

        using var turn = await TurnOfAsync(id);
        return await EndProposalAsync(id, ProposalState.Declined, Speaker.Of(by), note);
    }

    /// <summary>Takes a proposal back: whoever made it, or a lead of the team.</summary>
    public async Task<Answer<ProposalRecord>> WithdrawProposalAsync(ProposalId id, AgentRef agent, bool isLead)
    {
        ArgumentNullException.ThrowIfNull(agent);
        using var turn = await TurnOfAsync(id);
        return await FindProposalAsync(id) is { } found && found.Agent != agent.Id && !isLead
            ? new Refusal(RefusalReason.NotAllowed, $"{found.AgentName ?? "Another agent"} proposed this; they, or a lead of the team, can take it back.")
            : await EndProposalAsync(id, ProposalState.Withdrawn, Speaker.Of(agent), note: null);
    }

    private async Task<Answer<ProposalRecord>> ChangeProposalAsync(ProposalId id, ProposalState next, Lender by, Func<ProposalRecord, Task<Refusal?>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (MayAnswerProposal(by) is { } refusal)
        {
            return refusal;
        }

        using var turn = await TurnOfAsync(id);
        if (await FindProposalAsync(id) is not { } found)
        {
            return NoProposal;
        }

        if ((Proposing.MayBecome(found, next) ?? await change(found)) is { } notDone)
        {
            return notDone;
        }

        var recorded = await EndProposalAsync(id, next, Speaker.Of(by), note: null);
        return recorded.Refusal is { Reason: RefusalReason.LedgerUnavailable }
            ? new Refusal(RefusalReason.LedgerUnavailable, "The change is made, but could not be recorded just now. Do it again in a moment: then it is recorded, and nothing is changed twice.")
            : recorded;
    }

    private async Task<Answer<ProposalRecord>> EndProposalAsync(ProposalId id, ProposalState next, Speaker by, string? note)
    {
        if (await FindProposalAsync(id) is not { } found)
        {
            return NoProposal;
        }

        if (Proposing.MayBecome(found, next) is { } refusal)
        {
            return refusal;
        }

        var answer = Saved(await _appender.AppendAsync<Answer<ProposalRecord>>(batch =>
        {
            batch.Append(found.Account, new ProposalEnded(
                id, found.Conversation, found.App, by.At(batch.Now), next, note is null ? null : Content.New(note, batch.Now)));
            return found;
        }));
        return answer.Value is null ? answer : (await FindProposalAsync(id))!;
    }

    // An unknown proposal has a turn as well: what becomes of it is said where it is looked for.
    private async Task<Gates.Place> TurnOfAsync(ProposalId id) =>
        await _turns.EnterAsync(await FindProposalAsync(id) is { } found ? found.Conversation.Value : id.Value, CancellationToken.None);

    private static Refusal NoProposal { get; } = new(RefusalReason.NotFound, "There is no such proposal.");
}
