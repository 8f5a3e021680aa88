using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A secret, without its value.</summary>
internal sealed record SecretInfo(string Id, string Name, bool IsProtected, bool IsExpand, bool IsExposedToPullRequests, DateTimeOffset ChangedAt, string ChangedBy)
{
    public static SecretInfo Of(AppSecret secret) =>
        new(secret.Id, secret.Name, secret.IsProtected, secret.IsExpand, secret.IsExposedToPullRequests, secret.ChangedAt, secret.ChangedBy);
}

internal sealed record SecretList(IReadOnlyList<SecretInfo> Secrets);

internal sealed record RevealedSecret(string Name, string Value);

internal static class SecretApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/secrets").WithTags("Secrets");
        api.MapGet("", async (AccessContext access, SecretBook book) => TypedResults.Ok(new SecretList([.. (await book.ListAsync(access)).Select(SecretInfo.Of)])))
            .RequirePermission("secret.read").WithSummary("Lists the app's secrets, without their values.").Produces<SecretList>();
        api.MapPut("/{name}", async (string name, SecretChanges changes, AccessContext access, SecretBook book) =>
                (await book.SetAsync(access, name, changes)).Succeeded(out var set, out var refusal) ? TypedResults.Ok(SecretInfo.Of(set)) : refusal.Result())
            .RequirePermission("secret.update").NeverShows("value").WithSummary("Adds the secret of this name, or changes it. Fields left out stay. `is_protected` is one-way.")
            .Produces<SecretInfo>().ProducesProblem(409).ProducesProblem(422);
        api.MapDelete("/{name}", async (string name, AccessContext access, SecretBook book) =>
            {
                await book.RemoveAsync(access, name);
                return TypedResults.NoContent();
            })
            .RequirePermission("secret.delete").WithSummary("Removes a secret; one that is not there is gone already.").Produces(204);
        api.MapPost("/{name}/reveal", RevealAsync)
            .RequirePermission("secret.value.read").WithSummary("Gives a secret's value, unless it is protected.").Produces<RevealedSecret>().ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> RevealAsync(string name, AccessContext access, SecretBook book, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return (await book.RevealAsync(access, name)).Succeeded(out var value, out var refusal) ? TypedResults.Ok(new RevealedSecret(name, value)) : refusal.Result();
    }
}
