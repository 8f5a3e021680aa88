using System.Net.Http.Headers;
using Buildyard.Hosting;

namespace Buildyard.Principals;

/// <summary>Somebody at the door: what they show, and the app they name where an address takes one.</summary>
/// <param name="Name">For messages.</param>
/// <param name="App">The app's slug.</param>
/// <param name="Email">Whom they sign in as; null for what is no sign-in.</param>
/// <param name="Self">Their person id; empty without a sign-in.</param>
internal sealed record Principal(string Name, string App, string? Email, string Self)
{
    /// <summary>An <c>Authorization</c> bearer; null for none.</summary>
    public string? Bearer { get; set; }

    /// <summary>Whose cookies they show; null for none. What is answered to them changes none of these.</summary>
    public Browser? Browser { get; private set; }

    /// <summary>What a page of ours gave them to prove that a form is ours.</summary>
    public string? FormToken { get; set; }

    /// <summary>Takes over a browser and reads a form's token from one of its pages.</summary>
    public async Task TakeAsync(Browser browser, string page)
    {
        Browser = browser;
        FormToken = (await browser.PageAsync(page)).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value");
    }

    /// <summary>Makes a request of theirs. Problems come as documents, unless <paramref name="page"/> asks for pages.</summary>
    public HttpRequestMessage Ask(HttpMethod method, Uri address, HttpContent? content = null, bool page = false)
    {
        var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Accept.ParseAdd(page ? "text/html" : "application/json");
        if (Bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Bearer);
        if (Browser is not null) request.Headers.Add("Cookie", Browser.Cookies.GetCookieHeader(address));
        if (FormToken is not null) request.Headers.Add("X-CSRF-Token", FormToken);
        return request;
    }
}
