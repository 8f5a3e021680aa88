using Latchkey.AspNetCore.Conversations;
using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>
/// The pages of conversations and their forms. A browser's own submit goes back to the page; a script's gets no more than a word.
/// </summary>
internal static class ConversationPages
{
    // 10,000 characters of the longest kind, percent-encoded, with room for the rest of the form.
    private static readonly FormSize s_message = new(192 * 1024);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var members = routes.MapGroup("").RequireMember().ExcludeFromDescription();
        members.MapGet("/help", GetHelp);
        members.MapGet("/conversations/new", GetNew);
        members.MapPost("/conversations", PostNew)
            .WithMetadata(AttachmentApi.SizeOf(routes.ServiceProvider.GetRequiredService<IOptions<LatchkeyOptions>>().Value.Access.Attachments));
        routes.MapPost("/apps/{app}/look", PostLook).RequirePermission(Catalogue.SupportAccessRead).WithMetadata(FormSize.Small).ExcludeFromDescription();

        var all = routes.MapGroup("/conversations/{id}").RequireSignedIn().ExcludeFromDescription();
        all.MapGet("", GetOne);
        all.MapPost("/messages", PostMessage).WithMetadata(s_message);
        all.MapPost("/solve", (string id, HttpContext context, ConversationForms forms) => forms.SettleAsync(context, id, solved: true)).WithMetadata(FormSize.Small);
        all.MapPost("/reopen", (string id, HttpContext context, ConversationForms forms) => forms.SettleAsync(context, id, solved: false)).WithMetadata(FormSize.Small);

