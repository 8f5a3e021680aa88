using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

/// <summary>A Buildyard that builds for real, with one app without a repository, and its owner at the API.</summary>
internal sealed class Yard : IAsyncDisposable
{
    public const string App = "yard";
    public const string Path = $"/api/apps/{App}/builds";
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(2);

    private Yard(BuildyardHost host, HttpClient owner) => (Host, Owner) = (host, owner);

    public BuildyardHost Host { get; }
    public HttpClient Owner { get; }

    /// <summary>Starts it.</summary>
    /// <param name="script">What the workflow primary runs.</param>
    /// <param name="atOnce">How many builds run at one time; 0 holds them.</param>
    /// <param name="directory">A directory that stays; null: one that goes with it.</param>
    /// <param name="clock">Replaces the system's clock.</param>
    /// <param name="args">Further arguments.</param>
    public static async Task<Yard> OpenAsync(string script = "echo hello", int atOnce = 2, string? directory = null, TimeProvider? clock = null, params string[] args)
    {
        var host = await BuildyardHost.StartAsync(clock, directory, args: [$"--Builds:AtOnce={atOnce}", .. args]);
        var yard = new Yard(host, await host.CallAsAsync("olivia@northwind.test"));
        if ((await yard.Owner.GetAsync($"/api/apps/{App}")).StatusCode == System.Net.HttpStatusCode.NotFound)
            await host.AddAppAsync(yard.Owner, App, "Yard", Yaml(script));
        return yard;
    }

    public static string Yaml(string script, string more = "") =>
        $"format_version: \"23\"\n{more}workflows:\n  primary:\n    steps:\n    - script@1:\n        title: Say\n        inputs:\n        - content: |\n            {script.ReplaceLineEndings("\n            ")}\n";

    public async Task SaveAsync(string yaml, HttpClient? by = null) =>
        (await (by ?? Owner).PutAsync($"/api/apps/{App}/bitrise-yml", new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")))).EnsureSuccessStatusCode();

    /// <summary>Starts a build and answers its number.</summary>
    public async Task<int> StartAsync(object? wanted = null, HttpClient? by = null)
    {
        var answer = await (by ?? Owner).PostAsJsonAsync(Path, wanted ?? new { });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.JsonAsync()).GetProperty("number").GetInt32();
    }

    public async Task<JsonElement> ReadAsync(int number) => await (await Owner.GetAsync($"{Path}/{number}")).JsonAsync();

    public async Task<string> StatusAsync(int number) => (await ReadAsync(number)).GetProperty("status").GetString()!;

    public Task<string> LogAsync(int number) => Owner.GetStringAsync($"{Path}/{number}/log");

    /// <summary>Waits until the build is over, and gives it.</summary>
    public Task<JsonElement> OverAsync(int number) => UntilAsync(() => ReadAsync(number), b => b.GetProperty("ended_at").ValueKind != JsonValueKind.Null);

    public async Task<JsonElement> RunAsync(object? wanted = null, HttpClient? by = null) => await OverAsync(await StartAsync(wanted, by));

    /// <summary>Waits until the log holds something.</summary>
    public Task<string> SaysAsync(int number, string text) => UntilAsync(() => LogAsync(number), log => log.Contains(text, StringComparison.Ordinal));

    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> fits)
    {
        using var bound = new CancellationTokenSource(s_bound);
        while (true)
        {
            var answer = await ask();
            if (fits(answer)) return answer;
            Assert.False(bound.IsCancellationRequested, $"Still after {s_bound.TotalSeconds} s: {answer}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
