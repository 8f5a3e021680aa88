using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AngleSharp.Dom;
using Microsoft.AspNetCore.HttpOverrides;

namespace Latchkey.AspNetCore.Tests;

/// <summary>Below a path base, behind a proxy that ends TLS: each address and each cookie is what the browser outside sees.</summary>
[Trait("capability", "D1")]
public sealed class BehindAProxyTests : IAsyncLifetime
{
    private const string Base = "/app";
    private const string App = "northwind-ios";
    private readonly MailSink _sink = new();
    private readonly Odd _odd = new();
    private readonly LogBook _log = new();
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync(
        options =>
        {
            (options.Mail.Host, options.Mail.Port, options.Mail.From) = ("127.0.0.1", _sink.Port, "support@sample.test");
            options.TeamPath = "/";
            options.HelpLinks.Add(new HelpLink("Start page", "/"));
            options.HelpLinks.Add(new HelpLink("Elsewhere", "https://docs.sample.test/"));
        },
        services: Odd.BuiltIn(_odd, _log),
        before: app => app
            .UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost })
            .UsePathBase(Base));

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _sink.DisposeAsync();
        _log.Dispose();
    }

    [Theory]
    [InlineData("GET", $"{Base}/apps/{App}?tab=1", $"{Base}/signin?return=%2Fapp%2Fapps%2Fnorthwind-ios%3Ftab%3D1")]
    [InlineData("POST", $"{Base}/apps/{App}/title", $"{Base}/signin?return=%2Fapp%2F")]
    public async Task WhoeverIsNotSignedIn_IsSentToSignInBelowThePathBase(string method, string path, string location)
    {
        using var nobody = _host.Browser(null);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await nobody.SendAsync(request);
        Assert.Equal((HttpStatusCode.Found, location), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Theory]
    [InlineData("http", "; path=/app; samesite")]
    [InlineData("https", "; path=/app; secure; samesite")]
    public async Task TheSessionsCookie_IsForWhatIsBelow_AndForHttpsWhereTheProxySaysSo(string scheme, string attributes)
    {
        await TurnOnAsync();
        // By hand, as a browser does it that sees what the proxy shows: this one would keep a cookie for https to itself.
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = _host.Address };
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", scheme);
        client.DefaultRequestHeaders.Add("Accept", "text/html");
        client.DefaultRequestHeaders.Add("Cookie", $"{SampleHost.Cookie}=sam");
        using var shown = await client.GetAsync($"{Base}/support-access/console/enter/{App}");
        var antiforgery = shown.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var form = (await Page.ReadAsync(client, shown)).Find("form[action*='/console/enter/']")!;
        var fields = form.QuerySelectorAll("input[type=hidden]").ToDictionary(field => field.GetAttribute("name")!, field => field.GetAttribute("value")!);
        fields["reason"] = "Signing fails";

        client.DefaultRequestHeaders.Remove("Cookie");
        client.DefaultRequestHeaders.Add("Cookie", $"{SampleHost.Cookie}=sam; {antiforgery}");
        using var entered = await client.PostAsync(form.GetAttribute("action"), new FormUrlEncodedContent(fields));
        Assert.Equal((HttpStatusCode.SeeOther, $"{Base}/apps/{App}"), (entered.StatusCode, entered.Headers.Location?.OriginalString));
        var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"), c => c.StartsWith("latchkey.", StringComparison.Ordinal));
        Assert.Contains(attributes, cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSessionsCookie_IsTakenAwayWhereItWasGiven()
    {
        await TurnOnAsync();
        using var sam = _host.Browser("sam");
        var form = await sam.OpenAsync($"{Base}/support-access/console/enter/{App}");
        Assert.Equal(HttpStatusCode.OK, (await (await form.SubmitAsync("form[action*='/console/enter/']", ("reason", "Signing fails"))).FollowAsync()).Status);
        using var adam = _host.Program("adam");
        Assert.True((await adam.DeleteAsync($"{Base}/support-access/v1/apps/{App}/access")).IsSuccessStatusCode);
        using var over = await sam.GetAsync($"{Base}/apps/{App}");
        Assert.Equal(HttpStatusCode.Gone, over.StatusCode);
        Assert.Contains("; path=/app;", Assert.Single(over.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheWayIn_BeginsAsTheAgentCalledTheSite()
    {
        await TurnOnAsync();
        using var sam = _host.Program("sam");
        sam.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        sam.DefaultRequestHeaders.Add("X-Forwarded-Host", "ci.sample.test");
        using var entered = await sam.PostAsJsonAsync($"{Base}/support-access/v1/sessions", new { app = App, reason = "Signing fails" });
        Assert.StartsWith("https://ci.sample.test/app/support-access/enter/", (string?)(await entered.Content.ReadFromJsonAsync<JsonNode>())!["enter_url"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task MailsLead_BelowThePathOfTheirBaseAddress()
    {
        _odd.Answer("INoticeHost.BaseAddress", _ => new Uri("https://sample.test/app"));
        await TurnOnAsync();
        await Told.WhenAsync(() => Task.FromResult(_sink.Taken.Count), taken => taken > 0);
        Assert.Contains($"https://sample.test/app/apps/{App}", _sink.Taken.First().Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adam", $"/apps/{App} /support-access/help /support-access/conversations/new /support-access/apps/{App}/panel")]
    [InlineData("olivia", "/support-access/account /support-access/notices /support-access/inbox")]
    [InlineData("lee", "/support-access/console /support-access/console/inbox /support-access/console/policies /support-access/no-such-page")]
    public async Task EveryLinkAndForm_IsBelowThePathBase(string who, string starts)
    {
        await TurnOnAsync();
        using var talker = _host.Program("adam");
        await talker.PostAsJsonAsync($"{Base}/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today", app = App });
        await Told.WhenAsync(() => _host.Access.Notices.CountUnseenAsync(ReaderId.Of(new("northwind"), new PersonId("adam")), CancellationToken.None), unseen => unseen > 0);
        using var browser = _host.Browser(who);
        var next = new Queue<string>(starts.Split(' ').Select(start => Base + start));
        var seen = next.ToHashSet(StringComparer.Ordinal);
        while (next.TryDequeue(out var path))
        {
            var page = await browser.OpenAsync(path);
            Assert.True(page.Status == HttpStatusCode.OK || path.EndsWith("no-such-page", StringComparison.Ordinal), $"{path}: {page.Status}");
            foreach (var (element, address) in AddressesOn(page))
            {
                Assert.True(address.StartsWith($"{Base}/", StringComparison.Ordinal) || address.StartsWith("https://docs.", StringComparison.Ordinal), $"{path}: {address}");
                var followed = address.Split('#')[0];
                if (element.LocalName == "a" && followed.StartsWith('/') && followed != $"{Base}/" && seen.Add(followed))
                {
                    next.Enqueue(followed);
                }
            }
        }

        Assert.InRange(seen.Count, 5, 100);
    }

    private static IEnumerable<(IElement Element, string Address)> AddressesOn(Page page) =>
        from element in page.Document.All
        from name in (string[])["href", "action", "formaction", "src", "data-lk-src", "data-lk-root", "data-lk-files"]
        let address = element.GetAttribute(name)
        where address is { Length: > 0 } && address[0] != '#' && address[0] != '?'
        select (element, address);

    private async Task TurnOnAsync()
    {
        using var adam = _host.Program("adam");
        Assert.True((await adam.PutAsJsonAsync($"{Base}/support-access/v1/apps/{App}/access", new { })).IsSuccessStatusCode);
    }
}
