using Latchkey.AspNetCore;

namespace Buildyard;

internal static class IntegrationPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/settings/integrations").ExcludeFromDescription();
        pages.MapGet("", (AccessContext access, AppConnections connections, AppSettings settings, string? saved) =>
            ShowAsync(access, connections, settings, null, saved is not null)).RequirePermission("integration.read");
        pages.MapPost("/service-user", async (FormBody form, AccessContext access, AppConnections connections, AppSettings settings) =>
            await SettleAsync(await connections.ChooseUserAsync(access, form["person"]), access, connections, settings)).RequirePermission("service_user.update");
        pages.MapPost("/apple-key", async (FormBody form, AccessContext access, AppConnections connections, AppSettings settings) =>
            await SettleAsync(await connections.ChooseAppleAsync(access, form["apple_key"]), access, connections, settings)).RequirePermission("apple.select");

        var account = routes.MapGroup("/account/apple").ExcludeFromDescription();
        account.MapGet("", (AccessContext access, AppleKeyRing ring, string? done) => ShowKeysAsync(access, ring, null, null, done)).RequirePermission("account.apple_key.read");
        account.MapPost("", AddKeyAsync).RequirePermission("account.apple_key.update");
        account.MapPost("/remove", async (FormBody form, AccessContext access, AppleKeyRing ring) =>
        {
            await ring.RemoveAsync(access.Member!, form["key"] ?? "");
            return TypedResults.LocalRedirect("/account/apple?done=removed");
        }).RequirePermission("account.apple_key.update");
    }

    private static async Task<IResult> SettleAsync(Outcome<Connections> outcome, AccessContext access, AppConnections connections, AppSettings settings) =>
        outcome.Refusal is { } refusal
            ? await ShowAsync(access, connections, settings, refusal, saved: false)
            : TypedResults.LocalRedirect($"/apps/{(await settings.GetAsync(access)).Slug}/settings/integrations?saved");

    private static async Task<IResult> ShowAsync(AccessContext access, AppConnections connections, AppSettings settings, Refusal? refusal, bool saved) => Page.Show<IntegrationsPage>(
        new { View = await AppView.LoadAsync(access, settings), Now = await connections.GetAsync(access), Refusal = refusal, Saved = saved },
        refusal?.Status ?? StatusCodes.Status200OK);

    private static async Task<IResult> AddKeyAsync(FormBody form, AccessContext access, AppleKeyRing ring)
    {
        var wanted = new NewAppleKey { Name = form["name"] ?? "", IssuerId = form["issuer_id"] ?? "", KeyId = form["key_id"] ?? "", PrivateKey = form["private_key"] ?? "" };
        return (await ring.AddAsync(access.Member!, wanted)).Refusal is { } refusal ? await ShowKeysAsync(access, ring, refusal, wanted, null) : TypedResults.LocalRedirect("/account/apple?done=added");
    }

    private static async Task<IResult> ShowKeysAsync(AccessContext access, AppleKeyRing ring, Refusal? refusal, NewAppleKey? given, string? done) => Page.Show<AppleKeysPage>(
        new { Keys = await ring.ListAsync(access.Member!), Refusal = refusal, Given = given, Done = done switch { "added" => "The key is connected. Apps can choose it now.", "removed" => "The key is removed.", _ => null } },
        refusal?.Status ?? StatusCodes.Status200OK);
}
