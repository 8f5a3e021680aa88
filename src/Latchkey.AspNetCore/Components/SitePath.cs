namespace Latchkey.AspNetCore;

/// <summary>Paths of the host as its options name them, where the browser finds them: below the path base of the request, or of the address that the host says.</summary>
internal static class SitePath
{
    /// <summary>A path such as <c>/signin</c>, as this request's browser names it.</summary>
    public static string Of(HttpContext context, string path) => context.Request.PathBase.ToUriComponent() + path;

    /// <summary>The same as a whole address, for who comes from a mail.</summary>
    public static Uri Of(Uri site, string path) => new(site, site.AbsolutePath.TrimEnd('/') + path);
}
