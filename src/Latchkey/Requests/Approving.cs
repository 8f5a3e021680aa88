using System.Collections.Immutable;

namespace Latchkey;

/// <summary>The terms of an approval: what was asked for, or less of it.</summary>
/// <param name="Duration">How long from the approval on, at most as long as asked for; not together with <paramref name="Until"/>.</param>
/// <param name="Until">The exact end, at most as far away as asked for. Cut to milliseconds.</param>
/// <param name="Role">A role's name that lends nothing beyond the role asked for; null for the role asked for.</param>
/// <param name="Also">Names of single permissions, all among those asked for; null for those asked for, or for none with another role.</param>
public sealed record ApprovalTerms(TimeSpan? Duration = null, DateTimeOffset? Until = null, string? Role = null, IReadOnlyList<string>? Also = null);

/// <summary>The rules of answering a request. Run inside a batch: decide first, append second.</summary>
internal static class Approving
{
    /// <summary>Approves: lends the key from now on, or notes the first of two approvals.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="account">The account that is asked.</param>
    /// <param name="id">The request.</param>
    /// <param name="by">Who answers, with their rights on what is asked for.</param>
    /// <param name="terms">What they lend of it.</param>
    /// <param name="apps">The app, or every app of the account, as the host knows them now.</param>
    /// <param name="earlier">Who approved before, with their rights at this moment: whoever is not among them doesn't count.</param>
    /// <param name="options">The vendor's rules.</param>
    public static Answer<AccessRequest> Approve(
        Batch batch, AccountId account, RequestId id, Lender by, ApprovalTerms terms, IReadOnlyList<AppRef> apps, IReadOnlyList<Lender> earlier,
        SupportAccessOptions options)
    {
        var found = Asking.Pending(batch, account, id);
        if (found.Value is not { } request)
        {
            return found.Refusal!;
        }

        if (request.App is { } asked && !apps.Any(a => a.Id == asked && a.Account == account))
        {
            return new Refusal(RefusalReason.NotFound, "The app that this request was about is not this account's any more.");
        }

        var policy = batch.Account(account).Policy;
        ImmutableArray<Approval> others = [.. Counting(request, earlier, policy, batch.Now).Where(a => a.By != by.Person)];
        var settled = MayApprove(request, by, earlier, policy, batch.Now, batch.ClockTrusted) is { } refusal
            ? refusal
            : Settle(batch, request, others, by.Person, terms, options);
        if (settled.Value is not { } lent)
        {
            return settled.Refusal!;
        }

        if (others.Length + 1 < policy.Approvers)
        {
            Approved(batch, request, lent, Content.New(by.Name, batch.Now), grant: null);
            return batch.Account(account).Find(id)!;
        }

        // Whoever reads that access is on reads the names of all who allowed it.
        var names = string.Join(" and ", earlier.Where(l => others.Any(a => a.By == l.Person)).Select(l => l.Name).Append(by.Name));
        var lenders = by with { Name = names, WhoMayEnd = [.. others.Select(a => a.By), .. by.WhoMayEnd] };
        Ending.CloseWhatIsOver(batch, account);
        foreach (var app in apps.Where(a => a.Account == account && request.App == a.Id))
        {
            MakeReady(batch, app);
        }

        Open(batch, request, lent, Content.New(by.Name, batch.Now), lenders, apps);
        return batch.Account(account).Find(id)!;
    }

    private static void Open(Batch batch, AccessRequest request, Approval lent, Content name, Lender lenders, IReadOnlyList<AppRef> apps)
    {
        var account = request.Account;
        var until = batch.Time + lent.Duration < lent.Until ? batch.Time + lent.Duration : lent.Until ?? batch.Time + lent.Duration;
        if (request is { Person: not null, App: { } switched })
        {
            // What the switch was turned to is the switch's grant, which can be changed and is one.
            var current = batch.View(switched)!.Toggle;
            var grant = current?.Id ?? GrantId.New(batch.Now);
            Approved(batch, request, lent, name, grant);
            Lending.Lend(batch, account, switched, current, grant, lenders, new Lent(lent.Role, lent.Also), until, request.Reason);
            return;
        }

        var started = GrantId.New(batch.Now);
        Approved(batch, request, lent, name, started);
        batch.Append(account, new GrantStarted(
            started, request.App, lent.Role.Name, AlsoOf(lent), until, lent.By, Content.New(lenders.Name, batch.Now),
            Lending.MayEnd(lenders, []), Note: null, request.Id));
        if (request.App is null)
        {
            Cover(batch, account, started, apps);
            Asking.Supersede(batch, account, Supersession.AccountApproved, r => r.App is not null && r.IsMetBy(lent.Role, lent.Also));
        }
    }

    private static void Approved(Batch batch, AccessRequest request, Approval lent, Content name, GrantId? grant)
    {
        var approved = new RequestApproved(
            request.Id, request.App, lent.By, name, lent.Role.Name, AlsoOf(lent), (int)lent.Duration.TotalSeconds, lent.Until, grant);
        batch.Append(request.Account, approved);
        Asking.Tell(batch, request, approved);
    }

    private static ImmutableArray<string> AlsoOf(Approval lent) => [.. lent.Also.Select(p => p.Name)];

