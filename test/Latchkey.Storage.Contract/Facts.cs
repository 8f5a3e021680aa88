using Latchkey.Ledger;

namespace Latchkey.Storage.Contract;

/// <summary>Facts with what a test doesn't care about filled in.</summary>
public sealed class Facts(TimeProvider time)
{
    public static AccountId Account { get; } = new("northwind");

    public static AppId App { get; } = new("app_ios");

    public static AgentId Sam { get; } = new("sam");

    public static PersonId Adam { get; } = new("adam");

    public DateTimeOffset Now => time.GetUtcNow();

    public Content Text(string text) => Content.New(text, Now);

    public GrantStarted Lend(AppId? app = null, GrantId? id = null, string? note = null) => new(
        id ?? GrantId.New(Now), app ?? App, "admin", [], Now.AddDays(14), Adam, Text("Adam Berg"), [Adam, new("olivia")],
        note is null ? null : Text(note));

    public GrantEnded End(GrantStarted grant, GrantEnd cause = GrantEnd.Off) =>
        new(grant.Grant, grant.App, Now, cause, Adam, null, Text("Adam Berg"));

    public RequestMade Ask(AppId? app = null, AgentId? agent = null, string? ticket = null, string? conversation = null) => new(
        RequestId.New(Now), app, Text("Northwind iOS"), agent ?? Sam, Text("Sam Okafor"), "admin", ["x.y"], 604_800, Now.AddDays(4),
        Text("Signing fails"), ticket is null ? null : Text(ticket), conversation);

    /// <summary>A person of the customer asks a second one.</summary>
    public RequestMade AskSecond(AppId? app = null) => new(
        RequestId.New(Now), app ?? App, Text("Northwind iOS"), Agent: null, AgentName: null, "admin", [], 3_600, Now.AddHours(1),
        Reason: null, Ticket: null, Conversation: null, Person: Adam, PersonName: Text("Adam Berg"), Until: Now.AddHours(1));

    public RequestApproved Approve(RequestMade request, GrantId? grant) => new(
        request.Request, request.App, Adam, Text("Adam Berg"), "viewer", [], 3_600, grant is null ? Now.AddHours(1) : null, grant);

    public RequestEnded EndRequest(RequestMade request, RequestState state = RequestState.Denied, Supersession? because = null, string? note = null) => new(
        request.Request, request.App, Now, state, because, Adam, ByAgent: null, Text("Adam Berg"), note is null ? null : Text(note));

    public SessionOpened Enter(GrantStarted grant, AgentId? agent = null, string reason = "The build hangs", string? ticket = null) => new(
        SessionId.New(Now), grant.App!.Value, agent ?? Sam, grant.Grant, Text("Sam Okafor"), Text(reason), ticket is null ? null : Text(ticket));

    public SessionClosed Leave(SessionOpened session, SessionClose cause = SessionClose.Left) =>
        new(session.Session, session.App, session.Agent, Now, cause, null);

    public ActRead Read(SessionOpened session, string permission = "app.read", string? target = null) => new(
        ActId.New(Now), session.Session, session.App, session.Grant, permission, target is null ? null : Text(target));

    public ActBegun Begin(SessionOpened session, string permission = "webhook.update", string? target = null, bool stream = false) => new(
        ActId.New(Now), session.Session, session.App, session.Grant, permission, target is null ? null : Text(target), stream);

    public static ActEnded Finish(ActBegun act, ActOutcome outcome = ActOutcome.Done, Content? target = null, params ActChange[] changes) =>
        new(act.Act, act.Session, act.App, outcome, 200, target, [.. changes]);

    /// <summary>Sam, as whoever did something in a conversation.</summary>
    public Author Support => new(null, Sam, Text("Sam Okafor"));

    public ConversationOpened Open(string subject, AppId? app = null) => new(
        ConversationId.New(Now), app ?? App, new Author(Adam, null, Text("Adam Berg")), Text(subject), Text("Northwind"), Text("Northwind iOS"));

    public MessageSent Say(ConversationOpened conversation, string text, bool bySupport = false) => new(
        MessageId.New(Now), conversation.Conversation, conversation.App, bySupport ? Support : new Author(Adam, null, Text("Adam Berg")), Text(text), []);

    /// <summary>A file of a conversation, as it is kept and as its entry tells of it.</summary>
    public (AttachmentRecord Record, byte[] Salt, byte[] Bytes, AttachmentAdded Fact) Attach(ConversationOpened conversation, string name, byte[] bytes, AccountId? account = null)
    {
        var (id, salt) = (AttachmentId.New(Now), System.Security.Cryptography.RandomNumberGenerator.GetBytes(Commitment.SaltSize));
        var commitment = Commitment.Of(salt, bytes);
        return (
            new(id, account ?? Account, conversation.Conversation, "person:adam", AttachmentType.Text, name, bytes.Length, 0, 0, [new(RemovedKind.Secret, null, "token", 2)], commitment, Now, Sent: false),
            salt, bytes, new(id, conversation.Conversation, conversation.App, Adam, null, AttachmentType.Text, bytes.Length, Text(name), commitment));
    }

    public ProposalMade Propose(ConversationOpened conversation, string why) => new(
        ProposalId.New(Now), conversation.Conversation, conversation.App, Support, ShareId.New(Now), Text("title"), Text("Settings: Title"), Text("7"),
        Text("before"), Text("after"), Text(why));

    public ConversationShared Show(ConversationOpened conversation, string title) => new(
        ShareId.New(Now), conversation.Conversation, conversation.App, new Author(Adam, null, Text("Adam Berg")), ShareKind.Snapshot, Text(title),
        Text(ShareBody.Write([new SharePart("Settings", [new ShareField("Title", "Northwind iOS")], "a: 1\n", "v1")])));

    public Credential Key(SessionOpened session, CredentialKind kind = CredentialKind.Bearer) =>
        Credential.New(kind, session.Session, session.App, session.Agent, "sign-in-1", Now.AddHours(12).AddTicks(7)).Credential;

    public static AppName Name(AppId app) => new(app.Value + "-slug", "Title of " + app.Value, "Northwind");
}