        var agents = routes.MapGroup("").RequireAgent().ExcludeFromDescription();
        agents.MapGet("/console/inbox", GetInbox);
        agents.MapPost("/conversations/{id}/take", (string id, HttpContext context, ConversationForms forms) => forms.AssignAsync(context, id, "me")).WithMetadata(FormSize.Small);
        agents.MapPost("/conversations/{id}/release", (string id, HttpContext context, ConversationForms forms) => forms.AssignAsync(context, id, "nobody")).WithMetadata(FormSize.Small);
        agents.MapPost("/conversations/{id}/assign", async (string id, HttpContext context, ConversationForms forms) =>
            await forms.AssignAsync(context, id, (await context.Request.ReadFormAsync(context.RequestAborted))["to"])).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> GetHelp(HttpContext context, AccessContext caller, ISupportHost host, Refuser refuser)
    {
        if (ConversationFilter.Read(context, ConversationFilter.Any, out var filter) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        context.Features.Set(filter);
        if (!Refuser.WantsPage(context))
        {
            return LatchkeyPage.Part<ConversationListBody>();
        }

        var account = await host.GetAccountAsync(caller.Member!, context.RequestAborted);
        var mayAsk = account.Apps.Count > 0 || (await host.GetAccountRightsAsync(caller.Member!, context.RequestAborted)).MayTurn;
        return LatchkeyPage.Result<HelpPage>(200, ("Account", account), ("MayAsk", mayAsk));
    }

    private static IResult GetInbox(HttpContext context, Refuser refuser)
    {
        if (ConversationFilter.Read(context, ConversationFilter.Open, out var filter) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        context.Features.Set(filter);
        return Refuser.WantsPage(context) ? LatchkeyPage.Result<ConsoleInboxPage>() : LatchkeyPage.Part<ConversationListBody>();
    }

    private static Task<IResult> GetNew(HttpContext context, AccessContext caller, ISupportHost host, Refuser refuser) =>
        NewAsync(context, caller, host, refuser, 200);

    private static async Task<IResult> NewAsync(HttpContext context, AccessContext caller, ISupportHost host, Refuser refuser, int status)
    {
        var account = await host.GetAccountAsync(caller.Member!, context.RequestAborted);
        var forAccount = (await host.GetAccountRightsAsync(caller.Member!, context.RequestAborted)).MayTurn;
        return account.Apps.Count == 0 && !forAccount
            ? refuser.Result(new Refusal(RefusalReason.NotAllowed, "Only administrators of an app, and owners for the account, can ask support."))
            : LatchkeyPage.Result<NewConversationPage>(status, ("Account", account), ("MaySpeakForAccount", forAccount));
    }

    private static async Task<IResult> PostNew(HttpContext context, AccessContext caller, ConversationDesk desk, ISupportHost host, Refuser refuser)
    {
        var read = await OpeningForm.ReadFormAsync(context);
        var asked = read.Value ?? new OpeningForm(null, null, null, []);
        var attempt = new ConversationAttempt(asked.Text ?? "", asked.Subject ?? "", asked.App ?? "");
        var answer = read.Refusal is { } bad ? bad
            : await desk.OpenAsync(caller.Member!, attempt.App, attempt.Subject, attempt.Text, asked.Files, context.RequestAborted);
        if (answer.Value is { } opened)
        {
            return new SeeOther(Paths.Of(context).Conversation(opened.Id));
        }

        context.Features.Set(attempt with { Refusal = answer.Refusal });
        return Refuser.WantsPage(context)
            ? await NewAsync(context, caller, host, refuser, Refuser.StatusOf(answer.Refusal!.Reason))
            : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> PostLook(HttpContext context, AccessContext caller, ConversationDesk desk, Refuser refuser)
    {
        var answer = await desk.AskToLookAsync(caller.Member!, caller.HostApp!, context.RequestAborted);
        return answer.Value is { } asked ? new SeeOther(Paths.Of(context).Conversation(asked.Id)) : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> GetOne(string id, HttpContext context, AccessContext caller, ConversationDesk desk, Refuser refuser)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return ConversationApi.NotFound(refuser);
        }

        if (Cursor.Read(context, out var before, out _) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        // Before the page is made, so that its bell counts what is left.
        if (before == long.MaxValue && context.Request.Query["part"] != "side")
        {
            await desk.MarkShownAsync(caller, found.Id, found.Newest, context.RequestAborted);
        }

        return Refuser.WantsPage(context) ? LatchkeyPage.Result<ConversationPage>(200, ("Conversation", found))
            : context.Request.Query["part"] == "side" ? LatchkeyPage.Part<SideBody>(("Conversation", found))
            : LatchkeyPage.Part<StreamBody>(("Conversation", found));
    }

    private static async Task<IResult> PostMessage(
        string id, HttpContext context, AccessContext caller, ConversationDesk desk, SupportAccess access, Refuser refuser)
    {
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return ConversationApi.NotFound(refuser);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (text, files) = (form["text"].ToString(), form["attachments"]);
        var by = await desk.SpeakerAsync(caller, found.App, context.RequestAborted);
        var answer = await access.SendAsync(found, by, new Said(text, [.. files.OfType<string>().Where(f => f.Length > 0)]), context.RequestAborted);
        if (answer.Refusal is not { } refusal)
        {
            return Refuser.WantsPage(context) ? new SeeOther($"{Paths.Of(context).Conversation(found.Id)}#lk-compose") : Results.NoContent();
        }

        if (!Refuser.WantsPage(context))
        {
            return refuser.Result(refusal);
        }

        context.Features.Set(new ConversationAttempt(text, null, null) { Refusal = refusal });
        return LatchkeyPage.Result<ConversationPage>(Refuser.StatusOf(refusal.Reason), ("Conversation", found));
    }
}

/// <summary>The buttons of a conversation.</summary>
internal sealed class ConversationForms(SupportAccess access, ConversationDesk desk, Colleagues team, Refuser refuser)
{
    public Task<IResult> SettleAsync(HttpContext context, string id, bool solved) => DoAsync(context, id, (found, by) =>
        solved ? access.SolveAsync(found, by, context.RequestAborted) : access.ReopenAsync(found, by, context.RequestAborted));

    public async Task<IResult> AssignAsync(HttpContext context, string id, string? to)
    {
        var me = context.GetAccess().Agent!;
        var chosen = await team.FindAsync(me, to, context.RequestAborted);
        return await DoAsync(context, id, async (found, _) => chosen.Value is { } agent
            ? await access.AssignAsync(found, me.Ref, agent.Agent, agent.Name, context.RequestAborted)
            : chosen.Refusal!);
    }

    private async Task<IResult> DoAsync(HttpContext context, string id, Func<ConversationRecord, Speaker, Task<Answer<ChangedConversation>>> act)
    {
        var caller = context.GetAccess();
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return ConversationApi.NotFound(refuser);
        }

        var answer = await act(found, await desk.SpeakerAsync(caller, found.App, context.RequestAborted));
        return answer.Refusal is { } refusal ? refuser.Result(refusal) : new SeeOther(Paths.Of(context).Conversation(found.Id));
    }
}

/// <summary>What somebody typed, kept with the request so that the answer shows it again with why it was refused.</summary>
internal sealed record ConversationAttempt(string Text, string? Subject, string? App)
{
    /// <summary>Why it was refused.</summary>
    public Refusal? Refusal { get; init; }
}
