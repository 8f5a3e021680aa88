using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

/// <summary>N5: a text of support's that the customer undid is nobody's word, also where a member's or a kept one stood on it meanwhile.</summary>
public sealed class UndoneInBetweenTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Changes = "/support-access/v1/apps/northwind-ios/changes";
    private BuildyardHost _host = null!;
    private HttpClient _support = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _support = await _host.CallAsSupportAsync("northwind-ios");
        _adam = await _host.CallAsAsync("adam@northwind.test");
        await SaveAsync(_adam, Yaml("echo mine", "echo other"));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("a member changes something else", "")]
    [InlineData("what support changes besides is kept", "")]
    [InlineData("a member changes something else", "support puts it back")]
    [InlineData("what support changes besides is kept", "support puts it back")]
    public async Task SavedOnceMore_ItIsSupportsAgain(string meanwhile, string then)
    {
        await SaveAsync(_support, Yaml("printenv", "echo other"));
        var first = (await OpenAsync())[0];
        await SaveAsync(meanwhile.StartsWith("a member", StringComparison.Ordinal) ? _adam : _support, Yaml("printenv", "echo other well"));
        if (meanwhile.EndsWith("kept", StringComparison.Ordinal)) (await _adam.PostAsync($"{Changes}/{(await OpenAsync())[0]}/keep", null)).EnsureSuccessStatusCode();
        if (then.Length > 0) await SaveAsync(_support, Yaml("echo mine", "echo other well"));
        await SaveAsync(_support, Yaml("printenv", "echo other"));
        Assert.NotNull(await StartAsync("mine"));

        (await _adam.PostAsync($"{Changes}/{first}/undo", null)).EnsureSuccessStatusCode();

        Assert.Null(await StartAsync("mine"));
        await SaveAsync(_support, Yaml("printenv", "echo other"));
        Assert.NotNull(await StartAsync("mine"));
        await SaveAsync(_adam, Yaml("printenv", "echo other") + Script("copy", "printenv\necho more"));
        Assert.NotNull(await StartAsync("copy"));
    }

    /// <summary>The customer's own role is theirs again, whatever support did to it after what is undone.</summary>
    [Fact]
    public async Task TheRoleOfBefore_IsAcceptedAgain()
    {
        var dana = (await (await _adam.GetAsync($"{App}/team")).JsonAsync()).GetProperty("members").EnumerateArray().Single(m => m.GetProperty("email").GetString() == "dana@northwind.test").GetProperty("person").GetString();
        (await _adam.PutAsJsonAsync($"{App}/team/{dana}", new { role = "developer" })).EnsureSuccessStatusCode();
        foreach (var role in (string[])["admin", "tester", "admin"]) (await _support.PutAsJsonAsync($"{App}/team/{dana}", new { role })).EnsureSuccessStatusCode();

        (await _adam.PostAsync($"{Changes}/{(await OpenAsync())[^1]}/undo", null)).EnsureSuccessStatusCode();

        Assert.Empty(await OpenAsync());
        var started = await (await _host.CallAsAsync("dana@northwind.test")).PostAsJsonAsync($"{App}/builds", new { workflow = "mine" });
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
    }

    private static string Yaml(string mine, string other) => $"format_version: \"23\"\nworkflows:\n{Script("mine", mine)}{Script("other", other)}";

    private static string Script(string workflow, string content) =>
        $"  {workflow}:\n    steps:\n    - script@1:\n        inputs:\n        - content: |\n            {content.Replace("\n", "\n            ", StringComparison.Ordinal)}\n";

    private async Task<List<string>> OpenAsync() =>
        [.. (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray().Select(change => change.GetProperty("activity").GetProperty("id").GetString()!)];

    private static async Task SaveAsync(HttpClient caller, string yaml) =>
        (await caller.PutAsync($"{App}/bitrise-yml", new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")))).EnsureSuccessStatusCode();

    private async Task<string?> StartAsync(string workflow)
    {
        var started = await _adam.PostAsJsonAsync($"{App}/builds", new { workflow });
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync());
        return (await started.JsonAsync()).GetProperty("guarded_because").GetString();
    }
}
