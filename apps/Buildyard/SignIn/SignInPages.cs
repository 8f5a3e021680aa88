using Latchkey.AspNetCore;

namespace Buildyard;

internal static class SignInPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/signin", (string? @return) => Page.Show<SignInPage>(new { Return = Local(@return) })).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/signin", SignInAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/signout", SignOutAsync).RequireSignedIn().ExcludeFromDescription();
    }

    private static async Task<IResult> SignInAsync(FormBody form, SignInDoor door, HttpContext context)
    {
        var back = Local(form["return"]);
        var outcome = await door.CheckAsync(form["email"], form["password"], context);
        if (!outcome.Succeeded(out var person, out var refusal))
            return Page.Show<SignInPage>(new { Return = back, Email = form["email"], Refusal = refusal }, refusal.Status);
        await door.EnterAsync(context, person);
        return TypedResults.LocalRedirect(back ?? "/");
    }

    private static async Task<IResult> SignOutAsync(SignInDoor door, HttpContext context)
    {
        await door.LeaveAsync(context);
        return TypedResults.LocalRedirect("/signin");
    }

    /// <summary>Where to go after signing in: a path of ours, or nowhere.</summary>
    internal static string? Local(string? path) =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal)
        && !path.Any(char.IsControl)
            ? path
            : null;
}
