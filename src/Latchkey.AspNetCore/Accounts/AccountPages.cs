using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The owner's page for support access to the account as a whole.</summary>
internal static class AccountPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var account = routes.MapGroup("/account").RequirePermission(Catalogue.SupportAccessManage).ExcludeFromDescription();
        account.MapGet("", (HttpContext context) => Refuser.WantsPage(context) ? LatchkeyPage.Result<AccountPage>() : LatchkeyPage.Part<AccountBody>());
        account.MapGet("/reports/{grant}", AccountReports.GetPage);
        account.MapPost("/end", PostEnd).WithMetadata(FormSize.Small);
        routes.MapPost("/accounts/{account}/end", PostEndOf).RequirePermissionOrMayEnd(Catalogue.SupportAccessTurnOff)
            .WithMetadata(FormSize.Small).ExcludeFromDescription();
        account.MapPost("/policy", PostPolicy).WithMetadata(FormSize.Small);
        account.MapPost("/requests/{request}/approve", PostApprove).WithMetadata(FormSize.Small);
        account.MapPost("/requests/{request}/deny", PostDeny).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> PostEnd(HttpContext context, AccessContext caller, SupportAccess access, AccessReader reader)
    {
        var answer = await access.EndAccountAccessAsync(caller.Member!.Account, await reader.AccountEnderAsync(caller.Member));
        return Answer(context, answer.Refusal);
    }

    // For whoever could end it when it began, from where they find it.
    private static async Task<IResult> PostEndOf(string account, HttpContext context, AccessContext caller, SupportAccess access, AccessReader reader, Refuser refuser)
    {
        var form = await context.Request.ReadFormAsync(CancellationToken.None);
        var answer = await AccountEndpoints.EndAsync(account, caller.Member!, access, reader) ?? new Refusal(RefusalReason.NotFound, Refuser.NotFoundDetail);
        return answer.Refusal is { } refusal ? refuser.Result(refusal) : new SeeOther(ReturnPath.Check(form["return"]) ?? Paths.Of(context).Inbox);
    }

    private static async Task<IResult> PostPolicy(HttpContext context, AccessContext caller, SupportAccess access, AccessReader reader)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var member = caller.Member!;
        var current = access.Find(member.Account).Policy;
        var named = Named(form, current);
        if (named.Refusal is { } refusal)
        {
            return Answer(context, refusal);
        }

        var policy = current with { Refuses = form["refuses"] == "true", Approvers = form["approvers"] == "2" ? 2 : 1, Named = [.. named.Value!] };
        return Answer(context, (await access.RuleAsync(member.Account, await reader.AccountLenderAsync(member, context.RequestAborted), policy)).Refusal);
    }

    /// <summary>Who was ticked, where only the ticked ones may approve; nobody for every administrator. Not asked for: as it is.</summary>
    private static Answer<IReadOnlyList<PersonId>> Named(IFormCollection form, AccountPolicy current)
    {
        string[] ticked = [.. form["named"].OfType<string>()];
        return form["who"].ToString() switch
        {
            "" => current.Named,
            "everyone" => Array.Empty<PersonId>(),
            _ when ticked.Length == 0 => new Refusal(RefusalReason.Invalid, "Tick who may approve, or let every administrator.", "named"),
            _ when !Array.TrueForAll(ticked, IdText.IsId) => new Refusal(RefusalReason.Invalid, "'named' takes people by their ids.", "named"),
            _ => ticked.Select(person => new PersonId(person)).ToArray(),
        };
    }

    private static async Task<IResult> PostApprove(string request, HttpContext context, AccessContext caller, RequestDesk desk)
    {
        var terms = RequestForms.TermsOf(await context.Request.ReadFormAsync(context.RequestAborted));
        return Answer(context, terms.Refusal ?? (await desk.ApproveAsync(caller.Member!, request, terms.Value!, context.RequestAborted)).Refusal);
    }

    private static async Task<IResult> PostDeny(string request, HttpContext context, AccessContext caller, RequestDesk desk)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return Answer(context, (await desk.DenyAsync(caller.Member!, request, form["note"], context.RequestAborted)).Refusal);
    }

    private static IResult Answer(HttpContext context, Refusal? refusal)
    {
        if (refusal is null)
        {
            return new SeeOther(Paths.Of(context).Account);
        }

        context.Features.Set(new PanelAttempt(Paths.Of(context).Account) { Refusal = refusal });
        return LatchkeyPage.Result<AccountPage>(Refuser.StatusOf(refusal.Reason));
    }
}
