using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.SignIn;

/// <summary>Behind a proxy that ends TLS, as docs/operations.md has it.</summary>
public sealed class ProxyTests : IAsyncLifetime
{
    private BuildyardHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BuildyardHost.StartAsync(args: ["--ForwardedHeaders_Enabled=true"]);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task CookiesAreForHttpsAlone()
    {
        var browser = Through(_host.Call());
        var shown = await browser.GetAsync("/signin");
        var form = (await shown.PageAsync()).Forms.Single(f => f.GetAttribute("action") == "/signin");
        var token = form.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        browser.DefaultRequestHeaders.Add("Cookie", Assert.Single(Set(shown)).Split(';')[0]);
        var signedIn = await browser.PostAsync("/signin", new FormUrlEncodedContent(
            [new("email", "adam@northwind.test"), new("password", "demo"), new("__RequestVerificationToken", token)]));

        Assert.NotEmpty(Set(signedIn));
        Assert.All([.. Set(shown), .. Set(signedIn)], cookie => Assert.Contains("; secure", cookie, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AddressToEnterAt_IsTheProxys()
    {
        var adam = await _host.CallAsAsync("adam@northwind.test");
        (await adam.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { })).EnsureSuccessStatusCode();
        var entered = await Through(await _host.CallAsAsync("sam@support.test")).PostAsJsonAsync("/support-access/v1/sessions", new { app = "northwind-ios", reason = "Signing step fails" });

        Assert.StartsWith("https://", (await entered.JsonAsync()).GetProperty("enter_url").GetString(), StringComparison.Ordinal);
    }

    private static HttpClient Through(HttpClient client)
    {
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        return client;
    }

    private static IEnumerable<string> Set(HttpResponseMessage answer) => answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [];
}
