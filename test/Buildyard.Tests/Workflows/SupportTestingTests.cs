using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Workflows;

/// <summary>W1–W4: support corrects a copy, the customer compares it with their own and takes what they want.</summary>
public sealed class SupportTestingTests : IAsyncLifetime
{
    private const string App = "/apps/northwind-ios/workflow";
    private const string Api = "/api/apps/northwind-ios";
    private const string Compare = App + "/compare?left=release&right=support-testing";
    private BuildyardHost _host = null!;
    private Browser _piet = null!;
    private HttpClient _sam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _piet = await _host.BrowseAsAsync("piet@northwind.test");
        _sam = await _host.CallAsSupportAsync("northwind-ios");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task W1_TheCopy_IsTextForText_AndTheOriginalStays()
    {
        var before = await TextAsync();

        await CopyAsync();

        var after = await TextAsync();
        var release = before[before.IndexOf("  release:\n", StringComparison.Ordinal)..];
        Assert.Equal(before + "\n" + release.Replace("  release:", "  support-testing:", StringComparison.Ordinal), after);
        var asked = await _piet.SubmitAsync($"{App}/workflows/primary", $"{App}/support-testing");
        Assert.Equal(HttpStatusCode.Conflict, asked.StatusCode);
        var page = await asked.PageAsync();
        var form = page.Forms.Single(f => f.GetAttribute("action") == $"{App}/support-testing");
        Assert.Equal(HttpStatusCode.Redirect, (await _piet.SubmitAsync(form, $"{App}/support-testing", ("then", "number"))).StatusCode);
        Assert.Contains("  support-testing-2:\n", await TextAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await _piet.SubmitAsync(form, $"{App}/support-testing", ("then", "replace"))).StatusCode);
        Assert.Contains(release, await TextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("xcodebuild archive", (await TextAsync()).Split("  support-testing:\n")[1].Split("  release:\n")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task W3_W4_TheCustomer_SeesWhatDiffers_AndTakesChosenParts()
    {
        await CopyAsync();
        await CorrectAsync();
        var page = await _piet.PageAsync(Compare);
        var words = page.Text();
        Assert.Contains("Step 1 Archive: input content changed.", words, StringComparison.Ordinal);
        Assert.Contains("is added as number 3.", words, StringComparison.Ordinal);
        Assert.Contains("The variable EXPORT_METHOD is added.", words, StringComparison.Ordinal);
        Assert.NotEmpty(page.QuerySelectorAll(".diff-row.diff-added"));
        var before = await TextAsync();

        // Only the first step: shown before it is saved, then saved.
        var part = page.QuerySelectorAll("input[name=part]").First(i => i.ParentElement!.TextContent.Contains("Step 1", StringComparison.Ordinal)).GetAttribute("value")!;
        var form = page.Forms.Single(f => f.GetAttribute("action") == $"{App}/compare");
        foreach (var box in form.QuerySelectorAll("input[name=part]").Cast<AngleSharp.Html.Dom.IHtmlInputElement>()) box.IsChecked = false;
        var shown = await _piet.SubmitAsync(form, $"{App}/compare", ("part", part));
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.Equal(before, await TextAsync());
        var preview = await shown.PageAsync();
        Assert.Contains("This will be saved in release", preview.Text(), StringComparison.Ordinal);
        await _piet.SubmitAsync(preview.Forms.Single(f => f.GetAttribute("action") == $"{App}/compare"), $"{App}/compare", ("then", "save"));

        var after = await TextAsync();
        Assert.Equal(2, after.Split("-allowProvisioningUpdates # support").Length - 1);
        Assert.Equal(2, after.Split("# The signing identity has to match").Length - 1);
        Assert.Equal(2, after.Split("EXPORT_METHOD: ").Length - 1);
        Assert.True(BitriseYaml.Check(after).IsValid);
    }

    [Fact]
    public async Task W4_TakingAll_MakesBothTheSame()
    {
        await CopyAsync();
        await CorrectAsync();
        var form = (await _piet.PageAsync(Compare)).Forms.Single(f => f.GetAttribute("action") == $"{App}/compare");
        var preview = await (await _piet.SubmitAsync(form, $"{App}/compare", ("then", "all"))).PageAsync();

        // Every chosen part is a field of its own; the browser of these tests keeps the last of a name, so the form is sent as it is.
        var fields = preview.Forms.Single(f => f.GetAttribute("action") == $"{App}/compare").QuerySelectorAll("input").Cast<AngleSharp.Html.Dom.IHtmlInputElement>()
            .Select(i => KeyValuePair.Create(i.Name!, i.Value)).Append(KeyValuePair.Create("then", "save"));
        var saved = await _piet.PostAsync($"{App}/compare", fields);

        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        Assert.Contains("Both do the same", (await _piet.PageAsync(Compare)).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task W4_TheCopy_IsKept_UnderANameOfItsOwn()
    {
        await CopyAsync();
        var kept = await _piet.SubmitAsync(Compare, $"{App}/compare/keep", ("new_id", "release-fixed"));

        Assert.Equal(HttpStatusCode.Redirect, kept.StatusCode);
        Assert.Contains("  release-fixed:\n", await TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Support_SeesTheDifference_AndTakesNothingOver()
    {
        await CopyAsync();
        var answer = await _sam.PostAsync($"{App}/compare", new FormUrlEncodedContent([new("left", "release"), new("right", "support-testing"), new("then", "all")]));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _sam.GetAsync(Compare)).StatusCode);
    }

    private async Task CopyAsync() => (await _sam.PostAsync($"{App}/support-testing", new FormUrlEncodedContent([new("from", "release")]))).Dispose();

    private async Task CorrectAsync()
    {
        var content = (await (await _sam.GetAsync($"{Api}/workflows")).JsonAsync()).GetProperty("workflows").EnumerateArray()
            .Single(w => w.GetProperty("id").GetString() == "support-testing").GetProperty("steps")[0].GetProperty("inputs").GetProperty("content").GetString()!;
        (await _sam.PatchAsJsonAsync($"{Api}/workflows/support-testing/steps/1", new { inputs = new { content = content + "# -allowProvisioningUpdates # support\n" } })).EnsureSuccessStatusCode();
        (await _sam.PostAsJsonAsync($"{Api}/workflows/support-testing/steps", new { step = "script@1" })).EnsureSuccessStatusCode();
        (await _sam.PutAsJsonAsync($"{Api}/env-vars/EXPORT_METHOD?workflow=support-testing", new { value = "development" })).EnsureSuccessStatusCode();
    }

    private async Task<string> TextAsync() => await (await _sam.GetAsync($"{Api}/bitrise-yml")).Content.ReadAsStringAsync();
}
