namespace Buildyard;

/// <summary>Where a one-time link leads: a name and a password, once.</summary>
internal static class WelcomePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/welcome/{secret}", ShowAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/welcome/{secret}", AcceptAsync).AllowAnonymous().ExcludeFromDescription();
    }

    public static string Path(string secret) => $"/welcome/{secret}";

    /// <summary>The whole link, as the one who asked for it reaches this server.</summary>
    public static string Address(HttpRequest request, string secret) => $"{request.Scheme}://{request.Host}{Path(secret)}";

    private static async Task<IResult> ShowAsync(string secret, Invitations invitations, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return await invitations.FindAsync(secret) is { } link
            ? Page.Show<WelcomePage>(new { Link = link })
            : Page.Show<WelcomePage>(new { }, StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> AcceptAsync(string secret, FormBody form, Invitations invitations, SignInDoor door, HttpContext context)
    {
        if (await invitations.FindAsync(secret) is not { } link)
            return Page.Show<WelcomePage>(new { }, StatusCodes.Status404NotFound);
        var welcome = new Welcome(form["email"], form["name"], form["password"], form["account_name"]);
        var outcome = await invitations.AcceptAsync(link, welcome);
        if (!outcome.Succeeded(out var person, out var refusal))
            return Page.Show<WelcomePage>(new { Link = link, Given = welcome, Refusal = refusal }, refusal.Status);
        await door.EnterAsync(context, person);
        return TypedResults.LocalRedirect("/");
    }
}
