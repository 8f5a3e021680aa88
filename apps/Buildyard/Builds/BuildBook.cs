using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Which builds of an app to list; null: all.</summary>
public sealed record BuildFilter(BuildState? Status = null, string? Branch = null, string? Workflow = null);

/// <summary>The builds of an app: what there are, and what can be done to one.</summary>
internal sealed class BuildBook(BuildyardDb db, BuildQueue queue, BuildStarts starts, Guard guard, BuildFeed feed, TimeProvider clock)
{
    public static Refusal NoSuchBuild { get; } = new(StatusCodes.Status404NotFound, "no_such_build", "This app has no build with that number.", []);

    private static readonly Refusal s_over = Refusal.Conflict("build_over", "This build has ended already.");

    /// <summary>Builds below <paramref name="before"/>, newest first.</summary>
    public Task<List<Build>> ListAsync(AccessContext access, BuildFilter filter, int before, int most)
    {
        var builds = Builds(access).AsNoTracking().Where(b => b.Number < before);
        if (filter.Status is { } status) builds = builds.Where(b => b.Status == status);
        if (filter.Branch is { } branch) builds = builds.Where(b => b.Branch == branch);
        if (filter.Workflow is { } workflow) builds = builds.Where(b => b.Target == workflow);
        return builds.OrderByDescending(b => b.Number).Take(most).ToListAsync();
    }

    /// <summary>One build with its steps and artifacts.</summary>
    public Task<Build?> FindAsync(AccessContext access, int number) =>
        Builds(access).AsNoTracking().Include(b => b.Steps.OrderBy(s => s.Position)).Include(b => b.Artifacts.OrderBy(a => a.Name)).AsSplitQuery().SingleOrDefaultAsync(b => b.Number == number);

    /// <summary>Stops a build that waits or runs; everything that it started is dead when this returns.</summary>
    /// <param name="access">Who stops it.</param>
    /// <param name="number">Which.</param>
    /// <param name="reason">Why, in their words; may be empty.</param>
    /// <param name="asSuccess">Whether it counts as a success.</param>
    public async Task<Outcome<Build>> AbortAsync(AccessContext access, int number, string? reason, bool asSuccess)
    {
        var errors = new List<FieldError>();
        var why = string.IsNullOrWhiteSpace(reason) ? null : Line.Read("reason", reason, 200, errors);
        if (errors.Count > 0) return Refusal.Invalid(errors);
        if (await FindAsync(access, number) is not { } build) return NoSuchBuild;
        if (build.IsOver) return s_over;
        access.Target($"build {number}");
        var state = asSuccess ? BuildState.AbortedWithSuccess : BuildState.Aborted;
        if (!await queue.AbortAsync(build.Id, state, why is null ? $"Stopped by {access.ActorName}." : $"Stopped by {access.ActorName}: {why}"))
            return s_over;
        var ended = (await FindAsync(access, number))!;
        access.Changed($"build {number}", Words.Of(build.Status), Words.Of(ended.Status));
        return ended;
    }

    /// <summary>Lets a build go that waits for approval. What support approves gets no secrets until the customer allows them.</summary>
    public async Task<Outcome<Build>> ApproveAsync(AccessContext access, int number)
    {
        if (await Builds(access).SingleOrDefaultAsync(b => b.Number == number) is not { } build) return NoSuchBuild;
        access.Target($"build {number}");
        if (!build.WaitsForApproval) return Refusal.Conflict("not_waiting", "This build doesn't wait for approval.");
        build.WaitsForApproval = false;
        build.ApprovedBy = access.ActorName;
        if (access.Support is not null) (build.GuardReason, build.SetUpBySupport) = (build.GuardReason ?? $"{access.ActorName} approved it.", true);
        await db.SaveChangesAsync();
        access.Changed($"build {number}", "waits for approval", "approved");
        feed.Changed(build.AppId, number);
        queue.Wake();
        return (await FindAsync(access, number))!;
    }

    public Task<Outcome<Build>> RebuildAsync(AccessContext access, int number) => starts.LockedAsync<Build>(async () =>
        await FindAsync(access, number) is { } build ? await starts.RebuildAsync(access, build) : NoSuchBuild);

