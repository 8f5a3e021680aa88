using Latchkey.AspNetCore;

namespace Buildyard;

internal sealed record RollingInfo(bool Pushes, bool PullRequests, bool Running);

internal sealed record ChecksInfo(bool Enabled, string ApiUrl, bool HasToken);

/// <summary>How an app's builds are treated. <c>at_once</c> is how many builds this instance runs at one time.</summary>
internal sealed record BuildSettingsInfo(bool ManualApproval, RollingInfo Rolling, IReadOnlyList<string> SelectivePaths, ChecksInfo Checks, int AtOnce)
{
    public static BuildSettingsInfo Of(BuildSettings settings, BuildQueue queue) => new(
        settings.ManualApproval,
        new RollingInfo(settings.RollingPushes, settings.RollingPullRequests, settings.RollingOfRunning),
        PathPatterns.Lines(settings.SelectivePaths),
        new ChecksInfo(settings.Checks, settings.ChecksAddress, settings.ChecksToken is not null),
        queue.Load.AtOnce);
}

internal static class BuildSettingsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/build-settings").WithTags("Build settings");
        api.MapGet("", async (AccessContext access, BuildSettingsBook book, BuildQueue queue) => TypedResults.Ok(BuildSettingsInfo.Of(await book.GetAsync(access), queue)))
            .RequirePermission("build.settings.read").WithSummary("Tells how the app's builds are treated.").Produces<BuildSettingsInfo>();
        Change(api.MapPatch("/approval", async (ApprovalChange change, AccessContext access, BuildSettingsBook book, BuildQueue queue) => Answer(await book.ApproveAsync(access, change), queue)),
            "approval.update", "Says whether pull requests from forks wait for approval.");
        Change(api.MapPatch("/rolling", async (RollingChange change, AccessContext access, BuildSettingsBook book, BuildQueue queue) => Answer(await book.RollAsync(access, change), queue)),
            "rolling.update", "Says whether a new build takes the place of earlier ones of its branch or pull request.");
        Change(api.MapPatch("/selective", async (SelectiveChange change, AccessContext access, BuildSettingsBook book, BuildQueue queue) => Answer(await book.SelectAsync(access, change), queue)),
            "selective.update", "Says which changed paths a push needs to be built.");
        Change(api.MapPatch("/checks", async (ChecksChange change, AccessContext access, BuildSettingsBook book, BuildQueue queue) => Answer(await book.CheckAsync(access, change), queue)),
            "checks.update", "Says whether and where builds are posted as GitHub checks. Another address forgets the token.");
    }

    private static void Change(RouteHandlerBuilder route, string permission, string summary) =>
        route.RequirePermission(permission).WithSummary(summary).Produces<BuildSettingsInfo>().ProducesProblem(400).ProducesProblem(422);

    private static IResult Answer(Outcome<BuildSettings> outcome, BuildQueue queue) =>
        outcome.Succeeded(out var settings, out var refusal) ? TypedResults.Ok(BuildSettingsInfo.Of(settings, queue)) : refusal.Result();
}
