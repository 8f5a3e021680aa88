using System.Globalization;

namespace Buildyard;

/// <summary>A part of a <c>bitrise.yml</c> that is changed or left as a whole: one workflow, one variable of the app, the stack.</summary>
/// <param name="Section">The property of <see cref="BitriseConfig"/> that it stands in.</param>
/// <param name="Key">Its name there; empty where the section is one part; null for the order of its parts.</param>
public readonly record struct ConfigPart(string Section, string? Key);

/// <summary>
/// Takes files apart, and carries what one person changed over to another text of the same file. What a section doesn't name is not carried over.
/// </summary>
public static class ConfigSections
{
    private static readonly IReadOnlyList<Section> s_all =
    [
        One(nameof(BitriseConfig.FormatVersion), c => c.FormatVersion, (c, v) => c with { FormatVersion = v }),
        One(nameof(BitriseConfig.DefaultStepLibSource), c => c.DefaultStepLibSource, (c, v) => c with { DefaultStepLibSource = v }),
        One(nameof(BitriseConfig.ProjectType), c => c.ProjectType, (c, v) => c with { ProjectType = v }),
        One(nameof(BitriseConfig.Title), c => c.Title, (c, v) => c with { Title = v }),
        One(nameof(BitriseConfig.Summary), c => c.Summary, (c, v) => c with { Summary = v }),
        One(nameof(BitriseConfig.Description), c => c.Description, (c, v) => c with { Description = v }),
        new(nameof(BitriseConfig.AppEnvs), c => Variables(c.AppEnvs), (c, entries) => c with { AppEnvs = [.. entries.Select(e => (EnvItem)e.Value!)] }),
        One(nameof(BitriseConfig.AppStatusReportName), c => c.AppStatusReportName, (c, v) => c with { AppStatusReportName = v }),
        One(nameof(BitriseConfig.Stack), c => c.Stack, (c, v) => c with { Stack = v ?? new() }),
        One(nameof(BitriseConfig.TriggerMap), c => c.TriggerMap, (c, v) => c with { TriggerMap = v ?? [] }),
        Map(nameof(BitriseConfig.Workflows), c => c.Workflows, (c, v) => c with { Workflows = v }),
        Map(nameof(BitriseConfig.Pipelines), c => c.Pipelines, (c, v) => c with { Pipelines = v }),
        Map(nameof(BitriseConfig.Stages), c => c.Stages, (c, v) => c with { Stages = v }),
        Map(nameof(BitriseConfig.StepBundles), c => c.StepBundles, (c, v) => c with { StepBundles = v }),
        Map(nameof(BitriseConfig.Containers), c => c.Containers, (c, v) => c with { Containers = v }),
        Map(nameof(BitriseConfig.Services), c => c.Services, (c, v) => c with { Services = v }),
        Map(nameof(BitriseConfig.Tools), c => c.Tools, (c, v) => c with { Tools = v }),
        One(nameof(BitriseConfig.ToolConfig), c => c.ToolConfig, (c, v) => c with { ToolConfig = v }),
    ];

    /// <summary>The sections that files are taken apart into.</summary>
    public static IEnumerable<string> Names => s_all.Select(section => section.Name);

    /// <summary>What <paramref name="after"/> says otherwise than <paramref name="before"/>: the parts, with what each says now; null: it is gone. The order of a section's parts is one too.</summary>
    public static IEnumerable<(ConfigPart Part, string? Now)> Changed(BitriseConfig before, BitriseConfig after)
    {
        foreach (var section in s_all)
        {
            var (was, now) = (Texts(section.Read(before)), Texts(section.Read(after)));
            foreach (var key in was.Keys.Union(now.Keys, StringComparer.Ordinal))
                if (was.GetValueOrDefault(key) != now.GetValueOrDefault(key)) yield return (new ConfigPart(section.Name, key), now.GetValueOrDefault(key));
            // The order of variables counts: each may refer to those before it.
            if (!was.Keys.Where(now.ContainsKey).SequenceEqual(now.Keys.Where(was.ContainsKey), StringComparer.Ordinal)) yield return (OrderOf(section), Order(now.Keys));
        }
    }

    /// <summary>
    /// Carries over to <paramref name="accepted"/> what changed from <paramref name="before"/> to <paramref name="after"/>: each part that stands
    /// there as it stood before the change. A part that is otherwise there stays: something that is not accepted underlies the change.
    /// </summary>
    /// <param name="accepted">What is changed.</param>
    /// <param name="before">The file before.</param>
    /// <param name="after">The file after.</param>
    /// <param name="isSupports">Whether what a part says now, or that it is gone, is support's doing: doing it again accepts nothing. Null: all of it was shown to whoever did it.</param>
    public static BitriseConfig Carry(BitriseConfig accepted, BitriseConfig before, BitriseConfig after, Func<ConfigPart, string?, bool>? isSupports) =>
        s_all.Aggregate(accepted, (carried, section) => Carry(section, carried, before, after, isSupports));

