using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Builds;

/// <summary>An address of a step holds no user name and no password: it is refused, not run, and shown to nobody where it was taken before.</summary>
public sealed class StepAddressTests : IAsyncLifetime
{
    private const string Yml = $"/api/apps/{Yard.App}/bitrise-yml";
    private const string Step = "git::https://ci:PLANTtok77abc@steps.example.com/o/r.git@main";
    private Yard _yard = null!;

    public async ValueTask InitializeAsync() => _yard = await Yard.OpenAsync();

    public ValueTask DisposeAsync() => _yard.DisposeAsync();

    [Theory]
    [InlineData(Step)]
    [InlineData("git::https://PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("git::https://ci:PLANT@tok77abc@steps.example.com/o/r.git")]
    [InlineData("git::ssh://ci:PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("git::ci:PLANTtok77abc@steps.example.com:o/r.git@main")]
    [InlineData("_::https://ci:PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("https://ci:PLANTtok77abc@steps.example.com/lib.git::script@1")]
    [InlineData("https:/ci:PLANTtok77abc@steps.example.com/lib.git::script@1")]
    [InlineData("git::HTTPS://ci:PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("GIT::HTTPS://ci:PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("git:://PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("git::https:/ci:PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("git::https:ci:PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("git::https://steps.example.com/o/r.git?token=PLANTtok77abc@main")]
    [InlineData("git::https://steps.example.com/ci:PLANT@tok77abc@steps.example.com/o/r.git")]
    [InlineData("git::ssh://PLANTtok77abc@steps.example.com/o/r.git@main")]
    [InlineData("git::ssh://ghp_tok77abcdefghijklmnopqrstuvwxyz012345@steps.example.com/o/r.git@main")]
    [InlineData("git::PLANTtok77abc@steps.example.com:o/r.git@main")]
    [InlineData("path::https://ci:PLANTtok77abc@steps.example.com/o/r.git")]
    public async Task WithAUser_IsRefused_WithItsPlace_AndNotRepeated(string step)
    {
        foreach (var yaml in (string[])[File(step), $"format_version: \"23\"\nworkflows:\n  primary: {{}}\nstep_bundles:\n  b:\n    steps:\n    - {step}: {{timeout: soon}}\n"])
        {
            var verdict = await (await _yard.Owner.PostAsync("/api/bitrise-yml/validate", Body(yaml))).Content.ReadAsStringAsync();
            var error = System.Text.Json.JsonElement.Parse(verdict).GetProperty("errors").EnumerateArray().First(e => e.GetProperty("message").GetString()!.Contains("user name or password", StringComparison.Ordinal));
            Assert.Equal((yaml.Split('\n').TakeWhile(l => !l.Contains(step, StringComparison.Ordinal)).Count() + 1, 7), (error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32()));
            var saved = await _yard.Owner.PutAsync(Yml, Body(yaml));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, saved.StatusCode);
            foreach (var answer in (string[])[verdict, await saved.Content.ReadAsStringAsync()]) Assert.DoesNotContain("tok77", answer, StringComparison.Ordinal);
        }

        var added = await _yard.Owner.PostAsJsonAsync($"/api/apps/{Yard.App}/workflows/primary/steps", new { step });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, added.StatusCode);
        Assert.DoesNotContain("tok77", await added.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("git::https://git.example.com:8443/o/r.git@v1")]
    [InlineData("git::ssh://git@git.example.com/o/r.git@feature/x")]
    [InlineData("git::git@git.example.com:o/r.git@main")]
    [InlineData("git::ssh://jane.doe2@review.example.com:29418/o/r.git@main")]
    [InlineData("git::northwind@vs-ssh.example.com:v3/o/r@main")]
    [InlineData("path::./steps/a@b:c/d")]
    public async Task WithoutOne_IsTaken(string step) => await _yard.SaveAsync(File(step));

    [Theory]
    [InlineData("https://ci:PLANTtok77abc@steps.example.com/lib.git")]
    [InlineData("https:/PLANTtok77abc@steps.example.com/lib.git")]
    public async Task OfTheDefaultLibrary_IsRefusedToo(string library)
    {
        var saved = await _yard.Owner.PutAsync(Yml, Body($"format_version: \"23\"\ndefault_step_lib_source: {library}\nworkflows: {{}}\n"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, saved.StatusCode);
        var answer = await saved.Content.ReadAsStringAsync();
        Assert.Contains("user name or password", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("tok77", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThatWasSavedBefore_IsNotRun_AndNotRepeated()
    {
        await AlterAsync(db => db.YamlVersions.ExecuteUpdateAsync(v => v.SetProperty(x => x.Content, File(Step))));

        var build = await _yard.RunAsync();

        Assert.Equal("failed", build.GetProperty("status").GetString());
        Assert.Contains("user name or password", build.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("tok77", build + await _yard.LogAsync(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InABuildOfBefore_IsShownToNobody()
    {
        await _yard.RunAsync();
        await AlterAsync(async db =>
        {
            const string Reason = "The step https://ci:PLANTtok77abc can't be had: The repository's address is not one that can be cloned.";
            await db.Database.ExecuteSqlAsync($"UPDATE build_steps SET title = {Step}, reason = {Reason}");
            await db.Database.ExecuteSqlAsync($"UPDATE builds SET reason = {$"The step {Step} failed."}, step_commits = {"[{\"Repository\":\"https://PLANTtok77abc@steps.example.com/o/r.git\",\"Version\":\"main\",\"Commit\":\"" + new string('a', 40) + "\"}]"}");
            var build = await db.Builds.AsNoTracking().SingleAsync();
            await System.IO.File.WriteAllTextAsync(Path.Combine(_yard.Host.Directory, "builds", build.AppId, build.Number.ToString(CultureInfo.InvariantCulture), "log"), $"{Reason}\n{Step}\n");
        });
        var opened = await _yard.Owner.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "It fails", text = "Since today", app = Yard.App });
        var conversation = $"/support-access/v1/conversations/{(await opened.JsonAsync()).GetProperty("id").GetString()}";
        (await _yard.Owner.PostAsJsonAsync($"{conversation}/shares", new { kind = "build", item = "1" })).EnsureSuccessStatusCode();

        var shared = await (await _yard.Host.CallAsAsync("sam@support.test")).GetStringAsync($"{conversation}/items");
        Assert.Contains("steps.example.com", shared, StringComparison.Ordinal);
        var browser = await _yard.Host.BrowseAsAsync("olivia@northwind.test");
        foreach (var shown in (string[])[shared, (await _yard.ReadAsync(1)).ToString(), await _yard.Owner.GetStringAsync(Yard.Path)])
            Assert.DoesNotContain("tok77", shown, StringComparison.Ordinal);
        var steps = (await browser.PageAsync($"/apps/{Yard.App}/builds/1")).QuerySelectorAll("main *").Where(e => e.Children.Length == 0 && e.Closest("pre") is null);
        Assert.DoesNotContain(steps, e => e.TextContent.Contains("tok77", StringComparison.Ordinal));
    }

    private static string File(string step) => $"format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - {step}:\n        timeout: 5\n";

    private static StringContent Body(string yaml) => new(yaml, MediaTypeHeaderValue.Parse("application/yaml"));

    private async Task AlterAsync(Func<BuildyardDb, Task> alter)
    {
        await using var scope = _yard.Host.App.Services.CreateAsyncScope();
        await alter(scope.ServiceProvider.GetRequiredService<BuildyardDb>());
    }
}
