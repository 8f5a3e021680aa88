using Latchkey;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Decides whether a build is guarded: it then gets no secrets, signing files or keys and keeps its caches apart, until the customer allows it.
/// A build is guarded where support started or set it up, and where what it would run, or be given, is not what it would be without the changes
/// of support that nobody of the customer has accepted. Who touched something last doesn't matter, nor what else was kept or undone.
/// </summary>
internal sealed class Guard(BuildyardDb db, Sealing sealing, SupportAccess support)
{
    /// <summary>The permission that lifts the guard from support's own builds. Lent only where a grant names it.</summary>
    public const string UseSecrets = "build.secrets.use";

    /// <summary>Who answered, where nobody was asked: the grant named the permission, or the session was allowed it.</summary>
    public const string Beforehand = "the grant or the session";

    /// <summary>What a session that is open can do, whatever was lent with it.</summary>
    private const string AnyRead = "app.read";

    private readonly AcceptedYaml _yaml = new(db, sealing);
    private readonly SupportsRows _rows = new(db, sealing);

    /// <summary>Guards a build that has to be, and says in it why. A build that is guarded stays so.</summary>
    /// <param name="build">What is about to be queued, or to start.</param>
    public async Task LookAsync(Build build)
    {
        var open = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == build.AppId && c.State == SupportChangeState.Open).ToListAsync();
        var rows = await _rows.ListAsync(open);
        build.GuardReason ??= await ReasonAsync(build, open, rows);
        // Whoever repeats it repeats its branch, the commit that it comes to, and that it was let in, whatever has become of what support set.
        build.SetUpBySupport |= rows.Any(value => value.Kind is $"{nameof(App)}.{nameof(App.RepositoryUrl)}" or $"{nameof(App)}.{nameof(App.DefaultBranch)}"
            || (build.FromFork && value.Kind == $"{nameof(BuildSettings)}.{nameof(BuildSettings.ManualApproval)}"));
    }

    /// <summary>Why a build is guarded, as a sentence for the top of its log; null: it is not.</summary>
    private async Task<string?> ReasonAsync(Build build, List<SupportChange> open, IReadOnlyList<SupportsValue> rows)
    {
        var setUp = build.BySupport ? $"{build.StartedByName} started it." : build.SetUpBySupport ? "It repeats a build that support set up." : null;
        var changed = rows.Where(value => Reaches(value, build)).Select(Called).Distinct(StringComparer.Ordinal).ToList();
        if (await _yaml.ReadAsync(build.AppId, build.YamlVersion, open) is { } yaml && BuildShape.Of(yaml.Now, build) != BuildShape.Of(yaml.Accepted, build))
            changed.Add($"what {build.Target} runs");
        // Whoever allows its secrets is told all that support had a hand in, whoever started it.
        if (changed.Count == 0) return setUp;
        return $"{(setUp is null ? "" : setUp + " ")}Support changed {string.Join(" and ", changed)}. Keep or undo that on the support activity page.";
    }

    /// <summary>What support has set since <paramref name="since"/> of what a build is given besides its <c>bitrise.yml</c>: what was allowed then was allowed for something else.</summary>
    public async Task<IReadOnlyList<string>> ChangedSinceAsync(Build build, DateTimeOffset since)
    {
        var changes = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == build.AppId && c.At >= since).ToListAsync();
        return [.. changes.SelectMany(sealing.OpenRows).Where(row => row.Entity != nameof(YamlVersion))
            .SelectMany(row => row is { Before: not null, After: not null } ? UndoRules.Given(row).Select(property => new SupportsValue(row, property)) : [new SupportsValue(row, null)])
            .Where(value => Reaches(value, build)).Select(Called).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Whether the customer allows a build of support's its secrets without being asked for this one: the grant names the permission, or the
    /// session that started it was allowed it. Asked when the build starts, of what holds then: a session that is over allows nothing.
    /// </summary>
    public async Task<bool> IsAllowedBeforehandAsync(Build build)
    {
        if (!build.BySupport || build is not { StartedById: { } agent, SupportSession: { } session }) return false;
        if (Decide(UseSecrets)) return true;
        return Decide(AnyRead) && await db.SecretPermits.AnyAsync(p => p.AppId == build.AppId && p.SupportSession == session);

        bool Decide(string permission) => support.Decide(new AgentId(agent), new AppId(build.AppId), new SessionId(session), support.Catalogue.Find(permission)).IsAllowed;
    }

    /// <summary>Whether a value that support set can reach a step of the build.</summary>
    private static bool Reaches(SupportsValue value, Build build) => value.Kind switch
    {
        // A stranger's build that nobody has to approve any more is one that support let in; to others it is nothing.
        $"{nameof(BuildSettings)}.{nameof(BuildSettings.ManualApproval)}" => build.FromFork,
        var kind => !Harmless.IsHarmless(kind),
    };

    // In words that everybody who sees builds may read: a secret's name is not among them.
    private static string Called(SupportsValue value) => value switch
    {
        { Row.Entity: nameof(AppSecret) } => "a secret",
        { Row.Entity: nameof(SigningFile) } => "a signing file",
        { Row.Entity: nameof(AppleChoice) } => "the Apple Developer account",
        { Kind: $"{nameof(BuildSettings)}.{nameof(BuildSettings.ManualApproval)}" } => "who has to approve it",
        { Row.Entity: nameof(App), Property: { } property } => $"the {UndoWords.Words(property)}",
        _ => value.Row.Called,
    };
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
