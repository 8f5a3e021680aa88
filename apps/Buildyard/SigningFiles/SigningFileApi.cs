using Latchkey.AspNetCore;
using Microsoft.Net.Http.Headers;

namespace Buildyard;

/// <summary>A code signing file, without its content and passwords. <c>kind</c> is <c>certificate</c>, <c>provisioning_profile</c> or <c>keystore</c>.</summary>
internal sealed record SigningFileInfo(
    string Id, string Kind, string Name, int Size, string Subject, string? Detail, string? Alias, DateTimeOffset? ExpiresAt, string Sha256, DateTimeOffset ChangedAt, string ChangedBy)
{
    public static SigningFileInfo Of(SigningFile file) =>
        new(file.Id, Words.Of(file.Kind), file.Name, file.Size, file.Subject, file.Detail, file.Alias, file.ExpiresAt, file.Digest, file.ChangedAt, file.ChangedBy);
}

internal sealed record SigningFileList(IReadOnlyList<SigningFileInfo> SigningFiles);

internal static class SigningFileApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/signing-files").WithTags("Code signing");
        api.MapGet("", async (AccessContext access, SigningFileShelf shelf) => TypedResults.Ok(new SigningFileList([.. (await shelf.ListAsync(access)).Select(SigningFileInfo.Of)])))
            .RequirePermission("signing_file.read").WithSummary("Lists the app's code signing files and what is in them.").Produces<SigningFileList>();
        api.MapPost("", async (NewSigningFile sent, AccessContext access, SigningFileShelf shelf) =>
                (await shelf.AddAsync(access, sent)).Succeeded(out var file, out var refusal) ? TypedResults.Created((string?)null, SigningFileInfo.Of(file)) : refusal.Result())
            .RequirePermission("signing_file.update").NeverShows("password", "key_password").WithSummary("Adds a code signing file, after a look at what it is.").Produces<SigningFileInfo>(201).ProducesProblem(409).ProducesProblem(422);
        api.MapPut("/{id}", async (string id, NewSigningFile sent, AccessContext access, SigningFileShelf shelf) =>
                (await shelf.ReplaceAsync(access, id, sent)).Succeeded(out var kept, out var refusal) ? TypedResults.Ok(SigningFileInfo.Of(kept)) : refusal.Result())
            .RequirePermission("signing_file.update").NeverShows("password", "key_password").WithSummary("Puts another file of the same kind in a file's place. The name stays.").Produces<SigningFileInfo>().ProducesProblem(404).ProducesProblem(422);
        api.MapDelete("/{id}", async (string id, AccessContext access, SigningFileShelf shelf) =>
            {
                await shelf.RemoveAsync(access, id);
                return TypedResults.NoContent();
            })
            .RequirePermission("signing_file.delete").WithSummary("Removes a code signing file; one that is not there is gone already.").Produces(204);
        api.MapGet("/{id}/content", DownloadAsync)
            .RequirePermission("signing_file.content.read").WithSummary("Gives a code signing file as it was sent.").Produces(200, contentType: "application/octet-stream").ProducesProblem(404);
    }

    /// <summary>Sent as bytes to be kept, never as something to open.</summary>
    internal static async Task<IResult> DownloadAsync(string id, AccessContext access, SigningFileShelf shelf, HttpResponse response)
    {
        if (!(await shelf.OpenAsync(access, id)).Succeeded(out var opened, out var refusal)) return refusal.Result();
        response.Headers.CacheControl = "no-store";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(opened.Name);
        response.Headers.ContentDisposition = disposition.ToString();
        return TypedResults.Bytes(opened.Content, "application/octet-stream");
    }
}
