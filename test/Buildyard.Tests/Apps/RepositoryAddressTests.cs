using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Apps;

/// <summary>An app's address says nothing of who signs in but an account of SSH: such a one is refused without repeating it, and one of before is shown without it.</summary>
public sealed class RepositoryAddressTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Changes = "/support-access/v1/apps/northwind-ios/changes";
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _adam = await _host.CallAsAsync("adam@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("ssh://PLANTtok77abc@git.example.com/o/r.git")]
    [InlineData("ssh://ci:PLANTtok77abc@git.example.com/o/r.git")]
    [InlineData("PLANTtok77abc@git.example.com:o/r.git")]
    [InlineData("https://PLANTtok77abc@git.example.com/o/r.git")]
    [InlineData("https:/PLANTtok77abc@git.example.com/o/r.git")]
    [InlineData("https://git.example.com/o/r.git?token=PLANTtok77abc")]
    [InlineData("https://git.example.com/PLANTtok77abc@git.example.com/o/r.git")]
    [InlineData("ssh://glpat-tok77abcdefghijklmno@git.example.com/o/r.git")]
    [InlineData("https://git.example.com/oauth2:ghp_tok77abcdefghijklmnopqrstuvwxyz0123/o/r.git")]
    [InlineData("ssh://git@git.example.com/~ghp_tok77abcdefghijklmnopqrstuvwxyz0123/r.git")]
    [InlineData("https://git.example.com/o/r.git;token=PLANTtok77abc")]
    public async Task ThatMaySayWhoSignsIn_IsRefused_AndNotRepeated(string url)
    {
        var answer = await _adam.PatchAsJsonAsync(App, new { repository_url = url });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.DoesNotContain("tok77", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("git@git.example.com:o/r.git")]
    [InlineData("northwind@vs-ssh.example.com:v3/o/r")]
    [InlineData("ssh://jane.doe2@review.example.com:29418/o/r.git")]
    [InlineData("ssh://git@[2001:db8::1]/o/r.git")]
    [InlineData("HTTPS://git.example.com:8443/~o/r.git")]
    public async Task OfAHost_OrAnAccountOfSsh_IsTaken(string url) =>
        Assert.Equal(HttpStatusCode.OK, (await _adam.PatchAsJsonAsync(App, new { repository_url = url })).StatusCode);

    [Theory]
    [InlineData("ssh://PLANTtok77abc@git.example.com/o/r.git")]
    [InlineData("https://ci:PLANTtok77abc@git.example.com/o/r.git?token=PLANTtok77abc#PLANTtok77abc")]
    public async Task OfBefore_IsShownToSupport_WithoutWhoSignsIn(string url)
    {
        await using (var scope = _host.App.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<BuildyardDb>().Apps.ExecuteUpdateAsync(a => a.SetProperty(x => x.RepositoryUrl, url));
        var support = await _host.CallAsSupportAsync("northwind-ios");

        var shown = new List<string>();
        foreach (var path in (string[])[App, "/apps/northwind-ios", "/apps/northwind-ios/settings", "/apps/northwind-ios/settings/code"]) shown.Add(await support.GetStringAsync(path));
        Assert.All(shown, text => Assert.Contains("git.example.com/o/r.git", text, StringComparison.Ordinal));
        shown.Add(await (await support.PostAsync($"{App}/repository/check", null)).Content.ReadAsStringAsync());
        // What the page showed, sent back with another title, changes nothing of it.
        var form = new Dictionary<string, string> { ["title"] = "Theirs", ["repository_url"] = (await (await support.GetAsync(App)).JsonAsync()).GetProperty("repository_url").GetString()! };
        shown.Add(await (await support.PatchAsJsonAsync(App, form)).Content.ReadAsStringAsync());
        Assert.Equal("Theirs", (await (await support.GetAsync(App)).JsonAsync()).GetProperty("title").GetString());
        (await support.PatchAsJsonAsync(App, new { repository_url = "https://git.example.com/o/other.git" })).EnsureSuccessStatusCode();
        shown.Add(await _adam.GetStringAsync(Changes));
        shown.Add(await _adam.GetStringAsync("/support-access/v1/apps/northwind-ios/activity"));
        var change = (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items")[0].GetProperty("activity").GetProperty("id").GetString();
        shown.Add((await (await _host.BrowseAsAsync("adam@northwind.test")).PageAsync($"/support-access/apps/northwind-ios/changes/{change}")).DocumentElement.OuterHtml);

        Assert.All(shown, text => Assert.DoesNotContain("tok77", text, StringComparison.Ordinal));
        (await _adam.PostAsync($"{Changes}/{change}/undo", null)).EnsureSuccessStatusCode();
        Assert.DoesNotContain("tok77", await support.GetStringAsync(App), StringComparison.Ordinal);
    }
}
