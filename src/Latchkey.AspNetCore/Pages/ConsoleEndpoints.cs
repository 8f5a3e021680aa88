using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore.Pages;

/// <summary>The support console: what is open to support, entering it, leaving it, giving it back.</summary>
internal static class ConsoleEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var agents = routes.MapGroup("").RequireAgent().ExcludeFromDescription();
        agents.MapGet("/console", GetConsole);
        agents.MapGet("/console/sessions", GetSessions);
        agents.MapGet("/console/enter/{slug}", GetEnter);
        agents.MapPost("/console/enter/{slug}", PostEnter).WithMetadata(FormSize.Small);
        agents.MapGet("/enter/{code}", GetCode);
        agents.MapPost("/enter/{code}", PostCode).WithMetadata(FormSize.Small);
        agents.MapPost("/leave/{session}", PostLeave).WithMetadata(FormSize.Small);
        agents.MapPost("/grants/{grant}/forfeit", PostForfeit).WithMetadata(FormSize.Small);
        routes.MapPost("/console/clock/accept", PostAcceptClock).RequireAgent(lead: true).WithMetadata(FormSize.Small).ExcludeFromDescription();
    }

    private static IResult GetConsole(HttpContext context, Refuser refuser)
    {
        if (Cursor.Read(context, out _, out _) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        return Refuser.WantsPage(context) ? LatchkeyPage.Result<ConsolePage>() : LatchkeyPage.Part<ConsoleBody>();
    }

    private static IResult GetSessions(HttpContext context, Refuser refuser) =>
        Cursor.Read(context, out _, out _) is { } refusal ? refuser.Result(refusal)
        : Refuser.WantsPage(context) ? LatchkeyPage.Result<SessionsPage>()
        : LatchkeyPage.Part<MySessions>((nameof(MySessions.Most), SessionsPage.Shown));

    private static IResult GetEnter(string slug, AccessContext caller, SupportAccess access, Refuser refuser) =>
        OpenTo(caller, access, slug) is { } view ? LatchkeyPage.Result<EnterPage>(200, ("View", view)) : NotFound(refuser);

    private static async Task<IResult> PostEnter(
        string slug, HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser, IOptions<LatchkeyOptions> options)
    {
        if (OpenTo(caller, access, slug) is not { } view)
        {
            return NotFound(refuser);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (reason, ticket) = (form["reason"].ToString(), form["ticket"].ToString());
        var entered = await access.EnterAsync(view.App, caller.Agent!.Ref, reason, ticket, context.RequestAborted);
        if (entered.Refusal is { Reason: RefusalReason.NotFound })
        {
            return NotFound(refuser);
        }

        if (entered.Value is not { } session)
        {
            context.Features.Set(new EnterAttempt(reason, ticket, entered.Refusal!));
            return LatchkeyPage.Result<EnterPage>(Refuser.StatusOf(entered.Refusal!.Reason), ("View", view));
        }

        return await RedeemAsync(session.Code, context, caller, access, refuser, options.Value);
    }

    private static IResult GetCode(string code, HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser)
    {
        SendNoReferrer(context);
        var credential = access.Recognise(code, CredentialKind.Code);
        var agent = caller.Agent!;
        var view = credential is null || credential.Agent != agent.Id || credential.SignIn != agent.SignIn ? null : access.Find(credential.App);
        return view is null || !view.IsOpen(access.Now) || credential!.Expires <= access.Now
            ? refuser.Result(new Refusal(RefusalReason.CodeSpent, CodeSpent))
            : LatchkeyPage.Result<CodePage>(200, ("Code", code), ("App", view.Name.Title), ("Account", view.Name.AccountTitle));
    }

    private static Task<IResult> PostCode(
        string code, HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser, IOptions<LatchkeyOptions> options)
    {
        SendNoReferrer(context);
        return RedeemAsync(code, context, caller, access, refuser, options.Value);
    }

    private static async Task<IResult> RedeemAsync(
        string code, HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser, LatchkeyOptions options)
    {
        var redeemed = await access.RedeemAsync(code, caller.Agent!.Ref, context.RequestAborted);
        if (redeemed.Value is not { } way)
        {
            return refuser.Result(redeemed.Refusal!);
        }

        SessionCookie.Write(context, way.View.App, way.Cookie);
        return new SeeOther(SitePath.Of(context, options.AppPath(access.AddressOf(way.View))));
    }

    private static async Task<IResult> PostLeave(string session, HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser) =>
        Ended(context, refuser, IdText.IsId(session) ? await access.LeaveAsync(new SessionId(session), caller.Agent!.Id) : Nothing);

    private static async Task<IResult> PostForfeit(string grant, HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser) =>
        Ended(context, refuser, IdText.IsId(grant) ? await access.ForfeitAsync(new GrantId(grant), caller.Agent!.Ref) : Nothing);

    private static async Task<IResult> PostAcceptClock(HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser)
    {
        var answer = await access.AcceptClockAsync(caller.Agent!.Ref);
        // Nothing to accept any more is what was asked for.
        return Ended(context, refuser, answer.Refusal is { Reason: RefusalReason.Invalid } ? new Ended(0) : answer);
    }

    private static readonly Refusal Nothing = new(RefusalReason.NotFound, Refuser.NotFoundDetail);

    private const string CodeSpent = "This way in was used already, is older than 60 seconds, or was made for another sign-in. Enter the app again from the console.";

    // What has ended already needs no word: the console shows how things are.
    private static IResult Ended(HttpContext context, Refuser refuser, Answer<Ended> answer) =>
        answer.Refusal is { Reason: not RefusalReason.NotFound } refusal ? refuser.Result(refusal) : new SeeOther(Paths.Of(context).Console);

    private static AppView? OpenTo(AccessContext caller, SupportAccess access, string slug) =>
        access.FindForAgent(caller.Agent!.Id, slug) is { } view && view.IsOpen(access.Now) ? view : null;

    private static IResult NotFound(Refuser refuser) => refuser.Result(Nothing);

    // The address is a way in: no other site is told it.
    private static void SendNoReferrer(HttpContext context) => context.Response.Headers["Referrer-Policy"] = "no-referrer";
}

/// <summary>What an agent typed to enter an app, and why it was refused.</summary>
internal sealed record EnterAttempt(string Reason, string Ticket, Refusal Refusal);
