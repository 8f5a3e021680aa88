using System.Text.Json;

namespace Buildyard;

/// <summary>What undoing has to know of rows beyond their columns.</summary>
internal static class UndoRules
{
    /// <summary>
    /// What is right only with one another: a credential and where it is sent to, a secret and whom it is shown to. Support could take
    /// the one away, change the other and wait for the customer to bring the first one back; so neither is undone while the other is not as it was.
    /// </summary>
    private static readonly IReadOnlyDictionary<string, string[]> s_together = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        [nameof(Webhook)] = [nameof(Webhook.Url), nameof(Webhook.Headers), nameof(Webhook.HeaderNames), nameof(Webhook.SigningSecret)],
        [nameof(BuildSettings)] = [nameof(BuildSettings.ChecksAddress), nameof(BuildSettings.ChecksToken), nameof(BuildSettings.Checks)],
        [nameof(AppSecret)] = [nameof(AppSecret.Value), nameof(AppSecret.IsProtected), nameof(AppSecret.IsExposedToPullRequests)],
        [nameof(AppRole)] = [nameof(AppRole.Role), nameof(AppRole.AcceptedRole)],
    };

    /// <summary>What a row is there for: an added row of which a member has set this anew is the member's own.</summary>
    private static readonly Dictionary<string, string> s_purpose = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(AppSecret)] = nameof(AppSecret.Value),
        [nameof(SshKey)] = nameof(SshKey.PrivateKey),
        [nameof(SigningFile)] = nameof(SigningFile.Content),
        [nameof(ServiceUser)] = nameof(ServiceUser.PersonId),
        [nameof(AppleChoice)] = nameof(AppleChoice.AppleKeyId),
        [nameof(NotificationRule)] = nameof(NotificationRule.Audience),
    };

    /// <summary>Rows whose absence means that all is as in a fresh one.</summary>
    private static readonly IReadOnlyDictionary<string, Func<IUndoable>> s_absent = new Dictionary<string, Func<IUndoable>>(StringComparer.Ordinal)
    {
        [nameof(BuildSettings)] = () => new BuildSettings { Id = "", AppId = "" },
    };

    /// <summary>Who changed a row last, and when: neither compared nor told, and set anew by whoever undoes.</summary>
    private static readonly HashSet<string> s_signature = new HashSet<string>(StringComparer.Ordinal)
    {
        nameof(Setting.ChangedAt), nameof(Setting.ChangedBy), nameof(Setting.BySupport),
        nameof(AppRole.AcceptedRole), nameof(AppRole.ChangedBySupport), nameof(YamlVersion.IsTheCustomers),
    };

    /// <summary>What an absent row of this kind stands for; null where it stands for nothing.</summary>
    public static IUndoable? Absent(string entity) => s_absent.GetValueOrDefault(entity)?.Invoke();

    public static bool IsSignature(string property) => s_signature.Contains(property);

    /// <summary>The properties that <paramref name="property"/> is only right with, itself among them.</summary>
    public static IReadOnlyList<string> Together(string entity, string property) =>
        s_together.GetValueOrDefault(entity) is { } together && together.Contains(property) ? together : [property];

    /// <summary>The values that support gave a row and that count; none where it only stands for what must be as it was.</summary>
    public static IReadOnlyList<string> Given(ChangedRow row) => row switch
    {
        { After: null } => [],
        { Before: null } => s_purpose.GetValueOrDefault(row.Entity) is { } purpose ? [purpose] : [],
        { Before: { } before, After: { } after } => [.. before.Keys.Where(p => !IsSignature(p) && !JsonElement.DeepEquals(before[p], after[p]))],
    };

    /// <summary>The values of a change that a member sets anew by giving it some: a new key or file is theirs as a whole.</summary>
    public static IReadOnlyList<string> SetAnew(ChangedRow row, IEnumerable<string> given)
    {
        var own = row.Before is null ? [.. row.After!.Keys.Where(property => !IsSignature(property))] : Given(row);
        var anew = given.Intersect(own, StringComparer.Ordinal).ToList();
        return row.Entity is nameof(SshKey) or nameof(SigningFile) && anew.Contains(s_purpose[row.Entity]) ? own : anew;
    }

    /// <summary>
    /// What of a change is left to undo: without what a member has put something else in the place of, or set anew since. What is only right with
    /// that is told with it, and not undone.
    /// </summary>
    public static IEnumerable<ChangedRow> Left(IEnumerable<ChangedRow> rows)
    {
        foreach (var row in rows.Where(row => !row.IsReplaced))
        {
            var left = Given(row).Except(row.Overtaken, StringComparer.Ordinal).SelectMany(property => Together(row.Entity, property)).ToHashSet(StringComparer.Ordinal);
            if (row.Overtaken.Count == 0 || row is { Before: null } or { After: null } || left.Overlaps(row.Overtaken))
                yield return row;
            else if (left.Count > 0)
                yield return row with { Before = Of(row.Before), After = Of(row.After), Overtaken = [] };

            Dictionary<string, JsonElement> Of(IReadOnlyDictionary<string, JsonElement> values) => values.Where(value => left.Contains(value.Key)).ToDictionary(StringComparer.Ordinal);
        }
    }
}
