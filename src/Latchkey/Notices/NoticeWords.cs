using System.Globalization;
using System.Text;

namespace Latchkey;

/// <summary>Where a notice leads.</summary>
public enum NoticePlace
{
    /// <summary>The app's support access: what is on, and the switch.</summary>
    Access,

    /// <summary>What was done in the session.</summary>
    Activity,

    /// <summary>The closing report of the grant.</summary>
    Report,

    /// <summary>The conversation.</summary>
    Conversation,
}

/// <summary>A notice in words: one sentence, in two halves around a time where it names one.</summary>
/// <param name="Subject">A short line that names the app, for a mail's subject.</param>
/// <param name="Start">The sentence up to the time.</param>
/// <param name="Time">The time, for a page to say in its reader's zone; null where there is none.</param>
/// <param name="Rest">The sentence from there on.</param>
/// <param name="Place">Where it leads.</param>
public sealed record NoticeText(string Subject, string Start, DateTimeOffset? Time, string Rest, NoticePlace Place)
{
    /// <summary>The whole sentence, its time in UTC.</summary>
    public string Sentence => Time is { } time
        ? Start + time.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture) + Rest
        : Start + Rest;
}

/// <summary>What notices say. Names that were erased are left out, and nothing in a name can break a line or turn it around.</summary>
public static class NoticeWords
{
    private const int LongestName = 80;
    private const int LongestSubject = 120;

