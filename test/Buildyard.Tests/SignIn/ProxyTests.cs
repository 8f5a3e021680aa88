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
        const string enter = "/support-access/console/enter/northwind-ios";
        await _host.CallAsSupportAsync("northwind-ios");
        var sam = _host.Browse();
        sam.Headers.Add("X-Forwarded-Proto", "https");
        var shown = await sam.GetAsync("/signin");
        var signedIn = await sam.SubmitAsync("/signin", "/signin", ("email", "sam@support.test"), ("password", "demo"));
        var entered = await sam.SubmitAsync(enter, enter, ("reason", "Signing step fails"));

        Assert.All([shown, signedIn, entered], answer => Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("; secure", cookie, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AddressToEnterAt_IsHttps()
    {
        var adam = await _host.CallAsAsync("adam@northwind.test");
        (await adam.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { })).EnsureSuccessStatusCode();
        var sam = await _host.CallAsAsync("sam@support.test");
        sam.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        var entered = await sam.PostAsJsonAsync("/support-access/v1/sessions", new { app = "northwind-ios", reason = "Signing step fails" });

        Assert.StartsWith("https://", (await entered.JsonAsync()).GetProperty("enter_url").GetString(), StringComparison.Ordinal);
    }
}
