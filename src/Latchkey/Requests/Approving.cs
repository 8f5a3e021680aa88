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
    /// <param name="options">The vendor's rules.</param>
    public static Answer<AccessRequest> Approve(
        Batch batch, AccountId account, RequestId id, Lender by, ApprovalTerms terms, IReadOnlyList<AppRef> apps, SupportAccessOptions options)
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

        var settled = MayApprove(request, by, batch.Account(account).Policy, batch.ClockTrusted) is { } refusal ? refusal : Settle(batch, request, by.Person, terms, options);
        if (settled.Value is not { } lent)
        {
            return settled.Refusal!;
        }

        var isLast = request.Approvals.Length + 1 >= batch.Account(account).Policy.Approvers;
        GrantId? grant = isLast ? GrantId.New(batch.Now) : null;
        var name = Content.New(by.Name, batch.Now);
        ImmutableArray<string> also = [.. lent.Also.Select(p => p.Name)];
        if (isLast)
        {
            Ending.CloseWhatIsOver(batch, account);
            foreach (var app in apps.Where(a => a.Account == account && request.App == a.Id))
            {
                MakeReady(batch, app);
            }
        }

        var approved = new RequestApproved(
            id, request.App, by.Person, name, lent.Role.Name, also, (int)lent.Duration.TotalSeconds, lent.Until, grant);
        batch.Append(account, approved);
        Asking.Tell(batch, request, approved);
        if (grant is { } started)
        {
            var until = batch.Time + lent.Duration;
            batch.Append(account, new GrantStarted(
                started, request.App, lent.Role.Name, also, lent.Until < until ? lent.Until.Value : until, by.Person, name,
                Lending.MayEnd(by, []), Note: null, id));
            if (request.App is null)
            {
                Cover(batch, account, started, apps);
                Asking.Supersede(batch, account, Supersession.AccountApproved, r => r.App is not null && r.IsMetBy(lent.Role, lent.Also));
            }
        }

        return batch.Account(account).Find(id)!;
    }

    /// <summary>Declines: help goes on, without a key.</summary>
    public static Answer<AccessRequest> Deny(Batch batch, AccountId account, RequestId id, Lender by, string? note)
    {
        var found = Asking.Pending(batch, account, id);
        if (found.Value is not { } request)
        {
            return found.Refusal!;
        }

        if ((by is { IsAgent: false, MayTurn: true } ? TypedText.Check(note, "note", 0, Lending.MaxNote, out note) : NotApprover) is { } refusal)
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
            if (view?.Grants.Any(g => g.Id == grant) != true && view?.TakenOut.Contains(grant) != true)
            {
                MakeReady(batch, app);
                batch.Append(account, new GrantCovers(grant, app.Id));
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

    /// <summary>Whether a person may approve a pending request, whatever its terms.</summary>
    public static Refusal? MayApprove(AccessRequest request, Lender by, AccountPolicy policy, bool clockTrusted)
    {
        if (by.IsAgent || by.PromotedBySupport)
        {
            return Lending.MayLend(by);
        }

        if (!by.MayTurn)
        {
            return NotApprover;
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
            return new(RefusalReason.NotAllowed, "The account's owner has named who may approve requests, and you are not among them.");
        }

        return request.Approvals.Any(a => a.By == by.Person)
            ? new(RefusalReason.NotAllowed, "You have approved this already. This account wants a second person to approve it too.")
            : null;
    }

    /// <summary>What this approver lends of what was asked for, and never more than an approver before did.</summary>
    private static Answer<Approval> Settle(Batch batch, AccessRequest request, PersonId by, ApprovalTerms terms, SupportAccessOptions options)
    {
        var most = request.Approvals.LastOrDefault() ?? new Approval(by, request.Role, request.Also, request.Duration, Until: null);
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