    /// <summary>Says a notice.</summary>
    /// <param name="source">What it is made of.</param>
    /// <param name="catalogue">Names the roles.</param>
    /// <param name="team">What the support team is called.</param>
    public static NoticeText Of(NoticeSource source, Catalogue catalogue, string team)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(catalogue);
        var app = Plain(source.Name?.Title ?? source.Asked ?? TargetOf(source) ?? source.Notice.App?.Value) ?? "every app of the account";
        team = Plain(team) ?? "Support";
        return source.Notice.Kind switch
        {
            NoticeKind.Request => Request(source, catalogue, app, team),
            NoticeKind.RequestAnswered => Answered(source, app),
            NoticeKind.On => On(source, catalogue, app, team),
            NoticeKind.FirstEntry => Entry(source, app, $"{team} entered {app} for the first time since access was turned on."),
            NoticeKind.EachEntry => Entry(source, app, $"{team} entered {app} again."),
            NoticeKind.Ending => new($"Support access to {app} is about to end", $"Support access to {app} ends on ", source.Notice.At, ".", NoticePlace.Access),
            NoticeKind.Ended => Ended(source, app, team),
            NoticeKind.Message => Message(source),
            _ => new($"Report: support access to {app}", $"The report on what {team} did in {app} is ready.", null, "", NoticePlace.Report),
        };
    }

    /// <summary>A text on one line, with nothing that hides or reorders it, cut where it is longer; null where nothing is left.</summary>
    public static string? Plain(string? name, int longest = LongestName)
    {
        if (name is null)
        {
            return null;
        }

        var plain = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            if (plain.Length >= longest)
            {
                plain.Append('…');
                break;
            }

            if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                // One blank in place of a break, so that words do not run together.
                if (plain is [.., not ' '])
                {
                    plain.Append(' ');
                }
            }
            else
            {
                plain.Append(rune.ToString());
            }
        }

        return plain.ToString().Trim() is { Length: > 0 } kept ? kept : null;
    }

    // Names and what the conversation is about: never what was written.
    private static NoticeText Message(NoticeSource source)
    {
        var by = source.Fact is ConversationFact fact ? Plain(source.Text(fact.By.Name)) : null;
        var from = (by ?? "somebody") + (source.Messages is { OfSeveral: true } ? " and others" : "");
        var what = source.Messages is { Count: > 1 and var count } ? string.Create(CultureInfo.InvariantCulture, $"{count} new messages from {from}") : Capital(OneFrom(source.Fact, from));
        return Plain(source.Messages?.Subject, LongestSubject) is { } subject
            ? new($"{what}: {subject}", $"{what} in “{subject}”.", null, "", NoticePlace.Conversation)
            : new(what, $"{what}.", null, "", NoticePlace.Conversation);
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string OneFrom(Fact? fact, string from) => fact switch
    {
        ProposalMade => $"{from} proposes a change",
        ProposalEnded { State: ProposalState.Applied } => $"{from} applied a proposal",
        ProposalEnded { State: ProposalState.Declined } => $"{from} declined a proposal",
        ProposalEnded { State: ProposalState.Reverted } => $"{from} undid an applied proposal",
        ProposalEnded => $"{from} took a proposal back",
        ScreenshotsAsked => $"{from} asks for screenshots",
        ScreenshotsEnded { State: ScreenshotsState.Answered } => $"{from} sent screenshots",
        ScreenshotsEnded { State: ScreenshotsState.Declined } => $"{from} can't send the screenshots",
        ScreenshotsEnded => $"{from} no longer needs the screenshots",
        _ => $"New message from {from}",
    };

    private static string? TargetOf(NoticeSource source) => source is { Notice.App: not null, Fact: RequestMade made } ? source.Text(made.TargetName) : null;

    private static NoticeText Request(NoticeSource source, Catalogue catalogue, string app, string team)
    {
        var made = source.Fact as RequestMade;
        if (made is { Person: not null })
        {
            var asker = Plain(source.Text(made.PersonName)) ?? "An administrator";
            return new(
                $"Support access to {app} waits for a second person",
                $"{asker} wants to let {team} work in {app} as {catalogue.FindRole(made.Role)?.Title ?? made.Role}. Your account wants two people for that: nothing changes until a second one allows it, and the question lapses on ",
                made.Expires, ".", NoticePlace.Access);
        }

        var who = Plain(source.Text(made?.AgentName)) is { } name ? $"{name} of {team}" : team;
        var role = made is null ? "" : $" as {catalogue.FindRole(made.Role)?.Title ?? made.Role}";
        return new(
            $"Support asks for access to {app}",
            $"{who} asks for access to {app}{role}: nothing is open until you allow it, and the request lapses on ",
            made?.Expires ?? source.Notice.At, ".", NoticePlace.Access);
    }

    private static NoticeText Answered(NoticeSource source, string app)
    {
        var (what, by) = source.Fact switch
        {
            RequestApproved f => ("was allowed", source.Text(f.ByName)),
            RequestEnded { State: RequestState.Denied } f => ("was answered with “not now”", source.Text(f.ByName)),
            RequestEnded { State: RequestState.Withdrawn } f => ("was taken back", source.Text(f.ByName)),
            RequestEnded { State: RequestState.Expired } => ("was not answered in time and has lapsed", null),
            _ => ("is no longer needed, or no longer possible", null),
        };
        return new(
            $"The request for access to {app}", $"The request for access to {app} {what}{(Plain(by) is { } name ? $" by {name}" : "")}.", null, "", NoticePlace.Access);
    }

    private static NoticeText On(NoticeSource source, Catalogue catalogue, string app, string team)
    {
        var (by, role, until, changed) = source.Fact switch
        {
            GrantStarted f => (source.Text(f.ByName), f.Role, f.Until, false),
            GrantChanged f => (source.Text(f.ByName), f.Role, f.Until, true),
            _ => (null, Catalogue.Admin, source.Notice.At, false),
        };
        var subject = changed ? $"Support access to {app} was changed" : $"Support access to {app} is on";
        var who = Plain(by) is { } name
            ? $"{name} {(changed ? "changed" : "turned on")} support access to {app}: {team}"
            : $"{subject}: {team}";
        var title = catalogue.FindRole(role)?.Title ?? role;
        return new(subject, role == Catalogue.Viewer ? $"{who} can look at it until " : $"{who} can work there as {title} until ", until, ".", NoticePlace.Access);
    }

    private static NoticeText Entry(NoticeSource source, string app, string rest)
    {
        var agent = source.Fact is SessionOpened opened ? Plain(source.Text(opened.AgentName)) : null;
        return new($"Support entered {app}", agent is null ? "Somebody of " : $"{agent} of ", null, rest, NoticePlace.Activity);
    }

    private static NoticeText Ended(NoticeSource source, string app, string team)
    {
        var ended = source.Fact as GrantEnded;
        var by = Plain(source.Text(ended?.ByName));
        var how = ended?.Cause switch
        {
            GrantEnd.Off => by is null ? ", turned off." : $", turned off by {by}.",
            GrantEnd.Forfeited => by is null ? $", given back by {team}." : $", given back by {by} of {team}.",
            GrantEnd.AppDeleted => ", with the app.",
            GrantEnd.AppTransferred => ", because the app went to another account.",
            GrantEnd.AccountClosed => ", with the account.",
            _ => ", on time.",
        };
        return new($"Support access to {app} has ended", $"Support access to {app} ended on ", source.Notice.At, how, NoticePlace.Report);
    }
}
