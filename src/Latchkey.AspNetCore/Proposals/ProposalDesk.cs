namespace Latchkey.AspNetCore;

/// <summary>A share that proposals can be made against, with what can be proposed.</summary>
internal sealed record ProposalGround(ConversationRecord Conversation, ShareItem Share, IReadOnlyList<ProposalTarget> Targets);

/// <summary>A proposal as somebody who may see it is shown it.</summary>
/// <param name="Record">The proposal.</param>
/// <param name="Before">How it is, or was shown.</param>
/// <param name="After">How it would be.</param>
/// <param name="Since">How it is, where that stands in the way of the change; null elsewhere.</param>
/// <param name="Problem">Why it can't be applied or undone now, whoever asks.</param>
/// <param name="WhyNot">Why this reader can't answer it.</param>
/// <param name="MayAnswer">Whether this reader may apply or decline it now, or undo it.</param>
/// <param name="IsThere">Whether the change is there already.</param>
internal sealed record ProposalView(ProposalRecord Record, string? Before, string? After, string? Since, string? Problem, string? WhyNot, bool MayAnswer, bool IsThere)
{
    /// <summary>All that it changes, as it takes effect, where the text alone doesn't tell that.</summary>
    public KeptText? Effect { get; init; }
}

/// <summary>Where proposals are made and answered, for the API and the pages alike. The core decides, the host looks and applies.</summary>
internal sealed class ProposalDesk(
    SupportAccess access, ISupportHost host, AccessReader reader, ConversationDesk conversations, IHttpContextAccessor http, IProposals? proposals = null)
{
    private const string Erased = "What was proposed has been erased, so it can't be applied.";

    private static readonly Refusal s_nothing = new(RefusalReason.NotFound, Refuser.NotFoundDetail);

    /// <summary>Whether anything can be proposed at all in a conversation.</summary>
    public bool IsOffered(ConversationRecord conversation) => proposals is not null && conversation.App is not null;

    /// <summary>What an agent can propose in a conversation: against the newest settings shown there, or the share of that id.</summary>
    public async Task<Answer<ProposalGround>> GroundAsync(AccessContext caller, string id, string? share, CancellationToken cancellation)
    {
        if (proposals is null || await conversations.FindAsync(caller, id, cancellation) is not { App: not null } found)
        {
            return s_nothing;
        }

        var items = await access.Conversations.ReadItemsAsync(found.Id, long.MaxValue, IHistory.MaxPage, cancellation);
        var shown = items.OfType<ShareItem>().FirstOrDefault(s => s.Parts is not null && (share is null ? s.Kind == ShareKind.Snapshot : s.Id.Value == share));
        return shown is null
            ? new Refusal(
                RefusalReason.Invalid,
                "'share' takes something that the customer showed in this conversation. Nothing was shown yet that a change could be proposed to: ask them to show their settings.",
                "share")
            : new ProposalGround(found, shown, proposals.TargetsOf([.. shown.Parts!.Value]));
    }

    /// <summary>Proposes a change to one of what can be.</summary>
    public async Task<Answer<ProposalRecord>> ProposeAsync(
        Agent agent, ProposalGround ground, string? target, string? after, string? why, CancellationToken cancellation)
    {
        var drafted = Draft(ground, target, after, why);
        return drafted.Value is { } draft ? await access.ProposeAsync(ground.Conversation, agent.Ref, draft, cancellation) : drafted.Refusal!;
    }

    /// <summary>The proposal as it would be made; nothing is kept.</summary>
    public static Answer<ProposalDraft> Draft(ProposalGround ground, string? target, string? after, string? why)
    {
        if (ground.Targets.FirstOrDefault(t => t.Id == target) is not { } chosen)
        {
            return new Refusal(RefusalReason.Invalid, "'target' takes one of what was shown in this conversation and can be changed.", "target");
        }

        if (after is null)
        {
            return new Refusal(RefusalReason.Invalid, "'after' is missing; it takes how it should be.", "after");
        }

        var before = MaskedPatch.Plain(chosen.Value);
        after = Ended(MaskedPatch.Plain(after), before, chosen.IsText);
        return ProposalCheck.Of(before, after) is { } refusal
            ? refusal
            : new ProposalDraft(ground.Share.Id, chosen.Id, $"{chosen.Group}: {chosen.Title}", chosen.Base, before, after, why);
    }

    /// <summary>A proposal that the caller may see; null where there is none.</summary>
    public async Task<ProposalRecord?> FindAsync(AccessContext caller, string id, CancellationToken cancellation) =>
        IdText.IsId(id)
        && await access.FindProposalAsync(new ProposalId(id), cancellation) is { } found
        && await conversations.MaySeeAsync(caller, found.Account, found.App, cancellation)
            ? found
            : null;

    /// <summary>A proposal as the caller is shown it: a member against the state as it is, an agent as they made it.</summary>
    public async Task<ProposalView> ViewAsync(AccessContext caller, ProposalRecord proposal, CancellationToken cancellation)
    {
        var asMade = new ProposalView(proposal, proposal.Before, proposal.After, null, null, null, MayAnswer: false, IsThere: false);
        if (caller.Member is not { } member || proposals is null || proposal.State is not (ProposalState.Open or ProposalState.Applied))
        {
            return asMade;
        }

        var undo = proposal.State == ProposalState.Applied;
        if (ChangeOf(proposal, undo) is not { } change)
        {
            return asMade with { Problem = undo ? null : Erased };
        }

        var placed = await PlaceAsync(member, proposal, cancellation);
        if (placed.Value is not { } place)
        {
            return asMade with { WhyNot = placed.Refusal!.Message };
        }

        var outlook = await proposals.LookAsync(place.Access, change, cancellation);
        return outlook switch
        {
            { Problem: { } problem } => asMade with { Since = outlook.Now, Problem = problem, MayAnswer = !undo },
            _ when undo => asMade with { MayAnswer = outlook.Now != outlook.Then },
            _ => asMade with { Before = outlook.Now, After = outlook.Then, MayAnswer = true, IsThere = outlook.Now == outlook.Then, Effect = outlook.Effect },
        };
    }

    public Task<Answer<ProposalRecord>> ApplyAsync(AccessContext caller, string id) => ChangeAsync(caller, id, undo: false);

    public Task<Answer<ProposalRecord>> RevertAsync(AccessContext caller, string id) => ChangeAsync(caller, id, undo: true);

    public async Task<Answer<ProposalRecord>> DeclineAsync(AccessContext caller, string id, string? note)
    {
        if (await FindAsync(caller, id, CancellationToken.None) is not { } proposal)
        {
            return s_nothing;
        }

        var by = await LenderAsync(caller.Member!, proposal, CancellationToken.None);
        return by is null ? s_nothing : await access.DeclineProposalAsync(proposal.Id, by, note);
    }

    public async Task<Answer<ProposalRecord>> WithdrawAsync(AccessContext caller, string id) =>
        await FindAsync(caller, id, CancellationToken.None) is { } proposal
            ? await access.WithdrawProposalAsync(proposal.Id, caller.Agent!.Ref, caller.Agent.Lead)
            : s_nothing;

    private async Task<Answer<ProposalRecord>> ChangeAsync(AccessContext caller, string id, bool undo)
    {
        // Not given up half way when the caller goes away.
        if (proposals is null || await FindAsync(caller, id, CancellationToken.None) is not { } proposal)
        {
            return s_nothing;
        }

        var placed = await PlaceAsync(caller.Member!, proposal, CancellationToken.None);
        if (placed.Value is not { } place)
        {
            return placed.Refusal!;
        }

        return undo
            ? await access.RevertProposalAsync(proposal.Id, place.By, found => MakeAsync(place, found, undo))
            : await access.ApplyProposalAsync(proposal.Id, place.By, found => MakeAsync(place, found, undo));
    }

    private async Task<Refusal?> MakeAsync(Place place, ProposalRecord proposal, bool undo)
    {
        if (ChangeOf(proposal, undo) is not { } change)
        {
            return new Refusal(RefusalReason.ChangedSince, Erased);
        }

        // The host's own functions ask the request who acts and where: the member, in this app.
        var context = http.HttpContext!;
        var before = context.Features.Get<AccessContext>();
        context.Features.Set(place.Access);
        try
        {
            return await proposals!.ApplyAsync(place.Access, change, CancellationToken.None) is { } problem ? new Refusal(RefusalReason.ChangedSince, problem) : null;
        }
        finally
        {
            context.Features.Set(before);
        }
    }

    /// <summary>The member in the proposal's app, if they may answer it: by the rule for support in disguise, and by the host's own permission.</summary>
    private async Task<Answer<Place>> PlaceAsync(Member member, ProposalRecord proposal, CancellationToken cancellation)
    {
        if (await host.FindAppAsync(member, proposal.App.Value, cancellation) is not { } app || app.Account != proposal.Account)
        {
            return new Refusal(RefusalReason.NotFound, "The app that this was proposed for is not this account's any more.");
        }

        var by = await reader.LenderAsync(member, app, cancellation);
        if (access.MayAnswerProposal(by) is { } refusal)
        {
            return refusal;
        }

        var context = new AccessContext(access, host, member, app, cancellation);
        return proposal.Target is null || await context.MayAsync(proposals!.PermissionOf(proposal.Target))
            ? new Place(context, by)
            : new Refusal(RefusalReason.NotAllowed, "Your role does not let you make this change yourself, so you can't apply it either.");
    }

    private async Task<Lender?> LenderAsync(Member member, ProposalRecord proposal, CancellationToken cancellation) =>
        await host.FindAppAsync(member, proposal.App.Value, cancellation) is { } app && app.Account == proposal.Account
            ? await reader.LenderAsync(member, app, cancellation)
            : null;

    private static ProposedChange? ChangeOf(ProposalRecord p, bool undo) =>
        p is not { Target: { } target, Before: { } before, After: { } after } ? null
        : undo ? new ProposedChange(p.Id, target, p.Base, after, before, IsUndo: true)
        : new ProposedChange(p.Id, target, p.Base, before, after, IsUndo: false);

    // A text field loses or gains the last line's end without anybody meaning it.
    private static string Ended(string after, string before, bool isText) =>
        !isText ? after.TrimEnd('\n')
        : before.EndsWith('\n') == after.EndsWith('\n') ? after
        : before.EndsWith('\n') ? after + '\n'
        : after.TrimEnd('\n');

    private sealed record Place(AccessContext Access, Lender By);
}
