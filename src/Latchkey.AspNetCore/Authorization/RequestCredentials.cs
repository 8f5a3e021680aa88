namespace Latchkey.AspNetCore;

/// <summary>How a request says who it is from.</summary>
internal readonly record struct RequestCredentials(bool HasCookie, bool HasBearer, string? SessionToken)
{
    private const string Scheme = "Bearer ";

    /// <summary>A cookie and a bearer token together: two identities in one request are refused, whichever they are.</summary>
    public bool IsMixed => HasCookie && HasBearer;

    public static RequestCredentials Read(HttpContext context, LatchkeyOptions options)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        var isBearer = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        var token = isBearer ? authorization[Scheme.Length..].Trim() : "";
        var hasCookie = context.Request.Cookies.Any(c =>
            options.SignInCookies.Contains(c.Key) || c.Key.StartsWith(SessionCookie.NamePrefix, StringComparison.Ordinal));
        return new RequestCredentials(
            hasCookie,
            authorization.Length > 0,
            token.StartsWith(Credential.BearerPrefix, StringComparison.Ordinal) ? token : null);
    }

    /// <summary>
    /// A browser sends cookies, and plain forms, on behalf of any site; so these prove that they come from a page of ours.
    /// A bearer token, and JSON without a cookie, can't be sent by another site's page.
    /// </summary>
    public bool NeedsAntiforgery(HttpContext context)
    {
        var method = context.Request.Method;
        var isSafe = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
        return !isSafe && !HasBearer && (HasCookie || context.Request.HasFormContentType);
    }
}
