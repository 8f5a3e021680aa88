using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using Latchkey.AspNetCore;

namespace Buildyard;

internal sealed record BuildStepInfo(string Title, string Status, string? Reason, DateTimeOffset? StartedAt, double? TookSeconds);

internal sealed record ArtifactInfo(string Name, long Size, string Url);

internal sealed record ArtifactList(IReadOnlyList<ArtifactInfo> Artifacts);

/// <summary>A build in a list. <c>started_by_kind</c> is member, support or webhook.</summary>
internal record BuildInfo(
    string Id, int Number, string Status, string? Workflow, string? Pipeline, string? Branch, string? Tag, string? Commit, string? Message, int? PullRequest,
    string Trigger, string StartedBy, string StartedByKind, int Priority, bool WaitsForApproval, string? GuardedBecause,
    DateTimeOffset QueuedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Reason, int? RebuiltFrom, string Url)
{
    public static BuildInfo Of(Build build, string app) => new(
        build.Id, build.Number, Words.Of(build.Status),
        build.TargetKind == BuildTargetKind.Workflow ? build.Target : null, build.TargetKind == BuildTargetKind.Pipeline ? build.Target : null,
        build.Branch, build.Tag, build.CommitHash, build.Message, build.PullRequest, Words.Of(build.Trigger), build.StartedByName,
        build.BySupport ? "support" : build.StartedById is null ? "webhook" : "member", build.Priority, build.WaitsForApproval,
        build.GoesWithoutSecrets ? build.GuardReason : null, build.QueuedAt, build.StartedAt, build.EndedAt, build.Reason, build.RebuiltFrom,
        string.Create(CultureInfo.InvariantCulture, $"/api/apps/{app}/builds/{build.Number}"));
}

/// <summary>A build with its steps, in order.</summary>
internal sealed record BuildDetails : BuildInfo
{
    private BuildDetails(BuildInfo build) : base(build)
    {
    }

    public required int YamlVersion { get; init; }

    /// <summary>The commits that the repositories of <c>git::</c> steps came at. Those that <c>bitrise.yml</c> doesn't name in full, as far as it fetched them; none for whoever may not read it.</summary>
    public required IReadOnlyList<StepCommit> StepCommits { get; init; }
    public required IReadOnlyList<BuildStepInfo> Steps { get; init; }

    /// <summary>What of its log and artifacts is not kept any more, since when and why; null: all is.</summary>
    public required string? FilesNote { get; init; }

    /// <summary>The variables that it was started with, for whoever may allow its secrets; to others null.</summary>
    public required IReadOnlyList<BuildEnv>? Env { get; init; }

    public static async Task<BuildDetails> FromAsync(Build build, string app, AccessContext access) => new(Of(build, app))
    {
        YamlVersion = build.YamlVersion,
        FilesNote = build.FilesNote,
        StepCommits = await access.MayAsync("yml.read") ? KnownSteps.Read(build.StepCommits) : [],
        Steps = [.. build.Steps.OrderBy(s => s.Position).Select(s => new BuildStepInfo(s.Title, s.Status, s.Reason, s.StartedAt, s.Took / 1000.0))],
        Env = await access.MayAsync("build.secrets.allow") ? [.. StartFields.Env(build.Env).Select(v => new BuildEnv { Name = v.Name, Value = v.Value })] : null,
    };
}

/// <summary>Builds, newest first. <c>next</c> is the <c>before</c> of the next page, or null.</summary>
internal sealed record BuildList(IReadOnlyList<BuildInfo> Builds, int? Next);

internal sealed record AbortWish
{
    [DisallowNull]
    public string? Reason { get; init; }

    /// <summary>Whether the build counts as a success all the same.</summary>
    [JsonConverter(typeof(TrueOrFalse))]
    public bool? WithSuccess { get; init; }
}

internal sealed record SecretsWish
{
    /// <summary><c>build</c>: this build, run again where it is over; <c>session</c>: also what support starts in the same session; <c>not</c>.</summary>
    [DisallowNull]
    public string? Allow { get; init; }
}

