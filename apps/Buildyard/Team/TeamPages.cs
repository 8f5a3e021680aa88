using Latchkey.AspNetCore;

namespace Buildyard;

internal static class TeamPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/settings/team").ExcludeFromDescription();
        pages.MapGet("", (string? done, TeamDesk desk) => desk.ShowAsync(null, Said(done))).RequirePermission("team.read");
        pages.MapPost("/role", (FormBody form, TeamDesk desk) =>
            desk.SettleAsync((team, access) => team.SetRoleAsync(access, form["person"] ?? "", form["role"]), "role")).RequirePermission("team.role.update");
        pages.MapPost("/add", (FormBody form, TeamDesk desk) =>
            desk.SettleAsync((team, access) => team.AddAsync(access, form["person"], form["role"]), "added")).RequirePermission("team.member.add");
        pages.MapPost("/remove", (FormBody form, TeamDesk desk) =>
            desk.SettleAsync((team, access) => team.RemoveAsync(access, form["person"] ?? ""), "removed")).RequirePermission("team.member.remove");
        pages.MapPost("/accept", (FormBody form, TeamDesk desk) =>
            desk.SettleAsync((team, access) => team.AcceptAsync(access, form["person"] ?? "", form["role"]), "accepted")).RequirePermission("team.promotion.accept");
    }

    private static string? Said(string? done) => done switch
    {
        "role" => "The role is changed.",
        "added" => "Added to the team.",
        "removed" => "Removed from the team.",
        "accepted" => "The role is accepted.",
        _ => null,
    };
}

/// <summary>Shows the team page, as it is or after something was done to the team.</summary>
internal sealed class TeamDesk(AppTeam team, AppSettings settings, IHttpContextAccessor http)
{
    private AccessContext Access => http.HttpContext!.GetAccess();

    public async Task<IResult> SettleAsync(Func<AppTeam, AccessContext, Task<Outcome<AppRole>>> act, string done) =>
        (await act(team, Access)).Succeeded(out _, out var refusal)
            ? TypedResults.LocalRedirect($"{http.HttpContext!.Request.Path.Value![..http.HttpContext.Request.Path.Value!.LastIndexOf('/')]}?done={done}")
            : await ShowAsync(refusal, null);

    public async Task<IResult> ShowAsync(Refusal? refusal, string? done)
    {
        var view = await AppView.LoadAsync(Access, settings);
        return Page.Show<TeamPage>(
            new
            {
                View = view,
                Members = await team.ListAsync(Access),
                Candidates = view.May("team.member.add") ? await team.CandidatesAsync(Access) : [],
                Refusal = refusal,
                Done = done,
            },
            refusal?.Status ?? StatusCodes.Status200OK);
    }
}
