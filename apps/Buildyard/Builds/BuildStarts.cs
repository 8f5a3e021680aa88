using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Puts builds into the queue.</summary>
internal sealed class BuildStarts(BuildyardDb db, Guard guard, BuildQueue queue, BuildQueueOptions options, BuildFeed feed, TimeProvider clock)
{
    private static readonly Refusal s_disabled = Refusal.Conflict("app_disabled", "This app is disabled, so nothing is built. An admin can enable it in Settings.");

    private readonly List<(string App, int Number)> _added = [];

    /// <summary>
    /// Nobody else writes while this is done: what a build takes of its app, what the guard looks at, and what was allowed are of one moment.
    /// What is refused has done nothing; what is added tells of itself afterwards.
    /// </summary>
    public async Task<Outcome<T>> LockedAsync<T>(Func<Task<Outcome<T>>> work)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        var outcome = await work();
        if (outcome.Refusal is null)
        {
            await transaction.CommitAsync();
            foreach (var (app, number) in _added) feed.Changed(app, number);
            if (_added.Count > 0) queue.Wake();
        }
        _added.Clear();
        return outcome;
    }

    /// <summary>Starts what somebody asked for.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task<Outcome<Build>> StartAsync(AccessContext access, NewBuild wanted, BuildTrigger trigger, CancellationToken cancellation)
    {
        var errors = new List<FieldError>();
        var app = await AppAsync(access);
        var branch = StartFields.Ref("branch", wanted.Branch, errors) ?? (app.DefaultBranch is { Length: > 0 } own ? own : "main");
        var tag = StartFields.Ref("tag", wanted.Tag, errors);
        var commit = StartFields.Commit(wanted.Commit, errors);
        var message = StartFields.Message(wanted.Message, errors);
        var env = StartFields.Env(wanted.Env, errors);
        var priority = StartFields.Priority(wanted.Priority, errors);
        if (wanted.Workflow is { Length: > 0 } && wanted.Pipeline is { Length: > 0 })
            errors.Add(new FieldError("pipeline", "A workflow is given too.", "One of the two."));
        if (errors.Count > 0) return Refusal.Invalid(errors);

        while (true)
        {
            // Read and compared outside of the lock: a file may be made to take long.
            var yaml = await CurrentYamlAsync(app.Id);
            if (!Target(yaml, wanted, branch, cancellation).Succeeded(out var chosen, out var refusal)) return refusal;
            var added = await LockedAsync(() => AddAsync(yaml.Number, chosen));
            if (added.Refusal is { } refused) return refused;
            if (added.Value is { } started) return started;
        }

        // Null where somebody saved another bitrise.yml meanwhile.
        async Task<Outcome<Build?>> AddAsync(int yaml, BuildTarget target)
        {
            if ((await CurrentYamlAsync(app.Id)).Number != yaml) return (Build?)null;
            var added = await this.AddAsync(access, await AppAsync(access), number => Make(number, yaml, target));
            return added.Succeeded(out var build, out var full) ? (Outcome<Build?>)build : full;
        }

        Build Make(int number, int yaml, BuildTarget target) => new()
        {
            Id = Ids.Create("bld", clock.Now()),
            AppId = app.Id,
            Number = number,
            Status = BuildState.OnHold,
            TargetKind = target.Kind,
            Target = target.Name,
            TargetByTrigger = wanted is { Workflow: null or "", Pipeline: null or "" },
            Branch = branch,
            Tag = tag,
            CommitHash = commit,
            Message = message,
            YamlVersion = yaml,
            Trigger = trigger,
            StartedById = access.Support?.Agent.Value ?? access.Member!.Person.Value,
            StartedByName = access.ActorName,
            BySupport = access.Support is not null,
            SetUpBySupport = access.Support is not null,
            SupportSession = access.Support?.Session.Value,
            Priority = priority ?? target.Priority,
            Env = env,
            EnvBySupport = access.Support is not null,
            QueuedAt = clock.Now(),
        };
    }

    private static Outcome<BuildTarget> Target(YamlVersion yaml, NewBuild wanted, string branch, CancellationToken cancellation)
    {
        var config = BitriseYaml.Read(yaml.Content, cancellation).Config ?? new BitriseConfig();
        return wanted switch
        {
            { Pipeline: { Length: > 0 } pipeline } => BuildTargets.Find(config, BuildTargetKind.Pipeline, pipeline),
            { Workflow: { Length: > 0 } workflow } => BuildTargets.Find(config, BuildTargetKind.Workflow, workflow),
            _ => BuildTargets.Default(config, branch, cancellation),
        };
    }

    /// <summary>Runs a build again: the same target, source and variables, with <c>bitrise.yml</c> as it is now. Asked under the lock.</summary>
    public async Task<Outcome<Build>> RebuildAsync(AccessContext access, Build earlier)
    {
        var app = await AppAsync(access);
        return await AgainAsync(access, app, earlier, await CurrentYamlAsync(app.Id), withSecrets: false);
    }

    /// <summary>Runs exactly what a guarded build was to run once more, its steps at the commits at which they came, with the secrets that the customer has just allowed it. Asked under the lock in which that was decided.</summary>
    public async Task<Outcome<Build>> RepeatAsync(AccessContext access, Build earlier) => await AgainAsync(
        access, await AppAsync(access), earlier, await db.YamlVersions.AsNoTracking().SingleAsync(v => v.AppId == earlier.AppId && v.Number == earlier.YamlVersion), withSecrets: true);

    private async Task<Outcome<Build>> AgainAsync(AccessContext access, App app, Build earlier, YamlVersion yaml, bool withSecrets)
    {
        if (!BuildTargets.Find(BitriseYaml.ReadSaved(yaml.Content), earlier.TargetKind, earlier.Target).Succeeded(out var target, out var refusal))
            return Refusal.Conflict("target_gone", $"bitrise.yml has no {Words.Of(earlier.TargetKind)} {earlier.Target} any more. {refusal.Errors[0].Accepted}");
        return await AddAsync(access, app, number => new Build
        {
            Id = Ids.Create("bld", clock.Now()),
            AppId = app.Id,
            Number = number,
            Status = BuildState.OnHold,
            TargetKind = target.Kind,
            Target = target.Name,
            TargetByTrigger = earlier.TargetByTrigger,
            Branch = earlier.Branch,
            Tag = earlier.Tag,
            CommitHash = earlier.CommitHash,
            StepCommits = withSecrets ? earlier.StepCommits : "[]",
            Message = earlier.Message,
            PullRequest = earlier.PullRequest,
            PullRequestTarget = earlier.PullRequestTarget,
            ForkUrl = earlier.ForkUrl,
            YamlVersion = yaml.Number,
            Trigger = BuildTrigger.Rebuild,
            StartedById = access.Support?.Agent.Value ?? access.Member!.Person.Value,
            StartedByName = access.ActorName,
            BySupport = access.Support is not null,
            SetUpBySupport = access.Support is not null || earlier.SetUpBySupport,
            SupportSession = access.Support?.Session.Value,
            Priority = earlier.Priority,
            Env = earlier.Env,
            EnvBySupport = earlier.EnvBySupport,
            QueuedAt = clock.Now(),
            RebuiltFrom = earlier.Number,
            // The same text: what guarded it is in it, also where that was undone meanwhile.
            GuardReason = withSecrets ? earlier.GuardReason : null,
            SecretsAnswer = withSecrets ? SecretsAnswer.Allowed : SecretsAnswer.None,
            SecretsAnsweredBy = withSecrets ? access.ActorName : null,
        });
    }

    /// <summary>Adds a build under the app's next number. Nothing is added to a disabled app, or to a queue that is full. Asked under the lock in which was read what it takes.</summary>
    /// <param name="access">Who starts it; null where a repository's host does.</param>
    /// <param name="app">The app.</param>
    /// <param name="make">Makes the build with its number.</param>
    public async Task<Outcome<Build>> AddAsync(AccessContext? access, App app, Func<int, Build> make)
    {
        if (!app.Enabled) return s_disabled;
        if (await db.Builds.CountAsync(b => b.AppId == app.Id && b.Status == BuildState.OnHold) >= options.MostWaiting)
            return new Refusal(StatusCodes.Status429TooManyRequests, "queue_full", $"{options.MostWaiting} builds of this app are waiting already. Abort some, or wait.", []);
        var number = (await db.Database.SqlQuery<int>(
            $"INSERT INTO build_counters (app_id, last) VALUES ({app.Id}, 1) ON CONFLICT (app_id) DO UPDATE SET last = last + 1 RETURNING last AS Value").ToListAsync())[0];
        var build = make(number);
        await guard.LookAsync(build);
        db.Builds.Add(build);
        await db.SaveChangesAsync();
        _added.Add((app.Id, build.Number));
        access?.Target($"build {build.Number}");
        access?.Changed($"build {build.Number}", null, $"{Words.Of(build.TargetKind)} {build.Target} on {build.Tag ?? build.Branch ?? build.CommitHash}");
        return build;
    }

    private Task<App> AppAsync(AccessContext access) => db.Apps.AsNoTracking().SingleAsync(a => a.Id == access.App!.Value.Value);

    private Task<YamlVersion> CurrentYamlAsync(string appId) =>
        db.YamlVersions.AsNoTracking().Where(v => v.AppId == appId).OrderByDescending(v => v.Number).FirstAsync();
}
