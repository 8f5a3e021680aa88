using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>The leads' page: who is of the support team, and who did what with it.</summary>
internal static class SupportTeamPages
{
    private const string Path = "/support/team";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireAgent(lead: true).ExcludeFromDescription();
        pages.MapGet("", (SupportTeamDesk desk, string? done) => desk.ShowAsync(null, done));
        pages.MapPost("", InviteAsync);
        pages.MapPost("/invitations/take-back", TakeBackAsync);
        pages.MapPost("/suspend", (FormBody form, AccessContext caller, SupportTeam team, SupportTeamDesk desk) => form["suspended"] == "true"
            ? desk.DoneAsync(team.SuspendAsync(caller.Agent!, form["agent"] ?? "", suspended: true), "suspended")
            : desk.DoneAsync(team.SuspendAsync(caller.Agent!, form["agent"] ?? "", suspended: false), "restored"));
        pages.MapPost("/lead", (FormBody form, AccessContext caller, SupportTeam team, SupportTeamDesk desk) => form["leads"] == "true"
            ? desk.DoneAsync(team.MakeLeadAsync(caller.Agent!, form["agent"] ?? "", leads: true), "lead")
            : desk.DoneAsync(team.MakeLeadAsync(caller.Agent!, form["agent"] ?? "", leads: false), "no-lead"));
        pages.MapPost("/remove", (FormBody form, AccessContext caller, SupportTeam team, SupportTeamDesk desk) =>
            desk.DoneAsync(team.RemoveAsync(caller.Agent!, form["agent"] ?? ""), "removed"));
    }

    private static async Task<IResult> InviteAsync(FormBody form, HttpContext context, AccessContext caller, SupportTeamDesk desk, Invitations invitations)
    {
        var outcome = await invitations.CreateAsync(LinkPurpose.Agent, null, form["email"], caller.Agent!.Id.Value);
        if (!outcome.Succeeded(out var secret, out var refusal)) return await desk.ShowAsync(refusal, null);
        context.Response.Headers.CacheControl = "no-store";
        return await desk.ShowAsync(null, null, form["email"], WelcomePages.Address(context.Request, secret));
    }

    private static async Task<IResult> TakeBackAsync(FormBody form, Invitations invitations)
    {
        await invitations.TakeBackAgentAsync(form["link"] ?? "");
        return TypedResults.LocalRedirect($"{Path}?done=taken-back");
    }
}

/// <summary>Shows the leads' page.</summary>
internal sealed class SupportTeamDesk(SupportTeam team, Invitations invitations, IHttpContextAccessor http)
{
    public async Task<IResult> DoneAsync(Task<Outcome<Person>> change, string done) =>
        (await change).Refusal is { } refusal ? await ShowAsync(refusal, null) : TypedResults.LocalRedirect($"/support/team?done={done}");

    public async Task<IResult> ShowAsync(Refusal? refusal, string? done, string? invited = null, string? link = null)
    {
        var context = http.HttpContext!;
        return Page.Show<SupportTeamPage>(
            new
            {
                Agents = await team.ListAsync(),
                Invitations = await invitations.ListAgentsAsync(),
                Changes = await team.ReadChangesAsync(context.RequestAborted),
                Self = context.GetAccess().Agent!.Id.Value,
                Refusal = refusal,
                Done = Said(done),
                Invited = invited,
                Link = link,
            },
            refusal?.Status ?? StatusCodes.Status200OK);
    }

    private static string? Said(string? done) => done switch
    {
        "suspended" => "Suspended: signed out, out of every app, and their pending requests have ended.",
        "restored" => "May sign in again.",
        "removed" => "Removed from the support team.",
        "lead" => "Leads the team from now on.",
        "no-lead" => "Leads the team no longer.",
        "taken-back" => "The link works no longer.",
        _ => null,
    };
}
