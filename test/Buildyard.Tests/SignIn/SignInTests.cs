using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.SignIn;

public sealed class SignInTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private BuildyardHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BuildyardHost.StartAsync(_clock);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Token_Works_UntilItExpires()
    {
        var answer = await _host.Call().PostAsJsonAsync("/api/login", new { email = "adam@northwind.test", password = "demo" });
        var login = await answer.JsonAsync();
        Assert.Equal(_clock.GetUtcNow().AddHours(12), login.GetProperty("expires_at").GetDateTimeOffset());
        var client = await _host.CallAsAsync("adam@northwind.test");

        _clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/apps")).StatusCode);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/apps")).StatusCode);
    }

    [Fact]
    public async Task WrongPassword_AndUnknownAddress_GetOneAnswer()
    {
        var client = _host.Call();
        var wrong = await client.PostAsJsonAsync("/api/login", new { email = "adam@northwind.test", password = "wrong" });
        var unknown = await client.PostAsJsonAsync("/api/login", new { email = "nobody@northwind.test", password = "wrong" });

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("wrong_credentials", (await wrong.JsonAsync()).GetProperty("type").GetString());
        Assert.Equal(
            (await wrong.JsonAsync()).GetProperty("title").GetString(),
            (await unknown.JsonAsync()).GetProperty("title").GetString());
        Assert.Equal(wrong.StatusCode, unknown.StatusCode);
    }

    [Fact]
    public async Task Login_NamesTheFieldAtFault()
    {
        (string Body, string Field, int Status)[] table =
        [
            ("{}", "email", 422),
            ("""{"email":"adam@northwind.test"}""", "password", 422),
            ("""{"email":1,"password":"demo"}""", "email", 400),
            ("""{"email":null,"password":"demo"}""", "email", 400),
            ("""{"email":"a","password":"b","remember":true}""", "remember", 400),
        ];
        foreach (var (body, field, status) in table)
        {
            var answer = await _host.Call().PostAsync("/api/login", new StringContent(body, MediaTypeHeaderValue.Parse("application/json")));

            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            Assert.Contains((await answer.JsonAsync()).GetProperty("errors").EnumerateArray(), e => e.GetProperty("field").GetString() == field && e.GetProperty("accepted").GetString()!.Length > 0);
        }
    }

    [Fact]
    public async Task CookieAndBearer_Together_AreRefused()
    {
        var browser = await _host.BrowseAsAsync("adam@northwind.test");
        var client = await _host.CallAsAsync("adam@northwind.test");
        client.DefaultRequestHeaders.Add("Cookie", browser.Cookies.GetCookieHeader(_host.Address));

        var answer = await client.GetAsync("/api/apps");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("cookie_and_bearer", (await answer.JsonAsync()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task UnknownBearers_AreNobody()
    {
        foreach (var token in (string[])["by_unknown", "lks_unknown", "something else"])
        {
            var client = _host.Call();
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/apps")).StatusCode);
        }
    }

    [Fact]
    public async Task SigningOut_EndsCopiesOfTheCookieToo()
    {
        var browser = await _host.BrowseAsAsync("adam@northwind.test");
        var copy = _host.Call();
        copy.DefaultRequestHeaders.Add("Cookie", browser.Cookies.GetCookieHeader(_host.Address));
        Assert.Equal(HttpStatusCode.OK, (await copy.GetAsync("/api/apps")).StatusCode);

        Assert.Equal(HttpStatusCode.Redirect, (await browser.SubmitAsync("/", "/signout")).StatusCode);

        Assert.Equal(HttpStatusCode.Unauthorized, (await copy.GetAsync("/api/apps")).StatusCode);
    }

    [Fact]
    public async Task LoggingOut_EndsTheToken()
    {
        var client = await _host.CallAsAsync("adam@northwind.test");
        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync("/api/logout", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/apps")).StatusCode);
    }

    [Fact]
    public async Task FormsOfOtherSites_AreRefused()
    {
        var browser = await _host.BrowseAsAsync("adam@northwind.test");
        var forged = _host.Call();
        forged.DefaultRequestHeaders.Add("Cookie", browser.Cookies.GetCookieHeader(_host.Address));

        var answer = await forged.PostAsync("/apps/northwind-ios/settings/enabled", new FormUrlEncodedContent([KeyValuePair.Create("enabled", "false")]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await (await forged.GetAsync("/api/apps/northwind-ios")).JsonAsync()).GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task SigningIn_LeadsBack_ToThisSiteOnly()
    {
        (string Back, string Lands)[] table =
            [("/apps/northwind-ios", "/apps/northwind-ios"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example", "/")];
        foreach (var (back, lands) in table)
        {
            var answer = await _host.Browse().SubmitAsync(
                $"/signin?return={Uri.EscapeDataString(back)}", "/signin", ("email", "adam@northwind.test"), ("password", "demo"));

            Assert.Equal((back, lands), (back, answer.Headers.Location!.OriginalString));
        }
    }

    [Fact]
    public async Task SuspendedAgent_IsOut_AtOnce()
    {
        var sam = await _host.CallAsAsync("sam@support.test");
        Assert.Equal(HttpStatusCode.OK, (await sam.GetAsync("/support-access/v1/agent/apps")).StatusCode);
        var lee = await _host.BrowseAsAsync("lee@support.test");
        var row = (await lee.PageAsync("/support/team")).QuerySelectorAll("li").Single(li => li.TextContent.Contains("Sam Okafor", StringComparison.Ordinal));
        var form = row.QuerySelectorAll("form").OfType<AngleSharp.Html.Dom.IHtmlFormElement>().First();

        Assert.Equal(HttpStatusCode.Redirect, (await lee.SubmitAsync(form, "/support/team/suspend")).StatusCode);

        Assert.Equal(HttpStatusCode.Unauthorized, (await sam.GetAsync("/support-access/v1/agent/apps")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.Call().PostAsJsonAsync("/api/login", new { email = "sam@support.test", password = "demo" })).StatusCode);
    }
}
