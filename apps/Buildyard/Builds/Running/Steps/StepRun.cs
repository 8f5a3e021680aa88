using System.Globalization;

namespace Buildyard;

/// <summary>How a step ended.</summary>
/// <param name="Reason">Why it failed, in one sentence; null when it didn't.</param>
/// <param name="Outputs">What it leaves for later steps.</param>
internal sealed record StepEnd(string? Reason, IReadOnlyList<EnvItem> Outputs)
{
    public static StepEnd Good { get; } = new(null, []);

    public static StepEnd Failed(string reason) => new(reason, []);
}

/// <summary>What is at hand for the step that is running.</summary>
internal sealed class StepContext
{
    public required BuildOrder Order { get; init; }
    public required Sandbox Sandbox { get; init; }
    public required LogWriter Log { get; init; }
    public required TimeProvider Clock { get; init; }

    /// <summary>The whole environment of the step, its inputs included.</summary>
    public required IReadOnlyDictionary<string, string> Envs { get; init; }

    /// <summary>What was cloned; null where the app has no repository.</summary>
    public required FetchedSource? Source { get; init; }

    /// <summary>The step's own limits; null: none.</summary>
    public required TimeSpan? Timeout { get; init; }
    public required TimeSpan? NoOutputTimeout { get; init; }

    public required BuildFindings Findings { get; init; }

    /// <summary>Takes the build's secrets out of a text. Whatever a step keeps or names so that people see it goes through here first.</summary>
    public required Func<string, string> Hide { get; init; }

    /// <summary>The same step with another environment.</summary>
    public StepContext With(IReadOnlyDictionary<string, string> envs) => new()
    {
        Order = Order,
        Sandbox = Sandbox,
        Log = Log,
        Clock = Clock,
        Envs = envs,
        Source = Source,
        Timeout = Timeout,
        NoOutputTimeout = NoOutputTimeout,
        Findings = Findings,
        Hide = Hide,
    };

    /// <summary>An input's value, without the white space around it.</summary>
    public string Input(string key) => Envs.GetValueOrDefault(key, "").Trim();

    public bool IsYes(string key) => Input(key) is "yes" or "true";

    /// <summary>The source directory as the environment says it.</summary>
    public string SourceDirectory => Envs.GetValueOrDefault("BITRISE_SOURCE_DIR") is { Length: > 0 } named ? named : $"{Sandbox.Root}/src";
}

/// <summary>What a build's steps leave for its result.</summary>
/// <param name="steps">What is known of its steps' commits beforehand.</param>
internal sealed class BuildFindings(IEnumerable<StepCommit> steps)
{
    /// <summary>The commits of the step repositories that were fetched, and those that were known before.</summary>
    public List<StepCommit> StepCommits { get; } = [.. steps];

    public List<BuildArtifact> Artifacts { get; } = [];
    public List<CacheArchive> Caches { get; } = [];

    /// <summary>Keys of archives that were restored exactly: saving them again would change nothing.</summary>
    public HashSet<string> Restored { get; } = new(StringComparer.Ordinal);
}

/// <summary>Runs a program as a step: in the sandbox, with exactly its environment, within its limits, and nothing of it left afterwards.</summary>
internal static class StepRun
{
    // The kernel's bound for one string of an environment or command line, and a safe one for all of them.
    private const int LongestVariable = 128 * 1024 - 1;
    private const int LargestEnvironment = 1536 * 1024;

    // Variables that bash makes up or keeps others from setting.
    private static readonly HashSet<string> s_bashsOwn = new(StringComparer.Ordinal)
    {
        "_", "UID", "EUID", "PPID", "GROUPS", "SHELLOPTS", "BASHOPTS", "BASHPID", "BASH_VERSINFO", "BASH_ARGV0", "BASH_COMMAND", "BASH_SUBSHELL", "BASH_ARGC", "BASH_ARGV",
        "BASH_SOURCE", "BASH_LINENO", "BASH_ALIASES", "BASH_CMDS", "BASH_EXECUTION_STRING", "RANDOM", "SRANDOM", "SECONDS", "LINENO", "EPOCHSECONDS", "EPOCHREALTIME",
        "HISTCMD", "DIRSTACK", "FUNCNAME", "PIPESTATUS", "OPTIND", "COMP_WORDBREAKS",
    };

    private static readonly TimeSpan s_termTime = TimeSpan.FromSeconds(5);

