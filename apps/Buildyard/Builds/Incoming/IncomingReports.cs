using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>What came of a report.</summary>
/// <param name="Message">In words.</param>
/// <param name="Builds">The numbers of the builds that it started.</param>
internal sealed record HookOutcome(string Message, IReadOnlyList<int> Builds);

/// <summary>A report as it came.</summary>
/// <param name="Kind">GitHub's name of the event.</param>
/// <param name="Delivery">GitHub's id of the report; null where it has none, which is then never taken for a repeated one.</param>
/// <param name="Signature">The header with the signature, which is over the body as it came.</param>
/// <param name="Body">The JSON, or a form that holds it as <c>payload</c>: GitHub's webhooks can be set to either.</param>
/// <param name="IsForm">Which of the two.</param>
internal sealed record HookReport(string Kind, string? Delivery, string? Signature, Stream Body, bool IsForm)
{
    /// <summary>The payload, from its beginning.</summary>
    /// <exception cref="InvalidDataException">It is no form, or one without a payload.</exception>
    public JsonTokens Payload()
    {
        Body.Position = 0;
        if (!IsForm) return new JsonTokens(into => Body.Read(into.Span));
        var payload = new FormPayload(Body);
        payload.Find();
        return new JsonTokens(payload.Read);
    }
}

