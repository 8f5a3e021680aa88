using System.Globalization;

namespace Latchkey;

/// <summary>Which notices follow from what happened. Pure: the same entries give the same notices with the same keys.</summary>
public static class NoticeRules
{
    /// <summary>How long before an end people are told of it. Windows that were shorter than this when they were set are not told of so.</summary>
    public static IReadOnlyList<TimeSpan> Warnings { get; } = [TimeSpan.FromDays(1), TimeSpan.FromHours(1)];

    /// <summary>How long a mail on messages waits for more of them, and for its reader to read them in the conversation.</summary>
    public static TimeSpan MessagesWait { get; } = TimeSpan.FromMinutes(15);

    /// <summary>How long what could not be told waits until it is tried again: half a minute after the first failure, then doubled, up to four hours.</summary>
    /// <param name="failures">How often it had failed before.</param>
    public static TimeSpan WaitAfter(int failures) =>
        TimeSpan.FromSeconds(Math.Min(30 * Math.Pow(2, Math.Min(failures, 20)), TimeSpan.FromHours(4).TotalSeconds));

    /// <summary>The notices that follow from one entry, in the order in which they are told.</summary>
    /// <param name="entry">What happened.</param>
    /// <param name="isEntered">Whether a grant was entered before this entry.</param>
    public static IEnumerable<Notice> Of(NewEntry entry, Func<GrantId, bool> isEntered)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(isEntered);
        return entry.Fact switch
        {
            // An agent's side of what they asked by name: nobody but them is told of it, once it is answered.
            RequestMade when entry.Account == AccountId.Vendor => [],
            RequestMade f => [Make(entry, NoticeKind.Request, f.App, f.Request.Value, f.Request.Value, entry.Time)],
            RequestApproved { Grant: not null } f => [Make(entry, NoticeKind.RequestAnswered, f.App, f.Request.Value, KeyOf(entry, f.Request), entry.Time)],
            RequestEnded f => [Make(entry, NoticeKind.RequestAnswered, f.App, f.Request.Value, KeyOf(entry, f.Request), f.At)],
            GrantStarted f => [Make(entry, NoticeKind.On, f.App, f.Grant.Value, Number(entry.Position), entry.Time), .. Endings(entry, f.App, f.Grant, f.Until)],
            GrantChanged f => [Make(entry, NoticeKind.On, f.App, f.Grant.Value, Number(entry.Position), entry.Time), .. Endings(entry, f.App, f.Grant, f.Until)],
            SessionOpened f => [isEntered(f.Grant)
                ? Make(entry, NoticeKind.EachEntry, f.App, f.Session.Value, f.Session.Value, entry.Time)
                : Make(entry, NoticeKind.FirstEntry, f.App, f.Session.Value, f.Grant.Value, entry.Time)],
            GrantEnded f => [
                Make(entry, NoticeKind.Ended, f.App, f.Grant.Value, f.Grant.Value, f.At),
                Make(entry, NoticeKind.Report, f.App, f.Grant.Value, f.Grant.Value, f.At)],
            MessageSent f => [Make(entry, NoticeKind.Message, f.App, f.Conversation.Value, f.Message.Value, entry.Time)],
            ConversationShared f => [Make(entry, NoticeKind.Message, f.App, f.Conversation.Value, f.Share.Value, entry.Time)],
            ProposalMade f => [Make(entry, NoticeKind.Message, f.App, f.Conversation.Value, f.Proposal.Value, entry.Time)],
            // What is put in the place of an open one tells of it.
            ProposalEnded { State: not ProposalState.Superseded } f =>
                [Make(entry, NoticeKind.Message, f.App, f.Conversation.Value, $"{f.Proposal} {f.State}", entry.Time)],
            ScreenshotsAsked f => [Make(entry, NoticeKind.Message, f.App, f.Conversation.Value, f.Screenshots.Value, entry.Time)],
            ScreenshotsEnded f => [Make(entry, NoticeKind.Message, f.App, f.Conversation.Value, $"{f.Screenshots} {f.State}", entry.Time)],
            _ => [],
        };
    }

    /// <summary>The key that says a grant was entered: the store knows it once the first entry was met.</summary>
    public static string KeyOfFirstEntry(GrantId grant) => Key(NoticeKind.FirstEntry, grant.Value);

    // One that was asked by name is answered on two ledgers: agents are told by one of them, customers by the other.
    private static string KeyOf(NewEntry entry, RequestId request) =>
        entry.Account == AccountId.Vendor ? $"{request.Value} {entry.Account.Value}" : request.Value;

    private static IEnumerable<Notice> Endings(NewEntry entry, AppId? app, GrantId grant, DateTimeOffset until) =>
        from warning in Warnings
        let due = until - warning
        where due > entry.Time
        select new Notice(
            Key(NoticeKind.Ending, $"{grant.Value} {Number(until.ToUnixTimeMilliseconds())} {Number((long)warning.TotalHours)}"),
            NoticeKind.Ending, entry.Account, app, grant.Value, entry.Position, until, due);

    private static Notice Make(NewEntry entry, NoticeKind kind, AppId? app, string subject, string key, DateTimeOffset at) =>
        new(Key(kind, key), kind, entry.Account, app, subject, entry.Position, at, entry.Time);

    private static string Key(NoticeKind kind, string what) => $"{kind} {what}";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