    /// <param name="step">The step.</param>
    /// <param name="words">The program and its arguments.</param>
    /// <param name="directory">Where it starts.</param>
    /// <param name="cancellation">Ends the build; the sandbox then goes with everything in it.</param>
    public static async Task<StepEnd> ProgramAsync(StepContext step, IReadOnlyList<string> words, string directory, CancellationToken cancellation)
    {
        if (TooLarge(step.Envs) is { } problem) return StepEnd.Failed(problem);
        step.Log.Listen();
        var status = await step.Sandbox.BeginAsync(Begin(step.Envs, words, directory), cancellation);
        var late = await LateAsync(step, status, cancellation);
        if (late is not null)
        {
            await step.Sandbox.TermAsync(cancellation);
            await Task.WhenAny(status, Task.Delay(s_termTime, step.Clock, cancellation));
        }
        var outputs = EnvStore.Read(await step.Sandbox.SweepAsync(EnvStore.Largest, cancellation));
        cancellation.ThrowIfCancellationRequested();
        return new StepEnd(late ?? await WhyAsync(step, await status, cancellation), outputs);
    }

    /// <summary>
    /// The program with exactly these variables. They are set by bash itself: whoever may list this machine's processes sees the words of a
    /// command, but not its environment. Names that bash has no variable for, or one of its own, are the exception.
    /// </summary>
    private static string Begin(IReadOnlyDictionary<string, string> envs, IReadOnlyList<string> words, string directory)
    {
        var odd = envs.Where(e => e.Key.Length > 0 && !IsPlain(e.Key)).Select(e => Bash.Quote($"{e.Key}={e.Value}")).ToList();
        string[] through = odd.Count > 0 ? ["env", .. odd] : [];
        return $$"""
            step() {
              cd -- {{Bash.Quote(directory)}} || exit 125
              unset PATH OLDPWD SHLVL
              export PWD {{string.Join(' ', envs.Where(e => IsPlain(e.Key) && e.Key != "PWD").Select(e => Bash.Quote($"{e.Key}={e.Value}")))}} 2> /dev/null
              exec {{string.Join(' ', through.Concat(words.Select(Bash.Quote)))}}
            }
            begin step
            """;
    }

    private static bool IsPlain(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !s_bashsOwn.Contains(name);

    /// <summary>Waits for the step to end or to run out of one of its times; says which.</summary>
    private static async Task<string?> LateAsync(StepContext step, Task<int> status, CancellationToken cancellation)
    {
        var began = step.Clock.GetTimestamp();
        while (true)
        {
            var left = step.Timeout - step.Clock.GetElapsedTime(began);
            var silent = step.NoOutputTimeout - step.Log.Silence;
            if (status.IsCompleted) return null;
            if (left <= TimeSpan.Zero) return $"It took longer than its timeout of {Sizes.InWords(step.Timeout!.Value)}.";
            if (silent <= TimeSpan.Zero) return $"It printed nothing for {Sizes.InWords(step.NoOutputTimeout!.Value)}.";
            var next = left is null ? silent : silent is null || left < silent ? left : silent;
            // A timer of the system runs for 49 days at most; no build does.
            await status.WaitAsync(next is { TotalDays: < 1 } soon ? soon + TimeSpan.FromMilliseconds(5) : TimeSpan.FromDays(1), step.Clock, cancellation)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            cancellation.ThrowIfCancellationRequested();
            if (status.IsFaulted) await status;
        }
    }

    private static async Task<string?> WhyAsync(StepContext step, int status, CancellationToken cancellation)
    {
        if (status == 0) return null;
        var code = status is > 128 and < 128 + 65 ? $"killed by signal {status - 128}" : string.Create(CultureInfo.InvariantCulture, $"exit code {status}");
        if (step.Sandbox.RanOutOfMemory()) return $"{code}; the build used more memory than its {Sizes.InWords(step.Order.Limits.MemoryBytes)}.";
        if (await step.Sandbox.IsFullAsync(cancellation)) return $"{code}; the workspace is full: a build has {Sizes.InWords(step.Order.Limits.DiskBytes)}.";
        return $"{code}.";
    }

    private static string? TooLarge(IReadOnlyDictionary<string, string> envs)
    {
        var sum = 0L;
        foreach (var (key, value) in envs)
        {
            var size = System.Text.Encoding.UTF8.GetByteCount(key) + System.Text.Encoding.UTF8.GetByteCount(value) + 2;
            if (size > LongestVariable) return $"The variable {key} is {size / 1024} KB; the system passes 128 KB at most.";
            sum += size;
        }
        return sum > LargestEnvironment ? $"The environment is {sum / 1024} KB; the system passes {LargestEnvironment / 1024} KB at most." : null;
    }
}
