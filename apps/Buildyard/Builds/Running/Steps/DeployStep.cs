using System.Globalization;
using System.Text;

namespace Buildyard;

/// <summary><c>deploy-to-bitrise-io</c>: takes files out of the sandbox as the build's artifacts.</summary>
internal static class DeployStep
{
    private const int MostFiles = 1000;

    public static BuiltInStep Step { get; } = new(
        "deploy-to-bitrise-io",
        "Deploy to Bitrise.io - Build Artifacts, Test Reports, and Pipeline intermediate files",
        [
            new EnvItem("deploy_path", "$BITRISE_DEPLOY_DIR"),
            new EnvItem("is_compress", "false"),
            new EnvItem("zip_name", ""),
        ],
        RunAsync)
    { IsAlwaysRun = true };

    private static async Task<StepEnd> RunAsync(StepContext step, CancellationToken cancellation)
    {
        var path = step.Input("deploy_path") is { Length: > 0 } given ? given : $"{step.Sandbox.Root}/deploy";
        if (step.IsYes("is_compress"))
        {
            var name = (step.Input("zip_name") is { Length: > 0 } zip ? step.Hide(zip) : Path.GetFileName(step.Hide(path.TrimEnd('/')))) + ".tar.gz";
            var packed = $"{step.Sandbox.Root}/tmp/{Name(name, step.Findings.Artifacts)}";
            var status = await step.Sandbox.AskAsync($"tar -czf {Bash.Quote(packed)} -C \"$(dirname -- {Bash.Quote(path)})\" -- \"$(basename -- {Bash.Quote(path)})\" >&2\ntell \"$id\" $?", cancellation);
            if (status != 0) return StepEnd.Failed($"{path} can't be packed.");
            path = packed;
        }
        var list = new MemoryStream();
        // Files alone, those of the directory itself: a link is not followed, a folder not entered.
        await step.Sandbox.ReadAsync(
            $"( cd {Bash.Quote(step.SourceDirectory)} && [ -e {Bash.Quote(path)} ] && find {Bash.Quote(path)} -maxdepth 1 -type f -printf '%s %p\\0' )\ntell \"$id\" $?",
            list, 1024 * 1024, cancellation);
        var files = Encoding.UTF8.GetString(list.ToArray()).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        if (files.Length == 0)
        {
            step.Log.Say($"There are no files in {path}.");
            return StepEnd.Good;
        }
        if (files.Length > MostFiles) return StepEnd.Failed($"{path} holds {files.Length} files; a build keeps {MostFiles} at most.");
        Directory.CreateDirectory(step.Order.ArtifactsDirectory);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            var space = file.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !long.TryParse(file.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var size)) continue;
            if (await TakeAsync(step, file[(space + 1)..], size, cancellation) is { } problem) return StepEnd.Failed(problem);
        }
        return StepEnd.Good;
    }

    private static async Task<string?> TakeAsync(StepContext step, string file, long size, CancellationToken cancellation)
    {
        var artifacts = step.Findings.Artifacts;
        // Hidden while it is whole: a folder, or a character that may not stand in a name, may be in the middle of a secret.
        var given = Path.GetFileName(step.Hide(file));
        var room = step.Order.Limits.ArtifactBytes - artifacts.Sum(artifact => artifact.Size);
        if (size > room) return $"{given} is {Sizes.InWords(size)}; a build keeps {Sizes.InWords(step.Order.Limits.ArtifactBytes)} of artifacts.";
        var name = Name(given, artifacts);
        var path = Path.Combine(step.Order.ArtifactsDirectory, name);
        await using (var to = new FileStream(path, FileMode.Create, FileAccess.Write))
        {
            var status = await step.Sandbox.ReadAsync($"( cd {Bash.Quote(step.SourceDirectory)} && cat -- {Bash.Quote(file)} )\ntell \"$id\" $?", to, room, cancellation);
            if (status != 0) return $"{file} can't be read.";
        }
        var artifact = new BuildArtifact(name, new FileInfo(path).Length);
        artifacts.RemoveAll(known => known.Name == name);
        artifacts.Add(artifact);
        step.Log.Say($"{name} ({Sizes.InWords(artifact.Size)})");
        return null;
    }

    /// <summary>A name that is harmless everywhere: no folders, no controls, not hidden, and not another artifact's in other letters.</summary>
    private static string Name(string file, IEnumerable<BuildArtifact> taken)
    {
        var plain = new string([.. file.Select(c => char.IsLetterOrDigit(c) || c is ' ' or '.' or '_' or '-' or '+' or '@' or '(' or ')' ? c : '_')]).TrimStart('.', ' ').TrimEnd(' ');
        if (plain.Length == 0) plain = "artifact";
        if (Encoding.UTF8.GetByteCount(plain) > 200) plain = $"{plain[..40]}…{plain[^20..]}".Replace('…', '_');
        var name = plain;
        for (var i = 2; taken.Any(known => known.Name != file && string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase)); i++)
            name = $"{Path.GetFileNameWithoutExtension(plain)} ({i}){Path.GetExtension(plain)}";
        return name;
    }
}
