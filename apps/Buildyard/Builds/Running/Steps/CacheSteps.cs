using System.Text;

namespace Buildyard;

/// <summary>
/// The cache: <c>save-cache</c> and <c>restore-cache</c> by key, <c>cache-push</c> and <c>cache-pull</c> by branch.
/// Archives are packed and unpacked inside the sandbox, relative to the build's directory; outside they are bytes that nobody looks into.
/// </summary>
internal static class CacheSteps
{
    private const string LegacyKey = "branch:";

    public static BuiltInStep Save { get; } = new(
        "save-cache",
        "Save Cache",
        [new EnvItem("key", ""), new EnvItem("paths", ""), new EnvItem("is_key_unique", "false"), new EnvItem("verbose", "false")],
        SaveAsync);

    public static BuiltInStep Restore { get; } = new(
        "restore-cache",
        "Restore Cache",
        [new EnvItem("key", ""), new EnvItem("verbose", "false")],
        RestoreAsync);

    public static BuiltInStep Push { get; } = new(
        "cache-push",
        "Bitrise.io Cache:Push",
        [new EnvItem("cache_paths", "$BITRISE_CACHE_INCLUDE_PATHS"), new EnvItem("ignore_check_on_paths", "")],
        PushAsync)
    { RunIf = ".IsCI", IsSkippable = true };

    public static BuiltInStep Pull { get; } = new(
        "cache-pull",
        "Bitrise.io Cache:Pull",
        [],
        PullAsync)
    { RunIf = ".IsCI", IsSkippable = true };

    private static async Task<StepEnd> SaveAsync(StepContext step, CancellationToken cancellation)
    {
        var (key, problem) = await CacheKey.EvaluateAsync(step.Input("key"), step.Envs, patterns => ChecksumAsync(step, patterns, cancellation));
        if (key is null) return StepEnd.Failed(problem!);
        if (step.IsYes("is_key_unique") && step.Findings.Restored.Contains(key))
        {
            step.Log.Say($"The archive {key} was restored by this build and is unique by its key: there is nothing new to save.");
            return StepEnd.Good;
        }
        return await StoreAsync(step, key, step.Input("paths"), cancellation);
    }

