using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>Who signs in.</summary>
internal sealed record LoginRequest
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Email { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Password { get; init; }
}

/// <summary>A token for <c>Authorization: Bearer</c>, and until when it works.</summary>
internal sealed record LoginResponse(string Token, DateTimeOffset ExpiresAt);

internal static class SignInApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/login", LoginAsync).AllowAnonymous().WithTags("Sign-in")
            .WithSummary("Makes a token for scripts, for members and agents, that works for 12 hours.")
            .Produces<LoginResponse>().ProducesProblem(401).ProducesProblem(422).ProducesProblem(429);
        routes.MapPost("/api/logout", LogoutAsync).RequireSignedIn().WithTags("Sign-in")
            .WithSummary("Ends the token that this request came with.").Produces(204);
    }

    private static async Task<IResult> LoginAsync(LoginRequest request, SignInDoor door, HttpContext context)
    {
        var outcome = await door.CheckAsync(request.Email, request.Password, context);
        if (!outcome.Succeeded(out var person, out var refusal))
        {
            if (refusal.Status == StatusCodes.Status429TooManyRequests) context.Response.Headers.RetryAfter = SignInAttempts.RetryAfter;
            return refusal.Result();
        }
        var (token, expiresAt) = await door.IssueTokenAsync(person);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new LoginResponse(token, expiresAt));
    }

    private static async Task<IResult> LogoutAsync(SignInDoor door, HttpContext context)
    {
        await door.LeaveAsync(context);
        return TypedResults.NoContent();
    }
}