    /// <summary>Declines: help goes on, without a key.</summary>
    public static Answer<AccessRequest> Deny(Batch batch, AccountId account, RequestId id, Lender by, string? note)
    {
        var found = Asking.Pending(batch, account, id);
        if (found.Value is not { } request)
        {
            return found.Refusal!;
        }

        if ((MayAnswer(by) ?? TypedText.Check(note, "note", 0, Lending.MaxNote, out note)) is { } refusal)
        {
            return refusal;
        }

        Asking.End(batch, request, RequestState.Denied, because: null, EndedBy.Of(by), note);
        return batch.Account(account).Find(id)!;
    }

    /// <summary>Opens further apps of the account to a live grant of the whole account, except where an admin took them out.</summary>
    public static void Cover(Batch batch, AccountId account, GrantId grant, IReadOnlyList<AppRef> apps)
    {
        if (batch.Account(account).Grants.FirstOrDefault(g => g.Id == grant)?.IsLive(batch.Now) != true)
        {
            return;
        }

        foreach (var app in apps.Where(a => a.Account == account))
        {
            var view = batch.View(app.Id);
            if (view?.Grants.Any(g => g.Id == grant) != true && view?.TakenOut.Any(g => g.Id == grant) != true)
            {
                MakeReady(batch, app);
                batch.Append(account, new GrantCovers(grant, app.Id, Lending.Bounded(app.WhoMayEnd)));
            }
        }
    }

    // What is over must not be taken up again by what begins now.
    private static void MakeReady(Batch batch, AppRef app)
    {
        Ending.CloseWhatIsOver(batch, app.Id);
        Ending.EndWhatAnotherLent(batch, app);
        batch.Name(app.Id, app.Account, app.Name);
    }

    private static readonly Refusal NotApprover =
        new(RefusalReason.NotAllowed, "Only an administrator of what is asked for can answer this request.");

    /// <summary>Whether a person answers requests at all: to decline one speaks for the customer as much as to allow it, and ends nothing.</summary>
    private static Refusal? MayAnswer(Lender by) => by is { MayTurn: false, IsAgent: false } ? NotApprover : Lending.MayLend(by);

    /// <summary>
    /// The approvals that count: of each person the newest, while the host says that they may give it, the account's owner lets them, and
    /// its end is not over. One that lost its weight has it again when they may again.
    /// </summary>
    public static IEnumerable<Approval> Counting(AccessRequest request, IReadOnlyList<Lender> approvers, AccountPolicy policy, DateTimeOffset now) =>
        request.Approvals.Reverse().DistinctBy(a => a.By).Reverse().Where(a =>
            !(a.Until <= now) && policy.LetsApprove(a.By) && approvers.Any(l => l.Person == a.By && Lending.MayLend(l) is null));

    /// <summary>Whether a person may approve a pending request, whatever its terms. Whoever approved may again where that is enough to open.</summary>
    public static Refusal? MayApprove(
        AccessRequest request, Lender by, IReadOnlyList<Lender> earlier, AccountPolicy policy, DateTimeOffset now, bool clockTrusted)
    {
        if (MayAnswer(by) is { } mute)
        {
            return mute;
        }

        if (!clockTrusted)
        {
            return Refusal.Clock;
        }

        if (policy.Refuses)
        {
            return Lending.Refuses;
        }

        if (!policy.LetsApprove(by.Person))
        {
            return Lending.NotNamed;
        }

        var counting = Counting(request, earlier, policy, now).ToArray();
        return Array.Exists(counting, a => a.By == by.Person) && counting.Length < policy.Approvers
            ? new(RefusalReason.NotAllowed, "You have approved this already. This account wants a second person to approve it too.")
            : null;
    }

    /// <summary>What this approver lends of what was asked for, and never more than the other whose approval counts.</summary>
    private static Answer<Approval> Settle(
        Batch batch, AccessRequest request, ImmutableArray<Approval> others, PersonId by, ApprovalTerms terms, SupportAccessOptions options)
    {
        var most = others.LastOrDefault() ?? new Approval(by, request.Role, request.Also, request.Duration, request.Until);
        var max = batch.Policy(options).MaxWindow;
        var longest = VendorPolicy.Shorter(most.Duration, max);
        var farthest = most.Until < batch.Now + longest ? most.Until.Value : batch.Now + longest;
        if (TermsCheck.Window(batch, terms.Duration, terms.Until, max) is { } refusal)
        {
            return refusal;
        }

        if (terms.Duration > longest || terms.Until > farthest)
        {
            var field = terms.Duration is null ? "until" : "duration";
            return TermsCheck.Invalid(field, $"'{field}' is longer than what was asked for, {TermsCheck.Days(longest)}; an approval lends that or less.");
        }

        var isSameRole = terms.Role is null || terms.Role == most.Role.Name;
        var found = TermsCheck.Find(batch.Catalogue, terms.Role ?? most.Role.Name, terms.Also ?? (isSameRole ? [.. most.Also.Select(p => p.Name)] : []));
        if (found.Value is not var (role, also))
        {
            return found.Refusal!;
        }

        if (role.Permissions.Concat(also).FirstOrDefault(p => !most.Role.Contains(p) && !most.Also.Contains(p)) is { } beyond)
        {
            var field = isSameRole ? "also" : "role";
            return TermsCheck.Invalid(field, $"'{field}' would lend '{beyond.Name}', which was not asked for; an approval lends what was asked for or less.");
        }

        DateTimeOffset? until = terms.Until is { } end ? Ledger.LedgerEntry.WholeMilliseconds(end.ToUniversalTime()) : most.Until;
        return new Approval(by, role, also, TimeSpan.FromSeconds(Math.Floor((terms.Duration ?? longest).TotalSeconds)), until);
    }
}
