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
/// <param name="PromotedBySupport">Whether support raised them to their role and the customer has not accepted it.</param>
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
    private const int MaxAdministrators = 256;

    public static Answer<AppView> TurnOn(Batch batch, AppRef app, Lender lender, Terms terms, SupportAccessOptions options)
    {
        if ((MayLend(lender) ?? (batch.ClockTrusted ? null : Refusal.Clock)) is { } refusal)
        {
            return refusal;
        }

        if (batch.Account(app.Account).Policy.Refuses)
        {
            return Refuses;
        }

        var view = batch.View(app.Id);
        var current = view?.Account == app.Account && view.Toggle is { } toggle && toggle.IsLive(batch.Now) ? toggle : null;
        var settled = Settle(batch, terms, current, options);
        if (settled.Value is not { } lent)
        {
            return settled.Refusal!;
        }

        // What is over must not be taken up again by what begins now.
        Ending.CloseWhatIsOver(batch, app.Id);
        Ending.EndWhatAnotherLent(batch, app);
        batch.Name(app.Id, app.Account, app.Name);
        if (current is null || current.Until != lent.Until || current.Role != lent.Role || !current.Also.SequenceEqual(lent.Also) || lent.Note is not null)
        {
            batch.Append(app.Account, Lend(batch, app.Id, current, lender, lent));
        }

        var takenOut = batch.View(app.Id)!.TakenOut;
        foreach (var grant in batch.Account(app.Account).Grants.Where(g => g.IsLive(batch.Now) && takenOut.Contains(g.Id)))
        {
            batch.Append(app.Account, new GrantCovers(grant.Id, app.Id));
        }

        Asking.Supersede(batch, app.Account, Supersession.TurnedOn, r => r.App == app.Id && r.IsMetBy(lent.Role, lent.Also));
        return batch.View(app.Id)!;
    }

    public static Answer<AppView> TurnOff(Batch batch, AppRef app, Lender lender)
    {
        var view = batch.View(app.Id);
        if (view is not null && view.Account != app.Account)
        {
            if (!lender.MayTurn)
            {
                return NotAdmin;
            }

            Ending.EndWhatAnotherLent(batch, app);
        }
        else if (lender.MayTurn || view?.MayEnd(lender.Person) == true)
        {
            if (view is not null)
            {
                Ending.EndAll(batch, view, GrantEnd.Off, EndedBy.Of(lender), lender.MayTurn ? null : g => g.MayEnd.Contains(lender.Person));
            }
        }
        else
        {
            return NotAdmin;
        }

        return batch.View(app.Id) ?? new AppView { App = app.Id, Account = app.Account, Name = app.Name };
    }

    /// <summary>Ends the grants to all apps of an account.</summary>
    public static Answer<AccountView> EndAccount(Batch batch, AccountId account, Lender lender)
    {
        var grants = batch.Account(account).Grants;
        if (!lender.MayTurn && !grants.Any(g => g.MayEnd.Contains(lender.Person)))
        {
            return NotOwner;
        }

        foreach (var grant in grants.Where(g => lender.MayTurn || g.MayEnd.Contains(lender.Person)))
        {
            Ending.End(batch, grant, GrantEnd.Off, EndedBy.Of(lender));
        }

        return batch.Account(account);
    }

    private static readonly Refusal NotAdmin =
        new(RefusalReason.NotAllowed, "Only admins of this app can turn support access on or off.");

    private static readonly Refusal NotOwner =
        new(RefusalReason.NotAllowed, "Only the account's owner can end support access to all of its apps.");

    public static Refusal Refuses { get; } =
        new(RefusalReason.AccountRefuses, "This account refuses support access. Its owner can change that in the account's support settings.");

    /// <summary>Whether a person may open access: support never, and nobody whom support made an admin.</summary>
    public static Refusal? MayLend(Lender lender)
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
        var mayEnd = MayEnd(lender, current?.MayEnd ?? []);
        var name = Content.New(lender.Name, batch.Now);
        var note = lent.Note is null ? null : Content.New(lent.Note, batch.Now);
        return current is null
            ? new GrantStarted(GrantId.New(batch.Now), app, lent.Role.Name, also, lent.Until, lender.Person, name, mayEnd, note)
            : new GrantChanged(current.Id, app, lent.Role.Name, also, lent.Until, lender.Person, name, mayEnd, note);
    }

    /// <summary>Everyone who may end a grant: those who could before, who lends now, and all administrators.</summary>
    public static ImmutableArray<PersonId> MayEnd(Lender lender, ImmutableArray<PersonId> before) =>
        [.. before.Append(lender.Person).Concat(lender.Administrators).Distinct().Take(MaxAdministrators)];

    /// <summary>Settles the terms against what is lent now: every value checked, what was left out filled in.</summary>
    private static Answer<Settled> Settle(Batch batch, Terms terms, Grant? current, SupportAccessOptions options)
    {
        var policy = batch.Policy(options);
        if ((TypedText.Check(terms.Note, "note", 0, MaxNote, out var note) ?? TermsCheck.Window(batch, terms.Duration, terms.Until, policy.MaxWindow)) is { } refusal)
        {
            return refusal;
        }

        var until = LedgerEntry.WholeMilliseconds(
            terms.Until?.ToUniversalTime() ?? batch.Now + (terms.Duration ?? policy.DefaultWindow));
        if (terms is { Duration: null, Until: null } && current is not null && current.Until > until)
        {
            until = current.Until;
        }

        var lent = TermsCheck.Find(
            batch.Catalogue, terms.Role ?? current?.Role.Name ?? options.DefaultRole, terms.Also ?? [.. (current?.Also ?? []).Select(p => p.Name)]);
        return lent.Value is { } found ? new Settled(found.Role, found.Also, until, note) : lent.Refusal!;
    }

    private sealed record Settled(Role Role, ImmutableArray<Permission> Also, DateTimeOffset Until, string? Note);
}
