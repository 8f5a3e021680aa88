using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

internal sealed record ApprovalChange
{
    [JsonConverter(typeof(TrueOrFalse))]
    public bool? Forks { get; init; }
}

internal sealed record RollingChange
{
    [JsonConverter(typeof(TrueOrFalse))]
    public bool? Pushes { get; init; }

    [JsonConverter(typeof(TrueOrFalse))]
    public bool? PullRequests { get; init; }

    [JsonConverter(typeof(TrueOrFalse))]
    public bool? Running { get; init; }
}

internal sealed record SelectiveChange
{
    /// <summary>At most 50 patterns such as <c>src/**</c>; none: every push builds.</summary>
    [DisallowNull]
    public IReadOnlyList<string>? Paths { get; init; }
}

internal sealed record ChecksChange
{
    [JsonConverter(typeof(TrueOrFalse))]
    public bool? Enabled { get; init; }

    /// <summary>Another address forgets the token, unless a new one comes with it.</summary>
    [DisallowNull]
    public string? ApiUrl { get; init; }

    /// <summary>Never given out again. Empty: forgotten.</summary>
    [DisallowNull]
    public string? Token { get; init; }
}

/// <summary>Reads and changes how an app's builds are treated.</summary>
internal sealed class BuildSettingsBook(BuildyardDb db, Sealing sealing, OutgoingHttp http, TimeProvider clock)
{
    public Task<BuildSettings> GetAsync(AccessContext access) => GetAsync(access.App!.Value.Value);

    /// <summary>The app's row, or one with the defaults that is not saved.</summary>
    public async Task<BuildSettings> GetAsync(string appId) => await db.Set<BuildSettings>().SingleOrDefaultAsync(s => s.AppId == appId) ?? New(appId);

    public Task<Outcome<BuildSettings>> ApproveAsync(AccessContext access, ApprovalChange change) => ChangeAsync(access, settings =>
    {
        Set(access, "manual approval of pull requests from forks", settings.ManualApproval, change.Forks, value => settings.ManualApproval = value);
        return null;
    });

    public Task<Outcome<BuildSettings>> RollAsync(AccessContext access, RollingChange change) => ChangeAsync(access, settings =>
    {
        Set(access, "rolling builds of pushes", settings.RollingPushes, change.Pushes, value => settings.RollingPushes = value);
        Set(access, "rolling builds of pull requests", settings.RollingPullRequests, change.PullRequests, value => settings.RollingPullRequests = value);
        Set(access, "rolling builds that run", settings.RollingOfRunning, change.Running, value => settings.RollingOfRunning = value);
        return null;
    });

    public Task<Outcome<BuildSettings>> SelectAsync(AccessContext access, SelectiveChange change) => ChangeAsync(access, settings =>
    {
        if (change.Paths is null) return null;
        var errors = new List<FieldError>();
        var paths = PathPatterns.Read(change.Paths, errors);
        if (paths is null) return Refusal.Invalid(errors);
        if (paths == settings.SelectivePaths) return null;
        access.Changed("paths of selective builds", settings.SelectivePaths, paths);
        settings.SelectivePaths = paths;
        return null;
    });

    /// <summary>Changes GitHub checks. A token is only ever sent to the address that it was given for.</summary>
    public Task<Outcome<BuildSettings>> CheckAsync(AccessContext access, ChecksChange change) => ChangeRowAsync(access, async settings =>
    {
        if (change is { Token.Length: > 0 } && await new SupportsRows(db, sealing).AskForWhichAsync(access, settings, nameof(BuildSettings.ChecksAddress), ("api_url", settings.ChecksAddress), change.ApiUrl) is { } asked) return asked;
        return Check(access, settings, change);
    });

    private Refusal? Check(AccessContext access, BuildSettings settings, ChecksChange change)
    {
        var errors = new List<FieldError>();
        var url = change.ApiUrl is null ? null : http.ReadBase("api_url", change.ApiUrl, errors);
        if (change.Token is { Length: > 0 } token && (token.Length > 500 || token.Any(c => c is <= ' ' or >= '\u007f')))
            errors.Add(new FieldError("token", "It can't be a token.", "Up to 500 characters without spaces."));
        if (errors.Count > 0) return Refusal.Invalid(errors);
        if (url is not null && url != settings.ChecksAddress)
        {
            access.Changed("address of GitHub checks", settings.ChecksAddress, url);
            settings.ChecksAddress = url;
            if (settings.ChecksToken is not null && change.Token is null) Forget();
        }
        if (change.Token is { Length: > 0 } given)
        {
            settings.ChecksToken = sealing.Seal(BuildSettings.ChecksPurpose, given);
            access.ChangedSecret("token of GitHub checks");
        }
        else if (change.Token is not null && settings.ChecksToken is not null)
        {
            Forget();
        }
        if (change.Enabled == true && settings.ChecksToken is null)
            return Refusal.Invalid(new FieldError("token", "Checks need one, and none is stored.", "A token that may write checks of the repository."));
        Set(access, "GitHub checks", settings.Checks, change.Enabled, value => settings.Checks = value);
        if (settings.ChecksToken is null && settings.Checks) Set(access, "GitHub checks", true, false, value => settings.Checks = value);
        return null;

        void Forget()
        {
            settings.ChecksToken = null;
            access.ChangedSecret("token of GitHub checks");
        }
    }

    private Task<Outcome<BuildSettings>> ChangeAsync(AccessContext access, Func<BuildSettings, Refusal?> change) => ChangeRowAsync(access, settings => Task.FromResult(change(settings)));

    private async Task<Outcome<BuildSettings>> ChangeRowAsync(AccessContext access, Func<BuildSettings, Task<Refusal?>> change)
    {
        // The row with the defaults comes first and apart, so that what this caller changes is seen, and undone, field by field.
        var app = access.App!.Value.Value;
        await db.Database.ExecuteSqlAsync($"""
            INSERT OR IGNORE INTO build_settings (id, app_id, changed_at, changed_by, by_support, manual_approval, rolling_pushes, rolling_pull_requests, rolling_of_running, selective_paths, checks, checks_address)
            VALUES ({Ids.Create("bst", clock.Now())}, {app}, {clock.Now().ToUnixTimeMilliseconds()}, '', 0, 0, 0, 0, 0, '', 0, {BuildSettings.GitHub})
            """);
        var settings = await GetAsync(app);
        if (await change(settings) is { } refusal)
        {
            db.ChangeTracker.Clear();
            return refusal;
        }
        if (db.ChangeTracker.HasChanges()) settings.Sign(access, clock.Now());
        await db.SaveChangesAsync();
        return settings;
    }

    private BuildSettings New(string appId) => new() { Id = Ids.Create("bst", clock.Now()), AppId = appId };

    private static void Set(AccessContext access, string what, bool before, bool? after, Action<bool> set)
    {
        if (after is not { } value || value == before) return;
        set(value);
        access.Changed(what, OnOff(before), OnOff(value));
    }

    private static string OnOff(bool value) => value ? "on" : "off";
}
