using Latchkey.AspNetCore.Proposals;
using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The page on which an agent words a proposal, and the buttons of its card.</summary>
internal static class ProposalPages
{
    // A text of 200 KiB, percent-encoded, with room for the rest of the form.
    private static readonly FormSize s_text = new(2 * 1024 * 1024);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var agents = routes.MapGroup("/conversations/{id}").RequireAgent().ExcludeFromDescription();
        agents.MapGet("/propose", GetPropose);
        agents.MapPost("/propose", PostPropose).WithMetadata(s_text);
        agents.MapPost("/proposals/{proposal}/withdraw", (string id, string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser) =>
            PostAsync(id, proposal, context, refuser, _ => desk.WithdrawAsync(caller, proposal))).WithMetadata(FormSize.Small);

        var members = routes.MapGroup("/conversations/{id}/proposals/{proposal}").RequireMember().ExcludeFromDescription();
        members.MapPost("/apply", (string id, string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser) =>
            PostAsync(id, proposal, context, refuser, _ => desk.ApplyAsync(caller, proposal))).WithMetadata(FormSize.Small);
        members.MapPost("/revert", (string id, string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser) =>
            PostAsync(id, proposal, context, refuser, _ => desk.RevertAsync(caller, proposal))).WithMetadata(FormSize.Small);
        members.MapPost("/decline", (string id, string proposal, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser) =>
            PostAsync(id, proposal, context, refuser, form => desk.DeclineAsync(caller, proposal, form["note"]))).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> GetPropose(string id, HttpContext context, AccessContext caller, ConversationDesk conversations, ProposalDesk desk, Refuser refuser)
    {
        if (await conversations.FindAsync(caller, id, context.RequestAborted) is not { } found || !desk.IsOffered(found))
        {
            return ConversationApi.NotFound(refuser);
        }

        var query = context.Request.Query;
        var ground = await desk.GroundAsync(caller, id, Given(query["share"]), context.RequestAborted);
        var chosen = ground.Value?.Targets.FirstOrDefault(t => t.Id == query["target"]);
        return Page(context, found, new Proposing(ground.Value, chosen, chosen is null ? "" : MaskedPatch.Plain(chosen.Value), "") { Refusal = ground.Refusal });
    }

    private static async Task<IResult> PostPropose(string id, HttpContext context, AccessContext caller, ProposalDesk desk, Refuser refuser)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var ground = await desk.GroundAsync(caller, id, Given(form["share"]), context.RequestAborted);
        if (ground.Value is not { } found)
        {
            return refuser.Result(ground.Refusal!);
        }

        var (target, after, why) = (form["target"].ToString(), form["after"].ToString(), form["why"].ToString());
        var typed = new Proposing(found, found.Targets.FirstOrDefault(t => t.Id == target), MaskedPatch.Plain(after), why);
        if (form["then"] == "preview")
        {
            var drafted = ProposalDesk.Draft(found, target, after, why);
            return Page(context, found.Conversation, typed with { Preview = drafted.Value, Refusal = drafted.Refusal });
        }

        var answer = await desk.ProposeAsync(caller.Agent!, found, target, after, why, context.RequestAborted);
        return answer.Refusal is { } refusal
            ? Page(context, found.Conversation, typed with { Refusal = refusal })
            : new SeeOther($"{Paths.Of(context).Conversation(found.Conversation.Id)}#{ProposalCard.IdOf(answer.Value!.Id)}");
    }

    private static IResult Page(HttpContext context, ConversationRecord conversation, Proposing proposing)
    {
        context.Features.Set(proposing);
        // Where nothing was shown yet the page says what to do: that is no error of the reader's.
        var status = proposing is { Refusal: { } refusal, Ground: not null } ? Refuser.StatusOf(refusal.Reason) : 200;
        return LatchkeyPage.Result<ProposePage>(status, ("Conversation", conversation));
    }

    // What was answered a moment before, or stands in the way, the card says: the conversation shows it.
    private static async Task<IResult> PostAsync(
        string id, string proposal, HttpContext context, Refuser refuser, Func<IFormCollection, Task<Answer<ProposalRecord>>> act)
    {
        var answer = await act(await context.Request.ReadFormAsync(CancellationToken.None));
        return answer.Refusal is { Reason: not (RefusalReason.AlreadyDecided or RefusalReason.ChangedSince) } refusal ? refuser.Result(refusal)
            : IdText.IsId(id) && IdText.IsId(proposal) ? new SeeOther($"{Paths.Of(context).Conversation(new ConversationId(id))}#{ProposalCard.IdOf(new ProposalId(proposal))}")
            : ConversationApi.NotFound(refuser);
    }

    private static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;
}

/// <summary>What an agent is about to propose, and why it was refused.</summary>
/// <param name="Ground">What can be proposed; null where nothing was shown.</param>
/// <param name="Target">What they chose; null while they choose.</param>
/// <param name="After">How it should be.</param>
/// <param name="Why">Why.</param>
internal sealed record Proposing(ProposalGround? Ground, ProposalTarget? Target, string After, string Why)
{
    /// <summary>The proposal as it would be made.</summary>
    public ProposalDraft? Preview { get; init; }

    /// <summary>Why it was not made.</summary>
    public Refusal? Refusal { get; init; }
}
