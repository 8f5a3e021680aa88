using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

/// <summary>Secrets that are allowed for a build are allowed for the code that was looked at, wherever it comes from.</summary>
public sealed class AllowedStepsTests : IAsyncLifetime
{
    private const string Later = "echo \"RUN later ${API_TOKEN:-none}\" | rev";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-steps-");
    private Yard _yard = null!;
    private HttpClient _support = null!;

    private string Repository => Path.Combine(_directory.FullName, "step");

    private string Step => $"git::file://{Repository}";

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Repository);
        await GitAsync("init", "--quiet", "--initial-branch=main");
        await File.WriteAllTextAsync(Path.Combine(Repository, "step.yml"), "title: Lint\ntoolkit:\n  bash:\n    entry_file: step.sh\n");
        await SaveStepAsync("echo \"RUN first ${API_TOKEN:-none}\" | rev");
        _yard = await Yard.OpenAsync(args: "--Git:AllowPrivateHosts=true");
        (await _yard.Owner.PutAsJsonAsync($"/api/apps/{Yard.App}/secrets/API_TOKEN", new { value = "hunter22" })).EnsureSuccessStatusCode();
        _support = await _yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
    }

    [Theory]
    [InlineData("primary:\n    steps:\n    - {0}: {{}}")]
    [InlineData("primary:\n    steps:\n    - {1}: {{}}")]
    [InlineData("primary:\n    before_run: [_lint]\n  _lint:\n    steps:\n    - bundle::lint: {{}}\nstep_bundles:\n  lint:\n    steps:\n    - {0}: {{}}")]
    public async Task WhatIsAllowed_IsTheStepAsItRan_NotWhatItsBranchCameToSince(string workflow)
    {
        var commit = await HeadAsync();
        await SaveAsync(string.Format(CultureInfo.InvariantCulture, workflow, $"{Step}@main", Step));
        var seen = await _yard.RunAsync(by: _support);
        await SaveStepAsync(Later);

        var allowed = await AllowAsync(1);
        await _yard.OverAsync(2);

        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal("RUN first hunter22", await SaidAsync(2));
        Assert.Equal([commit], Commits(seen));
        Assert.Equal([commit], Commits(await _yard.ReadAsync(2)));
        // Run again without a word of the customer's, it is as it stands now, and guarded.
        (await _yard.Owner.PostAsync($"{Yard.Path}/2/rebuild", null)).EnsureSuccessStatusCode();
        var again = await _yard.OverAsync(3);
        Assert.Equal("RUN later none", await SaidAsync(3));
        Assert.Equal([await HeadAsync()], Commits(again));
    }

    [Fact]
    public async Task WhereTheCommitIsGone_TheAllowedBuildFails_AndSaysSo()
    {
        var commit = await HeadAsync();
        await SaveAsync($"primary:\n    steps:\n    - {Step}@main: {{}}");
        await _yard.RunAsync(by: _support);
        Directory.Delete(Path.Combine(Repository, ".git"), recursive: true);
        await GitAsync("init", "--quiet", "--initial-branch=main");
        await SaveStepAsync(Later);

        (await AllowAsync(1)).EnsureSuccessStatusCode();

        var failed = await _yard.OverAsync(2);
        Assert.Equal("failed", failed.GetProperty("status").GetString());
        Assert.Equal($"The step file://{Repository} can't be had: The commit {commit} is not in main.", failed.GetProperty("steps")[0].GetProperty("reason").GetString());
        Assert.Null(await SaidAsync(2));
    }

    [Fact]
    public async Task StepThatWasNotFetched_IsNotAllowed()
    {
        await SaveAsync($"primary:\n    steps:\n    - {Step}@main:\n        run_if: '{{{{enveq \"API_TOKEN\" \"hunter22\"}}}}'");
        await _yard.RunAsync(by: _support);

        var refused = await AllowAsync(1);

        await RefusedAsync(refused);
        var page = (await (await _yard.Host.BrowseAsAsync("olivia@northwind.test")).PageAsync($"/apps/{Yard.App}/builds/1")).Text();
        Assert.DoesNotContain("Allow secrets for this build", page, StringComparison.Ordinal);
        Assert.Contains((await refused.JsonAsync()).GetProperty("title").GetString()!, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PipelineThatFailedBeforeAStep_IsNotAllowed()
    {
        await SaveAsync($"one:\n    steps:\n    - script@1:\n        inputs:\n        - content: exit 1\n  two:\n    steps:\n    - {Step}@main: {{}}", "one", "two");
        await _yard.RunAsync(new { pipeline = "all" }, _support);

        await RefusedAsync(await AllowAsync(1));
    }

    [Fact]
    public async Task WithinAPipeline_AStepIsTheSameEverywhere()
    {
        await SaveAsync(
            $"one:\n    steps:\n    - {Step}@main: {{}}\n    - script@1:\n        inputs:\n        - content: echo fetched; sleep 3\n  two:\n    steps:\n    - {Step}@main: {{}}", "one", "two");
        var number = await _yard.StartAsync(new { pipeline = "all" }, _support);
        await _yard.SaysAsync(number, "fetched");
        await SaveStepAsync(Later);

        Assert.Equal("success", (await _yard.OverAsync(number)).GetProperty("status").GetString());
        Assert.DoesNotContain("later", string.Concat((await _yard.LogAsync(number)).Reverse()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhileItWaits_OnlyStepsOfWholeCommitsAreAllowed()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        var commit = await HeadAsync();
        foreach (var version in (string[])["@main", "", $"@{commit[..12]}"])
        {
            await yard.SaveAsync($"format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - {Step}@{commit}: {{}}\n    - {Step}{version}: {{}}\n", support);
            await RefusedAsync(await yard.Owner.PostAsJsonAsync($"{Yard.Path}/{await yard.StartAsync(by: support)}/secrets", new { allow = "build" }));
        }
        await yard.SaveAsync($"format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - {Step}@{commit}: {{}}\n", support);

        var allowed = await yard.Owner.PostAsJsonAsync($"{Yard.Path}/{await yard.StartAsync(by: support)}/secrets", new { allow = "build" });

        Assert.Equal((HttpStatusCode.OK, 4), (allowed.StatusCode, (await allowed.JsonAsync()).GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task AbbreviatedCommit_IsNotedInFull_AndNotAllowedBefore()
    {
        const string Path = "/api/apps/northwind-android/builds";
        var adam = await _yard.Host.CallAsAsync("adam@northwind.test");
        var support = await _yard.Host.CallAsSupportAsync("northwind-android");
        var number = await StartAsync(new { workflow = "primary" });
        var commit = (await OverAsync(adam, $"{Path}/{number}")).GetProperty("commit").GetString()!;

        number = await StartAsync(new { workflow = "primary", commit = commit[..7] });

        Assert.Equal(commit, (await OverAsync(adam, $"{Path}/{number}")).GetProperty("commit").GetString());
        await using var waiting = await BuildyardHost.StartAsync();
        adam = await waiting.CallAsAsync("adam@northwind.test");
        support = await waiting.CallAsSupportAsync("northwind-android");
        number = await StartAsync(new { workflow = "primary", commit = commit[..7] });
        await RefusedAsync(await adam.PostAsJsonAsync($"{Path}/{number}/secrets", new { allow = "build" }));

        async Task<int> StartAsync(object wanted) => (await (await support.PostAsJsonAsync(Path, wanted)).JsonAsync()).GetProperty("number").GetInt32();
    }

    public async ValueTask DisposeAsync()
    {
        await _yard.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    /// <summary>Support saves these workflows, and a pipeline <c>all</c> of those that are named, one after another.</summary>
    private Task SaveAsync(string workflows, params string[] pipeline) => _yard.SaveAsync(
        $"format_version: \"23\"\n{(pipeline.Length == 0 ? "" : $"pipelines:\n  all:\n    workflows:\n      {pipeline[0]}: {{}}\n      {pipeline[1]}: {{depends_on: [{pipeline[0]}]}}\n")}workflows:\n  {workflows}\n", _support);

    /// <summary>An address in bitrise.yml may hold more than a tester is shown of it.</summary>
    [Fact]
    public async Task WhereStepsCameFrom_IsForWhoeverReadsTheFile()
    {
        await SaveAsync($"primary:\n    steps:\n    - {Step}@main: {{}}");
        await _yard.RunAsync();
        var team = (await (await _yard.Owner.GetAsync("/api/apps/northwind-ios/team")).JsonAsync()).GetProperty("members").EnumerateArray();
        var tess = team.Single(m => m.GetProperty("name").GetString() == "Tess Moreau").GetProperty("person").GetString();
        (await _yard.Owner.PostAsJsonAsync($"/api/apps/{Yard.App}/team/{tess}", new { role = "tester" })).EnsureSuccessStatusCode();
        var tester = await _yard.Host.CallAsAsync("tess@northwind.test");

        Assert.Single(Commits(await _yard.ReadAsync(1)));
        Assert.Empty(Commits(await (await tester.GetAsync($"{Yard.Path}/1")).JsonAsync()));
        Assert.Contains("Steps from", await PageAsync("olivia"), StringComparison.Ordinal);
        Assert.DoesNotContain("Steps from", await PageAsync("tess"), StringComparison.Ordinal);

        async Task<string> PageAsync(string who) => (await (await _yard.Host.BrowseAsAsync($"{who}@northwind.test")).PageAsync($"/apps/{Yard.App}/builds/1")).Text();
    }

    [Fact]
    public async Task WithinAPipeline_TheSourceIsOneCommit()
    {
        const string Android = "/api/apps/northwind-android";
        const string Script = "\n    steps:\n    - script@1:\n        inputs:\n        - content: ";
        var adam = await _yard.Host.CallAsAsync("adam@northwind.test");
        var yaml = $"format_version: \"23\"\npipelines:\n  all:\n    workflows:\n      one: {{}}\n      two: {{depends_on: [one]}}\nworkflows:\n  one:{Script}git rev-parse HEAD; sleep 3\n  two:{Script}git rev-parse HEAD\n";
        (await adam.PutAsync($"{Android}/bitrise-yml", new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")))).EnsureSuccessStatusCode();
        var place = Directory.GetDirectories(Path.Combine(_yard.Host.Directory, "repositories"), "northwind-android.git", SearchOption.AllDirectories).Single();
        var first = await GitAsync("--git-dir", place, "rev-parse", "main");
        var number = (await (await adam.PostAsJsonAsync($"{Android}/builds", new { pipeline = "all" })).JsonAsync()).GetProperty("number").GetInt32();
        await Yard.UntilAsync(LogAsync, log => log.Contains(first, StringComparison.Ordinal));

        var later = await GitAsync("--git-dir", place, "-c", "user.name=Test", "-c", "user.email=test@northwind.test", "commit-tree", "main^{tree}", "-p", "main", "-m", "Later");
        await GitAsync("--git-dir", place, "update-ref", "refs/heads/main", later);

        await OverAsync(adam, $"{Android}/builds/{number}");
        Assert.Equal(3, (await LogAsync()).Split(first).Length);
        Assert.DoesNotContain(later, await LogAsync(), StringComparison.Ordinal);

        Task<string> LogAsync() => adam.GetStringAsync($"{Android}/builds/{number}/log");
    }

    private Task<HttpResponseMessage> AllowAsync(int number) => _yard.Owner.PostAsJsonAsync($"{Yard.Path}/{number}/secrets", new { allow = "build" });

    private static Task<JsonElement> OverAsync(HttpClient by, string build) =>
        Yard.UntilAsync(async () => await (await by.GetAsync(build)).JsonAsync(), b => b.GetProperty("ended_at").ValueKind != JsonValueKind.Null);

    /// <summary>What the step said; a secret would be redacted in the log if it stood there as it is.</summary>
    private async Task<string?> SaidAsync(int number) =>
        (await _yard.LogAsync(number)).Split('\n').Select(line => string.Concat(line.TrimEnd('\r').Reverse())).SingleOrDefault(line => line.StartsWith("RUN ", StringComparison.Ordinal));

    private static IEnumerable<string?> Commits(JsonElement build) => build.GetProperty("step_commits").EnumerateArray().Select(step => step.GetProperty("commit").GetString());

    private static async Task RefusedAsync(HttpResponseMessage answer) =>
        Assert.Equal((HttpStatusCode.Conflict, "commit_unknown"), (answer.StatusCode, (await answer.JsonAsync()).GetProperty("type").GetString()));

    private async Task SaveStepAsync(string script)
    {
        await File.WriteAllTextAsync(Path.Combine(Repository, "step.sh"), script + "\n");
        await GitAsync("add", ".");
        await GitAsync("-c", "user.name=Test", "-c", "user.email=test@northwind.test", "commit", "--quiet", "-m", "Change");
    }

    private Task<string> HeadAsync() => GitAsync("rev-parse", "main");

    private async Task<string> GitAsync(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = Repository, UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        Assert.Equal(0, git.ExitCode);
        return output.Trim();
    }
}
