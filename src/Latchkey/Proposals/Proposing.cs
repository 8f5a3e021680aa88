namespace Latchkey;

/// <summary>
/// The rules of proposals. They are run while nobody else acts in the conversation (<see cref="Gates"/>): a proposal that is applied
/// changes the host first, and no batch can wait for that.
/// </summary>
internal static class Proposing
{
    public const int MaxWhy = 2_000;
    public const int MaxAfter = 200 * 1024;
    public const int MaxOpen = 20;
    private const int MaxTarget = 400;
    private const int MaxTitle = 200;

    /// <summary>Checks what was typed; gives it back as it is kept.</summary>
    public static Answer<ProposalDraft> Check(ProposalDraft draft)
    {
        var after = draft.After;
        if ((TypedText.CheckLines(draft.Why, "why", 3, MaxWhy, out var why) ?? TypedText.CheckWhole(draft.After, "after", MaxAfter, out after)) is { } refusal)
        {
            return refusal;
        }

        if (draft.Target.Length is 0 or > MaxTarget)
        {
            throw new ArgumentException($"A target's name has 1 to {MaxTarget} characters; this one has {draft.Target.Length}.", nameof(draft));
        }

        return after == draft.Before
            ? new Refusal(RefusalReason.Invalid, "'after' is as it was shown; change something in it first.", "after")
            : draft with { After = after, Why = why, Title = draft.Title.Length > MaxTitle ? draft.Title[..(MaxTitle - 1)] + "…" : draft.Title };
    }

    /// <summary>Makes a proposal in place of the open ones to the same target.</summary>
    public static Answer<ProposalMade> Make(Batch batch, ConversationRecord conversation, Speaker by, ProposalDraft draft, IReadOnlyList<ProposalRecord> open)
    {
        if (!batch.ClockTrusted)
        {
            return Refusal.ClockHoldsWords;
        }

        var replaced = open.Where(p => p.Target == draft.Target).ToArray();
        if (open.Count - replaced.Length >= MaxOpen)
        {
            return new Refusal(RefusalReason.TooMany, $"{MaxOpen} proposals are open in this conversation, which is the most there can be. Take one back, or wait for an answer.");
        }

        foreach (var old in replaced)
        {
            batch.Append(old.Account, new ProposalEnded(old.Id, old.Conversation, old.App, by.At(batch.Now), ProposalState.Superseded, Note: null));
        }

        Content Text(string text) => Content.New(text, batch.Now);
        var made = new ProposalMade(
            ProposalId.New(batch.Now), conversation.Id, conversation.App, by.At(batch.Now), draft.Share, Text(draft.Target), Text(draft.Title),
            draft.Base is null ? null : Text(draft.Base), Text(draft.Before), Text(draft.After!), Text(draft.Why!));
        batch.Append(conversation.Account, made);
        return made;
    }

    /// <summary>
    /// Who answers a proposal: whoever may answer a request for access to the app. Support never does, in no disguise, and whoever support
    /// promoted only once the customer has accepted that.
    /// </summary>
    public static Refusal? MayAnswer(Lender by) => by switch
    {
        { IsAgent: true } => new(RefusalReason.SupportInDisguise, "You are on the support team. What support proposes is applied or declined by an administrator of the customer."),
        { MayTurn: false } => new(RefusalReason.NotAllowed, "Only administrators of this app can answer what support proposes."),
        { PromotedBySupport: true } => new(
            RefusalReason.PromotedBySupport, "Support made you an administrator of this app. You can answer its proposals once another administrator has accepted that on the team page."),
        _ => null,
    };

    /// <summary>Whether a proposal can come from one state to another, else what became of it.</summary>
    public static Refusal? MayBecome(ProposalRecord proposal, ProposalState next) =>
        proposal.State == (next == ProposalState.Reverted ? ProposalState.Applied : ProposalState.Open)
            ? null
            : new(RefusalReason.AlreadyDecided, Became(proposal.State), At: proposal.EndedAt);

    private static string Became(ProposalState state) => state switch
    {
        ProposalState.Open => "This proposal has not been applied.",
        ProposalState.Applied => "This proposal was applied already.",
        ProposalState.Declined => "This proposal was declined already.",
        ProposalState.Withdrawn => "Support has taken this proposal back.",
        ProposalState.Superseded => "Support has proposed something newer in its place.",
        _ => "This proposal was applied, and undone again.",
    };
}
