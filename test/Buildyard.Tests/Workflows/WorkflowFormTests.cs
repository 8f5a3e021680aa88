using System.Net;
using System.Net.Http.Json;
using AngleSharp.Html.Dom;
using Buildyard.Hosting;

namespace Buildyard.Workflows;

/// <summary>Forms of the Workflow Editor change their own lines of the one file.</summary>
public sealed class WorkflowFormTests : IAsyncLifetime
{
    private const string App = "/apps/northwind-ios/workflow";
    private const string Api = "/api/apps/northwind-ios";
    private const string Yaml = Api + "/bitrise-yml";
    private BuildyardHost _host = null!;
    private Browser _piet = null!;
    private HttpClient _api = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _piet = await _host.BrowseAsAsync("piet@northwind.test");
        _api = await _host.CallAsAsync("piet@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task StepInputs_Change_InPlace()
    {
        var before = await TextAsync();

        await SavedAsync($"{App}/workflows/primary", $"{App}/workflows/primary/steps/2", ("input:content", "#!/usr/bin/env bash\r\nset -euo pipefail\r\npod install --deployment --verbose\r\n"));

        Assert.Equal(before.Replace("pod install --deployment\n", "pod install --deployment --verbose\n", StringComparison.Ordinal), await TextAsync());
    }

    [Fact]
    public async Task AFormThatChangesNothing_MakesNoVersion()
    {
        await SavedAsync($"{App}/workflows/primary", $"{App}/workflows/primary/steps/2");
        await SavedAsync($"{App}/workflows/primary", $"{App}/workflows/primary");

        Assert.Equal("\"3\"", (await _api.GetAsync(Yaml)).Headers.ETag!.Tag);
    }

    [Fact]
    public async Task Workflows_AreAdded_Renamed_Duplicated_AndDeleted()
    {
        var before = await TextAsync();
        await SavedAsync(App, App, ("id", "nightly"));
        Assert.Equal(before + "  nightly:\n    steps: []\n", await TextAsync());

        await SavedAsync($"{App}/workflows/nightly", $"{App}/workflows/nightly/steps", ("step", "script@1"));
        Assert.Contains("  nightly:\n    steps:\n    - script@1:\n        inputs:\n        - content: |\n            #!/usr/bin/env bash\n", await TextAsync(), StringComparison.Ordinal);

        await SavedAsync($"{App}/workflows/nightly", $"{App}/workflows/nightly/delete");
        Assert.Equal(before, await TextAsync());

        await SavedAsync($"{App}/workflows/primary", $"{App}/workflows/primary/rename", ("new_id", "tests"));
        Assert.Equal(before.Replace("workflow: primary", "workflow: tests").Replace("  primary:", "  tests:").Replace("    - primary", "    - tests"), await TextAsync());

        await SavedAsync($"{App}/workflows/release", $"{App}/workflows/release/duplicate", ("copy_id", "release-2"));
        Assert.Equal(2, (await TextAsync()).Split("# The signing identity has to match").Length - 1);
    }

    [Fact]
    public async Task WhatWouldBreakTheFile_IsRefused_AndSaysWhy()
    {
        var answer = await _piet.SubmitAsync($"{App}/workflows/primary", $"{App}/workflows/primary/delete");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("the workflow primary, which is not defined", (await answer.PageAsync()).Text(), StringComparison.Ordinal);
        Assert.Equal("\"3\"", (await _api.GetAsync(Yaml)).Headers.ETag!.Tag);
    }

    [Fact]
    public async Task WhatIsWrong_IsSaidBesideItsField_AndWhatWasTypedStays()
    {
        var answer = await _piet.SubmitAsync($"{App}/workflows/primary", $"{App}/workflows/primary/steps/2", ("run_if", "whenever()"), ("title", "Typed & kept"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.PageAsync();
        Assert.Equal("Typed & kept", ((IHtmlInputElement)page.QuerySelector("#s2-title")!).Value);
        Assert.Equal("true", page.QuerySelector("#s2-run_if")!.GetAttribute("aria-invalid"));
        Assert.Null(page.QuerySelector("#s1-run_if")!.GetAttribute("aria-invalid"));
    }

    [Fact]
    public async Task AnOlderPage_Saves_UnlessItsOwnPlaceChanged()
    {
        var page = await _piet.PageAsync($"{App}/workflows/primary");
        var form = page.Forms.Single(f => f.GetAttribute("action") == $"{App}/workflows/primary/steps/2");
        (await _api.PatchAsJsonAsync($"{Api}/workflows/release", new { summary = "Elsewhere" })).EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.Redirect, (await _piet.SubmitAsync(form, $"{App}/workflows/primary/steps/2", ("title", "Mine"))).StatusCode);
        var conflict = await _piet.SubmitAsync(form, $"{App}/workflows/primary/steps/2", ("title", "Mine again"));

        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        Assert.Contains("summary: Elsewhere", await TextAsync(), StringComparison.Ordinal);
        Assert.Contains("title: Mine\n", await TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnvVars_Triggers_AndStack_HaveForms()
    {
        var before = await TextAsync();
        await SavedAsync($"{App}/envs", $"{App}/envs", ("name", "FLAVOR"), ("value", "yes"), ("is_expand", ""));
        Assert.Contains("  - FLAVOR: \"yes\"\n    opts:\n      is_expand: false\n", await TextAsync(), StringComparison.Ordinal);
        (await _api.DeleteAsync($"{Api}/env-vars/FLAVOR")).EnsureSuccessStatusCode();
        Assert.Equal(before, await TextAsync());

        await SavedAsync($"{App}/triggers", $"{App}/triggers", ("target", "workflow:release"), ("kind", "tag"), ("name", "v*"));
        Assert.Contains("    summary: Archives main and keeps the result.\n    triggers:\n      tag:\n      - name: v*\n    before_run:", await TextAsync(), StringComparison.Ordinal);
        var on = await TextAsync();
        await SavedAsync($"{App}/triggers", $"{App}/triggers/switch", ("on", "false"));
        Assert.Equal(on.Replace("      - name: v*\n", "      - name: v*\n        enabled: false\n", StringComparison.Ordinal), await TextAsync());
        Assert.Contains("Switch on the Tag trigger of release", (await _piet.PageAsync($"{App}/triggers")).Text(), StringComparison.Ordinal);
        (await _api.PatchAsJsonAsync($"{Api}/triggers?target=workflow:release&kind=tag&number=1", new { enabled = true })).EnsureSuccessStatusCode();
        Assert.Equal(on, await TextAsync());
        await SavedAsync($"{App}/triggers", $"{App}/triggers/map", ("then", "off"));
        Assert.Contains("enabled: false\n", await TextAsync(), StringComparison.Ordinal);
        await SavedAsync($"{App}/triggers", $"{App}/triggers/map", ("then", "on"));
        Assert.Equal(on, await TextAsync());
        (await _api.DeleteAsync($"{Api}/triggers?target=workflow:release&kind=tag&number=1")).EnsureSuccessStatusCode();
        Assert.Equal(before, await TextAsync());

        (await _api.PostAsJsonAsync($"{Api}/trigger-map", new { target = "workflow:release", kind = "tag", branch = "v*" })).EnsureSuccessStatusCode();
        var mapped = await TextAsync();
        Assert.Contains("- tag: v*\n  workflow: release\n", mapped, StringComparison.Ordinal);
        var last = BitriseYaml.Read(mapped).Config!.TriggerMap.Count;
        (await _api.PatchAsJsonAsync($"{Api}/trigger-map/{last}", new { enabled = false })).EnsureSuccessStatusCode();
        Assert.False(BitriseYaml.Read(await TextAsync()).Config!.TriggerMap[^1].Enabled);
        (await _api.PatchAsJsonAsync($"{Api}/trigger-map/{last}", new { enabled = true })).EnsureSuccessStatusCode();
        (await _api.PostAsJsonAsync($"{Api}/trigger-map/{last}/move", new { up = true })).EnsureSuccessStatusCode();
        Assert.Equal("v*", BitriseYaml.Read(await TextAsync()).Config!.TriggerMap[last - 2].Tag?.Text);
        (await _api.DeleteAsync($"{Api}/trigger-map/{last - 1}")).EnsureSuccessStatusCode();
        Assert.Equal(before, await TextAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _api.DeleteAsync($"{Api}/trigger-map/99")).StatusCode);

        await SavedAsync($"{App}/stack", $"{App}/stack", ("workflow", ""), ("stack", "linux-debian-12"));
        Assert.EndsWith("meta:\n  bitrise.io:\n    stack: linux-debian-12\n", await TextAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _api.PutAsJsonAsync($"{Api}/stack", new { stack = "amiga" })).StatusCode);
        (await _api.PutAsJsonAsync($"{Api}/stack", new { stack = "" })).EnsureSuccessStatusCode();
        Assert.Equal(before, await TextAsync());
    }

    [Fact]
    public async Task AStackThatIsNotOffered_IsRefused_AtItsPlace()
    {
        var answer = await _api.PutAsync(Yaml, new StringContent("format_version: 11\nmeta:\n  bitrise.io:\n    stack: amiga\n", null, "application/yaml"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(4, (await answer.JsonAsync()).GetProperty("errors")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Support_ChangesAWorkflow_AndTheCustomerSeesThePart()
    {
        var sam = await _host.CallAsSupportAsync("northwind-ios");

        (await sam.PatchAsJsonAsync($"{Api}/workflows/primary/steps/2", new { inputs = new { content = "pod install\n" } })).EnsureSuccessStatusCode();

        var adam = await _host.CallAsAsync("adam@northwind.test");
        var acts = await (await adam.GetAsync("/support-access/v1/apps/northwind-ios/activity")).Content.ReadAsStringAsync();
        Assert.Contains("workflow primary, step 2 Install pods: input content", acts, StringComparison.Ordinal);
        Assert.Contains("pod install --deployment", acts, StringComparison.Ordinal);
        Assert.DoesNotContain("Archive main", acts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DevelopersRead_AndSeeNoForms()
    {
        var dana = await _host.BrowseAsAsync("dana@northwind.test");
        foreach (var path in (string[])["", "/workflows/primary", "/envs", "/triggers", "/stack"])
            Assert.Empty((await dana.PageAsync(App + path)).QuerySelectorAll("main form"));
    }

    private Task<string> TextAsync() => _api.GetStringAsync(Yaml);

    private async Task SavedAsync(string page, string action, params (string, string)[] fields)
    {
        var answer = await _piet.SubmitAsync(page, action, fields);
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, $"{answer.StatusCode}: {(await answer.PageAsync()).QuerySelector("[role=alert]")?.TextContent}");
    }
}