    private static BitriseConfig Carry(Section section, BitriseConfig accepted, BitriseConfig before, BitriseConfig after, Func<ConfigPart, string?, bool>? isSupports)
    {
        var (own, was, now) = (section.Read(accepted), section.Read(before), section.Read(after));
        var (ownTexts, wasTexts, nowTexts) = (Texts(own), Texts(was), Texts(now));
        // Where something goes that support had changed, what comes may be it, under another name and written anew.
        var isRenamed = isSupports is not null && wasTexts.Any(part => !nowTexts.ContainsKey(part.Key) && ownTexts.TryGetValue(part.Key, out var said) && said != part.Value);
        var carried = wasTexts.Keys.Union(nowTexts.Keys, StringComparer.Ordinal).Where(IsCarried).ToHashSet(StringComparer.Ordinal);
        var changed = now.Where(entry => carried.Contains(entry.Key)).ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        var kept = own.Where(entry => !carried.Contains(entry.Key) || changed.ContainsKey(entry.Key)).Select(entry => changed.GetValueOrDefault(entry.Key, entry)).ToList();
        var places = kept.Select((entry, at) => (entry.Key, at)).ToDictionary(StringComparer.Ordinal);
        // What is new comes behind what it stands behind in the file.
        var (last, added) = (-1, new List<(int At, Entry Entry)>());
        foreach (var entry in now)
        {
            if (places.TryGetValue(entry.Key, out var at)) last = Math.Max(last, at);
            else if (carried.Contains(entry.Key)) added.Add((last, entry));
        }
        List<Entry> entries = [.. kept.Select((entry, at) => (At: at, Entry: entry)).Concat(added).OrderBy(placed => placed.At).Select(placed => placed.Entry)];
        // Whoever put the same parts into another order changed that, where those of before stood in one order.
        if (wasTexts.Keys.Where(ownTexts.ContainsKey).SequenceEqual(ownTexts.Keys.Where(wasTexts.ContainsKey), StringComparer.Ordinal) && isSupports?.Invoke(OrderOf(section), Order(Keys(now))) != true && Keys(entries).ToHashSet(StringComparer.Ordinal).SetEquals(Keys(now)))
        {
            var order = Keys(now).Select((key, at) => (key, at)).ToDictionary(StringComparer.Ordinal);
            entries = [.. entries.OrderBy(entry => order[entry.Key])];
        }
        return section.Write(accepted, entries);

        bool IsCarried(string key)
        {
            var text = nowTexts.GetValueOrDefault(key);
            return text != wasTexts.GetValueOrDefault(key) && ownTexts.GetValueOrDefault(key) == wasTexts.GetValueOrDefault(key)
                && !(isRenamed && !wasTexts.ContainsKey(key)) && isSupports?.Invoke(new ConfigPart(section.Name, key), text) != true;
        }
    }

    /// <summary>What a changed part is made up of (<see cref="ConfigText.Pieces"/>): nothing where it is gone, or the order of others.</summary>
    public static IEnumerable<string> Pieces((ConfigPart Part, string? Now) changed) => Read(changed, ConfigText.Pieces);

    /// <summary>Of those the ones that nobody comes to say by chance (<see cref="ConfigText.Copies"/>).</summary>
    public static IEnumerable<string> Copies((ConfigPart Part, string? Now) changed) => Read(changed, ConfigText.Copies);

    /// <summary>Which of some pieces stand in a changed part, whatever is written around them (<see cref="ConfigText.Find"/>).</summary>
    public static IEnumerable<string> Find((ConfigPart Part, string? Now) changed, HashSet<string> pieces) => Read(changed, text => ConfigText.Find(text, pieces));

    private static IEnumerable<string> Read((ConfigPart Part, string? Now) changed, Func<string, IEnumerable<string>> read) =>
        changed is { Now: { } text, Part.Key: not null } ? read(text) : [];

    private static ConfigPart OrderOf(Section section) => new(section.Name, Key: null);

    private static string Order(IEnumerable<string> keys) => ConfigText.Of(keys);

    private static IEnumerable<string> Keys(IEnumerable<Entry> entries) => entries.Select(entry => entry.Key);

    private static OrderedDictionary<string, string> Texts(IEnumerable<Entry> entries)
    {
        var texts = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries) texts[entry.Key] = ConfigText.Of(entry.Value);
        return texts;
    }

    /// <summary>By name, and which of its name it is.</summary>
    private static List<Entry> Variables(IReadOnlyList<EnvItem> items)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. items.Select(item => new Entry(string.Create(CultureInfo.InvariantCulture, $"{seen[item.Key] = seen.GetValueOrDefault(item.Key) + 1} {item.Key}"), item))];
    }

    private static Section One<T>(string name, Func<BitriseConfig, T?> read, Func<BitriseConfig, T?, BitriseConfig> write)
        where T : class =>
        new(name, config => [new Entry("", read(config))], (config, entries) => write(config, (T?)entries[0].Value));

    private static Section Map<T>(string name, Func<BitriseConfig, IReadOnlyDictionary<string, T>> read, Func<BitriseConfig, OrderedDictionary<string, T>, BitriseConfig> write)
        where T : notnull =>
        new(
            name,
            config => [.. read(config).Select(item => new Entry(item.Key, item.Value))],
            (config, entries) => write(config, new OrderedDictionary<string, T>(entries.Select(entry => KeyValuePair.Create(entry.Key, (T)entry.Value!)), StringComparer.Ordinal)));

    private readonly record struct Entry(string Key, object? Value);

    /// <param name="Name">The property.</param>
    /// <param name="Read">Its parts, in order.</param>
    /// <param name="Write">The file with these parts instead.</param>
    private sealed record Section(string Name, Func<BitriseConfig, List<Entry>> Read, Func<BitriseConfig, List<Entry>, BitriseConfig> Write);
}
