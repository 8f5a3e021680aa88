using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>What an app is connected with, and what can be chosen.</summary>
internal sealed record ConnectionsInfo(Choice? ServiceUser, IReadOnlyList<Choice> Members, Choice? AppleKey, IReadOnlyList<Choice> AppleKeys)
{
    public static ConnectionsInfo Of(Connections now) => new(
        now.ServiceUser is { } user ? new Choice(user.PersonId, user.Person.Name) : null,
        now.Members,
        now.Apple is { } apple ? new Choice(apple.AppleKeyId, apple.AppleKey.Name) : null,
        now.AppleKeys);
}

/// <summary>Whom to choose; null for nobody.</summary>
internal sealed record ServiceUserChange([property: System.Text.Json.Serialization.JsonRequired] string? Person);

/// <summary>What to choose; null for none.</summary>
internal sealed record AppleKeyChange([property: System.Text.Json.Serialization.JsonRequired] string? AppleKey);

/// <summary>A key to App Store Connect, without its private half.</summary>
internal sealed record AppleKeyInfo(string Id, string Name, string IssuerId, string KeyId, DateTimeOffset AddedAt, string AddedBy)
{
    public static AppleKeyInfo Of(AppleKey key) => new(key.Id, key.Name, key.IssuerId, key.KeyId, key.AddedAt, key.AddedBy);
}

internal sealed record AppleKeyList(IReadOnlyList<AppleKeyInfo> AppleKeys);

internal static class IntegrationApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/integrations").WithTags("Integrations");
        api.MapGet("", async (AccessContext access, AppConnections connections) => TypedResults.Ok(ConnectionsInfo.Of(await connections.GetAsync(access))))
            .RequirePermission("integration.read").WithSummary("Gives the app's service credential user and Apple Developer account, and who and what could be chosen.").Produces<ConnectionsInfo>();
        api.MapPut("/service-user", async (ServiceUserChange change, AccessContext access, AppConnections connections) => Answer(await connections.ChooseUserAsync(access, change.Person)))
            .RequirePermission("service_user.update").WithSummary("Chooses the app's service credential user.").Produces<ConnectionsInfo>().ProducesProblem(409).ProducesProblem(422);
        api.MapPut("/apple-key", async (AppleKeyChange change, AccessContext access, AppConnections connections) => Answer(await connections.ChooseAppleAsync(access, change.AppleKey)))
            .RequirePermission("apple.select").WithSummary("Chooses the app's Apple Developer account among those that the account has connected.").Produces<ConnectionsInfo>().ProducesProblem(409).ProducesProblem(422);

        var account = routes.MapGroup("/api/account/apple-keys").WithTags("Account");
        account.MapGet("", async (AccessContext access, AppleKeyRing ring) => TypedResults.Ok(new AppleKeyList([.. (await ring.ListAsync(access.Member!)).Select(AppleKeyInfo.Of)])))
            .RequirePermission("account.apple_key.read").WithSummary("Lists the account's keys to Apple's API; owners only.").Produces<AppleKeyList>();
        account.MapPost("", async (NewAppleKey wanted, AccessContext access, AppleKeyRing ring) =>
                (await ring.AddAsync(access.Member!, wanted)).Succeeded(out var key, out var refusal) ? TypedResults.Created((string?)null, AppleKeyInfo.Of(key)) : refusal.Result())
            .RequirePermission("account.apple_key.update").WithSummary("Connects a key to Apple's API; owners only.").Produces<AppleKeyInfo>(201).ProducesProblem(409).ProducesProblem(422);
        account.MapDelete("/{key}", async (string key, AccessContext access, AppleKeyRing ring) =>
            {
                await ring.RemoveAsync(access.Member!, key);
                return TypedResults.NoContent();
            })
            .RequirePermission("account.apple_key.update").WithSummary("Removes a key, also from the apps that chose it; owners only.").Produces(204);
    }

    private static IResult Answer(Outcome<Connections> outcome) => outcome.Succeeded(out var now, out var refusal) ? TypedResults.Ok(ConnectionsInfo.Of(now)) : refusal.Result();
}
