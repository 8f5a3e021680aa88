using System.Diagnostics;
using System.Text;

namespace Buildyard;

/// <summary>What a run of git gave.</summary>
internal readonly record struct GitAnswer(int Status, byte[] Output, string Said)
{
    public string Text => Encoding.UTF8.GetString(Output).Trim();

    /// <summary>The last line that git said, for people.</summary>
    public string Reason
    {
        get
        {
            var line = Said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it gave no reason.";
            return line.Length > 300 ? line[..300] : line;
        }
    }
}

/// <summary>
/// Runs git behind fences, in a directory of ours: no configuration but ours, no prompts, no hooks, no helpers, no protocol that wasn't asked for,
/// bounded in space and ended, with all it started, when its time is over. It only ever fetches; nothing is checked out by it.
/// </summary>
internal sealed class GitProcess(string directory, string protocol, TimeProvider clock)
{
    private const int LongestAnswer = 1024 * 1024;

    /// <summary>Configuration for every run, as <c>name=value</c>; and the variables git is given besides its own.</summary>
    public List<string> Settings { get; } =
    [
        "protocol.allow=never", $"protocol.{protocol}.allow=always", "http.followRedirects=false", "credential.helper=", "core.askPass=",
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "http.lowSpeedLimit=1000", "http.lowSpeedTime=30", "gc.auto=0", "maintenance.auto=false",
        "fetch.recurseSubmodules=false", "submodule.recurse=false", "fetch.unpackLimit=1", "init.defaultBranch=main",
    ];

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal)
    {
        ["PATH"] = SandboxTools.SearchPath,
        ["HOME"] = directory,
        ["LC_ALL"] = "C",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_ATTR_NOSYSTEM"] = "1",
    };

    /// <exception cref="OperationCanceledException">It was ended before it was done.</exception>
    /// <exception cref="IOException">It took more than <paramref name="most"/> bytes of disk.</exception>
    public async Task<GitAnswer> RunAsync(long most, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = directory, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var setting in Settings)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(setting);
        }
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var said = ReadAsync(process.StandardError.BaseStream, cancellation);
            var output = ReadAsync(process.StandardOutput.BaseStream, cancellation);
            var exit = process.WaitForExitAsync(cancellation);
            while (!exit.IsCompleted)
            {
                await Task.WhenAny(exit, Task.Delay(TimeSpan.FromMilliseconds(200), clock, CancellationToken.None));
                if (Size() > most) throw new IOException($"It is larger than {Sizes.InWords(most)}.");
            }
            await exit;
            return new GitAnswer(process.ExitCode, await output, Encoding.UTF8.GetString(await said));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Reads to the end and keeps the first of it.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
            if (content.Length < LongestAnswer) await content.WriteAsync(buffer.AsMemory(0, read), cancellation);
        return content.ToArray();
    }

    private long Size()
    {
        try
        {
            return new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            // git moves files while it works; the next look sees them.
            return 0;
        }
    }
}
