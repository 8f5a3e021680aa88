using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.WebUtilities;
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
internal sealed record HookReport(string Kind, string? Delivery, string? Signature, byte[] Body, bool IsForm)
{
    /// <exception cref="InvalidDataException">It is no form, or one without a payload.</exception>
    public ReadOnlyMemory<byte> Payload()
    {
        if (!IsForm) return Body;
        using var form = new FormReader(Encoding.UTF8.GetString(Body)) { ValueLengthLimit = Body.Length };
        return form.ReadForm().TryGetValue("payload", out var payload) ? Encoding.UTF8.GetBytes(payload.ToString()) : throw new InvalidDataException("The form holds no payload.");
    }
}

/// <summary>Takes reports of repository hosts, and keeps the address they come to.</summary>
internal sealed class IncomingHooks(BuildyardDb db, BuildStarts starts, BuildSettingsBook settings, BuildQueue queue, Sealing sealing, TimeProvider clock)
{
    private const int KeptDeliveries = 100;
    private static readonly Refusal s_nothing = Refusal.NotFound("There is nothing at this address.");
    private static readonly Refusal s_unsigned = new(StatusCodes.Status401Unauthorized, "bad_signature", "The signature in X-Hub-Signature-256 is missing or not made with this webhook's secret.", []);

    public Task<IncomingHook?> FindAsync(AccessContext access) => db.Set<IncomingHook>().SingleOrDefaultAsync(h => h.AppId == access.App!.Value.Value);

    /// <summary>The last reports, newest first.</summary>
    public Task<List<HookDelivery>> DeliveriesAsync(IncomingHook hook) =>
        db.Set<HookDelivery>().AsNoTracking().Where(d => d.HookId == hook.Id).OrderByDescending(d => d.ReceivedAt).Take(20).ToListAsync();

    /// <summary>Registers the address, or gives it a new token; the old one works no more.</summary>
    public async Task<IncomingHook> RotateAsync(AccessContext access)
    {
        var token = Secrets.Create();
        var now = clock.Now();
        var hook = await FindAsync(access);
        if (hook is null)
        {
            hook = new IncomingHook { Id = Ids.Create("hok", now), AppId = access.App!.Value.Value, Token = [], TokenHash = "", RotatedAt = now, RotatedBy = "" };
            db.Add(hook);
        }
        (hook.Token, hook.TokenHash, hook.RotatedAt, hook.RotatedBy) = (sealing.Seal(IncomingHook.TokenPurpose, token), Secrets.Hash(token), now, access.ActorName);
        hook.Sign(access, now);
        await db.SaveChangesAsync();
        access.Target("incoming webhook");
        access.ChangedSecret("token of the incoming webhook");
        return hook;
    }

    /// <summary>Sets or forgets what reports must be signed with.</summary>
    public async Task<Outcome<IncomingHook>> SetSecretAsync(AccessContext access, string? secret)
    {
        if (await FindAsync(access) is not { } hook) return Refusal.Conflict("not_registered", "There is no incoming webhook yet. Register it first.");
        if (secret is null || secret.Length > 200 || secret.Any(c => c is < ' ' or '\u007f'))
            return Refusal.Invalid(new FieldError("secret", "It can't be a secret.", "Up to 200 characters without control characters; empty to take unsigned reports."));
        hook.Sign(access, clock.Now());
        hook.Secret = secret.Length == 0 ? null : sealing.Seal(IncomingHook.SecretPurpose, secret);
        await db.SaveChangesAsync();
        access.Target("incoming webhook");
        access.ChangedSecret("secret of the incoming webhook");
        return hook;
    }

    public async Task RemoveAsync(AccessContext access)
    {
        if (await FindAsync(access) is not { } hook) return;
        db.Remove(hook);
        await db.SaveChangesAsync();
        access.Target("incoming webhook");
        access.Changed("incoming webhook", "registered", null);
    }

    /// <summary>The path of the address. For members who may know it: whoever does can start builds.</summary>
    public string PathOf(App app, IncomingHook hook) => $"/hooks/github/{app.Slug}/{sealing.OpenText(IncomingHook.TokenPurpose, hook.Token)}";

