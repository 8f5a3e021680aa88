using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>The addresses of Latchkey's pages and forms, as this request's browser names them.</summary>
/// <param name="Root">Where Latchkey is mounted: <c>/support-access</c>.</param>
internal readonly record struct Paths(string Root)
{
    public string Console => $"{Root}/console";

    public string AcceptClock => $"{Root}/console/clock/accept";

    public string ConsoleSessions => $"{Console}/sessions";

    public string ConsolePolicies => $"{Console}/policies";

    public string ConsoleReports => $"{Console}/reports";

    public string ConsoleRequests => $"{Root}/console/requests";

    public string Ask => $"{Root}/console/ask";

    public string Account => $"{Root}/account";

    public string EndAccount => $"{Root}/account/end";

    public string Policy => $"{Root}/account/policy";

    public static Paths Of(HttpContext context) =>
        new(SitePath.Of(context, context.RequestServices.GetRequiredService<IOptions<LatchkeyOptions>>().Value.Prefix));

    public string Asset(string file) => $"{Root}/assets/{file}?{Assets.Version}";

    public string Panel(string app) => $"{App(app)}/panel";

    public string Presence(string app) => $"{App(app)}/presence";

    public string Activity(string app) => $"{App(app)}/activity";

    public string Change(string app, string act) => $"{App(app)}/changes/{Uri.EscapeDataString(act)}";

    public string Undo(string app, string act) => $"{Change(app, act)}/undo";

    public string Keep(string app, string act) => $"{Change(app, act)}/keep";

    public string TurnOn(string app) => $"{App(app)}/access/on";

    public string TurnOff(string app) => $"{App(app)}/access/off";

    public string EndSession(string app, string session) => $"{App(app)}/sessions/{Uri.EscapeDataString(session)}/end";

    public string Inbox => $"{Root}/inbox";

    public string NoticeSettings => $"{Root}/notices";

    public string InboxBell => $"{Inbox}/bell";

    public string InboxMails => $"{Inbox}/mails";

    public string InboxSeen => $"{Inbox}/seen";

    public string ReportOfAccount(string grant) => $"{Account}/reports/{Uri.EscapeDataString(grant)}";

    public string Report(string app, string grant) => $"{App(app)}/reports/{Uri.EscapeDataString(grant)}";

    public string Help => $"{Root}/help";

    public string Conversations => $"{Root}/conversations";

    public string ConsoleInbox => $"{Console}/inbox";

    public string NewConversation(string? app = null) => $"{Conversations}/new{(app is null ? "" : $"?app={Uri.EscapeDataString(app)}")}";

    public string Conversation(ConversationId id) => $"{Conversations}/{Uri.EscapeDataString(id.Value)}";

    public string Files(ConversationId id) => $"{Conversation(id)}/files";

    public string RemoveFile(ConversationId id, AttachmentId file) => $"{Files(id)}/{Uri.EscapeDataString(file.Value)}/remove";

    public string FilesApi(ConversationId id) => $"{Root}/v1/conversations/{Uri.EscapeDataString(id.Value)}/attachments";

    public string File(ConversationId id, AttachmentId file) => $"{FilesApi(id)}/{Uri.EscapeDataString(file.Value)}";

    public string Messages(ConversationId id) => $"{Conversation(id)}/messages";

    public string ConversationDo(ConversationId id, string what) => $"{Conversation(id)}/{what}";

    public string ShareIn(ConversationId id) => $"{Conversation(id)}/share";

    public string Propose(ConversationId id) => $"{Conversation(id)}/propose";

    public string ProposalDo(ConversationId id, ProposalId proposal, string what) => $"{Conversation(id)}/proposals/{Uri.EscapeDataString(proposal.Value)}/{what}";

    public string ScreenshotsIn(ConversationId id) => $"{Conversation(id)}/screenshots";

    public string ScreenshotsDo(ConversationId id, ScreenshotsId screenshots, string what) => $"{ScreenshotsIn(id)}/{Uri.EscapeDataString(screenshots.Value)}/{what}";

    public string Look(string app) => $"{App(app)}/look";

    public string Enter(string app) => $"{Root}/console/enter/{Uri.EscapeDataString(app)}";

    public string EnterAbout(string app, ConversationId conversation) => $"{Enter(app)}?conversation={Uri.EscapeDataString(conversation.Value)}";

    public string Redeem(string code) => $"{Root}/enter/{Uri.EscapeDataString(code)}";

    public string Leave(string session) => $"{Root}/leave/{Uri.EscapeDataString(session)}";

    public string Forfeit(string grant) => $"{Root}/grants/{Uri.EscapeDataString(grant)}/forfeit";

    public string AnswerInConversation(ConversationId id, RequestId request, string what) => $"{Conversation(id)}/requests/{Uri.EscapeDataString(request.Value)}/{what}";

    public string AskIn(string conversation) => $"{Ask}?conversation={Uri.EscapeDataString(conversation)}";

    public string AskFor(string app) => $"{Ask}?app={Uri.EscapeDataString(app)}";

    public string Withdraw(string request) => $"{ConsoleRequests}/{Uri.EscapeDataString(request)}/withdraw";

    public string Approve(string app, string request) => $"{App(app)}/requests/{Uri.EscapeDataString(request)}/approve";

    public string Deny(string app, string request) => $"{App(app)}/requests/{Uri.EscapeDataString(request)}/deny";

    public string TakeBack(string app, string request) => $"{App(app)}/requests/{Uri.EscapeDataString(request)}/withdraw";

    public string EndAccountOf(string account) => $"{Root}/accounts/{Uri.EscapeDataString(account)}/end";

    public string ApproveForAccount(string request) => $"{Account}/requests/{Uri.EscapeDataString(request)}/approve";

    public string DenyForAccount(string request) => $"{Account}/requests/{Uri.EscapeDataString(request)}/deny";

    private string App(string app) => $"{Root}/apps/{Uri.EscapeDataString(app)}";
}
