using System.Globalization;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Buildyard;

internal static class BuildPages
{
    private static readonly string[] s_startFields = ["target", "branch", "tag", "commit", "message", "env", "priority"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/builds").ExcludeFromDescription();
        pages.MapGet("", (AccessContext access, BuildDesk desk, string? status, string? branch, string? workflow, int? before) =>
            desk.ListAsync(access, Filter(status, branch, workflow), before)).RequirePermission("build.read");
        pages.MapPost("", StartAsync).RequirePermission("build.start");
        pages.MapGet("/live", (AccessContext access, BuildFeed feed, int? number) => LivePages.Changes(access, feed, number)).RequirePermission("build.read");
        pages.MapGet("/{number:int}", (int number, AccessContext access, BuildDesk desk) => desk.ShowAsync(access, number)).RequirePermission("build.read");
        pages.MapGet("/{number:int}/live", (int number, HttpContext http, AccessContext access, BuildBook book, LivePages live, long? from) =>
            live.LogAsync(http, access, book, number, from)).RequirePermission("build.log.read");
        pages.MapPost("/{number:int}/abort", (int number, FormBody form, AccessContext access, BuildBook book, BuildDesk desk) =>
            desk.SettleAsync(access, number, book.AbortAsync(access, number, form["reason"], asSuccess: false))).RequirePermission("build.abort");
        pages.MapPost("/{number:int}/approve", (int number, AccessContext access, BuildBook book, BuildDesk desk) =>
            desk.SettleAsync(access, number, book.ApproveAsync(access, number))).RequirePermission("build.approve");
        pages.MapPost("/{number:int}/rebuild", (int number, AccessContext access, BuildBook book, BuildDesk desk) =>
            desk.SettleAsync(access, number, book.RebuildAsync(access, number))).RequirePermission("build.rebuild");
        pages.MapPost("/{number:int}/secrets", (int number, FormBody form, AccessContext access, BuildBook book, BuildDesk desk) =>
            desk.SettleAsync(access, number, book.AnswerAsync(access, number, form["allow"]))).RequirePermission("build.secrets.allow");
    }

    private static BuildFilter Filter(string? status, string? branch, string? workflow) =>
        new(Words.Find<BuildState>(status), string.IsNullOrEmpty(branch) ? null : branch, string.IsNullOrEmpty(workflow) ? null : workflow);

    private static async Task<IResult> StartAsync(FormBody form, AccessContext access, BuildStarts starts, BuildDesk desk, CancellationToken cancellation)
    {
        var (kind, name) = (form["target"] ?? "").Split(':', 2) is [var word, var rest] ? (word, rest) : ("", "");
        var wanted = new NewBuild
        {
            Workflow = kind == "workflow" ? name : "",
            Pipeline = kind == "pipeline" ? name : "",
            Branch = form["branch"]?.Trim() ?? "",
            Tag = form["tag"]?.Trim() ?? "",
            Commit = form["commit"]?.Trim() ?? "",
            Message = form["message"] ?? "",
            Env = StartFields.Lines(form["env"]),
        };
        // What is no number is out of range too, and told with the rest.
        if (form["priority"] is { Length: > 0 } text)
            wanted = wanted with { Priority = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority) ? priority : int.MaxValue };
        var outcome = await starts.StartAsync(access, wanted, BuildTrigger.Manual, cancellation);
        return outcome.Succeeded(out var build, out var refusal)
            ? desk.Go(build.Number)
            : await desk.ListAsync(access, new BuildFilter(), null, refusal, s_startFields.ToDictionary(f => f, f => form[f] ?? "", StringComparer.Ordinal));
    }
}

/// <summary>Shows builds, as they are or after something was done to one.</summary>
internal sealed class BuildDesk(BuildBook book, BuildFiles files, BuildQueue queue, BuildRunner runner, AppSettings settings, YamlHistory history, IHttpContextAccessor http)
{
    private const int PageLength = 30;

    public async Task<IResult> ListAsync(AccessContext access, BuildFilter filter, int? before, Refusal? refusal = null, IReadOnlyDictionary<string, string>? given = null)
    {
        var view = await AppView.LoadAsync(access, settings);
        var builds = await book.ListAsync(access, filter, before ?? int.MaxValue, PageLength + 1);
        var parameters = new
        {
            View = view,
            Builds = builds.Take(PageLength).ToList(),
            Filter = filter,
            Targets = BuildTargets.All(BitriseYaml.ReadSaved((await history.CurrentAsync(access)).Content)),
            queue.Load,
            Warning = await WarningAsync(),
            Older = builds.Count > PageLength ? builds[PageLength - 1].Number : (int?)null,
            Given = given,
            Refusal = refusal,
        };
        return Page.Show<BuildsPage>(parameters, refusal?.Status ?? StatusCodes.Status200OK);
    }

    public async Task<IResult> ShowAsync(AccessContext access, int number, Refusal? refusal = null)
    {
        var view = await AppView.LoadAsync(access, settings);
        if (await book.FindAsync(access, number) is not { } build) return Missing(view);
        access.Target($"build {number}");
        var log = view.May("build.log.read") ? await LogView.ReadAsync(build, queue.LogOf(build), files) : null;
        var asks = await BuildBook.AsksAsync(access, build);
        var unsettled = asks ? (await book.WhyNotAsSeenAsync(build))?.Title : null;
        var parameters = new
        {
            View = view,
            Build = build,
            Log = log,
            Asks = asks,
            Unsettled = unsettled,
            WhyWaits = await queue.WhyWaitsAsync(build),
            Warning = await WarningAsync(),
            Refusal = refusal,
        };
        return Page.Show<BuildPage>(parameters, refusal?.Status ?? StatusCodes.Status200OK);
    }

    public async Task<IResult> SettleAsync(AccessContext access, int number, Task<Outcome<Build>> acting) =>
        (await acting).Succeeded(out var build, out var refusal) ? Go(build.Number) : await ShowAsync(access, number, refusal);

    /// <summary>Leads to a build.</summary>
    public IResult Go(int number) =>
        TypedResults.LocalRedirect(string.Create(CultureInfo.InvariantCulture, $"/apps/{http.HttpContext!.GetRouteValue("app")}/builds/{number}"));

    /// <summary>What is missing where builds run, as long as any do.</summary>
    private async Task<string?> WarningAsync() => queue.Load.AtOnce == 0 ? null : await runner.WarningAsync(http.HttpContext!.RequestAborted);

    private static RazorComponentResult Missing(AppView view) => Page.Show<MessagePage>(
        new { Title = "No such build", Text = "This app has no build with that number.", Back = view.Path("/builds"), BackLabel = "To the builds" },
        StatusCodes.Status404NotFound);
}
