using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The API for an account's owner: access to all of its apps, and what the account allows support.</summary>
internal static class AccountEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var account = routes.MapGroup("/v1/accounts/{account}").WithTags("Accounts");
        account.MapGet("/access", GetAccess)
            .RequirePermissionOrMayEnd(Catalogue.SupportAccessManage)
            .WithSummary("Support access to the account as a whole: grants to all of its apps, pending requests, and what the account allows. Its owner only. Whoever is that no longer and could end what is on when it began gets no more than state, until and can_end.")
            .Produces<AccountState>().ProducesProblem(403).ProducesProblem(404);
        account.MapDelete("/access", DeleteAccess)
            .RequirePermissionOrMayEnd(Catalogue.SupportAccessTurnOff)
            .WithSummary("Ends support access to the account as a whole; what an app's own switch or request lent goes on. Also for whoever could end it when it began, whatever they lost since.")
            .Produces<EndedState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        account.MapPut("/policy", PutPolicy)
            .RequirePermission(Catalogue.SupportAccessManage)
            .WithSummary("Changes what the account allows support. Refusing ends all support access of the account at once. A field left out stays as it is.")
            .Accepts<PolicyState>("application/json")
            .Produces<AccountState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);
    }

    private static async Task<IResult> GetAccess(
        string account, HttpContext context, AccessContext caller, AccountReader accounts, AccessReader reader, ISupportHost host, SupportAccess access, Refuser refuser)
    {
        var member = caller.Member!;
        if (IsOwn(account, caller) && await host.AllowsAsync(member, app: null, Catalogue.SupportAccessManage, context.RequestAborted))
        {
            return Results.Json(await accounts.ReadAsync(member, context.RequestAborted), Wire.Json);
        }

        return MayEnd(account, member, access)
            ? Results.Json(reader.StateToEnd(member, access.Find(new AccountId(account)).Grants), Wire.Json)
            : refuser.Result(NotFound);
    }

    private static async Task<IResult> DeleteAccess(string account, AccessContext caller, SupportAccess access, AccessReader reader, Refuser refuser) =>
        await EndAsync(account, caller.Member!, access, reader) is { } ended ? MemberEndpoints.Ended(ended, refuser) : refuser.Result(NotFound);

    /// <summary>Ends access to an account as a whole, for its owner and for whoever could when it began; null for everybody else.</summary>
    public static async Task<Answer<Ended>?> EndAsync(string account, Member member, SupportAccess access, AccessReader reader)
    {
        var isOwn = member.Account.Value == account;
        if (!isOwn && !MayEnd(account, member, access))
        {
            return null;
        }

        var lender = isOwn ? await reader.AccountEnderAsync(member) : AccessReader.FormerLender(member);
        return await access.EndAccountAccessAsync(new AccountId(account), lender);
    }

    /// <summary>Whether a member could end what is lent on the account as a whole when it began.</summary>
    public static bool MayEnd(string? account, Member member, SupportAccess access) =>
        access.FindToEnd(member.Person).Any(e => e.App is null && e.Grant.Account.Value == account);

    private static async Task<IResult> PutPolicy(
        string account, HttpContext context, AccessContext caller, SupportAccess access, AccessReader reader, AccountReader accounts, Refuser refuser)
    {
        if (!IsOwn(account, caller))
        {
            return refuser.Result(NotFound);
        }

        var body = await JsonBody.ReadAsync(context, "refuses", "approvers", "named");
        var (refuses, approvers, named) = (body.Flag("refuses"), body.Number("approvers"), body.Texts("named"));
        if (named?.FirstOrDefault(person => !IdText.IsId(person)) is not null)
        {
            return refuser.Result(new Refusal(RefusalReason.Invalid, "'named' takes people by their ids.", "named"));
        }

        if (body.Refusal is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var member = caller.Member!;
        var current = access.Find(member.Account).Policy;
        var policy = new AccountPolicy(
            refuses ?? current.Refuses, approvers ?? current.Approvers, named is null ? current.Named : [.. named.Select(person => new PersonId(person))]);
        var answer = await access.RuleAsync(member.Account, await reader.AccountLenderAsync(member, context.RequestAborted), policy);
        return answer.Refusal is { } refused ? refuser.Result(refused) : Results.Json(await accounts.ReadAsync(member, context.RequestAborted), Wire.Json);
    }

    // Another account's address is no different from one that there never was.
    private static bool IsOwn(string account, AccessContext caller) => caller.Member?.Account.Value == account;

    private static Refusal NotFound { get; } = new(RefusalReason.NotFound, Refuser.NotFoundDetail);
}