/// <summary>Takes the reports of repository hosts, and starts what they ask for.</summary>
internal sealed class IncomingReports(
    BuildyardDb db,
    BuildStarts starts,
    BuildSettingsBook settings,
    BuildQueue queue,
    Sealing sealing,
    ComputeTurns turns,
    TimeProvider clock)
{
    private const int KeptDeliveries = 100;
    private static readonly HookOutcome s_again = new("This delivery came before. It starts nothing again.", []);
    private static readonly Refusal s_nothing = Refusal.NotFound("There is nothing at this address.");
    private static readonly Refusal s_unsigned = new(StatusCodes.Status401Unauthorized, "bad_signature", "The signature in X-Hub-Signature-256 is missing or not made with this webhook's secret.", []);

    /// <summary>What an address leads to, before anything that is sent there is read.</summary>
    /// <param name="app">The app's slug or id, as in the address.</param>
    /// <param name="token">The address's token.</param>
    /// <param name="cancellation">Cancelled when nobody waits for the answer any more.</param>
    public async Task<Outcome<IncomingHook>> FindAsync(string app, string token, CancellationToken cancellation)
    {
        var hash = Secrets.Hash(token);
        if (await db.Set<IncomingHook>().SingleOrDefaultAsync(h => h.TokenHash == hash, cancellation) is not { } hook) return s_nothing;
        var target = await db.Apps.SingleAsync(a => a.Id == hook.AppId, cancellation);
        return target.Slug == app || target.Id == app ? hook : s_nothing;
    }

    /// <summary>Takes one report.</summary>
    /// <param name="hook">What its address leads to.</param>
    /// <param name="report">What came.</param>
    /// <param name="cancellation">Cancelled when nobody waits for the answer any more: then nothing is started that isn't yet.</param>
    public async Task<Outcome<HookOutcome>> TakeAsync(IncomingHook hook, HookReport report, CancellationToken cancellation)
    {
        if (hook.Secret is { } secret && !await IsSignedAsync(report.Body, report.Signature, sealing.Open(IncomingHook.SecretPurpose, secret), cancellation))
            return s_unsigned;
        if (await CameAsync(hook, report)) return s_again;
        try
        {
            return await HandleAsync(hook, report, cancellation);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return new Refusal(StatusCodes.Status400BadRequest, "unreadable_payload", $"This is no {StartFields.Tame(report.Kind)} payload of GitHub's. {e.Message.Split(" Path:")[0]}", []);
        }
    }

    private async Task<Outcome<HookOutcome>> HandleAsync(IncomingHook hook, HookReport report, CancellationToken cancellation)
    {
        var party = ComputeParty.Of(await db.Apps.AsNoTracking().SingleAsync(a => a.Id == hook.AppId, cancellation));
        while (true)
        {
            // Read and compared in its turn and outside of any lock: who made the report, or the file, may have made it to take long.
            var yaml = await Yaml(hook.AppId).FirstAsync(cancellation);
            var paths = await db.Set<BuildSettings>().Where(s => s.AppId == hook.AppId).Select(s => s.SelectivePaths).SingleOrDefaultAsync(cancellation) ?? "";
            var planned = await turns.DoAsync(party, stop => Plan(report, yaml.Content, paths, stop), cancellation);
            if (!planned.Succeeded(out var plan, out var busy)) return await NotStartedAsync(hook, report.Kind, busy);
            if (plan.Match.Excess is { } excess)
                return await NotStartedAsync(hook, report.Kind, new Refusal(StatusCodes.Status422UnprocessableEntity, "too_much_to_read", excess, []));
            var added = new List<(Build Build, BuildSettings Rules)>();
            var outcome = await starts.LockedAsync<HookOutcome?>(async () => await StartAsync(hook, report, yaml.Number, plan, added));
            // Somebody saved another bitrise.yml meanwhile.
            if (outcome.Value is not { } done) continue;
            foreach (var (build, rules) in added) await RollAsync(build, rules);
            await ForgetOldAsync(hook);
            return done;
        }
    }

    /// <summary>Starts what was planned and notes it, both or neither. Null where the file that it was planned by is not the newest any more.</summary>
    private async Task<HookOutcome?> StartAsync(IncomingHook hook, HookReport report, int version, HookPlan plan, List<(Build Build, BuildSettings Rules)> added)
    {
        if (await CameAsync(hook, report)) return s_again;
        if (await Yaml(hook.AppId).Select(v => v.Number).FirstAsync() != version) return null;
        var outcome = plan.Ignored is { } ignored ? new HookOutcome(ignored, []) : await BuildAsync(hook.AppId, version, plan.Change!, plan, added);
        await NoteAsync(hook, Id(report.Delivery), report.Kind, outcome.Message);
        return outcome;
    }

    private static HookPlan Plan(HookReport report, string yaml, string paths, CancellationToken cancellation)
    {
        ReadReport read;
        try
        {
            using var payload = PayloadExtract.Read(report.Payload(), cancellation);
            read = GitHubReport.Read(report.Kind, payload.RootElement);
        }
        catch (PayloadExcessException excess)
        {
            return new HookPlan(null, null, new BitriseConfig(), new TriggerMatch([], excess.Message));
        }
        var (change, ignored) = read;
        if (change is null) return new HookPlan(null, ignored, new BitriseConfig(), new TriggerMatch([]));
        var config = BitriseYaml.Read(yaml, cancellation).Config ?? new BitriseConfig();
        var match = config.Match(change.Event, cancellation);
        if (match is { Excess: null, Targets.Count: 0 }) ignored = "No trigger matches: nothing is built.";
        else if (change is { Trigger: BuildTrigger.Push, Files: { } files } && paths.Length > 0 && !PathPatterns.AnyFits(paths, files))
            ignored = "No changed file fits the paths of selective builds: nothing is built.";
        return new HookPlan(change, ignored, config, match);
    }

    /// <summary>
    /// Answers that nothing was started, and keeps it for those who look for it, once a minute. The same delivery may come again: it has not been handled.
    /// </summary>
    /// <param name="hook">Where the report came.</param>
    /// <param name="kind">GitHub's name of the event.</param>
    /// <param name="why">What stands against it.</param>
    public async Task<Refusal> NotStartedAsync(IncomingHook hook, string kind, Refusal why)
    {
        var said = $"Nothing was started. {why.Title}";
        var lately = clock.Now() - TimeSpan.FromMinutes(1);
        if (!await db.Set<HookDelivery>().AnyAsync(d => d.HookId == hook.Id && d.Outcome == said && d.ReceivedAt > lately))
        {
            await NoteAsync(hook, Id(null), kind, said);
            await ForgetOldAsync(hook);
        }
        return why with { Title = said };
    }

    private Task<bool> CameAsync(IncomingHook hook, HookReport report) =>
        db.Set<HookDelivery>().AnyAsync(d => d.HookId == hook.Id && d.DeliveryId == report.Delivery);

    private async Task NoteAsync(IncomingHook hook, string delivery, string kind, string outcome)
    {
        db.Add(new HookDelivery
        {
            HookId = hook.Id,
            DeliveryId = delivery,
            Event = kind.Length <= 50 ? kind : kind[..50],
            ReceivedAt = clock.Now(),
            Outcome = outcome,
        });
        await db.SaveChangesAsync();
    }

    /// <summary>Starts what was planned. Those that were started before the queue was full are started: it is told which.</summary>
    private async Task<HookOutcome> BuildAsync(string appId, int version, RepositoryChange change, HookPlan plan, List<(Build Build, BuildSettings Rules)> all)
    {
        var app = await db.Apps.AsNoTracking().SingleAsync(a => a.Id == appId);
        var rules = await settings.GetAsync(app.Id);
        var started = new List<int>();
        foreach (var triggered in plan.Match.Targets)
        {
            // A trigger may name what a later edit took away; a check warns of it.
            if (!BuildTargets.Find(plan.Config, triggered).Succeeded(out var target, out _)) continue;
            var added = await starts.AddAsync(null, app, number => Make(app, change, target, version, number, rules.ManualApproval));
            if (!added.Succeeded(out var build, out var refusal)) return new HookOutcome(refusal.Title, started);
            started.Add(build.Number);
            all.Add((build, rules));
        }
        return started.Count == 0
            ? new HookOutcome("The triggers name nothing that can be built.", started)
            : new HookOutcome($"Started {(started.Count == 1 ? "build" : "builds")} {string.Join(", ", started.Select(n => $"#{n}"))}.", started);
    }

    private IQueryable<YamlVersion> Yaml(string appId) => db.YamlVersions.AsNoTracking().Where(v => v.AppId == appId).OrderByDescending(v => v.Number);

    private Build Make(App app, RepositoryChange change, BuildTarget target, int yaml, int number, bool approvesForks) => new()
    {
        Id = Ids.Create("bld", clock.Now()),
        AppId = app.Id,
        Number = number,
        Status = BuildState.OnHold,
        TargetKind = target.Kind,
        Target = target.Name,
        TargetByTrigger = true,
        Branch = change.Branch,
        Tag = change.Tag,
        CommitHash = change.Commit,
        Message = change.Message,
        PullRequest = change.PullRequest,
        PullRequestTarget = change.PullRequestTarget,
        ForkUrl = change.ForkUrl,
        YamlVersion = yaml,
        Trigger = change.Trigger,
        StartedByName = change.Who,
        BySupport = false,
        SetUpBySupport = false,
        Priority = target.Priority,
        WaitsForApproval = change.ForkUrl is not null && approvesForks,
        Env = "[]",
        QueuedAt = clock.Now(),
    };

    /// <summary>Rolling builds: the new one takes the place of earlier ones of the same branch, or pull request, and workflow.</summary>
    private async Task RollAsync(Build build, BuildSettings rules)
    {
        if (!(build.Trigger == BuildTrigger.Push ? rules.RollingPushes : build.Trigger == BuildTrigger.PullRequest && rules.RollingPullRequests)) return;
        var earlier = await db.Builds.AsNoTracking().Where(b =>
            b.AppId == build.AppId && b.Number < build.Number && b.Trigger == build.Trigger && b.Target == build.Target && b.TargetKind == build.TargetKind
            && b.PullRequest == build.PullRequest && b.Branch == build.Branch
            && (b.Status == BuildState.OnHold || (rules.RollingOfRunning && (b.Status == BuildState.Starting || b.Status == BuildState.Running)))).ToListAsync();
        var where = build.PullRequest is null ? "branch" : "pull request";
        await Task.WhenAll(earlier.Select(b => queue.AbortAsync(b.Id, BuildState.Aborted, $"Build #{build.Number} of the same {where} took its place.")));
    }

    private static async Task<bool> IsSignedAsync(Stream body, string? signature, byte[] secret, CancellationToken cancellation)
    {
        const string Start = "sha256=";
        if (signature is null || !signature.StartsWith(Start, StringComparison.Ordinal)) return false;
        body.Position = 0;
        var expected = Convert.ToHexStringLower(await HMACSHA256.HashDataAsync(secret, body, cancellation));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(signature[Start.Length..].ToLowerInvariant()));
    }

    private string Id(string? delivery) =>
        delivery is { Length: > 0 and <= 100 } && delivery.All(c => c is > ' ' and < '\u007f') ? delivery : Ids.Create("dlv", clock.Now());

    private async Task ForgetOldAsync(IncomingHook hook)
    {
        var oldest = await db.Set<HookDelivery>().Where(d => d.HookId == hook.Id).OrderByDescending(d => d.ReceivedAt).Skip(KeptDeliveries).Select(d => d.DeliveryId).ToListAsync();
        if (oldest.Count > 0) await db.Set<HookDelivery>().Where(d => d.HookId == hook.Id && oldest.Contains(d.DeliveryId)).ExecuteDeleteAsync();
    }

    /// <summary>What a report comes to, by one version of bitrise.yml.</summary>
    /// <param name="Change">What to build; null: nothing.</param>
    /// <param name="Ignored">Why nothing; null: something.</param>
    /// <param name="Config">The file.</param>
    /// <param name="Match">What its triggers start.</param>
    private sealed record HookPlan(RepositoryChange? Change, string? Ignored, BitriseConfig Config, TriggerMatch Match);
}
