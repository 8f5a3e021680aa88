using System.Collections.Immutable;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>An app as the host knows it now.</summary>
/// <param name="Id">The app.</param>
/// <param name="Account">The account that owns it now.</param>
/// <param name="Name">How it is called.</param>
public sealed record AppRef(AppId Id, AccountId Account, AppName Name)
{
    /// <summary>
    /// Everyone who may turn its support access off now, at most 256 of them: where a key to every app of the account opens it, they can turn it off
    /// here until it ends. Default: nobody but who may by their role at that time.
    /// </summary>
    public ImmutableArray<PersonId> WhoMayEnd { get; init; } = [];
}

/// <summary>A person who turns access on or off, with what the host says of them at this moment.</summary>
/// <param name="Person">Who.</param>
/// <param name="Name">Their name now.</param>
/// <param name="MayTurn">Whether their role on the app lets them turn it on, and off.</param>
/// <param name="IsAgent">Whether they, or their verified e-mail, belong to the support team.</param>
/// <param name="PromotedBySupport">Whether support raised them to their role and the customer has not accepted it.</param>
/// <param name="WhoMayEnd">Everyone who may turn it off now; they can end the grant until it ends.</param>
public sealed record Lender(
    PersonId Person,
    string Name,
    bool MayTurn,
    bool IsAgent,
    bool PromotedBySupport,
    ImmutableArray<PersonId> WhoMayEnd)
{
    /// <summary>Whether their role lets them turn it off, though perhaps not on. Default: whoever may turn it on, and nobody else.</summary>
    public bool MayTurnOff { get; init; }

    internal bool MayEndAll => MayTurn || MayTurnOff;
}

