namespace Buildyard.Builds.Model;

/// <summary>
/// The <c>bitrise.yml</c> of a story, made of its values: two workflows and a copy of the first, a step bundle that the second uses, two variables, and a pipeline
/// of workflows or of a stage. Each value is one part of the file.
/// </summary>
internal static class Yml
{
    /// <summary>The workflows that a pipeline or stage may run, in order.</summary>
    public static IReadOnlyList<string> Orders { get; } = ["a", "b", "a,b", "b,a"];

    public static bool Holds(string slot) => slot.StartsWith("yml ", StringComparison.Ordinal);

    /// <summary>What of some values is in the file.</summary>
    public static Dictionary<string, string?> Of(IReadOnlyDictionary<string, string?> values) => values.Where(value => Holds(value.Key)).ToDictionary(StringComparer.Ordinal);

    /// <summary>The values that may be one another's copy, itself among them.</summary>
    public static string[] Alike(string slot) => slot is "yml a" or "yml copy" ? ["yml a", "yml copy"] : [slot];

    /// <summary>A value without what was written around it.</summary>
    public static string? Bare(string? value) => value?.TrimEnd('+');

    /// <summary>The workflows that a target runs, in order; null: there is no such pipeline. A pipeline is an order or the stage <c>S</c>, and behind a # its title.</summary>
    public static IReadOnlyList<string>? WorkflowsOf(string target, Func<string, string?> says) => target switch
    {
        not "P" => says($"yml {target}") is null ? null : [target],
        _ => says("yml P")?.Split('#')[0] is { } pipeline ? (pipeline == "S" ? says("yml S")! : pipeline).Split(',') : null,
    };

    /// <summary>The lines that a workflow's build prints, as far as they are known beforehand.</summary>
    /// <param name="workflow">Which.</param>
    /// <param name="says">What the file says.</param>
    /// <param name="variable">What the build was started with.</param>
    /// <param name="hasSecret">Whether it is given the secret.</param>
    /// <param name="restored">Which build's archive it finds in the cache; 0: none.</param>
    public static IEnumerable<string> Prints(string workflow, Func<string, string?> says, string variable, bool hasSecret, int restored)
    {
        yield return $"RUN {(workflow == "copy" ? "a" : workflow)} {Number(says($"yml {workflow}"))} E1={says("yml E1")} E2={says("yml E2")} V={variable} S={(hasSecret ? "set" : "")} restored={restored}";
        if (workflow == "b") yield return $"RUN bundle {Input(says)} {Content(says)}";
    }

    /// <summary>The file. A mark of exclamation prints the secret, backwards; a question mark sets the bundle's input, and runs what it ran at first; a plus is something written around it.</summary>
    public static string Text(IReadOnlyDictionary<string, string?> values)
    {
        string? Says(string slot) => values[slot];
        var envs = string.Concat(((string[])["E1", "E2"]).Where(name => Says($"yml {name}") is not null).Select(name => $"  - {name}: \"{Says($"yml {name}")}\"\n"));
        return $"format_version: \"23\"\napp:\n  envs:\n  - FIRST: x\n{envs}"
            + $"step_bundles:\n  shared:\n    inputs:\n    - word: \"{Input(Says)}\"\n    steps:\n{Script($"echo \"RUN bundle $word {Content(Says)}\"", Says("yml bundle"))}"
            + Pipeline(Says("yml P"))
            + $"stages:\n  S:\n    workflows: [{string.Join(", ", Says("yml S")!.Split(',').Select(workflow => $"{workflow}: {{}}"))}]\n"
            + $"workflows:\n{Workflow("a", "a", Says("yml a"))}{(Says("yml copy") is { } copy ? Workflow("copy", "a", copy) : "")}{Workflow("b", "b", Says("yml b"))}    - bundle::shared: {{}}\n";
    }

    private static string Pipeline(string? value) => value?.Split('#') switch
    {
        null => "",
        var parts => $"pipelines:\n  P:\n    title: \"{parts.ElementAtOrDefault(1)}\"\n{(parts[0] == "S" ? "    stages: [S: {}]\n" : Graph(parts[0].Split(',')))}",
    };

    /// <summary>The later one stands first: what counts is what it depends on.</summary>
    private static string Graph(string[] order) =>
        $"    workflows:\n{string.Concat(order.Index().Reverse().Select(w => $"      {w.Item}: {{{(w.Index > 0 ? $"depends_on: [{order[w.Index - 1]}]" : "")}}}\n"))}";

    /// <summary>Restores what a build before it left, says which, and leaves its number and the secret, backwards.</summary>
    private static string Workflow(string id, string says, string? value)
    {
        var restored = $"[ -f left ] || echo 0 > left; echo \"RUN {says} {Number(value)} E1=$E1 E2=$E2 V=$V S=${{S:+set}} restored=$(cut -d ' ' -f 1 left)\"; cat left";
        var script = Script($"{restored}; echo \"$BITRISE_BUILD_NUMBER $(echo \"$S\" | rev)\" > left{(value!.EndsWith('+') ? "; :" : "")}", value);
        return $"  {id}:\n    steps:\n    - restore-cache@1: {{inputs: [key: left]}}\n{script}    - save-cache@1: {{inputs: [key: left, paths: left]}}\n";
    }

    private static string Script(string line, string? value) =>
        $"    - script@1:\n        inputs:\n        - content: |\n            {line}\n{(Bare(value)!.EndsWith('!') ? "            echo \"$S\" | rev\n" : "")}";

    private static string Input(Func<string, string?> says) => says("yml bundle")!.EndsWith('?') ? Number(says("yml bundle")) : "0";

    private static string Content(Func<string, string?> says) => says("yml bundle")!.EndsWith('?') ? "1" : Number(says("yml bundle"));

    private static string Number(string? value) => Bare(value)!.TrimEnd('!', '?');
}
