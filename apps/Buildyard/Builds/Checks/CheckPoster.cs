using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Posts builds as check runs to GitHub's API ("Check runs" of its REST API), each change in its order, with retries that outlive a restart.
/// No build ever waits for it.
/// </summary>
internal sealed partial class CheckPoster(
    IServiceScopeFactory scopes, BuildFeed feed, OutgoingHttp http, Sealing sealing, PublicUrl url, TimeProvider clock, ILogger<CheckPoster> logger) : BackgroundService
{
    private const int MostAttempts = 10;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = feed.ListenAll();
        while (!stoppingToken.IsCancellationRequested)
        {
            DateTimeOffset? next = null;
            try
            {
                next = await PostDueAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFault(e);
                next = clock.Now() + s_firstPause;
            }
            await WaitAsync(listener, next, stoppingToken);
        }
    }

    private async Task WaitAsync(BuildListener listener, DateTimeOffset? until, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var heard = listener.NextAsync(either.Token);
        var pause = until is { } at ? Task.Delay(at > clock.Now() ? at - clock.Now() : TimeSpan.Zero, clock, either.Token) : Task.Delay(Timeout.InfiniteTimeSpan, clock, either.Token);
        // A clock that moved on before the alarm was set would never set it off.
        if (!(until <= clock.Now())) await Task.WhenAny(heard, pause);
        await either.CancelAsync();
        await ((Task)heard).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Tells what is due, and answers when the next is.</summary>
    private async Task<DateTimeOffset?> PostDueAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        var behind = await (
            from build in db.Builds
            join settings in db.Set<BuildSettings>() on build.AppId equals settings.AppId
            join app in db.Apps on build.AppId equals app.Id
            join check in db.Set<CheckRun>() on build.Id equals check.BuildId into checks
            from check in checks.DefaultIfEmpty()
            where settings.Checks && settings.ChecksToken != null && build.CommitHash != null && (check == null || (!check.GivenUp && check.Told != "completed"))
            orderby build.QueuedAt
            select new { Build = build, Settings = settings, App = app, Check = check }).ToListAsync(cancellation);
        DateTimeOffset? next = null;
        foreach (var item in behind)
        {
            var status = StatusOf(item.Build.Status);
            if (Repository(item.App.RepositoryUrl) is not { } repository || item.Check?.Told == status) continue;
            // What ended before checks were turned on is history.
            if (item.Check is null && item.Build.IsOver && item.Build.EndedAt < clock.Now() - s_longestPause) continue;
            var check = item.Check ?? db.Add(new CheckRun { BuildId = item.Build.Id, Told = "", NextAt = clock.Now() }).Entity;
            if (check.NextAt <= clock.Now()) await TellAsync(db, check, item.Build, item.Settings, item.App, repository, status, cancellation);
            if (!check.GivenUp && check.Told != status && (next is null || check.NextAt < next)) next = check.NextAt;
        }
        return next;
    }

    private async Task TellAsync(
        BuildyardDb db, CheckRun check, Build build, BuildSettings settings, App app, string repository, string status, CancellationToken cancellation)
    {
        var yaml = await db.YamlVersions.AsNoTracking().SingleAsync(v => v.AppId == build.AppId && v.Number == build.YamlVersion, cancellation);
        using var request = new HttpRequestMessage(
            check.RemoteId is null ? HttpMethod.Post : HttpMethod.Patch,
            $"{settings.ChecksAddress}/repos/{repository}/check-runs{(check.RemoteId is { } id ? string.Create(CultureInfo.InvariantCulture, $"/{id}") : "")}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", sealing.OpenText(BuildSettings.ChecksPurpose, settings.ChecksToken!));
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        request.Headers.UserAgent.ParseAdd("Buildyard");
        request.Content = JsonContent.Create(Body(build, app, BitriseYaml.ReadSaved(yaml.Content), status, check.RemoteId is null));
        try
        {
            using var answer = await http.SendAsync(request, cancellation);
            if (answer.IsSuccessStatusCode)
            {
                check.RemoteId ??= (await answer.Content.ReadFromJsonAsync<JsonObject>(cancellation))?["id"]?.GetValue<long>();
                (check.Told, check.Attempts, check.Problem) = (status, 0, null);
            }
            else
            {
                Fail(check, $"{(int)answer.StatusCode} {answer.ReasonPhrase}", IsPassing(answer.StatusCode), answer.Headers.RetryAfter?.Delta);
            }
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException or InvalidOperationException or FormatException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            Fail(check, e is TaskCanceledException ? "No answer within 10 seconds." : e.Message, passing: true, null);
        }
        await db.SaveChangesAsync(cancellation);
    }

    private void Fail(CheckRun check, string problem, bool passing, TimeSpan? retryAfter)
    {
        check.Attempts++;
        check.Problem = problem.Length <= 300 ? problem : problem[..300];
        check.GivenUp = !passing || check.Attempts >= MostAttempts;
        var pause = s_firstPause * Math.Pow(2, check.Attempts - 1);
        if (retryAfter > pause) pause = retryAfter.Value;
        check.NextAt = clock.Now() + (pause < s_longestPause ? pause : s_longestPause);
    }

    private JsonObject Body(Build build, App app, BitriseConfig config, string status, bool isNew)
    {
        var body = new JsonObject
        {
            ["name"] = (BuildTargets.StatusName(config, build.TargetKind, build.Target) ?? "Buildyard/<project_slug>/<target_id>")
                .Replace("<project_slug>", app.Slug, StringComparison.Ordinal).Replace("<target_id>", build.Target, StringComparison.Ordinal)
                .Replace("<event_type>", build.Trigger == BuildTrigger.PullRequest ? "pr" : build.Trigger == BuildTrigger.Tag ? "tag" : "push", StringComparison.Ordinal),
            ["status"] = status,
            ["external_id"] = build.Id,
            ["details_url"] = url.To(string.Create(CultureInfo.InvariantCulture, $"/apps/{app.Slug}/builds/{build.Number}")),
        };
        if (isNew) body["head_sha"] = build.CommitHash;
        if (build.StartedAt is { } started) body["started_at"] = Time(started);
        if (!build.IsOver) return body;
        body["conclusion"] = build.Status switch
        {
            BuildState.Success or BuildState.AbortedWithSuccess => "success",
            BuildState.Failed => "failure",
            _ => "cancelled",
        };
        body["completed_at"] = Time(build.EndedAt!.Value);
        body["output"] = new JsonObject
        {
            ["title"] = $"{build.Status.Label()}{(build.Took() is { } took ? $" after {took}" : "")}",
            ["summary"] = $"Build #{build.Number} of {build.Target}. {build.Reason}".TrimEnd(),
        };
        return body;
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string StatusOf(BuildState state) => state switch
    {
        BuildState.OnHold => "queued",
        BuildState.Starting or BuildState.Running => "in_progress",
        _ => "completed",
    };

    /// <summary>Whether a later attempt may be answered differently.</summary>
    private static bool IsPassing(HttpStatusCode status) => (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    /// <summary>Owner and name, from any form of a repository's address; null where it has no such two parts.</summary>
    private static string? Repository(string address) =>
        OwnerAndName().Match(address) is { Success: true } match ? $"{match.Groups["owner"].Value}/{match.Groups["name"].Value}" : null;

    [GeneratedRegex(@"[/:](?<owner>[A-Za-z0-9_.-]+)/(?<name>[A-Za-z0-9_.-]+?)(?:\.git)?/?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex OwnerAndName();

    [LoggerMessage(2004, LogLevel.Error, "Checks could not be posted; it is tried again.")]
    private partial void LogFault(Exception e);
}
