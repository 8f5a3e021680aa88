namespace Buildyard;

/// <summary><c>script</c>: runs its content, or a file, with a program of choice.</summary>
internal static class ScriptStep
{
    public static BuiltInStep Step { get; } = new(
        "script",
        "Script",
        [
            new EnvItem("content", "#!/usr/bin/env bash\n") { IsExpand = false },
            new EnvItem("runner_bin", "/bin/bash"),
            new EnvItem("working_dir", "$BITRISE_SOURCE_DIR"),
            new EnvItem("script_file_path", ""),
            new EnvItem("is_debug", "no"),
        ],
        RunAsync);

    private static async Task<StepEnd> RunAsync(StepContext step, CancellationToken cancellation)
    {
        var file = step.Input("script_file_path") is { Length: > 0 } named ? named : $"{step.Sandbox.Root}/tmp/script.sh";
        var place = step.Input("script_file_path").Length > 0 ? $"mkdir -p -- \"$(dirname -- {Bash.Quote(file)})\" && " : "";
        var written = await step.Sandbox.AskAsync($"{place}printf %s {Bash.Quote(step.Envs.GetValueOrDefault("content", ""))} > {Bash.Quote(file)}\ntell \"$id\" $?", cancellation);
        if (written != 0)
        {
            return StepEnd.Failed(await step.Sandbox.IsFullAsync(cancellation)
                ? $"The script can't be written: the workspace is full. A build has {Sizes.InWords(step.Order.Limits.DiskBytes)}."
                : $"The script can't be written to {file}.");
        }
        var runner = step.Input("runner_bin") is { Length: > 0 } program ? program.Split(' ', StringSplitOptions.RemoveEmptyEntries) : ["/bin/bash"];
        string[] debug = step.IsYes("is_debug") ? ["-x"] : [];
        return await StepRun.ProgramAsync(step, [.. runner, .. debug, file], step.Input("working_dir") is { Length: > 0 } directory ? directory : step.SourceDirectory, cancellation);
    }
}
