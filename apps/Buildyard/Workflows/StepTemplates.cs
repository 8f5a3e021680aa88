namespace Buildyard;

/// <summary>What a new step of some kind is written as.</summary>
/// <param name="Reference">What a new one is written as.</param>
/// <param name="Title">What it does, in a few words.</param>
/// <param name="Inputs">The inputs that a new one starts with.</param>
internal sealed record StepTemplate(string Reference, string Title, params (string Key, string Value)[] Inputs);

/// <summary>The steps that the Workflow Editor offers: those that are built in.</summary>
internal static class StepTemplates
{
    public static IReadOnlyList<StepTemplate> All { get; } =
    [
        new("script@1", "Script", ("content", "#!/usr/bin/env bash\nset -euo pipefail\n")),
        new("git-clone@8", "Git clone"),
        new("activate-ssh-key@4", "Activate SSH key"),
        new("restore-cache@2", "Restore cache", ("key", "cache-{{ .Branch }}")),
        new("save-cache@1", "Save cache", ("key", "cache-{{ .Branch }}"), ("paths", "./cache")),
        new("cache-pull@2", "Cache pull"),
        new("cache-push@2", "Cache push", ("cache_paths", "./cache")),
        new("deploy-to-bitrise-io@2", "Keep artifacts"),
    ];

    /// <summary>What stands below the name of a new step.</summary>
    public static YamlFragment Fragment(string reference)
    {
        var id = StepReference.Parse(reference).Id;
        var step = All.FirstOrDefault(s => StepReference.Parse(s.Reference).Id == id && !reference.Contains("::", StringComparison.Ordinal));
        return step is not { Inputs.Length: > 0 }
            ? YamlFragment.Empty
            : new YamlFragment.Map(("inputs", new YamlFragment.List([.. step.Inputs.Select(i => (YamlFragment)new YamlFragment.Map((i.Key, i.Value)))])));
    }

    /// <summary>Whether an input is edited as text of several lines.</summary>
    public static bool IsLong(string input, string value) => input is "content" or "paths" or "cache_paths" || value.Contains('\n', StringComparison.Ordinal);
}
