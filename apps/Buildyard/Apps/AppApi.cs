using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>An app.</summary>
internal sealed record AppInfo(string Id, string Slug, string Title, string RepositoryUrl, string DefaultBranch, string ProjectType, bool Enabled, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt)
{
    public static AppInfo Of(App app) => new(app.Id, app.Slug, app.Title, app.ShownUrl, app.DefaultBranch, app.ProjectType, app.Enabled, app.CreatedAt, app.ChangedAt);
}

/// <summary>Whether an app is to be built.</summary>
internal sealed record AppEnabled
{
    public required bool Enabled { get; init; }
}

/// <summary>Apps by slug. <c>next</c> is the <c>after</c> of the next page, or null.</summary>
internal sealed record AppList(IReadOnlyList<AppInfo> Apps, string? Next);

internal static class AppApi
{
    private const int PageLength = 100;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps").WithTags("Apps");
        api.MapGet("", ListAsync).RequireMember().WithSummary("Lists the apps that the caller has a part in.").Produces<AppList>();
        api.MapPost("", AddAsync).RequirePermission("app.create")
            .WithSummary("Adds an app. Without `bitrise_yml` it is read from the repository.").Produces<AppInfo>(201).ProducesProblem(400).ProducesProblem(422);
        api.MapGet("/{app}", GetAsync).RequirePermission("app.read").WithSummary("Gives an app, by slug or id.").Produces<AppInfo>();
        api.MapPatch("/{app}", UpdateAsync).RequirePermission("app.update")
            .WithSummary("Changes an app's settings. Fields left out stay.").Produces<AppInfo>().ProducesProblem(400).ProducesProblem(422);
        api.MapPut("/{app}/enabled", EnableAsync).RequirePermission("app.enabled.update")
            .WithSummary("Enables or disables an app. Nothing is built of one that is disabled; what waits goes on when it is enabled.").Produces<AppInfo>().ProducesProblem(400);
    }

    private static async Task<IResult> ListAsync(AccessContext access, Dashboard dashboard, string? after)
    {
        var apps = await dashboard.ListAsync(access.Member!, after, PageLength + 1);
        var shown = apps.Take(PageLength).Select(a => AppInfo.Of(a.App)).ToList();
        return TypedResults.Ok(new AppList(shown, apps.Count > PageLength ? shown[^1].Slug : null));
    }

    private static async Task<IResult> AddAsync(NewApp wanted, AccessContext access, NewApps apps, CancellationToken cancellation) =>
        (await apps.AddAsync(access.Member!, wanted, cancellation)).Succeeded(out var app, out var refusal)
            ? TypedResults.Created($"/api/apps/{app.Slug}", AppInfo.Of(app))
            : refusal.Result();

    private static async Task<IResult> GetAsync(AccessContext access, AppSettings settings) => TypedResults.Ok(AppInfo.Of(await settings.GetAsync(access)));

    private static async Task<IResult> EnableAsync(AppEnabled wanted, AccessContext access, AppSettings settings) =>
        TypedResults.Ok(AppInfo.Of(await settings.EnableAsync(access, wanted.Enabled)));

    private static async Task<IResult> UpdateAsync(AppChanges changes, AccessContext access, AppSettings settings) =>
        (await settings.UpdateAsync(access, changes)).Succeeded(out var app, out var refusal) ? TypedResults.Ok(AppInfo.Of(app)) : refusal.Result();
}
