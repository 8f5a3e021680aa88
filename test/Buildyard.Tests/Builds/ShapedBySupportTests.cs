using System.Net.Http.Headers;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

/// <summary>N5: a member's own build is guarded where support shaped it last, until somebody of the customer keeps or undoes that.</summary>
public sealed class ShapedBySupportTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Yaml = """
        format_version: "23"
        workflows:
          mine:
            steps:
            - script@1:
                inputs:
                - content: echo mine
          other:
            steps:
            - script@1:
                inputs:
                - content: echo other

        """;

    private BuildyardHost _host = null!;
    private HttpClient _support = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _support = await _host.CallAsSupportAsync("northwind-ios");
        _adam = await _host.CallAsAsync("adam@northwind.test");
        await SaveAsync(_adam, Yaml);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task AWorkflowThatSupportChanged_IsGuarded_OthersAreNot()
    {
        Assert.Null(await StartAsync("mine"));
        await SaveAsync(_support, "# A remark\n" + Yaml.Replace("echo mine", "env", StringComparison.Ordinal));

        Assert.Contains("Support changed what mine runs", await StartAsync("mine"), StringComparison.Ordinal);
        Assert.Null(await StartAsync("other"));
    }

    [Theory]
    [InlineData("keep")]
    [InlineData("undo")]
    public async Task OnceKeptOrUndone_ItsBuildsAreWholeAgain(string decision)
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal));
        Assert.NotNull(await StartAsync("mine"));
        await SettleAsync(decision);
        Assert.Null(await StartAsync("mine"));
    }

    [Fact]
    public async Task AMembersChangeOfTheSameWorkflow_TakesItOver_OfAnotherOne_DoesNot()
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal));
        await SaveAsync(_adam, Yaml.Replace("echo mine", "env", StringComparison.Ordinal).Replace("echo other", "echo another", StringComparison.Ordinal));
        Assert.NotNull(await StartAsync("mine"));
        await SaveAsync(_adam, Yaml);
        Assert.Null(await StartAsync("mine"));
    }

    [Fact]
    public async Task ASecretOrTheRepository_ChangedBySupport_GuardsEveryBuild()
    {
        (await _support.PutAsJsonAsync($"{App}/secrets/FROM_SUPPORT", new { value = "something" })).EnsureSuccessStatusCode();
        Assert.Contains("a secret", await StartAsync("other"), StringComparison.Ordinal);
        await SettleAsync("keep");
        Assert.Null(await StartAsync("other"));

        (await _support.PatchAsJsonAsync(App, new { repository_url = "https://git.example.org/elsewhere.git" })).EnsureSuccessStatusCode();
        Assert.Contains("the repository URL", await StartAsync("other"), StringComparison.Ordinal);
        await SettleAsync("undo");
        Assert.Null(await StartAsync("other"));

        (await _support.PatchAsJsonAsync(App, new { default_branch = "elsewhere" })).EnsureSuccessStatusCode();
        Assert.Contains("the default branch", await StartAsync("other"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keep")]
    [InlineData("undo")]
    public async Task TheAppleDeveloperAccount_ChosenBySupport_GuardsEveryBuild_UntilItIsKeptOrUndone(string decision)
    {
        var key = await Integrations.IntegrationTests.ConnectAsync(_host);
        Assert.Null(await StartAsync("mine"));

        (await _support.PutAsJsonAsync($"{App}/integrations/apple-key", new { apple_key = key })).EnsureSuccessStatusCode();

        Assert.Contains("Support changed the Apple Developer account.", await StartAsync("mine"), StringComparison.Ordinal);
        await SettleAsync(decision);
        Assert.Null(await StartAsync("mine"));
    }

    private async Task SettleAsync(string decision)
    {
        var open = (await (await _adam.GetAsync("/support-access/v1/apps/northwind-ios/changes")).JsonAsync()).GetProperty("items");
        foreach (var change in open.EnumerateArray())
        {
            var act = change.GetProperty("activity").GetProperty("id").GetString();
            (await _adam.PostAsync($"/support-access/v1/apps/northwind-ios/changes/{act}/{decision}", null)).EnsureSuccessStatusCode();
        }
    }

    private static async Task SaveAsync(HttpClient caller, string yaml) =>
        (await caller.PutAsync($"{App}/bitrise-yml", new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")))).EnsureSuccessStatusCode();

    /// <summary>Starts a build. Answers why it is guarded; null: it is not.</summary>
    private async Task<string?> StartAsync(string workflow)
    {
        var answer = await _adam.PostAsJsonAsync($"{App}/builds", new { workflow });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.JsonAsync()).GetProperty("guarded_because").GetString();
    }
}
