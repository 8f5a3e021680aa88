using Latchkey.AspNetCore.Conversations;
using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The console's pages for requests: what was asked, asking, taking back.</summary>
internal static class RequestForms
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var agents = routes.MapGroup("/console").RequireAgent().ExcludeFromDescription();
        agents.MapGet("/requests", GetRequests);
        agents.MapGet("/ask", GetAsk);
        agents.MapPost("/ask", PostAsk).WithMetadata(FormSize.Small);
        agents.MapPost("/requests/{request}/withdraw", PostWithdraw).WithMetadata(FormSize.Small);
        var members = routes.MapGroup("/conversations/{id}/requests/{request}").RequireMember().ExcludeFromDescription();
        members.MapPost("/approve", PostApprove).WithMetadata(FormSize.Small);
        members.MapPost("/deny", PostDeny).WithMetadata(FormSize.Small);
    }

    /// <summary>What an approver chose on a card.</summary>
    public static Answer<ApprovalTerms> TermsOf(IFormCollection form)
    {
        var length = form["length"].ToString();
        var role = form["role"].ToString() is { Length: > 0 } chosen ? chosen : null;
        return length.Length == 0 ? new ApprovalTerms(Role: role)
            : JsonBody.ParseDuration(length) is { } duration ? new ApprovalTerms(Duration: duration, Role: role)
            : new Refusal(RefusalReason.Invalid, "'duration' takes one of the lengths that can be chosen.", "duration");
    }

    private static IResult GetRequests(HttpContext context, Refuser refuser) =>
        Cursor.Read(context, out _, out _) is { } refusal ? refuser.Result(refusal)
        : Refuser.WantsPage(context) ? LatchkeyPage.Result<RequestsPage>()
        : LatchkeyPage.Part<RequestsBody>();

    private static async Task<IResult> GetAsk(HttpContext context, AccessContext caller, RequestDesk desk, Refuser refuser)
    {
        var query = context.Request.Query;
        var asking = await desk.AskingAsync(caller.Agent!, Given(query["conversation"]), Given(query["app"]), context.RequestAborted);
        return asking is null ? refuser.Result(new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail)) : Page(context, asking, 200);
    }

    private static async Task<IResult> PostAsk(HttpContext context, AccessContext caller, RequestDesk desk, Refuser refuser)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (conversation, app) = (Given(form["conversation"]), Given(form["app"]));
        if (await desk.AskingAsync(caller.Agent!, conversation, app, context.RequestAborted) is not { } asking)
        {
            return refuser.Result(new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail));
        }

        asking = asking with { Reason = form["reason"].ToString(), Ticket = form["ticket"].ToString(), Role = Given(form["role"]), Length = Given(form["length"]), Whole = form["whole"] == "true" };
        var plea = new Plea(asking.Reason, asking.Ticket, asking.Role, Duration: asking.Length is null ? null : JsonBody.ParseDuration(asking.Length) ?? TimeSpan.Zero);
        var answer = await desk.AskAsync(caller.Agent!, conversation, app, asking.Whole ? asking.Account?.Value : null, plea, context.RequestAborted);
        if (answer.Refusal is { } refused)
        {
            return Page(context, asking with { Refusal = refused }, Refuser.StatusOf(refused.Reason));
        }

        var paths = Paths.Of(context);
        return new SeeOther(conversation is null ? paths.ConsoleRequests : paths.Conversation(new ConversationId(conversation)));
    }

    private static async Task<IResult> PostApprove(
        string id, string request, HttpContext context, AccessContext caller, RequestDesk desk, ConversationDesk conversations, Refuser refuser)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var terms = TermsOf(form);
        var refusal = terms.Refusal ?? (await desk.ApproveAsync(caller.Member!, request, terms.Value!, context.RequestAborted)).Refusal;
        return await BackAsync(id, context, caller, conversations, refuser, new CardAttempt(request, "allow", refusal, form["length"], form["role"], Note: null));
    }

    private static async Task<IResult> PostDeny(
        string id, string request, HttpContext context, AccessContext caller, RequestDesk desk, ConversationDesk conversations, Refuser refuser)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var refusal = (await desk.DenyAsync(caller.Member!, request, form["note"], context.RequestAborted)).Refusal;
        return await BackAsync(id, context, caller, conversations, refuser, new CardAttempt(request, "deny", refusal, Length: null, Role: null, form["note"]));
    }

    // One that was answered a moment before needs no word: the conversation shows how it came out. What can be put right is said
    // where it was typed.
    private static async Task<IResult> BackAsync(
        string id, HttpContext context, AccessContext caller, ConversationDesk conversations, Refuser refuser, CardAttempt attempt)
    {
        if (attempt.Refusal is { Reason: not RefusalReason.AlreadyDecided } refusal)
        {
            if (refusal.Field is null || !Refuser.WantsPage(context) || await conversations.FindAsync(caller, id, context.RequestAborted) is not { } found)
            {
                return refuser.Result(refusal);
            }

            context.Features.Set(attempt);
            return LatchkeyPage.Result<ConversationPage>(Refuser.StatusOf(refusal.Reason), ("Conversation", found));
        }

        return IdText.IsId(id) ? new SeeOther(Paths.Of(context).Conversation(new ConversationId(id)))
            : refuser.Result(new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail));
    }

    private static async Task<IResult> PostWithdraw(string request, HttpContext context, AccessContext caller, RequestDesk desk, Refuser refuser)
    {
        var form = await context.Request.ReadFormAsync(CancellationToken.None);
        var answer = await desk.WithdrawAsync(caller.Agent!, request);
        // One that was answered a moment before needs no word: the page shows how it came out.
        return answer.Refusal is { Reason: not RefusalReason.AlreadyDecided } refusal
            ? refuser.Result(refusal)
            : new SeeOther(ReturnPath.Check(form["return"]) ?? Paths.Of(context).ConsoleRequests);
    }

    private static IResult Page(HttpContext context, Asking asking, int status)
    {
        context.Features.Set(asking);
        return LatchkeyPage.Result<AskPage>(status);
    }

    private static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;
}

/// <summary>What an agent is about to ask for, what they typed, and why it was refused.</summary>
/// <param name="Conversation">The conversation to ask in; null for an app that is open, or named by the agent.</param>
/// <param name="App">The app's name in addresses; null where only the whole account can be asked for, and before the agent has named it.</param>
/// <param name="AppTitle">The app's title.</param>
/// <param name="Account">The account; null where the agent names the app.</param>
/// <param name="AccountTitle">The account's title.</param>
/// <param name="Reason">Why.</param>
internal sealed record Asking(string? Conversation, string? App, string? AppTitle, AccountId? Account, string AccountTitle, string Reason)
{
    public string Ticket { get; init; } = "";

    public string? Role { get; init; }

    public string? Length { get; init; }

    public bool Whole { get; init; }

    public Refusal? Refusal { get; init; }
}

/// <summary>What somebody chose or typed on a request's card, kept with the request so that the answer shows it again with why it was refused.</summary>
/// <param name="Request">Whose card.</param>
/// <param name="Part">Which of its forms: <c>allow</c> or <c>deny</c>.</param>
/// <param name="Refusal">Why it was refused; null where it was not.</param>
/// <param name="Length">The length chosen.</param>
/// <param name="Role">The role chosen.</param>
/// <param name="Note">The note typed.</param>
internal sealed record CardAttempt(string Request, string Part, Refusal? Refusal, string? Length, string? Role, string? Note);