internal static class BuildApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/builds").WithTags("Builds");
        api.MapPost("", StartAsync).RequirePermission("build.start")
            .WithSummary("Starts a build. Left out: the app's default branch, and the workflow that a push to it would start, else primary.")
            .Produces<BuildDetails>(201).ProducesProblem(409).ProducesProblem(422).ProducesProblem(429);
        api.MapGet("", ListAsync).RequirePermission("build.read").WithSummary("Lists builds, newest first.").Produces<BuildList>().ProducesProblem(422);
        api.MapGet("/{number:int}", ReadAsync).RequirePermission("build.read").WithSummary("Gives a build with its steps.").Produces<BuildDetails>().ProducesProblem(404);
        api.MapGet("/{number:int}/log", LogEndpoint.ReadAsync).RequirePermission("build.log.read")
            .WithSummary("Gives the log as text. With Accept: text/event-stream it follows: `log` events, whose ids are byte offsets to go on from, then `end`.")
            .Produces<string>(200, "text/plain", "text/event-stream").ProducesProblem(404);
        api.MapPost("/{number:int}/abort", AbortAsync).RequirePermission("build.abort")
            .WithSummary("Stops a build and everything that it started.").Produces<BuildDetails>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        api.MapPost("/{number:int}/approve", ApproveAsync).RequirePermission("build.approve")
            .WithSummary("Lets a build go that waits for approval.").Produces<BuildDetails>().ProducesProblem(404).ProducesProblem(409);
        api.MapPost("/{number:int}/rebuild", RebuildAsync).RequirePermission("build.rebuild")
            .WithSummary("Runs a build again, with bitrise.yml as it is now.").Produces<BuildDetails>(201).ProducesProblem(404).ProducesProblem(409).ProducesProblem(429);
        api.MapPost("/{number:int}/secrets", AnswerAsync).RequirePermission("build.secrets.allow")
            .WithSummary("Says whether a guarded build may have secrets.").Produces<BuildDetails>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        api.MapGet("/{number:int}/artifacts", ArtifactsAsync).RequirePermission("artifact.read")
            .WithSummary("Lists the files that a build left.").Produces<ArtifactList>().ProducesProblem(404);
        api.MapGet("/{number:int}/artifacts/{name}", ArtifactAsync).RequirePermission("artifact.read")
            .WithSummary("Gives one file that a build left, to be saved.").Produces<byte[]>(200, "application/octet-stream").ProducesProblem(404);
    }

    private static async Task<IResult> StartAsync(NewBuild wanted, HttpContext http, AccessContext access, BuildStarts starts) =>
        await StartedAsync(await starts.StartAsync(access, wanted, BuildTrigger.Api, http.RequestAborted), App(http), access);

    private static async Task<IResult> ListAsync(HttpContext http, AccessContext access, BuildBook book, string? status, string? branch, string? workflow, int? before, int? limit)
    {
        if (limit is < 1 or > 100) return Refusal.Invalid(new FieldError("limit", "It is out of range.", "1 to 100; 30 when left out.")).Result();
        var wanted = Words.Find<BuildState>(status);
        if (status is not null && wanted is null)
            return Refusal.Invalid(new FieldError("status", "It is not a status.", $"One of {string.Join(", ", Enum.GetValues<BuildState>().Select(Words.Of))}.")).Result();
        var most = limit ?? 30;
        var builds = await book.ListAsync(access, new BuildFilter(wanted, branch, workflow), before ?? int.MaxValue, most + 1);
        return TypedResults.Ok(new BuildList([.. builds.Take(most).Select(b => BuildInfo.Of(b, App(http)))], builds.Count > most ? builds[most - 1].Number : null));
    }

    private static async Task<IResult> ReadAsync(int number, HttpContext http, AccessContext access, BuildBook book) =>
        await book.FindAsync(access, number) is { } build ? TypedResults.Ok(await BuildDetails.FromAsync(build, App(http), access)) : BuildBook.NoSuchBuild.Result();

    private static async Task<IResult> AbortAsync(int number, AbortWish? wish, HttpContext http, AccessContext access, BuildBook book) =>
        await SettledAsync(await book.AbortAsync(access, number, wish?.Reason, wish?.WithSuccess == true), App(http), access);

    private static async Task<IResult> ApproveAsync(int number, HttpContext http, AccessContext access, BuildBook book) =>
        await SettledAsync(await book.ApproveAsync(access, number), App(http), access);

    private static async Task<IResult> RebuildAsync(int number, HttpContext http, AccessContext access, BuildBook book) =>
        await StartedAsync(await book.RebuildAsync(access, number), App(http), access);

    private static async Task<IResult> AnswerAsync(int number, SecretsWish wish, HttpContext http, AccessContext access, BuildBook book) =>
        await SettledAsync(await book.AnswerAsync(access, number, wish.Allow), App(http), access);

    private static async Task<IResult> ArtifactsAsync(int number, HttpContext http, AccessContext access, BuildBook book) =>
        await book.FindAsync(access, number) is { } build
            ? TypedResults.Ok(new ArtifactList([.. build.Artifacts.Select(a => new ArtifactInfo(a.Name, a.Size, $"{BuildInfo.Of(build, App(http)).Url}/artifacts/{Uri.EscapeDataString(a.Name)}"))]))
            : BuildBook.NoSuchBuild.Result();

    internal static async Task<IResult> ArtifactAsync(int number, string name, AccessContext access, BuildBook book, BuildFiles files)
    {
        if (await book.FindAsync(access, number) is not { } build) return BuildBook.NoSuchBuild.Result();
        // Found by its row, so that no name leads anywhere else.
        if (build.Artifacts.Find(a => a.Name == name) is not { } artifact || files.OpenArtifact(build, artifact) is not { } content)
            return new Refusal(StatusCodes.Status404NotFound, "no_such_artifact", "This build has no file of that name.", []).Result();
        access.Target($"artifact {name} of build {number}");
        return TypedResults.Stream(content, "application/octet-stream", artifact.Name, enableRangeProcessing: true);
    }

    private static string App(HttpContext http) => (string)http.GetRouteValue("app")!;

    private static async Task<IResult> StartedAsync(Outcome<Build> outcome, string app, AccessContext access) => outcome.Succeeded(out var build, out var refusal)
        ? TypedResults.Created(BuildInfo.Of(build, app).Url, await BuildDetails.FromAsync(build, app, access))
        : refusal.Result();

    private static async Task<IResult> SettledAsync(Outcome<Build> outcome, string app, AccessContext access) =>
        outcome.Succeeded(out var build, out var refusal) ? TypedResults.Ok(await BuildDetails.FromAsync(build, app, access)) : refusal.Result();
}