    /// <summary>Takes one report.</summary>
    /// <param name="app">The app's slug or id, as in the address.</param>
    /// <param name="token">The address's token.</param>
    /// <param name="report">What came.</param>
    public async Task<Outcome<HookOutcome>> TakeAsync(string app, string token, HookReport report)
    {
        var hash = Secrets.Hash(token);
        if (await db.Set<IncomingHook>().SingleOrDefaultAsync(h => h.TokenHash == hash) is not { } hook) return s_nothing;
        var target = await db.Apps.SingleAsync(a => a.Id == hook.AppId);
        if (target.Slug != app && target.Id != app) return s_nothing;
        if (hook.Secret is { } secret && !IsSigned(report.Body, report.Signature, sealing.Open(IncomingHook.SecretPurpose, secret))) return s_unsigned;

        ReadReport read;
        try
        {
            using var payload = JsonDocument.Parse(report.Payload());
            read = GitHubReport.Read(report.Kind, payload.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return new Refusal(StatusCodes.Status400BadRequest, "unreadable_payload", $"This is no {StartFields.Tame(report.Kind)} payload of GitHub's. {e.Message.Split(" Path:")[0]}", []);
        }
        var row = new HookDelivery { HookId = hook.Id, DeliveryId = Id(report.Delivery), Event = report.Kind.Length <= 50 ? report.Kind : report.Kind[..50], ReceivedAt = clock.Now(), Outcome = "It is being handled." };
        db.Add(row);
        try
        {
            await db.SaveChangesAsync();
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return new HookOutcome("This delivery came before. It starts nothing again.", []);
        }
        var added = new List<(Build Build, BuildSettings Rules)>();
        // Those that were started before the queue was full are started: it is told which.
        var outcome = read.Change is { } change ? (await starts.LockedAsync<HookOutcome>(async () => await BuildAsync(hook.AppId, change, added))).Value! : new HookOutcome(read.Ignored!, []);
        foreach (var (build, rules) in added) await RollAsync(build, rules);
        row.Outcome = outcome.Message;
        await db.SaveChangesAsync();
        await ForgetOldAsync(hook);
        return outcome;
    }

    private async Task<HookOutcome> BuildAsync(string appId, RepositoryChange change, List<(Build Build, BuildSettings Rules)> all)
    {
        var app = await db.Apps.AsNoTracking().SingleAsync(a => a.Id == appId);
        var yaml = await db.YamlVersions.AsNoTracking().Where(v => v.AppId == app.Id).OrderByDescending(v => v.Number).FirstAsync();
        var config = BitriseYaml.ReadSaved(yaml.Content);
        var targets = config.Match(change.Event);
        if (targets.Count == 0) return new HookOutcome("No trigger matches: nothing is built.", []);
        var rules = await settings.GetAsync(app.Id);
        if (change is { Trigger: BuildTrigger.Push, Files: { } files } && rules.SelectivePaths.Length > 0 && !PathPatterns.AnyFits(rules.SelectivePaths, files))
            return new HookOutcome("No changed file fits the paths of selective builds: nothing is built.", []);

        var started = new List<int>();
        foreach (var triggered in targets)
        {
            var kind = Words.Find<BuildTargetKind>(triggered.Kind)!.Value;
            // A trigger may name what a later edit took away; a check warns of it.
            if (!BuildTargets.Find(config, kind, triggered.Name).Succeeded(out var target, out _)) continue;
            var added = await starts.AddAsync(null, app, number => Make(app, change, target, yaml.Number, number, rules.ManualApproval));
            if (!added.Succeeded(out var build, out var refusal)) return new HookOutcome(refusal.Title, started);
            started.Add(build.Number);
            all.Add((build, rules));
        }
        return started.Count == 0
            ? new HookOutcome("The triggers name nothing that can be built.", started)
            : new HookOutcome($"Started {(started.Count == 1 ? "build" : "builds")} {string.Join(", ", started.Select(n => $"#{n}"))}.", started);
    }

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

    private static bool IsSigned(byte[] body, string? signature, byte[] secret)
    {
        const string Start = "sha256=";
        if (signature is null || !signature.StartsWith(Start, StringComparison.Ordinal)) return false;
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(secret, body));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(signature[Start.Length..].ToLowerInvariant()));
    }

    private string Id(string? delivery) =>
        delivery is { Length: > 0 and <= 100 } && delivery.All(c => c is > ' ' and < '\u007f') ? delivery : Ids.Create("dlv", clock.Now());

    private async Task ForgetOldAsync(IncomingHook hook)
    {
        var oldest = await db.Set<HookDelivery>().Where(d => d.HookId == hook.Id).OrderByDescending(d => d.ReceivedAt).Skip(KeptDeliveries).Select(d => d.DeliveryId).ToListAsync();
        if (oldest.Count > 0) await db.Set<HookDelivery>().Where(d => d.HookId == hook.Id && oldest.Contains(d.DeliveryId)).ExecuteDeleteAsync();
    }
}