/// <summary>Support access to an account as a whole. Requests for single apps are with their apps.</summary>
internal sealed record AccountState(
    string Account, string State, bool CanChange, PolicyState Policy, IReadOnlyList<ApproverState> Approvers, string? ApproversProblem,
    IReadOnlyList<GrantState> Grants, IReadOnlyList<RequestStory> Requests);

/// <summary>
/// Somebody who may approve now, or who was named and can't: they left, or lost the role, and approve again only with the role.
/// <c>named</c>: the policy names them.
/// </summary>
internal sealed record ApproverState(string Person, string? Name, bool Named, bool CanApprove, bool CanApproveForAccount);

/// <summary>What an account allows support: whether it refuses it altogether, how many must approve a request, and who may (empty: every administrator).</summary>
internal sealed record PolicyState(bool? Refuses = null, int? Approvers = null, IReadOnlyList<string>? Named = null);

/// <summary>Puts together what an owner may know about their account's support access, for the API and the pages alike.</summary>
internal sealed class AccountReader(SupportAccess access, AccessReader reader, ISupportHost host, INoticeHost? people = null)
{
    public async Task<AccountState> ReadAsync(Member member, CancellationToken cancellation)
    {
        var (view, now) = (access.Find(member.Account), access.Now);
        var owner = await reader.AccountLenderAsync(member, cancellation);
        var history = await access.History.ReadGrantsAsync(new GrantQuery(Account: member.Account), cancellation);
        var grants = view.Grants.Where(g => g.IsLive(now)).Select(g => AccessReader.StateOf(g, history)).ToArray();
        var approvers = await ApproversAsync(member.Account, view.Policy, cancellation);
        var requests = new List<RequestStory>();
        foreach (var request in view.Pending(now).Where(r => r.App is null))
        {
            requests.Add(AccessReader.StoryOf(request) with
            {
                Approvals = await reader.StandingAsync(request, await reader.ApproversAsync(request, cancellation), cancellation),
            });
        }

        return new AccountState(
            member.Account.Value, grants.Length > 0 ? "on" : "off", owner is { MayTurn: true, IsAgent: false, PromotedBySupport: false },
            new PolicyState(view.Policy.Refuses, view.Policy.Approvers, [.. view.Policy.Named.Select(p => p.Value)]),
            approvers, ProblemOf(view.Policy, approvers), grants, requests);
    }

    private async Task<IReadOnlyList<ApproverState>> ApproversAsync(AccountId account, AccountPolicy policy, CancellationToken cancellation)
    {
        var able = await host.GetApproversAsync(account, cancellation);
        PersonId[] unable = [.. policy.Named.Except(able.Select(a => a.Person))];
        var names = unable.Length == 0 || people is null ? [] : (await people.MembersOfAsync(account, cancellation)).ToDictionary(m => m.Id, m => m.Name);
        return
        [
            .. able.Select(a => new ApproverState(a.Person.Value, a.Name, policy.Named.Contains(a.Person), CanApprove: true, a.IsOwner)),
            .. unable.Select(p => new ApproverState(p.Value, names.GetValueOrDefault(p.Value), Named: true, CanApprove: false, CanApproveForAccount: false)),
        ];
    }

    // What can't be allowed by anybody is said before somebody waits for it.
    private static string? ProblemOf(AccountPolicy policy, IReadOnlyList<ApproverState> all)
    {
        var able = all.Where(a => a.CanApprove && policy.LetsApprove(new PersonId(a.Person))).ToArray();
        if (all.Count == 0 || policy.Refuses)
        {
            return null;
        }

        return able.Length < policy.Approvers
            ? $"Nothing can be lent as it is, by request or by the switch: {policy.Approvers} must approve, and {(able.Length == 0 ? "nobody who is named can" : "only one person can")}."
            : able.Count(a => a.CanApproveForAccount) < policy.Approvers
                ? $"A request for every app of the account can't be allowed as it is: {(policy.Approvers == 1 ? "an owner" : "two owners")} must approve it{(policy.Named.IsEmpty ? "" : " and be named")}. Requests for single apps can."
                : null;
    }
}
