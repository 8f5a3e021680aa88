using System.Globalization;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Buildyard;

/// <summary>A version of <c>bitrise.yml</c> in a list.</summary>
internal sealed record YamlVersionInfo(int Number, string Author, string AuthorKind, DateTimeOffset SavedAt, string Message)
{
    public static YamlVersionInfo Of(YamlVersion version) =>
        new(version.Number, version.AuthorName, version.BySupport ? "support" : "member", version.SavedAt, version.Message);
}

/// <summary>Versions, newest first. <c>next</c> is the <c>before</c> of the next page, or null.</summary>
internal sealed record YamlVersionList(IReadOnlyList<YamlVersionInfo> Versions, int? Next);

internal static class YamlApi
{
    private const string MediaType = "application/yaml";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/bitrise-yml").WithTags("bitrise.yml");
        api.MapGet("", ReadAsync).RequirePermission("yml.read")
            .WithSummary("Gives bitrise.yml itself. The ETag is its version's number.").Produces<string>(200, MediaType);
        api.MapPut("", WriteAsync).RequirePermission("yml.update")
            .WithSummary("Saves bitrise.yml. With If-Match, only over that version. Query `message`: a line on why.")
            .Accepts<string>(MediaType).Produces<YamlVersionInfo>().ProducesProblem(412).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422);
        api.MapGet("/versions", ListAsync).RequirePermission("yml.version.read")
            .WithSummary("Lists versions, newest first.").Produces<YamlVersionList>().ProducesProblem(422);
        api.MapGet("/versions/{number:int}", ReadVersionAsync).RequirePermission("yml.version.read")
            .WithSummary("Gives one version's text.").Produces<string>(200, MediaType).ProducesProblem(404);
        api.MapPost("/versions/{number:int}/restore", RestoreAsync).RequirePermission("yml.restore")
            .WithSummary("Makes an earlier version's text the newest version.").Produces<YamlVersionInfo>().ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> ReadAsync(AccessContext access, YamlHistory history) => Text(await history.CurrentAsync(access));

    private static async Task<IResult> ReadVersionAsync(int number, AccessContext access, YamlHistory history) =>
        await history.FindAsync(access, number) is { } version ? Text(version) : s_noVersion;

    private static async Task<IResult> WriteAsync(HttpRequest request, AccessContext access, YamlHistory history, string? message)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType.Value?.ToLowerInvariant() is not (MediaType or "text/yaml" or "application/x-yaml"))
            return Problems.Of(415, "unsupported_media_type", $"The body must be YAML: send Content-Type: {MediaType}.");
        if (await YamlText.ReadBodyAsync(request) is not { } bytes)
            return Problems.Of(413, "body_too_large", "bitrise.yml is larger than 400 KB.");
        if (!YamlText.Decode(bytes).Succeeded(out var text, out var unreadable)) return unreadable.Result();
        if (!IfMatch(request, out var based)) return s_stale;

        switch (await history.SaveAsync(access, text, based, message))
        {
            case SaveResult.Saved saved:
                request.HttpContext.Response.Headers.ETag = Tag(saved.Version);
                return TypedResults.Ok(YamlVersionInfo.Of(saved.Version));
            case SaveResult.Invalid invalid:
                return Invalid(invalid.Check);
            case SaveResult.Refused refused:
                return refused.Refusal.Result();
            default:
                return based is null ? s_race : s_stale;
        }
    }

    private static async Task<IResult> ListAsync(AccessContext access, YamlHistory history, int? before, int? limit)
    {
        if (limit is < 1 or > 100) return Refusal.Invalid(new FieldError("limit", "It is out of range.", "1 to 100; 30 when left out.")).Result();
        var most = limit ?? 30;
        var versions = await history.ListAsync(access, before ?? int.MaxValue, most + 1);
        var shown = versions.Take(most).Select(YamlVersionInfo.Of).ToList();
        return TypedResults.Ok(new YamlVersionList(shown, versions.Count > most ? shown[^1].Number : null));
    }

    private static async Task<IResult> RestoreAsync(int number, AccessContext access, YamlHistory history) => await history.RestoreAsync(access, number) switch
    {
        SaveResult.Saved saved => TypedResults.Ok(YamlVersionInfo.Of(saved.Version)),
        SaveResult.Invalid invalid => Invalid(invalid.Check),
        null => s_noVersion,
        _ => s_race,
    };

    private static readonly IResult s_noVersion = Problems.Of(404, "no_such_version", "bitrise.yml of this app has no version with that number.");
    private static readonly IResult s_stale = Problems.Of(412, "version_conflict", "The current version is not the one that If-Match names.");
    private static readonly IResult s_race = Problems.Of(409, "version_conflict", "Somebody saved a new version just now. Read it and send yours again.");

    private static FileContentHttpResult Text(YamlVersion version) => TypedResults.Bytes(YamlText.Encode(version.Content), MediaType, entityTag: new EntityTagHeaderValue(Tag(version)));

    private static IResult Invalid(YamlCheck check) => Problems.Of(
        422,
        "invalid_yaml",
        "This is not a valid bitrise.yml.",
        check.Errors.Select(e => new { e.Message, e.Line, e.Column }));

    private static string Tag(YamlVersion version) => string.Create(CultureInfo.InvariantCulture, $"\"{version.Number}\"");

    /// <summary>The version that the request insists on; false when it insists on something that can't be.</summary>
    private static bool IfMatch(HttpRequest request, out int? version)
    {
        version = null;
        var header = request.Headers.IfMatch.ToString();
        if (header.Length == 0 || header == "*") return true;
        if (!int.TryParse(header.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        version = number;
        return true;
    }
}
