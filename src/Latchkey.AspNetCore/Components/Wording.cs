namespace Latchkey.AspNetCore;

/// <summary>Sentences that more than one page says.</summary>
internal static class Wording
{
    /// <summary>What a role lets the team do, after its name: "can work in Northwind iOS as an administrator".</summary>
    public static string CanDo(string roleName, string roleTitle, string app) =>
        roleName == Catalogue.Viewer
            ? $"can look at {app} and change nothing"
            : $"can work in {app} {AsRole(roleName, roleTitle)}";

    /// <summary>In what role: "as an administrator", "to look and change nothing".</summary>
    public static string AsRole(string roleName, string roleTitle) =>
        roleName == Catalogue.Viewer
            ? "to look and change nothing"
            : $"as {("aeiou".Contains(char.ToLowerInvariant(roleTitle[0]), StringComparison.Ordinal) ? "an" : "a")} {roleTitle}";

    /// <summary>Where a request stands, as a line begins.</summary>
    public static string StateOf(RequestStory request) => request.State switch
    {
        "pending" when request.Approvals.Count > 0 => "Waiting for the customer: somebody there has approved it",
        "pending" => "Waiting for the customer",
        "approved" => request.DecidedByName is { } by ? $"Allowed by {by}" : "Allowed",
        "denied" => request.DecidedByName is { } by ? $"Not now, says {by}" : "Not now",
        "withdrawn" => request.Agent is null ? "Taken back" : "Taken back by support",
        "expired" => "Expired: nobody answered in time",
        _ => request.SupersededBecause switch
        {
            "turned_on" => "Answered by turning support access on",
            "account_approved" => "Answered by access to the whole account",
            "app_deleted" => "Ended: the app was deleted",
            "app_transferred" => "Ended: the app went to another account",
            "account_closed" => "Ended: the account was closed",
            "account_refuses" => "Ended: the account refuses support access",
            _ => "Ended: whoever asked left the support team",
        },
    };

    /// <summary>Who is the second person, before somebody turns the switch of an account that wants two.</summary>
    public static string WantsTwo(OthersState? others) => others switch
    {
        null => "Your account wants two people for this: another administrator who may allow it has to confirm.",
        { Names.Count: 0 } => "Your account wants two people for this, and nobody else can confirm it now. The account's owner can change that in the account's support settings.",
        _ => $"Your account wants two people for this: {OneOf(others.Names)} can confirm.",
    };

    /// <summary>What support reads of a request that nobody at the customer can answer.</summary>
    public const string TooFew = "Too few people at the customer can allow this just now: it may take longer, or lapse.";

    /// <summary>Who confirms, before somebody whom the owner has not named turns the switch.</summary>
    public static string WantsNamed(OthersState? others, int approvers) => "Your account's owner has named who may allow support access" + others switch
    {
        { Names.Count: var able } when able < approvers => $", and {(able == 0 ? "nobody who is named" : "only one of them")} can confirm it now. The owner can change that in the account's support settings.",
        { } when approvers == 1 => $": {OneOf(others.Names)} has to confirm.",
        _ => approvers == 1 ? ": one of them has to confirm." : ": two of them have to confirm.",
    };

    private static string OneOf(IReadOnlyList<string> names) => names.Count == 1 ? names[0] : $"{string.Join(", ", names.SkipLast(1))} or {names[^1]}";

    /// <summary>A role's title by its name; one that is no longer declared is called by its name.</summary>
    public static string RoleTitle(Catalogue catalogue, string name) => catalogue.FindRole(name)?.Title ?? name;

    /// <summary>
    /// What an act did, before its target. A kind that the target names too is said once: "changed a webhook" and
    /// "webhook ci-alerts" read "Changed webhook ci-alerts".
    /// </summary>
    public static string Did(string title, string? target)
    {
        var noun = title[(title.LastIndexOf(' ') + 1)..];
        return target?.StartsWith(noun + ' ', StringComparison.Ordinal) != true ? Sentence(title)
            : title.EndsWith($" a {noun}", StringComparison.Ordinal) ? Sentence(title[..^(noun.Length + 3)])
            : title.EndsWith($" an {noun}", StringComparison.Ordinal) ? Sentence(title[..^(noun.Length + 4)])
            : Sentence(title);
    }

    /// <summary>A sentence that starts a line.</summary>
    public static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>A refusal as a person at a form reads it: the field by its label, not by its name on the wire.</summary>
    public static string Of(Refusal refusal) =>
        refusal.Field is { } field && refusal.Message.StartsWith($"'{field}'", StringComparison.Ordinal)
            ? LabelOf(field) + refusal.Message[(field.Length + 2)..]
            : refusal.Message;

    /// <summary>Why support can't work at all just now; null where it can.</summary>
    public static string? OutOfService(SupportAccess access) => access.Health.Reason switch
    {
        DecisionReason.Allowed => null,
        DecisionReason.Clock => "The server's clock can't be trusted just now, so nobody of support can get in.",
        _ => "What support does can't be recorded just now, so nobody of support can get in.",
    };

    /// <summary>Why a grant ended, after "Ended …".</summary>
    public static string EndedBecause(string? cause, string? by) => cause switch
    {
        "off" when by is not null => $"by {by}",
        "off" => "by an admin",
        "forfeited" when by is not null => $"given back by {by} of support",
        "forfeited" => "given back by support",
        "app_deleted" => "because the app was deleted",
        "app_transferred" => "because the app went to another account",
        "account_closed" => "because the account was closed",
        "account_refuses" => "because the account's owner refuses support access",
        _ => "by itself, on time",
    };

    /// <summary>Why a session closed.</summary>
    public static string ClosedBecause(string? cause) => cause switch
    {
        "left" => "left",
        "replaced" => "entered again",
        "idle" => "nothing was done for 30 minutes",
        "expired" => "reached its longest time",
        "access_ended" => "support access ended",
        "ended_by_customer" => "ended by an admin of the app",
        "signed_out" => "signed out",
        "agent_removed" => "no longer on the support team",
        _ => "ended",
    };

    private static string LabelOf(string field) => field switch
    {
        "until" => "The end",
        "duration" => "The length",
        "max_window" => "The longest window",
        "default_window" => "The usual window when a customer turns it on",
        "request_window" => "The usual window when an agent asks",
        "reason_min_length" => "The least length of a reason",
        "reason_pattern" => "The pattern for reasons",
        "reason_example" => "The example of a reason",
        "reason_hint" => "What to write as a reason",
        "ticket_pattern" => "The pattern for tickets",
        "ticket_example" => "The example of a ticket",
        "ticket_hint" => "What to write as a ticket",
        _ => $"The {field}",
    };
}
