using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.Builds;

/// <summary>N5: a member's own build is guarded where anything of support's that nobody has accepted is in what it would run, whoever touched that last.</summary>
public sealed partial class ShapedBySupportTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Changes = "/support-access/v1/apps/northwind-ios/changes";
    private const string Yaml = """
        format_version: "23"
        app:
          envs:
          - FLAVOR: one
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

    [Theory]
    [InlineData("PUT", "env-vars/FLAVOR", """{"value":"two"}""")]
    [InlineData("PUT", "env-vars/ADDED", """{"value":"two"}""")]
    [InlineData("PATCH", "workflows/mine", """{"title":"Ours"}""")]
    [InlineData("PATCH", "workflows/mine", """{"priority":"3"}""")]
    [InlineData("PATCH", "workflows/other", """{"title":"Ours"}""")]
    [InlineData("PUT", "stack", """{"stack":"linux-debian-12"}""")]
    public async Task AMembersChangeOfAnythingElse_LiftsNothing(string method, string path, string body)
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal));

        using var change = new HttpRequestMessage(HttpMethod.Parse(method), $"{App}/{path}") { Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json")) };
        var changed = await _adam.SendAsync(change, TestContext.Current.CancellationToken);
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Contains("Support changed what mine runs", await StartAsync("mine"), StringComparison.Ordinal);
        Assert.Null(await StartAsync("other"));
        Assert.NotEmpty(await OpenAsync());
    }

    [Fact]
    public async Task AMembersChangeOfTheSameWorkflow_LiftsNothing_UntilItIsTheCustomersAgain()
    {
        var supports = Yaml.Replace("echo mine", "env", StringComparison.Ordinal);
        await SaveAsync(_support, supports);
        await SaveAsync(_adam, supports.Replace("content: env", "content: env | sort", StringComparison.Ordinal));
        Assert.NotNull(await StartAsync("mine"));

        // The text of the customer's, but for what a build doesn't run.
        await SaveAsync(_adam, "# Ours\n" + Yaml.Replace("echo other", "echo another", StringComparison.Ordinal));
        Assert.Null(await StartAsync("mine"));
        Assert.Null(await StartAsync("other"));
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task KeptLater_WhatAMemberMadeOfIt_IsTheCustomers()
    {
        var supports = Yaml.Replace("echo mine", "env", StringComparison.Ordinal);
        await SaveAsync(_support, supports);
        await SaveAsync(_adam, supports.Replace("content: env", "content: env | sort", StringComparison.Ordinal));

        await SettleAsync("keep");

        Assert.Null(await StartAsync("mine"));
    }

    [Fact]
    public async Task KeepingTheNewestAlone_KeepsNothing_WhereItRestsOnAnother()
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal));
        await SaveAsync(_support, Yaml.Replace("echo mine", "env && true", StringComparison.Ordinal));
        var open = await OpenAsync();
        var below = Assert.Single(open[0].GetProperty("rests_on").EnumerateArray()).GetProperty("id").GetString();
        Assert.Empty(open[1].GetProperty("rests_on").EnumerateArray());

        var refused = await _adam.PostAsync($"{Changes}/{Act(open[0])}/keep", null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var problem = await refused.JsonAsync();
        Assert.Equal(("rests_on_others", below), (problem.GetProperty("type").GetString(), problem.GetProperty("rests_on")[0].GetProperty("id").GetString()));
        Assert.NotNull(await StartAsync("mine"));
        Assert.Equal(2, (await OpenAsync()).Count);

        (await _adam.PostAsJsonAsync($"{Changes}/{Act(open[0])}/keep", new { with = new[] { below } })).EnsureSuccessStatusCode();
        Assert.Empty(await OpenAsync());
        Assert.Null(await StartAsync("mine"));
    }

    [Fact]
    public async Task ChangesOfOneInstant_RestOnThoseBeforeThem()
    {
        await using var host = await BuildyardHost.StartAsync(new ManualClock());
        var (support, adam) = (await host.CallAsSupportAsync("northwind-ios"), await host.CallAsAsync("adam@northwind.test"));
        for (var i = 0; i < 6; i++) (await support.PatchAsJsonAsync(App, new { title = $"Title {i}" })).EnsureSuccessStatusCode();

        var open = (await (await adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([5, 4, 3, 2, 1, 0], open.Select(change => change.GetProperty("rests_on").GetArrayLength()));
        Assert.Equal("Sets the title of the app back to “Title 4”.", open[0].GetProperty("does")[0].GetString());
    }

    [Fact]
    public async Task KeepingOne_LeavesAnotherThatItDoesNotTouch()
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal));
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal).Replace("echo other", "env", StringComparison.Ordinal));

        (await _adam.PostAsync($"{Changes}/{Act((await OpenAsync())[0])}/keep", null)).EnsureSuccessStatusCode();

        Assert.NotNull(await StartAsync("mine"));
        Assert.Null(await StartAsync("other"));
    }

    [Fact]
    public async Task UndoingTheNewest_BringsNothingOfSupportsBack()
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal));
        await SaveAsync(_support, Yaml);
        Assert.Null(await StartAsync("mine"));

        (await _adam.PostAsync($"{Changes}/{Act((await OpenAsync())[0])}/undo", null)).EnsureSuccessStatusCode();

        Assert.Equal(Yaml, await (await _adam.GetAsync($"{App}/bitrise-yml")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Null(await StartAsync("mine"));
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task WhatWasUndone_GuardsAgain_OnceAMemberRestoresIt_AndCanBeKept()
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal));
        await SettleAsync("undo");
        Assert.Null(await StartAsync("mine"));
        var supports = (await (await _adam.GetAsync($"{App}/bitrise-yml/versions")).JsonAsync()).GetProperty("versions").EnumerateArray().First(v => v.GetProperty("author_kind").GetString() == "support").GetProperty("number").GetInt32();

        (await _adam.PostAsync($"{App}/bitrise-yml/versions/{supports}/restore", null)).EnsureSuccessStatusCode();

        Assert.Contains("Support changed what mine runs", await StartAsync("mine"), StringComparison.Ordinal);
        await SettleAsync("keep");
        Assert.Null(await StartAsync("mine"));
    }

    [Theory]
    [InlineData("""{"default_branch":"trap"}""")]
    [InlineData("""{"repository_url":"https://git.test/trap.git"}""")]
    public async Task WhoRepeatsABuildWhoseSourceSupportSet_RepeatsAGuardedOne_AlsoOnceItIsUndone(string source)
    {
        (await _support.PatchAsync(App, new StringContent(source, MediaTypeHeaderValue.Parse("application/json")))).EnsureSuccessStatusCode();
        Assert.NotNull(await StartAsync("mine"));
        await SettleAsync("undo");
        Assert.Null(await StartAsync("mine"));

        var again = await (await _adam.PostAsync($"{App}/builds/1/rebuild", null)).JsonAsync();

        Assert.Equal("It repeats a build that support set up.", again.GetProperty("guarded_because").GetString());
    }

    [Theory]
    [InlineData("run_if: '{{enveq \"A\" \"b\"}}'", "run_if: '{{enveq \"B\" \"b\"}}'")]
    [InlineData("- bundle::notify: {}", "- bundle::notify: {run_if: 'true'}")]
    [InlineData("is_always_run: false", "is_always_run: true")]
    [InlineData("run_if: 'false'", "run_if: 'true'")]
    [InlineData("timeout: 10", "timeout: 11")]
    [InlineData("content: echo bundled", "content: env")]
    [InlineData("- CHANNEL: one", "- CHANNEL: $API_TOKEN")]
    [InlineData("is_expand: false", "is_expand: true")]
    [InlineData("- FIRST: a\n  - SECOND: b", "- SECOND: b\n  - FIRST: a")]
    [InlineData("before_run: [one, two]", "before_run: [two, one]")]
    [InlineData("after_run: [two]", "after_run: []")]
    [InlineData("    - s1: {}\n    - s2: {}", "    - s2: {}\n    - s1: {}")]
    public async Task WhateverOfAFileABuildReads_Guards(string was, string now)
    {
        const string Whole = """
            format_version: "23"
            app:
              envs:
              - FIRST: a
              - SECOND: b
            step_bundles:
              notify:
                run_if: '{{enveq "A" "b"}}'
                envs:
                - CHANNEL: one
                steps:
                - script@1:
                    inputs:
                    - content: echo bundled
            pipelines:
              all:
                stages:
                - s1: {}
                - s2: {}
            stages:
              s1:
                workflows:
                - mine: {}
              s2:
                workflows:
                - two: {}
            workflows:
              one: {}
              two: {}
              mine:
                before_run: [one, two]
                after_run: [two]
                envs:
                - OWN: $FIRST
                  opts:
                    is_expand: false
                steps:
                - bundle::notify: {}
                - script@1:
                    is_always_run: false
                    run_if: 'false'
                    timeout: 10
                    inputs:
                    - content: echo mine

            """;
        await SaveAsync(_adam, Whole);
        Assert.Null(await StartAsync(new { pipeline = "all" }));
        var changed = Whole.Replace(was, now, StringComparison.Ordinal);
        Assert.NotEqual(Whole, changed);
        await SaveAsync(_support, changed);

        Assert.Contains("Support changed what all runs", await StartAsync(new { pipeline = "all" }), StringComparison.Ordinal);

        // Undone it is the customer's, and done again by a member it is support's still.
        await SettleAsync("undo");
        Assert.Null(await StartAsync(new { pipeline = "all" }));
        await SaveAsync(_adam, changed);
        Assert.NotNull(await StartAsync(new { pipeline = "all" }));
        Assert.NotEmpty(await OpenAsync());
        await SettleAsync("keep");
        Assert.Null(await StartAsync(new { pipeline = "all" }));
    }

    [Fact]
    public async Task TheTitle_ThatStepsSee_GuardsEveryBuild_UntilItIsTheCustomersAgain()
    {
        (await _support.PatchAsJsonAsync(App, new { title = "Something else" })).EnsureSuccessStatusCode();
        Assert.Contains("the title", await StartAsync("other"), StringComparison.Ordinal);
        (await _support.PatchAsJsonAsync(App, new { title = "Northwind iOS" })).EnsureSuccessStatusCode();
        Assert.Null(await StartAsync("other"));
        (await _support.PatchAsJsonAsync(App, new { title = "Something else" })).EnsureSuccessStatusCode();
        Assert.NotNull(await StartAsync("other"));
        (await _adam.PatchAsJsonAsync(App, new { title = "Ours" })).EnsureSuccessStatusCode();
        Assert.Null(await StartAsync("other"));
    }

    [Fact]
    public async Task ASecretThatSupportAdded_GuardsAlsoWhereAMemberSetItsValue()
    {
        (await _support.PutAsJsonAsync($"{App}/secrets/LD_PRELOAD", new { value = "something", is_exposed_to_pull_requests = true })).EnsureSuccessStatusCode();
        (await _adam.PutAsJsonAsync($"{App}/secrets/LD_PRELOAD", new { value = "ours" })).EnsureSuccessStatusCode();
        Assert.NotNull(await StartAsync("mine"));
        await SettleAsync("keep");
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
        foreach (var change in await OpenAsync())
            (await _adam.PostAsync($"{Changes}/{Act(change)}/{decision}", null)).EnsureSuccessStatusCode();
    }

    private async Task<List<JsonElement>> OpenAsync() => [.. (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray()];

    private static string Act(JsonElement change) => change.GetProperty("activity").GetProperty("id").GetString()!;

    private static async Task SaveAsync(HttpClient caller, string yaml) =>
        (await caller.PutAsync($"{App}/bitrise-yml", new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")))).EnsureSuccessStatusCode();

    /// <summary>Starts a build. Answers why it is guarded; null: it is not.</summary>
    private Task<string?> StartAsync(string workflow) => StartAsync(new { workflow });

    private async Task<string?> StartAsync(object wanted) => await BecauseAsync(await _adam.PostAsJsonAsync($"{App}/builds", wanted));

    private static async Task<string?> BecauseAsync(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.JsonAsync()).GetProperty("guarded_because").GetString();
    }
}
