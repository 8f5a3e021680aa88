using System.Net.Http.Headers;
using System.Net.Http.Json;
using Buildyard.Builds;
using Buildyard.Hosting;

namespace Buildyard.Support;

/// <summary>What <c>is_sensitive</c> marks is shown to no agent without a window, however it is written and wherever it stands again.</summary>
public sealed class SensitiveValuesTests : IAsyncLifetime
{
    private const string App = "northwind-ios";
    private const string Yml = $"/api/apps/{App}/bitrise-yml";

    private const string File = """
        format_version: "23"
        app:
          envs:
          - FLAVOR_PIN: hunter2pin
            opts: {is_sensitive: true}
          - LICENCE: &licence "hunter2\x6cic"
            opts:
              is_sensitive: yes
          - REFERENCE: $OTHER
            opts: &sensitive {is_sensitive: "true"}
          - SWITCH: "true"
            opts: *sensitive
          - AGAIN: *licence
          - {FLOW: 'hunter2''flow', opts: *sensitive}
          - <<: {opts: {is_sensitive: true}}
            MERGED: hunter2merged
          - LISTED:
            - hunter2listed
            opts: *sensitive
          - SCHEME: Northwind
        workflows:
          primary:
            envs:
            - FOLDED: >-
                hunter2 folded
                in two
              opts: *sensitive
            - BLOCK: |
                hunter2block one

                hunter2block two
              opts: *sensitive
            - SHOWN: hunter2 folded in two
            steps:
            - script@1:
                title: Open with hunter2input
                inputs:
                - content: |
                    # the door is hunter2input
                    ./open "hunter2input" --verbose
                - door_code: hunter2input
                  opts: *sensitive
            - activate-ssh-key@4:
                inputs:
                - ssh_rsa_private_key: hunter2ssh
            - bundle::door:
                inputs:
                - code: hunter2given
        step_bundles:
          door:
            inputs:
            - code: hunter2default
              opts: *sensitive
            steps:
            - script@1: {}
        services:
          db:
            image: postgres:16
            envs:
            - POSTGRES_DOOR: hunter2service
              opts: *sensitive

        """;

    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _sam = null!;
    private string _conversation = "";

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        (_adam, _sam) = (await _host.CallAsAsync("adam@northwind.test"), await _host.CallAsAsync("sam@support.test"));
        var opened = await _adam.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today", app = App });
        _conversation = $"/support-access/v1/conversations/{(await opened.JsonAsync()).GetProperty("id").GetString()}";
        var saved = await _adam.PutAsync(Yml, new StringContent(File, MediaTypeHeaderValue.Parse("application/yaml")));
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
        (await _adam.PostAsJsonAsync($"{_conversation}/shares", new { kind = "snapshot" })).EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task NoneIsShownToAnAgent()
    {
        var browser = await _host.BrowseAsAsync("sam@support.test");
        var page = await browser.PageAsync(_conversation.Replace("/v1", "", StringComparison.Ordinal));
        foreach (var seen in (string[])
        [
            await _sam.GetStringAsync($"{_conversation}/items"),
            await _sam.GetStringAsync($"{_conversation}/proposals/targets"),
            page.Text(),
        ])
        {
            Assert.Contains("Northwind", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", seen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WhatIsLeft_IsTheSameFile()
    {
        var masked = await ValueAsync("the whole file");
        var check = BitriseYaml.Read(masked);
        Assert.True(check.Check.IsValid, $"{string.Join('\n', check.Check.Errors)}\n{masked}");
        var envs = check.Config!.AppEnvs.ToDictionary(env => env.Key, env => env.Value, StringComparer.Ordinal);
        Assert.Equal(["FLAVOR_PIN", "LICENCE", "REFERENCE", "SWITCH", "AGAIN", "FLOW", "MERGED", "LISTED", "SCHEME"], envs.Keys);
        Assert.Equal(("$OTHER", "true", "Northwind", "[removed]"), (envs["REFERENCE"], envs["SWITCH"], envs["SCHEME"], envs["AGAIN"]));
        foreach (var kept in (string[])["LICENCE: &licence [removed]\n", "opts: &sensitive {", "./open \"[removed]\" --verbose\n", "    - FOLDED: [removed]\n      opts: *sensitive\n", "image: postgres:16\n"])
            Assert.Contains(kept, masked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the whole file")]
    [InlineData("the whole workflow")]
    public async Task ALineBesideThem_IsChangedAsProposed_AndTheyStay(string title)
    {
        var targets = (await (await _sam.GetAsync($"{_conversation}/proposals/targets")).JsonAsync()).GetProperty("items").EnumerateArray();
        var target = targets.Single(t => t.GetProperty("title").GetString() == title);
        var after = target.GetProperty("value").GetString()!.Replace("--verbose", "--quiet", StringComparison.Ordinal);
        // The line holds a secret itself.
        var refused = await _sam.PostAsJsonAsync($"{_conversation}/proposals", new { target = target.GetProperty("id").GetString(), after, why = "This should help" });
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, refused.StatusCode);

        after = target.GetProperty("value").GetString()!.Replace("activate-ssh-key@4", "activate-ssh-key@5", StringComparison.Ordinal);
        var proposed = await _sam.PostAsJsonAsync($"{_conversation}/proposals", new { target = target.GetProperty("id").GetString(), after, why = "This should help" });
        Assert.True(proposed.IsSuccessStatusCode, await proposed.Content.ReadAsStringAsync());
        var proposal = $"/support-access/v1/proposals/{(await proposed.JsonAsync()).GetProperty("id").GetString()}";
        Assert.DoesNotContain("hunter2", await _sam.GetStringAsync(proposal), StringComparison.Ordinal);
        var answer = await (await _adam.PostAsJsonAsync($"{proposal}/apply", new { })).JsonAsync();
        Assert.True(answer.TryGetProperty("state", out var state) && state.GetString() == "applied", answer.ToString());
        Assert.Equal(File.Replace("activate-ssh-key@4", "activate-ssh-key@5", StringComparison.Ordinal), await _adam.GetStringAsync(Yml));
    }

    [Fact]
    public async Task NoneIsInTheForms_OrToldOfAChange()
    {
        var support = await _host.CallAsSupportAsync(App);
        var steps = await support.GetStringAsync($"/api/apps/{App}/workflows");
        foreach (var value in (string[])["door_code\":\"[REDACTED]", "ssh_rsa_private_key\":\"[REDACTED]", "code\":\"[REDACTED]"])
            Assert.Contains(value, steps, StringComparison.Ordinal);

        (await support.DeleteAsync($"/api/apps/{App}/env-vars/FOLDED?workflow=primary")).EnsureSuccessStatusCode();
        (await support.PatchAsJsonAsync($"/api/apps/{App}/workflows/primary/steps/3", new { title = "The door" })).EnsureSuccessStatusCode();
        var told = await _adam.GetStringAsync($"/support-access/v1/apps/{App}/activity");
        Assert.Contains("The door", told, StringComparison.Ordinal);
        foreach (var value in (string[])["folded", "hunter2given"]) Assert.DoesNotContain(value, told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoneIsInTheLog_NorInOneOfBeforeThatIsShared()
    {
        await using var yard = await Yard.OpenAsync();
        await yard.SaveAsync(Yard.Yaml("echo \"RUN $DOOR $SIGN\"", "app:\n  envs:\n  - DOOR: hunter2door\n    opts: {is_sensitive: true}\n  - SIGN: $hunter2\n    opts: {is_sensitive: true, is_expand: false}\n"));
        await yard.RunAsync();
        Assert.Contains("RUN [REDACTED] [REDACTED]", await yard.LogAsync(1), StringComparison.Ordinal);

        var log = Directory.EnumerateFiles(Path.Combine(yard.Host.Directory, "builds"), "log", SearchOption.AllDirectories).Single();
        await System.IO.File.WriteAllTextAsync(log, "RUN hunter2door $hunter2\n");
        var opened = await yard.Owner.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "It fails", text = "Since today", app = Yard.App });
        var conversation = $"/support-access/v1/conversations/{(await opened.JsonAsync()).GetProperty("id").GetString()}";
        (await yard.Owner.PostAsJsonAsync($"{conversation}/shares", new { kind = "build", item = "1" })).EnsureSuccessStatusCode();
        var shared = await (await yard.Host.CallAsAsync("sam@support.test")).GetStringAsync($"{conversation}/items");
        Assert.Contains("RUN [REDACTED] [REDACTED]", shared, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", shared, StringComparison.Ordinal);
    }

    private async Task<string> ValueAsync(string title) =>
        (await (await _sam.GetAsync($"{_conversation}/proposals/targets")).JsonAsync()).GetProperty("items").EnumerateArray()
            .Single(t => t.GetProperty("title").GetString() == title).GetProperty("value").GetString()!;
}
