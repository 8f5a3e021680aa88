using System.Diagnostics;

namespace Buildyard.Builds.Tests;

/// <summary>Runs programs that tests need besides builds.</summary>
internal static class Command
{
    /// <summary>What a program printed; the test fails when it does.</summary>
    public static string Run(string directory, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in (KeyValuePair<string, string>[])[
            new("GIT_AUTHOR_NAME", "Ada"), new("GIT_AUTHOR_EMAIL", "ada@example.test"), new("GIT_COMMITTER_NAME", "Ada"), new("GIT_COMMITTER_EMAIL", "ada@example.test"),
            new("GIT_CONFIG_GLOBAL", "/dev/null"), new("GIT_CONFIG_NOSYSTEM", "1")])
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start)!;
        var errors = "";
        process.ErrorDataReceived += (_, line) => errors += line.Data + "\n";
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}");
        return output.Trim();
    }

    /// <summary>A shell script, in a directory.</summary>
    public static string Shell(string directory, string script) => Run(directory, "/bin/bash", "-euc", script);
}