    private static async Task<StepEnd> RestoreAsync(StepContext step, CancellationToken cancellation)
    {
        if (step.Order.Cache is not { } cache) return Absent(step);
        var lines = step.Input("key").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0) return StepEnd.Failed("The key is empty.");
        for (var i = 0; i < lines.Length; i++)
        {
            var (key, problem) = await CacheKey.EvaluateAsync(lines[i], step.Envs, patterns => ChecksumAsync(step, patterns, cancellation));
            if (key is null)
            {
                step.Log.Say(problem!);
                continue;
            }
            // The whole key first, then, as the newest, any that begins with it.
            foreach (var isWhole in (bool[])[true, false])
            {
                if (cache.ReadFrom.Newest(saved => !saved.StartsWith(LegacyKey, StringComparison.Ordinal) && (isWhole ? saved == key : saved.StartsWith(key, StringComparison.Ordinal))) is not { } found)
                    continue;
                return await UnpackAsync(step, cache.ReadFrom, found, key, isWhole && i == 0 ? "exact" : "partial", cancellation);
            }
        }
        step.Log.Say("There is no archive with this key.");
        return Hit("false");
    }

    private static Task<StepEnd> PushAsync(StepContext step, CancellationToken cancellation) =>
        StoreAsync(step, LegacyKey + step.Order.Source.Branch, string.Join('\n', step.Input("cache_paths").Split('\n').Select(line => line.Split("->")[0])), cancellation);

    private static async Task<StepEnd> PullAsync(StepContext step, CancellationToken cancellation)
    {
        if (step.Order.Cache is not { } cache) return Absent(step);
        string[] keys = [LegacyKey + step.Order.Source.Branch, LegacyKey + step.Order.PullRequest?.TargetBranch, LegacyKey + "main", LegacyKey + "master"];
        foreach (var key in keys.Distinct(StringComparer.Ordinal))
        {
            if (cache.ReadFrom.Newest(saved => saved == key) is { } found) return await UnpackAsync(step, cache.ReadFrom, found, key, "exact", cancellation);
        }
        step.Log.Say("Nothing is cached for this branch.");
        return StepEnd.Good;
    }

    private static async Task<StepEnd> StoreAsync(StepContext step, string key, string paths, CancellationToken cancellation)
    {
        if (step.Order.Cache is not { } cache) return Absent(step);
        var patterns = paths.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (patterns.Length == 0)
        {
            step.Log.Say("There are no paths to cache.");
            return StepEnd.Good;
        }
        Directory.CreateDirectory(cache.WriteTo.Path);
        var id = $"{Guid.CreateVersion7(step.Clock.GetUtcNow()):N}";
        var file = Path.Combine(cache.WriteTo.Path, $"{id}.part");
        try
        {
            var most = step.Order.Limits.ArtifactBytes;
            await using (var to = new FileStream(file, FileMode.CreateNew, FileAccess.Write))
            {
                var status = await step.Sandbox.ReadAsync(Pack(step, patterns), to, most + 1, cancellation);
                if (status == 9)
                {
                    step.Log.Say("None of the paths is there: nothing is cached.");
                    return StepEnd.Good;
                }
                if (status != 0) return StepEnd.Failed("The files can't be packed.");
                if (to.Length > most) return StepEnd.Failed($"The archive is larger than {Sizes.InWords(most)}.");
            }
            var size = new FileInfo(file).Length;
            var archive = new CacheArchive(id, step.Hide(key), step.Order.Source.Branch, step.Order.Number, size, step.Clock.GetUtcNow());
            if (size > cache.Quota) return StepEnd.Failed($"The archive is {Sizes.InWords(size)}; this app's cache holds {Sizes.InWords(cache.Quota)}.");
            cache.WriteTo.Put(archive, key, file, cache.Quota);
            step.Findings.Caches.Add(archive);
            step.Log.Say($"Cached as {key} ({Sizes.InWords(size)}).");
            return StepEnd.Good;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Packs what the patterns name, as far as it lies within the build's directory.</summary>
    private static string Pack(StepContext step, IEnumerable<string> patterns)
    {
        var root = step.Sandbox.Root;
        // A tilde and a few variables are all that paths of caches use; they were expanded with the inputs, but for the tilde.
        var list = string.Join(' ', patterns.Select(pattern => Bash.Quote(pattern == "~" || pattern.StartsWith("~/", StringComparison.Ordinal) ? $"{root}/home{pattern[1..]}" : pattern)));
        return $$"""
            ( cd {{Bash.Quote(step.SourceDirectory)}} || exit 1
              shopt -s globstar dotglob
              files=()
              for pattern in {{list}}; do
                while IFS= read -r found; do
                  inside=$(realpath -m -s --relative-to={{Bash.Quote(root)}} -- "$found")
                  case $inside in
                    ..|../*|.|.tools|.tools/*) echo "$found is outside the build's directory and is left out." >&2 ;;
                    *) files+=("$inside") ;;
                  esac
                done < <(compgen -G "$pattern")
              done
              [ ${#files[@]} -gt 0 ] || exit 9
              squeeze=gzip
              ! command -v zstd > /dev/null || squeeze='zstd -q -T1'
              set -o pipefail
              printf '%s\0' "${files[@]}" | tar -c -C {{Bash.Quote(root)}} --null --verbatim-files-from -T - | $squeeze )
            tell "$id" $?
            """;
    }

    private static async Task<StepEnd> UnpackAsync(StepContext step, CacheShelf shelf, CacheArchive archive, string key, string hit, CancellationToken cancellation)
    {
        FileStream content;
        try
        {
            content = shelf.Open(archive);
        }
        catch (FileNotFoundException)
        {
            step.Log.Say("The archive was deleted a moment ago.");
            return Hit("false");
        }
        await using (content)
        {
            // tar itself refuses what leads out of the directory: leading slashes, dots, links. Devices take rights that nobody has here.
            var isZstd = content.ReadByte() == 0x28;
            content.Position = 0;
            var status = await step.Sandbox.WriteAsync(
                $$"""
                receive | { tar -x {{(isZstd ? "--zstd" : "--gzip")}} --no-same-owner -C {{Bash.Quote(step.Sandbox.Root)}} -f - >&2; status=$?; cat > /dev/null; exit $status; }
                tell "$id" $?
                """,
                stream => content.CopyToAsync(stream, cancellation),
                cancellation);
            if (status != 0) return StepEnd.Failed($"The archive {archive.Key} can't be unpacked{(await step.Sandbox.IsFullAsync(cancellation) ? ": the workspace is full" : "")}.");
        }
        if (hit == "exact") step.Findings.Restored.Add(key);
        step.Log.Say($"Restored {archive.Key} ({Sizes.InWords(archive.Size)}), saved by build {archive.BuildNumber}.");
        return Hit(hit);
    }

    private static async Task<string?> ChecksumAsync(StepContext step, IReadOnlyList<string> patterns, CancellationToken cancellation)
    {
        var sum = new MemoryStream();
        var status = await step.Sandbox.ReadAsync(
            $$"""
            ( cd {{Bash.Quote(step.SourceDirectory)}} || exit 1
              shopt -s globstar dotglob
              for pattern in {{string.Join(' ', patterns.Select(Bash.Quote))}}; do compgen -G "$pattern"; done |
                sort -u | while IFS= read -r file; do [ ! -f "$file" ] || sha256sum -- "$file"; done | { read -r first || exit 9; { echo "$first"; cat; } | sha256sum | cut -c 1-64; } )
            tell "$id" $?
            """,
            sum, 100, cancellation);
        return status == 0 ? Encoding.ASCII.GetString(sum.ToArray()).Trim() : null;
    }

    private static StepEnd Hit(string word) => new(null, [new EnvItem("BITRISE_CACHE_HIT", word) { IsExpand = false }]);

    private static StepEnd Absent(StepContext step)
    {
        step.Log.Say("This build has no cache.");
        return StepEnd.Good;
    }
}