    /// <summary>Whether a build waits for an answer that this caller may give.</summary>
    public static async Task<bool> AsksAsync(AccessContext access, Build build) => build.AwaitsSecretsAnswer && await access.MayAsync("build.secrets.allow");

    /// <summary>
    /// The customer's word on a guarded build's secrets. What is allowed is what was looked at: the text, the variables and the commits of this
    /// build and its steps, and what it was given besides. Where that is not settled, or not so any more, nothing is allowed and it is said why.
    /// </summary>
    /// <returns>The build that has them: the same one where it still waits, else a new run of it; the same one where the answer is no.</returns>
    public async Task<Outcome<Build>> AnswerAsync(AccessContext access, int number, string? answer)
    {
        var outcome = await starts.LockedAsync(() => DecideAsync(access, number, answer));
        if (outcome.Refusal is null) feed.Changed(access.App!.Value.Value, number);
        return outcome;
    }

    private async Task<Outcome<Build>> DecideAsync(AccessContext access, int number, string? answer)
    {
        if (await Builds(access).SingleOrDefaultAsync(b => b.Number == number) is not { } build) return NoSuchBuild;
        if (build.GuardReason is null) return Refusal.Conflict("not_guarded", "This build is not guarded.");
        if (answer is not ("build" or "session" or "not")) return Refusal.Invalid(new FieldError("allow", "It is not an answer.", "One of build, session, not."));
        if (answer == "session" && build.SupportSession is null)
            return Refusal.Invalid(new FieldError("allow", "This build belongs to no session of support's.", "One of build, not."));
        if (answer != "not" && await WhyNotAsSeenAsync(build) is { } unsettled) return unsettled;
        if (answer == "session" && !await db.SecretPermits.AnyAsync(p => p.AppId == build.AppId && p.SupportSession == build.SupportSession))
        {
            db.SecretPermits.Add(new SecretPermit
            {
                Id = Ids.Create("bsp", clock.Now()),
                AppId = build.AppId,
                SupportSession = build.SupportSession!,
                AllowedBy = access.ActorName,
                AllowedAt = clock.Now(),
            });
        }
        var waits = build.Status == BuildState.OnHold;
        build.SecretsAnswer = answer == "not" ? SecretsAnswer.Refused : waits ? SecretsAnswer.Allowed : build.SecretsAnswer;
        if (answer == "not" || waits) build.SecretsAnsweredBy = access.ActorName;
        await db.SaveChangesAsync();
        if (answer == "not" || waits) return (await FindAsync(access, number))!;
        var again = await starts.RepeatAsync(access, build);
        if (!again.Succeeded(out _, out _)) return again;
        // It goes on as it is; nobody is asked about it any more.
        build.SecretsAnsweredBy = access.ActorName;
        await db.SaveChangesAsync();
        return again;
    }

    /// <summary>Why the secrets of a guarded build can't be allowed: something else than what can be looked at would have them, or that is not known. Null: they can.</summary>
    public async Task<Refusal?> WhyNotAsSeenAsync(Build build)
    {
        if (await guard.ChangedSinceAsync(build, build.QueuedAt) is { Count: > 0 } changed)
            return Refusal.Conflict("changed_since", $"Since this build was queued, support changed {string.Join(" and ", changed)}. Nothing is allowed: run it again, and look at that build.");
        if (!GitCommit.IsFull(build.CommitHash) && await db.Apps.AnyAsync(a => a.Id == build.AppId && a.RepositoryUrl != ""))
            return Refusal.Conflict("commit_unknown", "Which commit it builds is known once it has fetched the source. Nothing is allowed yet: answer then, and exactly that commit runs with secrets.");
        var yaml = await db.YamlVersions.AsNoTracking().SingleAsync(v => v.AppId == build.AppId && v.Number == build.YamlVersion);
        return KnownSteps.Missing(BitriseYaml.ReadSaved(yaml.Content), build) is { } step
            ? Refusal.Conflict("commit_unknown", $"Which commit the step {StepReference.Named(step.Use.Id)} comes at is not known: this build has not fetched it. Nothing is allowed: answer for one that has, or give the step a full commit hash as its version.")
            : null;
    }

    private IQueryable<Build> Builds(AccessContext access) => db.Builds.Where(b => b.AppId == access.App!.Value.Value);
}
