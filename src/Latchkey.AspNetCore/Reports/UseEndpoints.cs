using System.ComponentModel;
using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The vendor's reports: what lies unused, what is lent longest, what each agent did.</summary>
internal static class UseEndpoints
{
    private const string AboutDays = "Of how many days: 7, 30 or 90. Left out, 30.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var reports = routes.MapGroup("/v1/reports").WithTags("Support agents").RequireAgent();
        reports.MapGet("/use", GetUse)
            .WithSummary("How support access was used: keys that nobody has used, the longest windows, and what each agent did. Leads read all of it, other agents their own row.")
            .Produces<UseState>().ProducesProblem(422);
        reports.MapGet("/agents.csv", GetCsv)
            .WithSummary("What each agent did, as CSV. Leads read every row, other agents their own.")
            .Produces(200, contentType: "text/csv").ProducesProblem(422);
        routes.MapGet("/console/reports", GetPage).RequireAgent().ExcludeFromDescription();
    }

    private static async Task<IResult> GetUse(AccessContext caller, UseDesk desk, Refuser refuser, [Description(AboutDays)] string? days, CancellationToken cancellation) =>
        UseDesk.ReadDays(days, out var count) is { } refusal ? refuser.Result(refusal) : Results.Json(await desk.ReadAsync(caller.Agent!, count, cancellation), Wire.Json);

    private static async Task<IResult> GetCsv(AccessContext caller, UseDesk desk, Refuser refuser, [Description(AboutDays)] string? days, CancellationToken cancellation) =>
        UseDesk.ReadDays(days, out var count) is { } refusal
            ? refuser.Result(refusal)
            : Results.File(System.Text.Encoding.UTF8.GetBytes(UseDesk.Csv(await desk.ReadAsync(caller.Agent!, count, cancellation))), "text/csv; charset=utf-8", "support-agents.csv");

    private static async Task<IResult> GetPage(HttpContext context, AccessContext caller, UseDesk desk, Refuser refuser)
    {
        if (UseDesk.ReadDays(context.Request.Query["days"], out var days) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        context.Features.Set(await desk.ReadAsync(caller.Agent!, days, context.RequestAborted));
        return LatchkeyPage.Result<UsePage>();
    }
}