/// <summary>How turning on came out.</summary>
/// <param name="App">The app as it is now.</param>
/// <param name="Waits">
/// The request that waits for a second person, where the account wants two and what was turned to lends more than before; null where it holds.
/// </param>
public sealed record TurnedOn(AppView App, AccessRequest? Waits);

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
    private const int MostWhoMayEnd = 256;

    public static Answer<TurnedOn> TurnOn(Batch batch, AppRef app, Lender lender, Terms terms, SupportAccessOptions options)
    {
        if ((MayLend(lender) ?? (batch.ClockTrusted ? null : Refusal.Clock)) is { } refusal)
        {
            return refusal;
        }

        var policy = batch.Account(app.Account).Policy;
        if (policy.Refuses)
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

        // What the account demands of an approval it demands of the switch, except to lend less.
        var isEnough = policy.Approvers == 1 && policy.LetsApprove(lender.Person);
        if (!isEnough && (current is null || lent.LendsMoreThan(current)))
        {
            var asked = Asking.AskSecond(batch, app, lender, lent.Wanted(batch.Now), options);
            return asked.Value is { } waits ? new TurnedOn(batch.View(app.Id) ?? Unlent(app), waits) : asked.Refusal!;
        }

        // What is over must not be taken up again by what begins now.
        Ending.CloseWhatIsOver(batch, app.Id);
        Ending.EndWhatAnotherLent(batch, app);
        batch.Name(app.Id, app.Account, app.Name);
        if (current is null || current.Until != lent.Until || current.Role != lent.Role || !current.Also.SequenceEqual(lent.Also) || lent.Note is not null)
        {
            Write(batch, app.Account, app.Id, current, current?.Id ?? GrantId.New(batch.Now), lender, lent.Lent, lent.Until, lent.Note);
        }

        if (isEnough)
        {
            TakeIn(batch, app.Account, app.Id, lender);
        }

        return new TurnedOn(batch.View(app.Id)!, Waits: null);
    }

    /// <summary>Lends by the switch: begins its grant, or changes the one there is, and takes in what that answers.</summary>
    public static void Lend(
        Batch batch, AccountId account, AppId app, Grant? current, GrantId grant, Lender lender, Lent lent, DateTimeOffset until, string? note)
    {
        Write(batch, account, app, current, grant, lender, lent, until, string.IsNullOrEmpty(note) ? null : note);
        TakeIn(batch, account, app, lender);
    }

    /// <summary>
    /// What turning on brings with it. Of the keys to the account that the app was taken out of, those open it again that lend no more and no
    /// longer: what was said, and confirmed by a second person, is the most that opens. And what it meets is answered.
    /// </summary>
    private static void TakeIn(Batch batch, AccountId account, AppId app, Lender lender)
    {
        var view = batch.View(app)!;
        var lent = view.Toggle!;
        foreach (var grant in view.TakenOut.Where(g => g.Account == account && g.IsLive(batch.Now) && g.IsWithin(lent)))
        {
            batch.Append(account, new GrantCovers(grant.Id, app, MayEnd(lender, grant.MayEnd)));
        }

        Asking.Supersede(batch, account, Supersession.TurnedOn, r => r.App == app && r.IsMetBy(lent.Role, lent.Also));
    }

    public static Answer<AppView> TurnOff(Batch batch, AppRef app, Lender lender)
    {
        var view = batch.View(app.Id);
        if (view is not null && view.Account != app.Account)
        {
            if (!lender.MayEndAll)
            {
                return NotAllowedOff;
            }

            Ending.EndWhatAnotherLent(batch, app);
        }
        else if (lender.MayEndAll || view?.MayEnd(lender.Person) == true)
        {
            if (view is not null)
            {
                Ending.EndAll(batch, view, GrantEnd.Off, EndedBy.Of(lender), lender.MayEndAll ? null : g => g.MayEnd.Contains(lender.Person));
            }
        }
        else
        {
            return NotAllowedOff;
        }

        // Who says off doesn't go on asking for on.
        foreach (var own in batch.Account(app.Account).Pending(batch.Now).Where(r => r.App == app.Id && r.Person == lender.Person).ToArray())
        {
            Asking.End(batch, own, RequestState.Withdrawn, by: EndedBy.Of(lender));
        }

        return batch.View(app.Id) ?? Unlent(app);
    }

    /// <summary>Ends the grants to all apps of an account.</summary>
    public static Answer<AccountView> EndAccount(Batch batch, AccountId account, Lender lender)
    {
        var grants = batch.Account(account).Grants;
        if (!lender.MayEndAll && !grants.Any(g => g.MayEnd.Contains(lender.Person)))
        {
            return NotOwner;
        }

        foreach (var grant in grants.Where(g => lender.MayEndAll || g.MayEnd.Contains(lender.Person)))
        {
            Ending.End(batch, grant, GrantEnd.Off, EndedBy.Of(lender));
        }

        return batch.Account(account);
    }

    private static AppView Unlent(AppRef app) => new() { App = app.Id, Account = app.Account, Name = app.Name };

    private static readonly Refusal NotAdmin =
        new(RefusalReason.NotAllowed, "Only admins of this app can turn support access on.");

    private static readonly Refusal NotAllowedOff =
        new(RefusalReason.NotAllowed, "Only admins of this app, and whoever could end it when it began, can turn support access off.");

    private static readonly Refusal NotOwner =
        new(RefusalReason.NotAllowed, "Only the account's owner can end support access to all of its apps.");

    public static Refusal Refuses { get; } =
        new(RefusalReason.AccountRefuses, "This account refuses support access. Its owner can change that in the account's support settings.");

    /// <summary>The owner has named people, and this is none of them.</summary>
    public static Refusal NotNamed { get; } =
        new(RefusalReason.NotAllowed, "The account's owner has named who may allow support access, and you are not among them.");

    /// <summary>Whether a person may open access: support never, and nobody whom support made an admin.</summary>
    public static Refusal? MayLend(Lender lender)
    {
        if (lender.IsAgent)
        {
            return new(RefusalReason.SupportInDisguise, "You are on the support team, so you can't open support access, or answer a request for it, also not as a member of this app. An admin of the customer can.");
        }

        if (!lender.MayTurn)
        {
            return NotAdmin;
        }

        return lender.PromotedBySupport
            ? new(RefusalReason.PromotedBySupport, "Support made you an admin of this app. You can turn support access on, and answer requests for it, once another admin has accepted that on the team page.")
            : null;
    }

    private static void Write(
        Batch batch, AccountId account, AppId app, Grant? current, GrantId grant, Lender lender, Lent lent, DateTimeOffset until, string? noted)
    {
        var mayEnd = MayEnd(lender, current?.MayEnd ?? []);
        var name = Content.New(lender.Name, batch.Now);
        var note = noted is null ? null : Content.New(noted, batch.Now);
        batch.Append(account, current is null
            ? new GrantStarted(grant, app, lent.Role.Name, lent.AlsoNames, until, lender.Person, name, mayEnd, note)
            : new GrantChanged(grant, app, lent.Role.Name, lent.AlsoNames, until, lender.Person, name, mayEnd, note));
    }

    /// <summary>Everyone who may end a grant: those who could before, who lends now, and whoever may turn it off.</summary>
    public static ImmutableArray<PersonId> MayEnd(Lender lender, ImmutableArray<PersonId> before) => Bounded(before.Append(lender.Person).Concat(lender.WhoMayEnd));

    /// <summary>As many of them as are kept.</summary>
    public static ImmutableArray<PersonId> Bounded(IEnumerable<PersonId> people) => [.. people.Distinct().Take(MostWhoMayEnd)];

    /// <summary>Settles the terms against what is lent now: every value checked, what was left out filled in.</summary>
    private static Answer<Settled> Settle(Batch batch, Terms terms, Grant? current, SupportAccessOptions options)
    {
        var policy = batch.Policy(options);
        if ((TypedText.Check(terms.Note, "note", 0, MaxNote, out var note) ?? TermsCheck.Window(batch, terms.Duration, terms.Until, policy.MaxWindow)) is { } refusal)
        {
            return refusal;
        }

        TimeSpan? length = terms.Until is null ? terms.Duration ?? policy.DefaultWindow : null;
        var until = LedgerEntry.WholeMilliseconds(terms.Until?.ToUniversalTime() ?? batch.Now + length!.Value);
        if (terms is { Duration: null, Until: null } && current is not null && current.Until > until)
        {
            (until, length) = (current.Until, null);
        }

        var lent = TermsCheck.Find(
            batch.Catalogue, terms.Role ?? current?.Role.Name ?? options.DefaultRole, terms.Also ?? [.. (current?.Also ?? []).Select(p => p.Name)]);
        return lent.Value is { } found ? new Settled(found, until, length, note) : lent.Refusal!;
    }

    /// <param name="Lent">What is lent.</param>
    /// <param name="Until">The end, if it begins now.</param>
    /// <param name="Length">How long; null where the end is an exact one.</param>
    /// <param name="Note">What was noted.</param>
    private sealed record Settled(Lent Lent, DateTimeOffset Until, TimeSpan? Length, string? Note)
    {
        public Role Role => Lent.Role;

        public ImmutableArray<Permission> Also => Lent.Also;

        public bool LendsMoreThan(Grant grant) => Until > grant.Until || Role.Permissions.Concat(Also).Any(p => !grant.Lends(p));

        public Wanted Wanted(DateTimeOffset now) => new(
            Lent, (int)(Length is { } length ? Math.Floor(length.TotalSeconds) : Math.Ceiling((Until - now).TotalSeconds)), Length is null ? Until : null, Note);
    }
}
