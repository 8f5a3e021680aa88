using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>
/// Answers what is refused: a problem document (RFC 9457) for programs, a page for people. What must look alike is made
/// in one place from nothing but constants.
/// </summary>
internal sealed class Refuser(IOptions<LatchkeyOptions> options)
{
    public const string NotFoundDetail = "There is nothing here, or nothing that you may see.";

    public Task NotFoundAsync(HttpContext context) => ProblemAsync(context, 404, "not_found", NotFoundDetail);

    public Task UnauthorizedAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return ProblemAsync(context, 401, "not_signed_in", "Sign in, or send a bearer token that is still valid.");
    }

    public Task SignInAsync(HttpContext context)
    {
        if (!WantsPage(context))
        {
            return UnauthorizedAsync(context);
        }

        var back = HttpMethods.IsGet(context.Request.Method)
            ? SitePath.Of(context, context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent())
            : ReturnPath.Start(context);
        context.Response.Redirect($"{SitePath.Of(context, options.Value.SignInPath)}?return={Uri.EscapeDataString(back)}");
        return Task.CompletedTask;
    }

    public Task RefuseAsync(HttpContext context, Decision decision, AppView view)
    {
        switch (decision.Reason)
        {
            case DecisionReason.Ended:
                SessionCookie.Delete(context, view.App);
                return ProblemAsync(context, 410, "access_ended", EndedText("Support access to this app ended", decision.EndedAt), ("ended_at", decision.EndedAt));

            case DecisionReason.SessionClosed:
                SessionCookie.Delete(context, view.App);
                return ProblemAsync(context, 410, "session_closed", EndedText("Your session in this app ended", decision.EndedAt), ("ended_at", decision.EndedAt));

            case DecisionReason.NotInRole:
                return ProblemAsync(context, 403, "not_in_role", "What the customer lent does not include this.");

            case DecisionReason.NoSession when WantsPage(context) && HttpMethods.IsGet(context.Request.Method):
                context.Response.Redirect(Paths.Of(context).Enter(view.Name.Slug));
                return Task.CompletedTask;

            case DecisionReason.NoSession:
                return ProblemAsync(context, 403, "no_session", "This app is open to support, but you have not entered it. Open a session with a reason first.");

            case DecisionReason.LedgerUnavailable:
                return ProblemAsync(context, 503, "ledger_unavailable", "Support access is out of service: what support does can't be recorded now.");

            case DecisionReason.Clock:
                return ProblemAsync(context, 503, "clock", "Support access is out of service: the server's clock can't be trusted now.");

            default:
                return NotFoundAsync(context);
        }
    }

    public Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var (status, type) = AnswerTo(refusal.Reason);
        return ProblemAsync(
            context, status, type, type == "not_found" ? NotFoundDetail : refusal.Message, ("field", refusal.Field), ("ended_at", refusal.At));
    }

    /// <summary>A refusal as an endpoint's result.</summary>
    public IResult Result(Refusal refusal) => new RefusalResult(this, refusal);

    public Task ProblemAsync(HttpContext context, int status, string type, string detail, params ReadOnlySpan<(string Name, object? Value)> more)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        if (WantsPage(context))
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            var paths = new Paths(SitePath.Of(context, options.Value.Prefix));
            return HttpMethods.IsHead(context.Request.Method)
                ? Task.CompletedTask
                : context.Response.WriteAsync(RefusalPage.Html(status, type, detail, EndedAt(more), paths, ReturnPath.Start(context)), CancellationToken.None);
        }

        var problem = new JsonObject { ["type"] = type, ["title"] = TitleOf(status), ["status"] = status, ["detail"] = detail };
        foreach (var (name, value) in more)
        {
            if (value is not null)
            {
                problem[name] = JsonSerializer.SerializeToNode(value, Wire.Json);
            }
        }

        context.Response.ContentType = "application/problem+json";
        return context.Response.WriteAsync(problem.ToJsonString(Wire.Json), CancellationToken.None);
    }

    public static int StatusOf(RefusalReason reason) => AnswerTo(reason).Status;

    public static string TitleOf(int status) => status switch
    {
        400 => "This request can't be accepted",
        401 => "Not signed in",
        403 => "Not allowed",
        404 => "Not found",
        409 => "This was done already",
        410 => "Ended",
        415 => "This body can't be accepted",
        422 => "A value can't be accepted",
        429 => "Too many at once",
        503 => "Out of service",
        _ => "This did not work",
    };

    private static (int Status, string Type) AnswerTo(RefusalReason reason) => reason switch
    {
        RefusalReason.Invalid => (422, "invalid"),
        RefusalReason.UnsupportedBody => (415, "unsupported_media_type"),
        RefusalReason.NotAllowed => (403, "not_allowed"),
        RefusalReason.SupportInDisguise => (403, "support_in_disguise"),
        RefusalReason.PromotedBySupport => (403, "promoted_by_support"),
        RefusalReason.AccountRefuses => (403, "account_refuses_support"),
        RefusalReason.AlreadyDecided => (409, "already_decided"),
        RefusalReason.AlreadyPending => (409, "already_pending"),
        RefusalReason.ChangedSince => (409, "changed_since"),
        RefusalReason.TooSoon => (409, "too_soon"),
        RefusalReason.TooMany => (429, "too_many"),
        RefusalReason.Ended => (410, "access_ended"),
        RefusalReason.CodeSpent => (410, "code_spent"),
        RefusalReason.LedgerUnavailable => (503, "ledger_unavailable"),
        RefusalReason.EndedNotSaved => (503, "ended_not_saved"),
        RefusalReason.Clock => (503, "clock"),
        _ => (404, "not_found"),
    };

    private static DateTimeOffset? EndedAt(ReadOnlySpan<(string Name, object? Value)> more)
    {
        foreach (var (name, value) in more)
        {
            if (name == "ended_at")
            {
                return value as DateTimeOffset?;
            }
        }

        return null;
    }

    private static string EndedText(string what, DateTimeOffset? at) => at is { } time ? $"{what} at {RefusalPage.Instant(time)}." : $"{what}.";

    /// <summary>Whether a browser goes to a page: its navigations name text/html, a script's fetch does not.</summary>
    public static bool WantsPage(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private sealed class RefusalResult(Refuser refuser, Refusal refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => refuser.RefuseAsync(httpContext, refusal);
    }
}
