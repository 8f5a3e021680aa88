using Latchkey.AspNetCore;

namespace Buildyard;

internal sealed record AccountMemberInfo(string Person, string Name, string Email, bool Owner);

internal sealed record AccountInfo(string Id, string Name, DateTimeOffset CreatedAt, IReadOnlyList<AccountMemberInfo> Members, StorageUse Storage);

/// <summary>An invoice, its amount in cents.</summary>
internal sealed record InvoiceInfo(string Number, DateTimeOffset IssuedAt, long AmountCents, string Currency, bool Paid);

internal sealed record BillingInfo(string Plan, int Seats, string? CardLastFour, string InvoiceEmail, IReadOnlyList<InvoiceInfo> Invoices);

internal static class AccountApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Account");
        api.MapGet("/account", AccountAsync).RequirePermission("account.read").WithSummary("Gives the caller's account; owners only.").Produces<AccountInfo>();
        api.MapPatch("/account", UpdateAsync).RequirePermission("account.update").WithSummary("Changes the account's name; owners only.")
            .Produces<AccountInfo>().ProducesProblem(422);
        api.MapGet("/billing", BillingAsync).RequirePermission("billing.read").WithSummary("Gives plan, seats and invoices; owners only.").Produces<BillingInfo>();
        api.MapPatch("/billing", UpdateBillingAsync).RequirePermission("billing.update").WithSummary("Changes where invoices are sent; owners only.")
            .Produces<BillingInfo>().ProducesProblem(422);
    }

    private static async Task<IResult> AccountAsync(AccessContext access, AccountBook book)
    {
        var account = await book.GetAsync(access.Member!);
        var people = await book.PeopleAsync(access.Member!);
        return TypedResults.Ok(new AccountInfo(
            account.Id, account.Name, account.CreatedAt, [.. people.Select(p => new AccountMemberInfo(p.Id, p.Name, p.Email!, p.IsOwner))],
            await book.StorageAsync(access.Member!)));
    }

    private static async Task<IResult> UpdateAsync(AccountChanges changes, AccessContext access, AccountBook book) =>
        (await book.UpdateAsync(access.Member!, changes)).Refusal?.Result() ?? await AccountAsync(access, book);

    private static async Task<IResult> BillingAsync(AccessContext access, AccountBook book)
    {
        var billing = (await book.GetAsync(access.Member!)).Billing;
        var invoices = await book.InvoicesAsync(access.Member!);
        return TypedResults.Ok(new BillingInfo(
            billing.Plan,
            billing.Seats,
            billing.CardLastFour,
            billing.InvoiceEmail,
            [.. invoices.Select(i => new InvoiceInfo(i.Number, i.IssuedAt, i.AmountCents, i.Currency, i.Paid))]));
    }

    private static async Task<IResult> UpdateBillingAsync(BillingChanges changes, AccessContext access, AccountBook book) =>
        (await book.UpdateBillingAsync(access.Member!, changes)).Refusal?.Result() ?? await BillingAsync(access, book);
}
