using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Buildyard.Hosting;

/// <summary>What a browser without JavaScript does: keeps cookies, reads pages, sends the forms that are on them.</summary>
public sealed class Browser : IDisposable
{
    private readonly HttpClient _http;

    public Browser(Uri address)
    {
        Cookies = new CookieContainer();
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = address };
        _http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public CookieContainer Cookies { get; }

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

    public void Dispose() => _http.Dispose();
}

public static class Pages
{
    public static async Task<IHtmlDocument> PageAsync(this HttpResponseMessage answer) =>
        await new HtmlParser().ParseDocumentAsync(await answer.Content.ReadAsStringAsync());

    public static string Text(this IDocument page) => page.QuerySelector("main")?.TextContent ?? page.Body?.TextContent ?? "";
}
