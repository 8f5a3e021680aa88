using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

public sealed class BuildApiTests
{
    [Fact]
    public async Task Build_RunsItsSteps_AndKeepsItsLog()
    {
        await using var yard = await Yard.OpenAsync("echo \"hello $GREETING from $BITRISE_BUILD_NUMBER on $BITRISE_GIT_BRANCH\"");

        var build = await yard.RunAsync(new { branch = "feature/x", message = "Try it", env = new[] { new { name = "GREETING", value = "world" } } });

        Assert.True(build.GetProperty("status").GetString() == "success", await yard.LogAsync(1));
        Assert.Equal(1, build.GetProperty("number").GetInt32());
        Assert.Equal("primary", build.GetProperty("workflow").GetString());
        Assert.Equal(("Say", "success"), (build.GetProperty("steps")[0].GetProperty("title").GetString(), build.GetProperty("steps")[0].GetProperty("status").GetString()));
        Assert.Contains("hello world from 1 on feature/x", await yard.LogAsync(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedStep_FailsTheBuild_WhichCanBeRunAgain()
    {
        await using var yard = await Yard.OpenAsync("exit 3");
        var failed = await yard.RunAsync();
        Assert.Equal("failed", failed.GetProperty("status").GetString());

        await yard.SaveAsync(Yard.Yaml("echo better"));
        var again = await yard.Owner.PostAsync($"{Yard.Path}/1/rebuild", null);

        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        var build = await yard.OverAsync(2);
        Assert.Equal(("success", 1), (build.GetProperty("status").GetString(), build.GetProperty("rebuilt_from").GetInt32()));
    }

    [Fact]
    public async Task Artifacts_AreListed_AndOnlyEverSaved()
    {
        await using var yard = await Yard.OpenAsync("echo '<script>alert(1)</script>' > \"$BITRISE_DEPLOY_DIR/report.html\"");
        await yard.SaveAsync(Yard.Yaml("echo '<script>alert(1)</script>' > \"$BITRISE_DEPLOY_DIR/report.html\"") + "    - deploy-to-bitrise-io@2: {}\n");
        var build = await yard.RunAsync();
        Assert.True(build.GetProperty("status").GetString() == "success", await yard.LogAsync(1));

        var artifact = (await (await yard.Owner.GetAsync($"{Yard.Path}/1/artifacts")).JsonAsync()).GetProperty("artifacts")[0];
        var file = await yard.Owner.GetAsync(artifact.GetProperty("url").GetString());

        Assert.Equal("report.html", artifact.GetProperty("name").GetString());
        Assert.Equal("application/octet-stream", file.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", file.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("nosniff", file.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("alert", await file.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var name in (string[])["..%2Flog", "%2e%2e%2flog", "nothing", "..%5Clog"])
            Assert.Equal(HttpStatusCode.NotFound, (await yard.Owner.GetAsync($"{Yard.Path}/1/artifacts/{name}")).StatusCode);
    }

    [Fact]
    public async Task Pipeline_RunsItsWorkflowsInOrder_UntilOneFails()
    {
        await using var yard = await Yard.OpenAsync();
        string Workflow(string name, string script) => $"  {name}:\n    steps:\n    - script@1:\n        title: {name}\n        inputs:\n        - content: {script}\n";
        await yard.SaveAsync("format_version: \"23\"\npipelines:\n  all:\n    workflows:\n      last:\n        depends_on: [second]\n      first: {}\n      second:\n        depends_on: [first]\nworkflows:\n"
            + Workflow("first", "echo one") + Workflow("second", "exit 1") + Workflow("last", "echo three"));

        var build = await yard.RunAsync(new { pipeline = "all" });

        Assert.Equal("failed", build.GetProperty("status").GetString());
        Assert.Equal(["first success", "second failed"], build.GetProperty("steps").EnumerateArray().Select(s => $"{s.GetProperty("title").GetString()} {s.GetProperty("status").GetString()}"));
    }

    [Fact]
    public async Task LeftOut_TheWorkflowIsWhatAPushWouldStart_ElsePrimary_ElseAChoice()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0);
        await yard.SaveAsync("format_version: \"23\"\ntrigger_map:\n- push_branch: main\n  workflow: release\nworkflows:\n  primary: {}\n  release: {}\n");
        Assert.Equal("release", (await yard.ReadAsync(await yard.StartAsync())).GetProperty("workflow").GetString());
        Assert.Equal("primary", (await yard.ReadAsync(await yard.StartAsync(new { branch = "other" }))).GetProperty("workflow").GetString());

        await yard.SaveAsync("format_version: \"23\"\nworkflows:\n  one: {}\n  _two: {}\n");
        var refused = await yard.Owner.PostAsJsonAsync(Yard.Path, new { });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("One of one.", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"workflow":"nothing"}""", "workflow")]
    [InlineData("""{"workflow":"_hidden"}""", "workflow")]
    [InlineData("""{"pipeline":"nothing"}""", "pipeline")]
    [InlineData("""{"workflow":"primary","pipeline":"p"}""", "pipeline")]
    [InlineData("""{"branch":"--upload-pack=x"}""", "branch")]
    [InlineData("""{"branch":"a..b"}""", "branch")]
    [InlineData("""{"branch":"a b"}""", "branch")]
    [InlineData("""{"tag":"v1~2"}""", "tag")]
    [InlineData("""{"commit":"main"}""", "commit")]
    [InlineData("""{"message":"bell \u0007"}""", "message")]
    [InlineData("""{"env":[{"name":"1X","value":""}]}""", "env[0].name")]
    [InlineData("""{"env":[{"name":"X"}]}""", "env[0].value")]
    [InlineData("""{"env":[{"name":"X","value":"a"},{"name":"X","value":"b"}]}""", "env[1].name")]
    [InlineData("""{"env":[{"name":"X","value":"nul \u0000"}]}""", "env[0].value")]
    [InlineData("""{"priority":101}""", "priority")]
    [InlineData("""{"env":{"X":"1"}}""", "env")]
    [InlineData("""{"priority":"high"}""", "priority")]
    [InlineData("""{"brnach":"main"}""", "brnach")]
    public async Task WhatCantBeTaken_IsNamed_AndStartsNothing(string body, string field)
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0);

        var refused = await yard.Owner.PostAsync(Yard.Path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.True((int)refused.StatusCode is 400 or 422, $"{refused.StatusCode}");
        Assert.Equal(field, (await refused.JsonAsync()).GetProperty("errors")[0].GetProperty("field").GetString());
        Assert.Empty((await (await yard.Owner.GetAsync(Yard.Path)).JsonAsync()).GetProperty("builds").EnumerateArray());
    }

    [Fact]
    public async Task Numbers_CountWithoutGaps_HoweverManyStartAtOnce()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0);

        var numbers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => yard.StartAsync()));

        Assert.Equal(Enumerable.Range(1, 20), numbers.Order());
    }

    [Fact]
    public async Task List_PagesAndFilters()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0);
        for (var i = 0; i < 5; i++) await yard.StartAsync(new { branch = i % 2 == 0 ? "main" : "other" });
        async Task<JsonElement> List(string query) => await (await yard.Owner.GetAsync($"{Yard.Path}?{query}")).JsonAsync();

        var page = await List("limit=2");
        Assert.Equal([5, 4], page.GetProperty("builds").EnumerateArray().Select(b => b.GetProperty("number").GetInt32()));
        Assert.Equal(4, page.GetProperty("next").GetInt32());
        Assert.Equal([4, 2], (await List("branch=other")).GetProperty("builds").EnumerateArray().Select(b => b.GetProperty("number").GetInt32()));
        Assert.Empty((await List("status=running")).GetProperty("builds").EnumerateArray());
        Assert.Empty((await List("workflow=release")).GetProperty("builds").EnumerateArray());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await yard.Owner.GetAsync($"{Yard.Path}?status=odd")).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await yard.Owner.GetAsync($"{Yard.Path}?limit=0")).StatusCode);
    }

    [Fact]
    public async Task DisabledApp_StartsNothing_AndWhatWaitsGoesOnWhenItIsEnabled()
    {
        await using var yard = await Yard.OpenAsync("sleep 1; echo done", atOnce: 1);
        await yard.StartAsync();
        await yard.StartAsync();
        (await yard.Owner.PutAsJsonAsync($"/api/apps/{Yard.App}/enabled", new { enabled = false })).EnsureSuccessStatusCode();

        var refused = await yard.Owner.PostAsJsonAsync(Yard.Path, new { });
        Assert.Equal(("app_disabled", HttpStatusCode.Conflict), ((await refused.JsonAsync()).GetProperty("type").GetString(), refused.StatusCode));
        Assert.Equal("success", (await yard.OverAsync(1)).GetProperty("status").GetString());
        Assert.Equal("on_hold", await yard.StatusAsync(2));

        (await yard.Owner.PutAsJsonAsync($"/api/apps/{Yard.App}/enabled", new { enabled = true })).EnsureSuccessStatusCode();
        Assert.Equal("success", (await yard.OverAsync(2)).GetProperty("status").GetString());
    }
}
