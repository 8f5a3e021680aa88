using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>An app's SSH key, without its private half.</summary>
internal sealed record SshKeyInfo(string Id, string Kind, string Fingerprint, string PublicKey, DateTimeOffset ChangedAt, string ChangedBy)
{
    public static SshKeyInfo Of(SshKey key) => new(key.Id, key.Kind, key.Fingerprint, key.PublicKey, key.ChangedAt, key.ChangedBy);
}

/// <summary><c>ssh_key</c> is null while the app has none.</summary>
internal sealed record SshKeyState(SshKeyInfo? SshKey);

/// <summary>What a repository answered to the app's key.</summary>
internal sealed record RepositoryAnswer(string DefaultBranch);

internal static class SshKeyApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/ssh-key").WithTags("Code");
        api.MapGet("", async (AccessContext access, SshKeyRing ring) => TypedResults.Ok(new SshKeyState(await ring.FindAsync(access) is { } key ? SshKeyInfo.Of(key) : null)))
            .RequirePermission("ssh_key.read").WithSummary("Gives the app's SSH key: its public half and fingerprint.").Produces<SshKeyState>();
        api.MapPut("", async (PastedSshKey pasted, AccessContext access, SshKeyRing ring) => Answer(await ring.PasteAsync(access, pasted)))
            .RequirePermission("ssh_key.update").WithSummary("Sets the app's SSH key, in place of one that is there. Where support set the `repository_url` and nobody has decided on that, it is named.").Produces<SshKeyInfo>().ProducesProblem(409).ProducesProblem(422);
        api.MapPost("/generate", async (NewSshKey? wanted, AccessContext access, SshKeyRing ring) => Answer(await ring.GenerateAsync(access, wanted)))
            .RequirePermission("ssh_key.update").WithSummary("Makes a new ed25519 key for the app, in place of one that is there. Where support set the `repository_url` and nobody has decided on that, it is named.").Produces<SshKeyInfo>().ProducesProblem(409).ProducesProblem(422);
        api.MapDelete("", async (AccessContext access, SshKeyRing ring) =>
            {
                await ring.RemoveAsync(access);
                return TypedResults.NoContent();
            })
            .RequirePermission("ssh_key.delete").WithSummary("Removes the app's SSH key; where there is none, it is gone already.").Produces(204);
        routes.MapPost("/api/apps/{app}/repository/check", CheckAsync).WithTags("Code")
            .RequirePermission("repository.check").WithSummary("Tries whether the repository can be read with what the app has.").Produces<RepositoryAnswer>().ProducesProblem(422);
    }

    private static IResult Answer(Outcome<SshKey> outcome) => outcome.Succeeded(out var key, out var refusal) ? TypedResults.Ok(SshKeyInfo.Of(key)) : refusal.Result();

    private static async Task<IResult> CheckAsync(AccessContext access, RepositoryCheck check, CancellationToken cancellation) =>
        (await check.RunAsync(access, cancellation)).Succeeded(out var branch, out var refusal) ? TypedResults.Ok(new RepositoryAnswer(branch)) : refusal.Result();
}
