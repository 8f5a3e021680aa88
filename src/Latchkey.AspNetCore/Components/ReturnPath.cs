namespace Latchkey.AspNetCore;

/// <summary>Where a form came from, and so where its reader goes back to: a path of this site and nothing else.</summary>
internal static class ReturnPath
{
    private const int MaxLength = 2048;

    /// <summary>The path where it is one of this site; null where it could lead elsewhere.</summary>
    public static string? Check(string? path) =>
        path is { Length: > 0 and <= MaxLength }
        && path[0] == '/'
        // Browsers take "//host" and "/\host" as another site, and drop tabs and line breaks before they look.
        && (path.Length == 1 || path[1] is not ('/' or '\\'))
        && path.All(c => c is > ' ' and < '\x7f' and not '\\')
            ? path
            : null;

    /// <summary>The page of this request, as a form on it names it.</summary>
    public static string Of(HttpContext context) =>
        Check(SitePath.Of(context, context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent())) ?? Start(context);

    /// <summary>The host's start page, where nothing says where somebody came from.</summary>
    public static string Start(HttpContext context) => SitePath.Of(context, "/");
}
