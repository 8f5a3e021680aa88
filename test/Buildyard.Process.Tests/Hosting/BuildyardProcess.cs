using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Buildyard.Process.Tests.Hosting;

/// <summary>A real Buildyard with demo data: a child process on a free port of loopback, dead at the latest when this is disposed.</summary>
internal sealed partial class BuildyardProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(2);
    // Compiles before it starts.
    private static readonly TimeSpan FirstStartBound = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StopBound = TimeSpan.FromMinutes(2);

    private readonly System.Diagnostics.Process _process;
    private readonly Queue<string> _said = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Uri? _listensAt;

    private BuildyardProcess(System.Diagnostics.Process process) => _process = process;

    /// <summary>The last that it said, for messages.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    /// <summary>The number of its process.</summary>
    public int Id => _process.Id;

    /// <summary>Starts it and waits until it answers requests.</summary>
    public static Task<BuildyardProcess> StartAsync(string data, params string[] more) => StartOnAsync(_ => [], data, more);

    /// <summary>Starts it behind the words of a command that becomes it, made from the project's path, and waits until it answers requests.</summary>
    public static Task<BuildyardProcess> StartOnAsync(Func<string, string[]> machine, string data, params string[] more) =>
        StartAsync([.. machine(Root), "dotnet", Assembly], Path.Combine(Root, "apps", "Buildyard"), data, more, StartBound);

    /// <summary>Starts it by the README's command, which compiles it first, and waits until it answers requests.</summary>
    public static Task<BuildyardProcess> RunAsync(string data) => StartAsync(["dotnet", "run", "--project", "apps/Buildyard", "--"], Root, data, [], FirstStartBound);

    private static async Task<BuildyardProcess> StartAsync(string[] command, string folder, string data, string[] more, TimeSpan bound)
    {
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), "--data", data, "--urls", "http://127.0.0.1:0", "--Demo:Builds=false", .. more])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // What the shell of whoever runs the tests says about a server is not about this one.
        start.Environment.Remove("ASPNETCORE_URLS");
        start.Environment.Remove("DOTNET_URLS");
        var started = new BuildyardProcess(System.Diagnostics.Process.Start(start)!);
        try
        {
            started.Listen();
            started._listensAt = await started._address.Task.WaitAsync(bound);
            return started;
        }
        catch (Exception e)
        {
            await started.DisposeAsync();
            throw new InvalidOperationException($"Buildyard did not start: {e.Message}\n{started.Said}", e);
        }
    }

    /// <summary>A caller that nobody knows.</summary>
    public HttpClient Connect() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _listensAt, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>SIGKILL: it gets no chance to do anything more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(StopBound);
    }

    /// <summary>SIGTERM, as a service manager stops it. Answers its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await Command.RunAsync("kill", "-TERM", $"{_process.Id}");
        await _process.WaitForExitAsync().WaitAsync(StopBound);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().WaitAsync(StopBound);
        }

        _process.Dispose();
    }

    /// <summary>The project's folder.</summary>
    public static string Root
    {
        get
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "Latchkey.slnx")))
            {
                root = root.Parent ?? throw new InvalidOperationException("The tests run outside the project.");
            }

            return root.FullName;
        }
    }

    /// <summary>Buildyard as it was built beside these tests, in the same configuration.</summary>
    private static string Assembly
    {
        get
        {
            var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            return Path.Combine(Root, "apps", "Buildyard", "bin", framework.Parent!.Name, framework.Name, "Buildyard.dll");
        }
    }

    private void Listen()
    {
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException("It ended."));
        _process.EnableRaisingEvents = true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > 200)
            {
                _said.Dequeue();
            }
        }

        if (OwnAddress().Match(line) is { Success: true } address)
        {
            _address.TrySetResult(new Uri(address.Value));
        }
    }

    [GeneratedRegex("(?<=Open )http://127[.]0[.]0[.]1:[0-9]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex OwnAddress();
}
