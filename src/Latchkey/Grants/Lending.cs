using System.Collections.Immutable;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>An app as the host knows it now.</summary>
/// <param name="Id">The app.</param>
/// <param name="Account">The account that owns it now.</param>
/// <param name="Name">How it is called.</param>
public sealed record AppRef(AppId Id, AccountId Account, AppName Name);

/// <summary>A person who turns access on or off, with what the host says of them at this moment.</summary>
/// <param name="Person">Who.</param>
/// <param name="Name">Their name now.</param>
/// <param name="MayTurn">Whether their role on the app lets them.</param>
/// <param name="IsAgent">Whether they, or their verified e-mail, belong to the support team.</param>
/// <param name="PromotedBySupport">Whether support gave them that role and the customer has not accepted it.</param>
/// <param name="Administrators">Everyone whose role lets them now; they can end the grant until it ends.</param>
public sealed record Lender(
    PersonId Person,
    string Name,
    bool MayTurn,
    bool IsAgent,
    bool PromotedBySupport,
    ImmutableArray<PersonId> Administrators);

/// <summary>What a customer asks for when turning access on, or changing it while it is on.</summary>
/// <param name="Duration">How long from now; not together with <paramref name="Until"/>. Neither: the default window, and never nearer than the current end.</param>
/// <param name="Until">The exact end, taken as said, nearer than the current one too. Cut to milliseconds.</param>
/// <param name="Role">A role's name; null keeps the current one, or is the default.</param>
/// <param name="Also">Names of single permissions beside the role; null keeps the current ones, or is none.</param>
/// <param name="Note">What the customer wants to note, up to 500 characters.</param>
public sealed record Terms(
    TimeSpan? Duration = null,
    DateTimeOffset? Until = null,
    string? Role = null,
    IReadOnlyList<string>? Also = null,
    string? Note = null);

/// <summary>An end, as it is answered.</summary>
/// <param name="StillRunning">Acts begun before it that had not stopped when the wait was over.</param>
public sealed record Ended(int StillRunning);

/// <summary>The rules of turning an app's support access on and off. Run inside a batch: decide first, append second.</summary>
internal static class Lending
{
    public const int MaxNote = 500;
    private const int MaxAlso = 32;
    private const int MaxAdministrators = 256;

    public static Answer<AppView> TurnOn(Batch batch, AppRef app, Lender lender, Terms terms, SupportAccessOptions options)
    {
        if ((MayLend(lender) ?? (batch.ClockTrusted ? null : Refusal.Clock)) is { } refusal)
        {
            return refusal;
        }

        var view = batch.View(app.Id);
        var current = view is not null && view.Account == app.Account && view.IsOpen(batch.Now) ? view.Grant : null;
        var settled = Settle(batch, terms, current, options);
        if (settled.Value is not { } lent)
        {
            return settled.Refusal!;
        }

        if (view is not null && current is null)
        {
            // Over by now, or lent by the account that had the app before.
            End(batch, view, GrantEnd.AppTransferred);
        }

        batch.Name(app.Id, app.Account, app.Name);
        if (current is null || current.Until != lent.Until || current.Role != lent.Role || !current.Also.SequenceEqual(lent.Also) || lent.Note is not null)
        {
            batch.Append(app.Account, Lend(batch, app.Id, current, lender, lent));
        }

        return batch.View(app.Id)!;
    }

    public static Answer<AppView> TurnOff(Batch batch, AppRef app, Lender lender)
    {
        var view = batch.View(app.Id);
        var grant = view?.Account == app.Account ? view.Grant : null;
        if (!lender.MayTurn && grant?.MayEnd.Contains(lender.Person) != true)
        {
            return NotAdmin;
        }

        if (view is not null && grant is null)
        {
            // What another account lent before the app was transferred ends with the transfer.
            End(batch, view, GrantEnd.AppTransferred);
        }
        else if (view is not null)
        {
            End(batch, view, GrantEnd.Off, lender.Person, lender.Name);
        }

        return batch.View(app.Id) ?? new AppView { App = app.Id, Account = app.Account, Name = app.Name };
    }

    /// <summary>
    /// Ends the grant of an app, where it has one, and every session that rests on it: now, for the given cause,
    /// or when the clock ended them if that was before.
    /// </summary>
    public static void End(Batch batch, AppView view, GrantEnd cause, PersonId? by = null, string? byName = null, AgentId? byAgent = null)
    {
        if (view.Grant is not { } grant)
        {
            return;
        }

        batch.Append(view.Account, grant.Until <= batch.Now
            ? new GrantEnded(grant.Id, view.App, grant.Until, GrantEnd.Expired, By: null, ByAgent: null, ByName: null)
            : new GrantEnded(grant.Id, view.App, batch.Time, cause, by, byAgent, byName is null ? null : Content.New(byName, batch.Now)));
        foreach (var session in view.Sessions)
        {
            Entering.Close(batch, view, session, SessionClose.AccessEnded, by);
        }
    }

