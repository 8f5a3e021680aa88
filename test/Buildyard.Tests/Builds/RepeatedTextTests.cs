using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

/// <summary>A file of 400 KB whose plan, written out, is larger than any text can be: the guard compares it all the same.</summary>
public sealed class RepeatedTextTests
{
    private const string Yaml = "/api/apps/northwind-ios/bitrise-yml";

    [Fact]
    public async Task LargeText_ThatRunsThousandsOfTimes_IsCompared()
    {
        await using var host = await BuildyardHost.StartAsync();
        var (support, adam) = (await host.CallAsSupportAsync("northwind-ios"), await host.CallAsAsync("adam@northwind.test"));
        await SaveAsync(adam, File('x', 'y'));
        await SaveAsync(support, File('x', 'z'));

        Assert.Null(await StartAsync("other"));
        Assert.Null(await StartAsync("primary"));
        await SaveAsync(support, File('z', 'z'));
        Assert.Contains("Support changed what primary runs", await StartAsync("primary"), StringComparison.Ordinal);
        Assert.Null(await StartAsync("other"));

        async Task<string?> StartAsync(string workflow)
        {
            using var started = await adam.PostAsJsonAsync("/api/apps/northwind-ios/builds", new { workflow });
            Assert.True(started.StatusCode == HttpStatusCode.Created, await started.Content.ReadAsStringAsync());
            return (await started.JsonAsync()).GetProperty("guarded_because").GetString();
        }
    }

    private static string File(char text, char elsewhere) =>
        $"format_version: \"23\"\nworkflows:\n  _0:\n    envs:\n    - TEXT: {new string(text, 380 * 1024)}\n"
        + string.Concat(Enumerable.Range(0, 12).Select(i => $"  _{i + 1}: {{before_run: [_{i}, _{i}]}}\n"))
        + $"  primary:\n    before_run: [_12]\n    steps:\n    - script@1: {{inputs: [content: echo]}}\n  other:\n    steps:\n    - script@1: {{inputs: [content: echo]}}\n  unasked:\n    envs:\n    - TEXT: {elsewhere}\n";

    private static async Task SaveAsync(HttpClient caller, string yaml) =>
        (await caller.PutAsync(Yaml, new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")))).EnsureSuccessStatusCode();
}
