using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>The lead's page: who is of the support team.</summary>
internal static class SupportTeamPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/support/team").ExcludeFromDescription();
        pages.MapGet("", (HttpContext context, ISupportHost host, SupportTeam team, string? done) => ShowAsync(context, host, team, null, done)).RequireAgent(lead: true);
        pages.MapPost("", InviteAsync).RequireAgent(lead: true);
        pages.MapPost("/suspend", SuspendAsync).RequireAgent(lead: true);
        pages.MapPost("/remove", RemoveAsync).RequireAgent(lead: true);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, ISupportHost host, SupportTeam team, Refusal? refusal, string? done, string? invited = null, string? link = null) =>
        Page.Show<SupportTeamPage>(
            new
            {
                Agents = await team.ListAsync(),
                Self = (await LeadAsync(context, host)).Id.Value,
                Refusal = refusal,
                Done = done switch { "suspended" => "Suspended: signed out, and out of every app.", "restored" => "May sign in again.", "removed" => "Removed from the support team.", _ => null },
                Invited = invited,
                Link = link,
            },
            refusal?.Status ?? StatusCodes.Status200OK);

    private static async Task<IResult> InviteAsync(FormBody form, HttpContext context, ISupportHost host, SupportTeam team, Invitations invitations)
    {
        var outcome = await invitations.CreateAsync(LinkPurpose.Agent, null, form["email"]);
        if (!outcome.Succeeded(out var secret, out var refusal)) return await ShowAsync(context, host, team, refusal, null);
        context.Response.Headers.CacheControl = "no-store";
        return await ShowAsync(context, host, team, null, null, form["email"], WelcomePages.Address(context.Request, secret));
    }

    private static async Task<IResult> SuspendAsync(FormBody form, HttpContext context, ISupportHost host, SupportTeam team)
    {
        var suspend = form["suspended"] == "true";
        var outcome = await team.SuspendAsync(await LeadAsync(context, host), form["agent"] ?? "", suspend);
        return outcome.Refusal is { } refusal
            ? await ShowAsync(context, host, team, refusal, null)
            : TypedResults.LocalRedirect($"/support/team?done={(suspend ? "suspended" : "restored")}");
    }

    private static async Task<IResult> RemoveAsync(FormBody form, HttpContext context, ISupportHost host, SupportTeam team)
    {
        var outcome = await team.RemoveAsync(await LeadAsync(context, host), form["agent"] ?? "");
        return outcome.Refusal is { } refusal
            ? await ShowAsync(context, host, team, refusal, null)
            : TypedResults.LocalRedirect("/support/team?done=removed");
    }

    private static async Task<Agent> LeadAsync(HttpContext context, ISupportHost host) => (Agent)(await host.GetCallerAsync(context))!;
}
