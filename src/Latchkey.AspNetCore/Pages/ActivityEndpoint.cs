using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore.Pages;

/// <summary>The page where the customer reads what support did.</summary>
internal static class ActivityEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/apps/{app}/activity", Get).RequirePermission(Catalogue.SupportAccessActivity).ExcludeFromDescription();

    private static IResult Get(HttpContext context, AccessContext caller, Refuser refuser)
    {
        if (ActivityFilter.Read(context, out var filter) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        context.Features.Set(filter);
        return Refuser.WantsPage(context)
            ? LatchkeyPage.Result<ActivityPage>(200, ("App", caller.HostApp!))
            : LatchkeyPage.Part<ActivityBody>(("App", caller.HostApp));
    }
}

/// <summary>What of the activity somebody wants to see. Null means all.</summary>
internal sealed record ActivityFilter(bool ChangesOnly, AgentId? Agent, string? Permission, SessionId? Session, long Before)
{
    /// <summary>Whether some acts are left out, so that a session may have none to show.</summary>
    public bool LeavesActsOut => ChangesOnly || Permission is not null;

    public bool IsFirstPage => Before == long.MaxValue;

    public static Refusal? Read(HttpContext context, out ActivityFilter filter)
    {
        var query = context.Request.Query;
        var (agent, session, permission) = (query["agent"].ToString(), query["session"].ToString(), query["permission"].ToString());
        var refusal = Cursor.Read(context, out var before, out _) ?? Check(agent, "agent") ?? Check(session, "session");
        filter = new ActivityFilter(
            query["changes_only"] == "true",
            agent.Length > 0 && refusal is null ? new AgentId(agent) : null,
            permission.Length > 0 ? permission : null,
            session.Length > 0 && refusal is null ? new SessionId(session) : null,
            before);
        return refusal;
    }

    /// <summary>The query of the same view, elsewhere in it.</summary>
    public string Query(SessionId? session = null, string? cursor = null) => QueryString.Create(
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["changes_only"] = ChangesOnly ? "true" : null,
            ["agent"] = Agent?.Value,
            ["permission"] = Permission,
            ["session"] = (session ?? Session)?.Value,
            ["cursor"] = cursor,
        }.Where(pair => pair.Value is not null)).ToUriComponent();

    private static Refusal? Check(string id, string field) =>
        id.Length == 0 || IdText.IsId(id) ? null : new Refusal(RefusalReason.Invalid, $"'{field}' takes an id.", field);
}
