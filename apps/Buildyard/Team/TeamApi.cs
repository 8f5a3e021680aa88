using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A member of an app's team. <c>promoted_by_support</c> names the agent who raised them, while no customer has accepted it: until then they only look.</summary>
internal sealed record TeamMemberInfo(string Person, string Name, string Email, string Role, string? PromotedBySupport)
{
    public static TeamMemberInfo Of(Person person, MemberRole role, string? promotedBySupport) =>
        new(person.Id, person.Name, person.Email!, Words.Of(role), promotedBySupport);
}

internal sealed record TeamInfo(IReadOnlyList<TeamMemberInfo> Members);

internal sealed record RoleChange
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Role { get; init; }
}

internal static class TeamApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/team").WithTags("Team");
        api.MapGet("", async (AccessContext access, AppTeam team) =>
                TypedResults.Ok(new TeamInfo([.. (await team.ListAsync(access)).Select(m => TeamMemberInfo.Of(m.Person, m.Role, m.PromotedBySupport))])))
            .RequirePermission("team.read").WithSummary("Lists who works in the app.").Produces<TeamInfo>();
        api.MapPut("/{person}", async (string person, RoleChange change, AccessContext access, AppTeam team) => Answer(await team.SetRoleAsync(access, person, change.Role)))
            .RequirePermission("team.role.update").WithSummary("Gives a member of the team another role.")
            .Produces<TeamMemberInfo>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        api.MapPost("/{person}", async (string person, RoleChange change, AccessContext access, AppTeam team) => Answer(await team.AddAsync(access, person, change.Role)))
            .RequirePermission("team.member.add").WithSummary("Takes a member of the account into the team.")
            .Produces<TeamMemberInfo>().ProducesProblem(409).ProducesProblem(422);
        api.MapDelete("/{person}", async (string person, AccessContext access, AppTeam team) =>
                (await team.RemoveAsync(access, person)).Refusal?.Result() ?? TypedResults.NoContent())
            .RequirePermission("team.member.remove").WithSummary("Takes a member out of the team.").Produces(204).ProducesProblem(404).ProducesProblem(409);
        api.MapPost("/{person}/accept", async (string person, RoleChange shown, AccessContext access, AppTeam team) => Answer(await team.AcceptAsync(access, person, shown.Role)))
            .RequirePermission("team.promotion.accept").WithSummary("Accepts the role that support raised this member to. The role is named: where it is another one by now, nothing is accepted, and it is 409 `changed_since`.")
            .Produces<TeamMemberInfo>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
    }

    private static IResult Answer(Outcome<AppRole> outcome) => outcome.Succeeded(out var member, out var refusal)
        ? TypedResults.Ok(TeamMemberInfo.Of(member.Person, member.Role, member.PromotedBySupport))
        : refusal.Result();
}
