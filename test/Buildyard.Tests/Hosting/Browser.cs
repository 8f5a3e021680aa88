using System.Net;
using System.Net.Http.Headers;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Net.Http.Headers;

namespace Buildyard.Hosting;

/// <summary>What a browser without JavaScript does: keeps cookies, reads pages, sends the forms that are on them.</summary>
public sealed class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser(Uri address)
    {
        Cookies = new CookieContainer();
        _http = new HttpClient(new CookieJar(Cookies)) { BaseAddress = address };
        _http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public CookieContainer Cookies { get; }

    /// <summary>What each request carries beside cookies.</summary>
    public HttpRequestHeaders Headers => _http.DefaultRequestHeaders;

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    public async Task<IHtmlDocument> PageAsync(string path) => await (await GetAsync(path)).PageAsync();

    /// <summary>Opens <paramref name="page"/>, fills the form that posts to <paramref name="action"/> in and sends it.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var document = await PageAsync(page);
        var form = document.Forms.FirstOrDefault(f => f.Method == "post" && (f.GetAttribute("action") ?? page) == action)
            ?? throw new InvalidOperationException($"{page} has no form for {action}.");
        return await SubmitAsync(form, action, fields);
    }

    /// <summary>Sends a form of a page that was read already.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(IHtmlFormElement form, string action, params (string Name, string Value)[] fields)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var element in form.Elements)
        {
            var (name, value) = element switch
            {
                IHtmlInputElement { Type: "radio" or "checkbox", IsChecked: false } or IHtmlInputElement { Type: "file" } => (null, null),
                IHtmlInputElement input => (input.Name, input.Value),
                IHtmlTextAreaElement area => (area.Name, area.Value),
                IHtmlSelectElement select => (select.Name, select.Value),
                _ => (null, null),
            };
            if (name is not null) values[name] = value ?? "";
        }
        foreach (var (name, value) in fields) values[name] = value;
        return await _http.PostAsync(action, new FormUrlEncodedContent(values));
    }

    /// <summary>Opens <paramref name="page"/> and sends a file with the form that posts to <paramref name="action"/>.</summary>
    public async Task<HttpResponseMessage> UploadAsync(string page, string action, string field, string name, byte[] content, params (string Name, string Value)[] fields)
    {
        var token = (await PageAsync(page)).Forms.First(f => f.GetAttribute("action") == action).QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var form = new MultipartFormDataContent { { new ByteArrayContent(content), field, name }, { new StringContent(token), "__RequestVerificationToken" } };
        foreach (var (key, value) in fields) form.Add(new StringContent(value), key);
        return await _http.PostAsync(action, form);
    }

    /// <summary>Sends fields as they are, also several of one name.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> fields) => _http.PostAsync(path, new FormUrlEncodedContent(fields));

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// Keeps cookies until they are deleted, whatever date they end at: a browser would judge that date by the wall's clock, while the server under test
    /// lives by a clock of its own, and it is the server who must judge.
    /// </summary>
    private sealed class CookieJar(CookieContainer cookies) : DelegatingHandler(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (cookies.GetCookieHeader(request.RequestUri!) is { Length: > 0 } kept) request.Headers.Add("Cookie", kept);
            var answer = await base.SendAsync(request, cancellationToken);
            if (!answer.Headers.TryGetValues("Set-Cookie", out var set)) return answer;
            foreach (var cookie in set.Select(header => SetCookieHeaderValue.Parse(header)))
            {
                var deleted = cookie.Expires == DateTimeOffset.UnixEpoch;
                cookies.Add(request.RequestUri!, new Cookie(cookie.Name.ToString(), cookie.Value.ToString(), cookie.Path.ToString()) { HttpOnly = cookie.HttpOnly, Expired = deleted });
            }
            return answer;
        }
    }
}

public static class Pages
{
    public static async Task<IHtmlDocument> PageAsync(this HttpResponseMessage answer) =>
        await new HtmlParser().ParseDocumentAsync(await answer.Content.ReadAsStringAsync());

    public static string Text(this IDocument page) => page.QuerySelector("main")?.TextContent ?? page.Body?.TextContent ?? "";
}
