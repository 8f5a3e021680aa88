using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>The closing report of a key, for the API and as a page to read, print and decide on.</summary>
internal static class ReportEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/apps/{app}/reports/{grant}", GetReport)
            .RequirePermission(Catalogue.SupportAccessActivity)
            .WithTags("Support access")
            .WithSummary("What came of one key: sessions, how much was read and changed, what support left behind, and the state of the account's ledger. While the key holds: so far.")
            .Produces<ReportState>().ProducesProblem(403).ProducesProblem(404);
        routes.MapGet("/apps/{app}/reports/{grant}", GetPage).RequirePermission(Catalogue.SupportAccessActivity).ExcludeFromDescription();
    }

    private static async Task<IResult> GetReport(string grant, HttpContext context, AccessContext caller, SupportAccess access, Settler settler, Refuser refuser)
    {
        if (await FindAsync(grant, context, caller, access) is not { } report)
        {
            return refuser.Result(Settler.Unknown);
        }

        var left = await LeftAsync(report, caller.HostApp!, settler, LeftBehind.MostShown, context.RequestAborted);
        return Results.Json(
            new ReportState(
                AccessReader.StoryOf(report.Grant), [.. report.Sessions.Select(AccessReader.StoryOf)], report.Reads, report.Changes,
                left.Newest, left.Count, report.TreeSize, report.RootHash.ToString()),
            Wire.Json);
    }

    private static async Task<IResult> GetPage(string grant, HttpContext context, AccessContext caller, SupportAccess access, Refuser refuser) =>
        await FindAsync(grant, context, caller, access) is { } report
            ? LatchkeyPage.Result<ReportPage>(200, ("App", caller.HostApp!), ("Report", report))
            : refuser.Result(Settler.Unknown);

    private static async Task<ClosingReport?> FindAsync(string grant, HttpContext context, AccessContext caller, SupportAccess access)
    {
        var app = caller.HostApp!;
        return IdText.IsId(grant)
            ? await new ClosingReports(access.History).ReadAsync(app.Account, app.Id, new GrantId(grant), context.RequestAborted)
            : null;
    }

    /// <summary>What support did in these sessions that is still there and undecided.</summary>
    public static Task<LeftBehind> LeftAsync(ClosingReport report, HostApp app, Settler settler, int most, CancellationToken cancellation)
    {
        var sessions = report.Sessions.Select(s => s.Id).ToHashSet();
        return settler.ListOpenAsync(app, act => sessions.Contains(act.Session), most, cancellation);
    }
}

/// <summary>A closing report.</summary>
/// <param name="Grant">The window.</param>
/// <param name="Sessions">Who worked in it.</param>
/// <param name="Reads">How often support read.</param>
/// <param name="Changes">How often it changed something.</param>
/// <param name="LeftBehind">The newest changes that are still there and undecided, at most 100.</param>
/// <param name="LeftBehindCount">How many there are.</param>
/// <param name="TreeSize">How many entries the account's ledger has.</param>
/// <param name="RootHash">What they hash to.</param>
internal sealed record ReportState(
    GrantStory Grant, IReadOnlyList<SessionStory> Sessions, int Reads, int Changes, IReadOnlyList<ChangeState> LeftBehind, int LeftBehindCount, long TreeSize, string RootHash);
