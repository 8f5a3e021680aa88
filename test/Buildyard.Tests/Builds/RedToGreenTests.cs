using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

/// <summary>W1–W5: from the customer's red build, by way of support's copy, to a green one that is the customer's own.</summary>
public sealed class RedToGreenTests
{
    private const string Pages = $"/apps/{Yard.App}/workflow";

    [Fact]
    public async Task SupportCorrectsACopy_RunsIt_AndTheCustomerTakesItOver()
    {
        await using var yard = await Yard.OpenAsync("exit 3 # the customer's");
        Assert.Equal("failed", Status(await yard.RunAsync()));
        var original = await YamlAsync(yard.Owner);

        // W1, W2: support copies the workflow, corrects the copy and runs it.
        var support = await yard.Host.CallAsSupportAsync(Yard.App, admin: "olivia@northwind.test");
        using var copied = await support.PostAsync($"{Pages}/support-testing", new FormUrlEncodedContent([new("from", "primary")]));
        Assert.Equal(HttpStatusCode.Redirect, copied.StatusCode);
        (await support.PatchAsJsonAsync($"/api/apps/{Yard.App}/workflows/support-testing/steps/1", new { inputs = new { content = "echo mended" } })).EnsureSuccessStatusCode();
        var green = await yard.RunAsync(new { workflow = "support-testing" }, support);
        Assert.Equal("success", Status(green));
        Assert.Contains("mended", await yard.LogAsync(green.GetProperty("number").GetInt32()), StringComparison.Ordinal);
        Assert.StartsWith(original.TrimEnd(), await YamlAsync(yard.Owner), StringComparison.Ordinal);

        // W5: the build is marked as support's.
        var olivia = await yard.Host.BrowseAsAsync("olivia@northwind.test");
        Assert.Contains("Support · Sam Okafor", (await olivia.PageAsync($"/apps/{Yard.App}/builds")).Text(), StringComparison.Ordinal);

        // W3, W4: the customer compares both, takes all of it, and builds.
        await TakeAllAsync(olivia, ("then", "save"));
        var own = await yard.RunAsync(new { workflow = "primary" });
        Assert.Equal("success", Status(own));
        Assert.Equal(JsonValueKind.Null, own.GetProperty("guarded_because").ValueKind);
    }

    /// <summary>N5: what was shown is taken over; who names no version that they were shown carries support's text along.</summary>
    [Fact]
    public async Task WhatIsTakenOverUnseen_StaysSupports()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, admin: "olivia@northwind.test");
        using var copied = await support.PostAsync($"{Pages}/support-testing", new FormUrlEncodedContent([new("from", "primary")]));
        (await support.PatchAsJsonAsync($"/api/apps/{Yard.App}/workflows/support-testing/steps/1", new { inputs = new { content = "env" } })).EnsureSuccessStatusCode();

        await TakeAllAsync(await yard.Host.BrowseAsAsync("olivia@northwind.test"), ("then", "save"), ("base", ""));

        Assert.Contains("env", (await YamlAsync(yard.Owner)).Split("support-testing:")[0], StringComparison.Ordinal);
        var build = await yard.ReadAsync(await yard.StartAsync(new { workflow = "primary" }));
        Assert.StartsWith("Support changed what primary runs", build.GetProperty("guarded_because").GetString(), StringComparison.Ordinal);
    }

    private static async Task TakeAllAsync(Browser member, params (string Name, string Value)[] fields)
    {
        var compare = await member.PageAsync($"{Pages}/compare?left=primary&right=support-testing");
        Assert.Contains("input content changed", compare.Text(), StringComparison.Ordinal);
        var form = compare.Forms.Single(f => f.GetAttribute("action") == $"{Pages}/compare");
        var preview = await (await member.SubmitAsync(form, $"{Pages}/compare", ("then", "all"))).PageAsync();
        var saving = preview.Forms.Single(f => f.GetAttribute("action") == $"{Pages}/compare");
        Assert.Equal(HttpStatusCode.Redirect, (await member.SubmitAsync(saving, $"{Pages}/compare", fields)).StatusCode);
    }

    private static string? Status(JsonElement build) => build.GetProperty("status").GetString();

    private static Task<string> YamlAsync(HttpClient caller) => caller.GetStringAsync($"/api/apps/{Yard.App}/bitrise-yml");
}
