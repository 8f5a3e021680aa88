using System.Globalization;
using Latchkey.AspNetCore.Pages;
using Latchkey.AspNetCore.Parts;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>
/// The forms of the panel. A browser's own submit goes back to the page it came from; a script's gets the panel as it is now.
/// Both go the way of the API: the core decides.
/// </summary>
internal static class PanelEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var app = routes.MapGroup("/apps/{app}").ExcludeFromDescription();
        app.MapGet("/panel", GetPanel).RequirePermission(Catalogue.SupportAccessRead);
        app.MapGet("/presence", GetPresence).RequirePermission(Catalogue.SupportAccessRead);
        // Whoever sees the panel is answered on it: what their role lets them is asked of the host and judged by the core.
        app.MapPost("/access/on", PostOn).RequirePermission(Catalogue.SupportAccessRead).WithMetadata(FormSize.Small);
        app.MapPost("/access/off", PostOff).RequirePermissionOrMayEnd(Catalogue.SupportAccessRead).WithMetadata(FormSize.Small);
        app.MapPost("/requests/{request}/approve", PostApprove).RequirePermission(Catalogue.SupportAccessRead).WithMetadata(FormSize.Small);
        app.MapPost("/requests/{request}/deny", PostDeny).RequirePermission(Catalogue.SupportAccessRead).WithMetadata(FormSize.Small);
        app.MapPost("/requests/{request}/withdraw", PostWithdraw).RequirePermission(Catalogue.SupportAccessRead).WithMetadata(FormSize.Small);
        app.MapPost("/sessions/{session}/end", PostEndSession).RequirePermissionOrMayEnd(Catalogue.SupportAccessRead).WithMetadata(FormSize.Small);
    }

    private static IResult GetPanel(HttpContext context, AccessContext caller)
    {
        context.Features.Set(new PanelAttempt(ReturnPath.Check(context.Request.Query["return"]) ?? ReturnPath.Start(context)));
        return LatchkeyPage.Part<PanelBody>(("App", caller.HostApp));
    }

    private static IResult GetPresence(AccessContext caller) =>
        LatchkeyPage.Part<PresenceBody>(("App", caller.HostApp));

    private static async Task<IResult> PostOn(HttpContext context, AccessContext caller, SupportAccess access, AccessReader reader)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var attempt = new PanelAttempt(ReturnPath.Check(form["return"]) ?? ReturnPath.Start(context))
        {
            Length = Given(form, "length"),
            UntilLocal = Given(form, "until_local"),
            Role = Given(form, "role"),
        };
        var app = caller.HostApp!;
        var terms = TermsOf(attempt, Given(form, "until"), access.Find(app.Id)?.Toggle);
        if (terms.Value is not { } asked)
        {
            return Answer(context, caller, attempt with { Refusal = terms.Refusal });
        }

        var lender = await reader.LenderAsync(caller.Member!, app, context.RequestAborted);
        var answer = await access.TurnOnAsync(app.Ref, lender, asked, context.RequestAborted);
        return Answer(context, caller, answer.Refusal is { } refusal ? attempt with { Refusal = refusal } : new PanelAttempt(attempt.Return));
    }

    private static async Task<IResult> PostOff(HttpContext context, AccessContext caller, SupportAccess access, AccessReader reader, Refuser refuser)
    {
        var attempt = await ReadAsync(context);
        var (app, lender) = await reader.EnderAsync(caller);
        return Ended(context, caller, attempt, await access.TurnOffAsync(app, lender), refuser);
    }

    private static async Task<IResult> PostEndSession(
        string session, HttpContext context, AccessContext caller, SupportAccess access, AccessReader reader, Refuser refuser)
    {
        var attempt = await ReadAsync(context);
        var (app, lender) = await reader.EnderAsync(caller);
        var answer = IdText.IsId(session)
            ? await access.EndSessionAsync(app, new SessionId(session), lender)
            : new Refusal(RefusalReason.NotFound, "No such session is open.");
        // A session that closed a moment before is what was asked for.
        return Ended(context, caller, attempt, answer.Refusal is { Reason: RefusalReason.NotFound } ? new Ended(0) : answer, refuser);
    }

    private static async Task<IResult> PostWithdraw(string request, HttpContext context, AccessContext caller, RequestDesk desk)
    {
        var attempt = await ReadAsync(context);
        var refusal = (await desk.WithdrawAsync(caller.Member!, request)).Refusal;
        // One that was answered a moment before needs no word: the page shows how it came out.
        return Answer(context, caller, attempt with { Refusal = refusal is { Reason: RefusalReason.AlreadyDecided } ? null : refusal });
    }

    private static async Task<IResult> PostApprove(string request, HttpContext context, AccessContext caller, RequestDesk desk)
    {
        var attempt = await ReadAsync(context);
        var terms = RequestForms.TermsOf(await context.Request.ReadFormAsync(context.RequestAborted));
        var refusal = terms.Refusal ?? (await desk.ApproveAsync(caller.Member!, request, terms.Value!, context.RequestAborted)).Refusal;
        return Answer(context, caller, attempt with { Refusal = refusal });
    }

    private static async Task<IResult> PostDeny(string request, HttpContext context, AccessContext caller, RequestDesk desk)
    {
        var attempt = await ReadAsync(context);
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return Answer(context, caller, attempt with { Refusal = (await desk.DenyAsync(caller.Member!, request, form["note"], context.RequestAborted)).Refusal });
    }

    private static async Task<PanelAttempt> ReadAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(CancellationToken.None);
        return new PanelAttempt(ReturnPath.Check(form["return"]) ?? ReturnPath.Start(context));
    }

    private static IResult Ended(HttpContext context, AccessContext caller, PanelAttempt attempt, Answer<Ended> answer, Refuser refuser)
    {
        if (caller.Lent is not null)
        {
            // There is no panel for them, just where they came from.
            return answer.Refusal is { } refusal ? refuser.Result(refusal) : new SeeOther(attempt.Return);
        }

        return Answer(context, caller, attempt with
        {
            Refusal = answer.Refusal,
            Notice = answer.Value is { StillRunning: > 0 and var running }
                ? $"Support is out. {Durations.Count(running, "action")} begun before had not stopped yet; how {(running == 1 ? "it" : "they")} came out will be in the activity."
                : null,
        });
    }

    private static IResult Answer(HttpContext context, AccessContext caller, PanelAttempt attempt)
    {
        context.Features.Set(attempt);
        var status = attempt.Refusal is { } refusal ? Refuser.StatusOf(refusal.Reason) : 200;
        if (!Refuser.WantsPage(context))
        {
            return LatchkeyPage.Part<PanelBody>(status, ("App", caller.HostApp));
        }

        return attempt is { Refusal: null, Notice: null }
            ? new SeeOther(attempt.Return)
            : LatchkeyPage.Result<PanelPage>(status, ("App", caller.HostApp!));
    }

    private static Answer<Terms> TermsOf(PanelAttempt attempt, string? untilUtc, Grant? current)
    {
        switch (attempt.Length)
        {
            case null:
                return new Terms(Role: attempt.Role);

            case "keep" when current is not null:
                return new Terms(Until: current.Until, Role: attempt.Role);

            case "until":
                // The script says the instant; without it the field is read as the UTC that its label names.
                return (Time(untilUtc, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'") ?? Time(attempt.UntilLocal, "yyyy-MM-dd'T'HH:mm")) is { } until
                    ? new Terms(Until: until, Role: attempt.Role)
                    : new Refusal(RefusalReason.Invalid, "'until' is missing; it takes a date and a time.", "until");

            default:
                return JsonBody.ParseDuration(attempt.Length) is { } duration
                    ? new Terms(Duration: duration, Role: attempt.Role)
                    : new Refusal(RefusalReason.Invalid, "'duration' takes one of the lengths that can be chosen.", "duration");
        }
    }

    private static DateTimeOffset? Time(string? text, string format) =>
        DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    private static string? Given(IFormCollection form, string name) => form[name].ToString() is { Length: > 0 } value ? value : null;
}
