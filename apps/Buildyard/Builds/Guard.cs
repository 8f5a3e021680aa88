using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Decides whether a build is guarded: it then gets no secrets, signing files or keys and writes caches only to a scope of its own,
/// until the customer allows it.
/// </summary>
internal sealed class Guard(BuildyardDb db, Sealing sealing, ISupportHost support)
{
    /// <summary>The permission that lifts the guard from support's own builds. Lent only where a grant names it.</summary>
    public const string UseSecrets = "build.secrets.use";

    /// <summary>Who answered, where nobody was asked: the grant named the permission, or the session was allowed it.</summary>
    public const string Beforehand = "the grant or the session";

    private static readonly IReadOnlyDictionary<string, string> s_shaping = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(AppSecret)] = "a secret",
        [nameof(SshKey)] = "the SSH key",
        [nameof(SigningFile)] = "a signing file",
        [nameof(AppleChoice)] = "the Apple Developer account",
        [$"{nameof(App)}.{nameof(App.RepositoryUrl)}"] = "the repository URL",
        [$"{nameof(App)}.{nameof(App.DefaultBranch)}"] = "the default branch",
    };

    /// <summary>Why a build is guarded, as a sentence for the top of its log; null: it is not.</summary>
    /// <param name="build">What is about to be queued, or to start.</param>
    public async Task<string?> ReasonAsync(Build build)
    {
        if (build.BySupport) return $"{build.StartedByName} started it.";
        if (build.SetUpBySupport) return "It repeats a build that support set up.";
        var open = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == build.AppId && c.State == SupportChangeState.Open).ToListAsync();
        var changed = s_shaping.Where(kind => open.Exists(change => Touches(change, kind.Key))).Select(kind => kind.Value).ToList();
        // A stranger's build that nobody has to approve any more is one that support let in.
        if (build.FromFork && open.Exists(change => Touches(change, $"{nameof(BuildSettings)}.{nameof(BuildSettings.ManualApproval)}"))) changed.Add("who has to approve it");
        if (changed.Count > 0) return $"Support changed {string.Join(" and ", changed)}. Keep or undo that on the support activity page.";
        return await IsReshapedAsync(build, open)
            ? $"Support changed what {build.Target} runs. Keep or undo that on the support activity page."
            : null;
    }

    /// <summary>Whether support has changed something that shapes a build since the build was queued: what was allowed then was allowed for something else.</summary>
    public async Task<bool> ChangedSinceQueuedAsync(Build build)
    {
        var since = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == build.AppId && c.At >= build.QueuedAt).ToListAsync();
        return s_shaping.Keys.Any(kind => since.Exists(change => Touches(change, kind)));
    }

    /// <summary>Whether the customer has allowed secrets before anybody asks: in the grant itself, or for this session of support's.</summary>
    public async Task<bool> IsAllowedBeforehandAsync(Build build, AccessContext? access)
    {
        if (!build.BySupport) return false;
        if (access is not null && await access.MayAsync(UseSecrets)) return true;
        return await db.SecretPermits.AnyAsync(p => p.AppId == build.AppId && p.SupportSession == build.SupportSession);
    }

    /// <summary>
    /// Whether a member doesn't speak for the customer: they are of the support team themselves, or owe their role in the app to support and
    /// nobody of the customer has accepted or kept that.
    /// </summary>
    public async Task<bool> IsSupportsAsync(string appId, Member member)
    {
        var person = member.Person;
        if (await support.IsAgentAsync(member, CancellationToken.None)) return true;
        if (await db.AppRoles.AsNoTracking().SingleOrDefaultAsync(r => r.AppId == appId && r.PersonId == person.Value) is not { } role) return false;
        if (role.Role == MemberRole.Admin) return role.PromotedBySupport is not null;
        var open = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == appId && c.State == SupportChangeState.Open && c.Touches.Contains(nameof(AppRole))).ToListAsync();
        return open.SelectMany(sealing.OpenRows).Any(row => row.Entity == nameof(AppRole) && row.Key[nameof(AppRole.PersonId)].GetString() == person.Value);
    }

    /// <summary>Whether the newest version that gave the build its shape is support's, and nobody of the customer has kept it.</summary>
    private async Task<bool> IsReshapedAsync(Build build, List<SupportChange> open)
    {
        var undecided = open.Where(change => Touches(change, nameof(YamlVersion)))
            .SelectMany(sealing.OpenRows).Where(row => row.Entity == nameof(YamlVersion))
            .Select(row => row.Key[nameof(YamlVersion.Number)].GetInt32()).ToHashSet();
        if (undecided.Count == 0) return false;
        var first = undecided.Min() - 1;
        string? shape = null;
        var reshaped = false;
        await foreach (var version in db.YamlVersions.AsNoTracking()
            .Where(v => v.AppId == build.AppId && v.Number >= first && v.Number <= build.YamlVersion).OrderBy(v => v.Number).AsAsyncEnumerable())
        {
            var now = BuildShape.Of(BitriseYaml.ReadSaved(version.Content), build.TargetKind, build.Target);
            if (version.Number > first && now != shape) reshaped = undecided.Contains(version.Number);
            shape = now;
        }
        return reshaped;
    }

    private static bool Touches(SupportChange change, string kind) =>
        change.Touches.Split(' ').Any(touched => touched == kind || touched.StartsWith(kind + ".", StringComparison.Ordinal));
}

/// <summary>What the end of support access means for builds.</summary>
internal static class SupportAccessRules
{
    /// <summary>Why a build of support's was stopped.</summary>
    public const string Ended = "Support access to this app has ended.";

    public static bool IsOpen(AppId app, SupportAccess supportAccess) => supportAccess.Find(app)?.IsOpen(supportAccess.Now) == true;

    /// <summary>Whether a build ends when support access does: support's own, and a guarded one that the customer has not allowed its secrets.</summary>
    public static bool EndsWithSupport(Build build) => build.BySupport || build.GoesWithoutSecrets;

    /// <summary>Whether support started a build in access that is over by now. What a member starts later is theirs, guarded or not.</summary>
    public static bool OutlivedSupport(Build build, SupportAccess supportAccess) => build.BySupport && !IsOpen(new AppId(build.AppId), supportAccess);
}