    private static readonly Refusal NotAdmin =
        new(RefusalReason.NotAllowed, "Only admins of this app can turn support access on or off.");

    /// <summary>Whether a person may open access: support never, and nobody whom support made an admin.</summary>
    private static Refusal? MayLend(Lender lender)
    {
        if (lender.IsAgent)
        {
            return new(RefusalReason.SupportInDisguise, "You are on the support team, so you can't open support access, also not as a member of this app. An admin of the customer can.");
        }

        if (!lender.MayTurn)
        {
            return NotAdmin;
        }

        return lender.PromotedBySupport
            ? new(RefusalReason.PromotedBySupport, "Support made you an admin of this app. You can turn support access on once another admin has accepted that on the team page.")
            : null;
    }

    private static Fact Lend(Batch batch, AppId app, Grant? current, Lender lender, Settled lent)
    {
        ImmutableArray<string> also = [.. lent.Also.Select(p => p.Name)];
        ImmutableArray<PersonId> mayEnd =
            [.. (current?.MayEnd ?? []).Append(lender.Person).Concat(lender.Administrators).Distinct().Take(MaxAdministrators)];
        var name = Content.New(lender.Name, batch.Now);
        var note = lent.Note is null ? null : Content.New(lent.Note, batch.Now);
        return current is null
            ? new GrantStarted(GrantId.New(batch.Now), app, lent.Role.Name, also, lent.Until, lender.Person, name, mayEnd, note)
            : new GrantChanged(current.Id, app, lent.Role.Name, also, lent.Until, lender.Person, name, mayEnd, note);
    }

    /// <summary>Settles the terms against what is lent now: every value checked, what was left out filled in.</summary>
    private static Answer<Settled> Settle(Batch batch, Terms terms, Grant? current, SupportAccessOptions options)
    {
        if ((TypedText.Check(terms.Note, "note", 0, MaxNote, out var note) ?? CheckWindow(batch, terms, options)) is { } refusal)
        {
            return refusal;
        }

        var until = LedgerEntry.WholeMilliseconds(
            terms.Until?.ToUniversalTime() ?? batch.Now + (terms.Duration ?? options.DefaultWindow));
        if (terms is { Duration: null, Until: null } && current is not null && current.Until > until)
        {
            until = current.Until;
        }

        var roleName = terms.Role ?? current?.Role.Name ?? options.DefaultRole;
        if (batch.Catalogue.FindRole(roleName) is not { } role)
        {
            return Invalid("role", $"'role' is '{Shown(roleName)}'; it takes {string.Join(", ", batch.Catalogue.Roles.Select(r => $"'{r.Name}'"))}.");
        }

        if (terms.Also is not { } names)
        {
            return new Settled(role, current?.Also ?? [], until, note);
        }

        if (names.Count > MaxAlso)
        {
            return Invalid("also", $"'also' names {names.Count} permissions; it takes at most {MaxAlso}.");
        }

        var unknown = names.FirstOrDefault(n => batch.Catalogue.Find(n) is not { OffLimits: false });
        return unknown is null
            ? new Settled(role, [.. names.Distinct().Select(n => batch.Catalogue.Find(n)!).OrderBy(p => p.Index)], until, note)
            : Invalid("also", $"'also' names '{Shown(unknown)}', which is not a permission that can be lent.");
    }

    private static Refusal? CheckWindow(Batch batch, Terms terms, SupportAccessOptions options)
    {
        if (terms is { Duration: not null, Until: not null })
        {
            return Invalid("until", "Give 'duration' or 'until', not both.");
        }

        var max = options.MaxWindow;
        if (terms.Duration is { } duration && (duration < SupportAccessOptions.MinWindow || duration > max))
        {
            return Invalid("duration", $"'duration' takes 1 minute to {Days(max)} (PT1M to {System.Xml.XmlConvert.ToString(max)}).");
        }

        if (terms.Until is not { } end)
        {
            return null;
        }

        if (LedgerEntry.WholeMilliseconds(end.ToUniversalTime()) <= batch.Now)
        {
            return Invalid("until", "'until' is not in the future.");
        }

        return end - batch.Now > max
            ? Invalid("until", $"'until' is further than {Days(max)} away, the longest window there is.")
            : null;
    }

    private static string Days(TimeSpan span) => span.TotalDays >= 1 ? $"{span.TotalDays:0.##} days" : $"{span.TotalMinutes:0} minutes";

    private static string Shown(string value) => value.Length <= 64 ? value : value[..64] + "…";

    private static Refusal Invalid(string field, string message) => new(RefusalReason.Invalid, message, field);

    private sealed record Settled(Role Role, ImmutableArray<Permission> Also, DateTimeOffset Until, string? Note);
}
