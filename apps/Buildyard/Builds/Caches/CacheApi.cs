using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A cache archive. <c>scope</c> is own, guarded (of guarded builds), allowed (of those that the customer allowed secrets) or forks (of pull requests from forks).</summary>
public sealed record CacheInfo(string Scope, string Id, string Key, string? Branch, int BuildNumber, long Size, DateTimeOffset SavedAt)
{
    public static CacheInfo Of(string scope, CacheArchive archive) => new(scope, archive.Id, archive.Key, archive.Branch, archive.BuildNumber, archive.Size, archive.Saved);
}

/// <summary>Newest first. <c>quota</c> is how many bytes each scope may hold; the oldest go first.</summary>
public sealed record CacheList(IReadOnlyList<CacheInfo> Caches, long Size, long Quota);

internal static class CacheApi
{
    private static readonly Refusal s_unknown = new(StatusCodes.Status404NotFound, "no_such_cache", "There is no archive with this id.", []);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/caches").WithTags("Caches");
        api.MapGet("", (AccessContext access, BuildCaches caches) => TypedResults.Ok(List(access, caches)))
            .RequirePermission("cache.read").WithSummary("Lists the cache archives of the app's builds.").Produces<CacheList>();
        api.MapGet("/{scope}/{id}", (string scope, string id, AccessContext access, BuildCaches caches) => Download(access, caches, scope, id))
            .RequirePermission("cache.download").WithSummary("Gives an archive, to be saved.").Produces<byte[]>(200, "application/zstd").ProducesProblem(404);
        api.MapDelete("/{scope}/{id}", (string scope, string id, AccessContext access, BuildCaches caches) =>
                Delete(access, caches, scope, id) ? TypedResults.NoContent() : s_unknown.Result())
            .RequirePermission("cache.delete").WithSummary("Deletes an archive.").Produces(204).ProducesProblem(404);
        api.MapDelete("", (AccessContext access, BuildCaches caches) =>
            {
                DeleteAll(access, caches);
                return TypedResults.NoContent();
            })
            .RequirePermission("cache.delete").WithSummary("Deletes every archive of the app.").Produces(204);
    }

    public static CacheList List(AccessContext access, BuildCaches caches)
    {
        var all = caches.All(access.App!.Value.Value).SelectMany(s => s.Shelf.List().Select(a => CacheInfo.Of(s.Scope, a))).OrderByDescending(c => c.SavedAt).ToList();
        return new CacheList(all, all.Sum(c => c.Size), caches.Quota);
    }

    public static bool Delete(AccessContext access, BuildCaches caches, string scope, string id)
    {
        if (caches.Find(access.App!.Value.Value, scope) is not { } shelf || shelf.Find(id) is not { } archive) return false;
        access.Target($"cache {archive.Key}");
        if (!shelf.Delete(id)) return false;
        access.Changed($"cache {archive.Key}", BuildWords.Size(archive.Size), null);
        return true;
    }

    public static void DeleteAll(AccessContext access, BuildCaches caches)
    {
        foreach (var cache in List(access, caches).Caches) Delete(access, caches, cache.Scope, cache.Id);
    }

    private static IResult Download(AccessContext access, BuildCaches caches, string scope, string id)
    {
        if (caches.Find(access.App!.Value.Value, scope) is not { } shelf || shelf.Find(id) is not { } archive) return s_unknown.Result();
        access.Target($"cache {archive.Key}");
        try
        {
            return TypedResults.Stream(shelf.Open(archive), "application/zstd", $"{archive.Id}.tar.zst");
        }
        catch (FileNotFoundException)
        {
            return s_unknown.Result();
        }
    }
}
