using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Buildyard.SignIn;

/// <summary>Behind a proxy that ends TLS, as docs/operations.md has it.</summary>
public sealed class ProxyTests
{
    private const string Enter = "/support-access/console/enter/northwind-ios";

    [Fact]
    public async Task BehindANamedProxy_CookiesAreForHttpsAlone_AndSoIsTheAddressToEnterAt()
    {
        await using var host = await BuildyardHost.StartAsync(args: ["--trusted-proxies=127.0.0.0/8"]);
        await host.CallAsSupportAsync("northwind-ios");
        var sam = host.Browse();
        sam.Headers.Add("X-Forwarded-Proto", "https");

        AssertSecure(await SignInAndEnterAsync(sam));
        var token = await host.CallAsAsync("sue@support.test");
        token.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        var entered = await token.PostAsJsonAsync("/support-access/v1/sessions", new { app = "northwind-ios", reason = "Signing step fails" }, TestContext.Current.CancellationToken);
        Assert.StartsWith("https://", (await entered.JsonAsync()).GetProperty("enter_url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BehindHttps_CookiesAreOfThisHostAlone_AndBrowsersAreToldToComeByNothingElse()
    {
        await using var host = await BuildyardHost.StartAsync(args: ["--public-url=https://ci.northwind.test"]);
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/signin") { Headers = { Host = "ci.northwind.test" } };
        var told = await host.Call().SendAsync(asked, TestContext.Current.CancellationToken);
        var page = await host.Browse().GetAsync("/signin");
        var signedIn = await SignInAsync(host, page);

        Assert.Equal("max-age=31536000", Assert.Single(told.Headers.GetValues("Strict-Transport-Security")));
        string[] cookies = [.. page.Headers.GetValues("Set-Cookie"), .. signedIn.Headers.GetValues("Set-Cookie")];
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.Equal(["__Host-buildyard", "__Host-buildyard-device", "__Host-buildyard-forms"], cookies.Select(c => c.Split('=')[0]).Order(StringComparer.Ordinal));
        Assert.All(cookies, cookie => Assert.Contains("; secure", cookie, StringComparison.Ordinal));
        Assert.All(cookies, cookie => Assert.Contains("; path=/;", cookie, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhoIsNotNamed_IsNotBelieved_AndTheLogSaysSoOnce()
    {
        var log = new Journal();
        await using var host = await BuildyardHost.StartAsync(args: ["--trusted-proxies=192.0.2.1, 2001:db8::/32"], configure: builder => builder.Services.AddSingleton<ILoggerProvider>(log));
        var sam = host.Browse();
        sam.Headers.Add("X-Forwarded-Proto", "https");
        sam.Headers.Add("X-Forwarded-For", "198.51.100.7");

        var page = await sam.GetAsync("/signin");
        await sam.GetAsync("/signin");

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("secure", Assert.Single(page.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Single(log.Lines, line => line.Contains("127.0.0.1 names whom it speaks for", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("no proxy is named", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://localhost", true)]
    [InlineData("http://ci.northwind.test", true)]
    [InlineData("http://127.0.0.1:5080", false)]
    public async Task WhereAProxyIsEvident_AndNoneIsNamed_TheLogSaysSo(string url, bool isEvident)
    {
        var log = new Journal();
        await using var host = await BuildyardHost.StartAsync(args: [$"--public-url={url}"], configure: builder => builder.Services.AddSingleton<ILoggerProvider>(log));

        Assert.Equal(isEvident, log.Lines.Any(line => line.Contains("--trusted-proxies", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("--trusted-proxies=proxy.northwind.test", "'proxy.northwind.test' is neither an address")]
    [InlineData("--trusted-proxies=10.0.0.0/8,10.0.0.0/33", "'10.0.0.0/33' is neither an address")]
    [InlineData("--trusted-proxies=0.0.0.0/0", "'0.0.0.0/0' is everybody")]
    [InlineData("--TrustedProxies=::/0", "'::/0' is everybody")]
    [InlineData("--ForwardedHeaders_Enabled=true", "name the proxies with --trusted-proxies")]
    public async Task ProxiesThatCantBeNamedSo_KeepItFromStarting(string arg, string why)
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardHost.StartAsync(args: [arg]));

        Assert.Contains("--trusted-proxies", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<HttpResponseMessage>> SignInAndEnterAsync(Browser sam) =>
    [
        await sam.GetAsync("/signin"),
        await sam.SubmitAsync("/signin", "/signin", ("email", "sam@support.test"), ("password", "demo")),
        await sam.SubmitAsync(Enter, Enter, ("reason", "Signing step fails")),
    ];

    private static void AssertSecure(IEnumerable<HttpResponseMessage> answers) =>
        Assert.All(answers, answer => Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("; secure", cookie, StringComparison.Ordinal)));

    /// <summary>Signs in as a browser would that had come by https, which this test can't.</summary>
    private static async Task<HttpResponseMessage> SignInAsync(BuildyardHost host, HttpResponseMessage page)
    {
        var token = (await page.PageAsync()).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var form = new HttpRequestMessage(HttpMethod.Post, "/signin")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token), KeyValuePair.Create("email", "sam@support.test"), KeyValuePair.Create("password", "demo")]),
            Headers = { { "Cookie", page.Headers.GetValues("Set-Cookie").Single().Split(';')[0] }, { "Accept", "text/html" } },
        };
        return await host.Call().SendAsync(form);
    }

    private sealed class Journal : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));
    }
}
