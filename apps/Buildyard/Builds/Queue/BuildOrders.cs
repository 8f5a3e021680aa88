using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>What the runner is given for one build: an order for each workflow, and where all of them write.</summary>
internal sealed record BuildOrderSet(IReadOnlyList<BuildOrder> Orders, string LogPath);

/// <summary>The one place where a build's order is filled: what it may know, and what a guarded one is not given.</summary>
internal sealed class BuildOrders(BuildyardDb db, BuildFiles files, BuildCaches caches, SecretBook secrets, SshKeyRing keys, SigningFileShelf signing, Guard guard, BuildQueueOptions options, PublicUrl url)
{
    public async Task<Outcome<BuildOrderSet>> FillAsync(string buildId)
    {
        // Nobody writes meanwhile: what the guard looked at is what the build is given.
        await using var transaction = await db.Database.BeginTransactionAsync();
        var build = await db.Builds.SingleAsync(b => b.Id == buildId);
        await GuardAsync(build);
        var app = await db.Apps.AsNoTracking().SingleAsync(a => a.Id == build.AppId);
        var yaml = await db.YamlVersions.AsNoTracking().SingleAsync(v => v.AppId == build.AppId && v.Number == build.YamlVersion);
        var workflows = BuildTargets.WorkflowsOf(BitriseYaml.ReadSaved(yaml.Content), build.TargetKind, build.Target);
        if (workflows.Count == 0) return Refusal.Conflict("no_workflow", $"bitrise.yml has nothing to run as {build.Target}.");
        var order = await WithSecretsAsync(Common(build, app, yaml.Content), build);
        await transaction.CommitAsync();
        return new BuildOrderSet(
            [.. workflows.Select((workflow, i) => order with { Id = i == 0 ? build.Id : string.Create(CultureInfo.InvariantCulture, $"{build.Id}-{i + 1}"), Workflow = workflow })],
            files.Log(build));
    }

    /// <summary>
    /// Asks once more what shapes the build: while it waited, support may have changed what it would be given, or where to. What was allowed for
    /// this build was allowed for what it would have been given then. What holds for support's builds without a question is asked now.
    /// </summary>
    private async Task GuardAsync(Build build)
    {
        await guard.LookAsync(build);
        if (build.SecretsAnswer == SecretsAnswer.Allowed && await guard.ChangedSinceAsync(build, build.QueuedAt) is { Count: > 0 } changed)
        {
            (build.SecretsAnswer, build.SecretsAnsweredBy) = (SecretsAnswer.None, null);
            build.GuardReason = $"{build.GuardReason} Its secrets were allowed, and since then support changed {string.Join(" and ", changed)}.";
        }
        if (build is { GuardReason: not null, SecretsAnswer: SecretsAnswer.None } && await guard.IsAllowedBeforehandAsync(build))
            (build.SecretsAnswer, build.SecretsAnsweredBy) = (SecretsAnswer.Allowed, Guard.Beforehand);
        await db.SaveChangesAsync();
    }

    /// <summary>Adds what only a build that is not guarded, or that the customer allowed it, is given.</summary>
    private async Task<BuildOrder> WithSecretsAsync(BuildOrder order, Build build)
    {
        // Whoever sends a pull request from a fork writes what runs, and is nobody of the customer's. Any other build is cloned with the
        // app's key, outside the sandbox; into a guarded one it doesn't go.
        var own = build.FromFork ? order : order with { Source = order.Source with { SshPrivateKey = await keys.ForBuildAsync(build.AppId) } };
        return build.GoesWithoutSecrets
            ? own
            : own with
            {
                Secrets = await secrets.ForBuildAsync(build.AppId, pullRequest: build.PullRequest is not null),
                SigningFiles = build.FromFork ? [] : await signing.ForBuildAsync(build.AppId),
            };
    }

    private BuildOrder Common(Build build, App app, string yaml) => new()
    {
        Id = build.Id,
        AppId = app.Id,
        AppSlug = app.Slug,
        AppTitle = app.Title,
        AccountId = app.AccountId,
        Number = build.Number,
        Slug = build.Id,
        Url = url.To(string.Create(CultureInfo.InvariantCulture, $"/apps/{app.Slug}/builds/{build.Number}")),
        AppUrl = url.To($"/apps/{app.Slug}"),
        Triggered = build.QueuedAt,
        TriggerMethod = build.Trigger switch
        {
            BuildTrigger.Api => "api",
            BuildTrigger.Push or BuildTrigger.Tag or BuildTrigger.PullRequest => "webhook",
            _ => "manual",
        },
        Yaml = yaml,
        Workflow = build.Target,
        Source = new BuildSource(app.RepositoryUrl.Length == 0 ? null : app.RepositoryUrl, null, build.Branch, build.Tag, build.CommitHash, build.Message),
        StepCommits = KnownSteps.Read(build.StepCommits),
        KnownStepsOnly = build is { SecretsAnswer: SecretsAnswer.Allowed, SecretsAnsweredBy: not Guard.Beforehand },
        PullRequest = build.PullRequest is { } number
            ? new PullRequestFacts(number.ToString(CultureInfo.InvariantCulture), build.Branch ?? "", build.PullRequestTarget ?? "", build.ForkUrl)
            : null,
        Environment = build.KeepsEnvBack ? [] : StartFields.Env(build.Env),
        Cache = caches.For(build),
        GuardNote = build.GoesWithoutSecrets ? $"{build.GuardReason}{(build.KeepsEnvBack ? " The variables that it was started with are kept back too." : "")}" : null,
        ArtifactsDirectory = files.Artifacts(build),
        Limits = new BuildLimits { Total = options.Total },
    };
}
