using Latchkey.AspNetCore;

namespace Buildyard;

internal static class AccountPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/account").ExcludeFromDescription();
        pages.MapGet("", (AccessContext access, AccountBook book, string? done) => ShowAsync(access, book, null, done)).RequirePermission("account.read");
        pages.MapPost("", RenameAsync).RequirePermission("account.update");
        pages.MapPost("/members", InviteAsync).RequirePermission("account.member.add");
        pages.MapPost("/members/owner", SetOwnerAsync).RequirePermission("account.member.update");
        pages.MapPost("/members/remove", RemoveAsync).RequirePermission("account.member.remove");
        pages.MapGet("/billing", (AccessContext access, AccountBook book, string? saved) => BillingAsync(access, book, null, null, saved is not null)).RequirePermission("billing.read");
        pages.MapPost("/billing", UpdateBillingAsync).RequirePermission("billing.update");
    }

    private static async Task<IResult> ShowAsync(AccessContext access, AccountBook book, Refusal? refusal, string? done, string? invited = null, string? link = null)
    {
        var member = access.Member!;
        return Page.Show<AccountPage>(
            new
            {
                Account = await book.GetAsync(member),
                People = await book.PeopleAsync(member),
                Storage = await book.StorageAsync(member),
                Self = member.Person.Value,
                Refusal = refusal,
                Done = done switch { "name" => "Saved.", "owner" => "Changed who owns the account.", "removed" => "Removed from the account.", _ => null },
                Invited = invited,
                Link = link,
            },
            refusal?.Status ?? StatusCodes.Status200OK);
    }

    private static async Task<IResult> RenameAsync(FormBody form, AccessContext access, AccountBook book) =>
        await SettleAsync(await book.UpdateAsync(access.Member!, new AccountChanges { Name = form["name"] ?? "" }), access, book, "name");

    private static async Task<IResult> InviteAsync(FormBody form, AccessContext access, AccountBook book, Invitations invitations, HttpContext context)
    {
        var outcome = await invitations.CreateAsync(LinkPurpose.Member, access.Member!.Account.Value, form["email"]);
        if (!outcome.Succeeded(out var secret, out var refusal)) return await ShowAsync(access, book, refusal, null);
        context.Response.Headers.CacheControl = "no-store";
        return await ShowAsync(access, book, null, null, form["email"], WelcomePages.Address(context.Request, secret));
    }

    private static async Task<IResult> SetOwnerAsync(FormBody form, AccessContext access, AccountBook book) =>
        await SettleAsync(await book.SetOwnerAsync(access.Member!, form["person"] ?? "", form["owner"] == "true"), access, book, "owner");

    private static async Task<IResult> RemoveAsync(FormBody form, AccessContext access, AccountBook book) =>
        await SettleAsync(await book.RemoveAsync(access.Member!, form["person"] ?? ""), access, book, "removed");

    private static async Task<IResult> SettleAsync<T>(Outcome<T> outcome, AccessContext access, AccountBook book, string done) =>
        outcome.Refusal is { } refusal ? await ShowAsync(access, book, refusal, null) : TypedResults.LocalRedirect($"/account?done={done}");

    private static async Task<IResult> BillingAsync(AccessContext access, AccountBook book, Refusal? refusal, string? given, bool saved) => Page.Show<BillingPage>(
        new
        {
            Account = await book.GetAsync(access.Member!),
            Invoices = await book.InvoicesAsync(access.Member!),
            People = (await book.PeopleAsync(access.Member!)).Count,
            Given = given,
            Refusal = refusal,
            Saved = saved,
        },
        refusal?.Status ?? StatusCodes.Status200OK);

    private static async Task<IResult> UpdateBillingAsync(FormBody form, AccessContext access, AccountBook book)
    {
        var email = form["invoice_email"] ?? "";
        var outcome = await book.UpdateBillingAsync(access.Member!, new BillingChanges { InvoiceEmail = email });
        return outcome.Refusal is { } refusal
            ? await BillingAsync(access, book, refusal, email, saved: false)
            : TypedResults.LocalRedirect("/account/billing?saved");
    }
}
