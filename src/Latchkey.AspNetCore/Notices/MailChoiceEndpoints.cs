using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>Everyone's own choice of mails, as an API and a page.</summary>
internal static class MailChoiceEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1/inbox/mails").WithTags("Notices").RequireSignedIn();
        api.MapGet("", Get)
            .WithSummary("Which notices the caller is also mailed. A member is mailed nothing that the owner of the account does not let be mailed.")
            .Produces<MailChoicesState>();
        api.MapPut("/{notice}", Put)
            .WithSummary("Sets whether the caller is also mailed on one event.")
            .Accepts<MailChoiceBody>("application/json")
            .Produces<MailChoicesState>().ProducesProblem(404).ProducesProblem(422).ProducesProblem(503);

        var pages = routes.MapGroup("/inbox/mails").RequireSignedIn().ExcludeFromDescription();
        pages.MapGet("", Show);
        pages.MapPost("", Submit).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> Get(HttpContext context, AccessContext caller, MailChoiceDesk desk) =>
        Results.Json(await desk.ReadAsync(caller, context.RequestAborted), Wire.Json);

    private static async Task<IResult> Show(HttpContext context, AccessContext caller, MailChoiceDesk desk)
    {
        context.Features.Set(await desk.ReadAsync(caller, context.RequestAborted));
        return LatchkeyPage.Result<MailChoicePage>();
    }

    private static async Task<IResult> Put(string notice, HttpContext context, AccessContext caller, MailChoiceDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "email");
        var email = body.Flag("email");
        if ((body.Refusal ?? (email is null ? new Refusal(RefusalReason.Invalid, "'email' is missing; it takes true or false.", "email") : null)) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var answer = await desk.ChooseAsync(caller, new Dictionary<string, bool>(StringComparer.Ordinal) { [notice] = email!.Value }, context.RequestAborted);
        return answer.Value is { } state ? Results.Json(state, Wire.Json) : refuser.Result(answer.Refusal!);
    }

    // What the account's owner does not let be mailed is not in the form, and stays as it was.
    private static async Task<IResult> Submit(HttpContext context, AccessContext caller, MailChoiceDesk desk, Refuser refuser)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var wanted = form["shown"].OfType<string>().Distinct(StringComparer.Ordinal).ToDictionary(name => name, name => form["email"].Contains(name), StringComparer.Ordinal);
        var answer = await desk.ChooseAsync(caller, wanted, context.RequestAborted);
        return answer.Refusal is { } refusal ? refuser.Result(refusal) : new SeeOther(Paths.Of(context).Inbox);
    }
}
