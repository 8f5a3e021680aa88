using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Latchkey.AspNetCore.Tests;

/// <summary>A page that a browser shows: what a test reads, and the forms that it sends as a browser without a script does.</summary>
/// <param name="Browser">Where it is shown.</param>
/// <param name="Status">What was answered.</param>
/// <param name="Location">Where the answer leads; null where it is a page itself.</param>
/// <param name="Document">What is on it.</param>
internal sealed record Page(HttpClient Browser, HttpStatusCode Status, string? Location, IHtmlDocument Document)
{
    /// <summary>Its words, with white space as it is read.</summary>
    public string Text => Words(Document.Body!);

    public IElement? Find(string selector) => Document.QuerySelector(selector);

    /// <summary>The words of the one element that fits.</summary>
    public string TextOf(string selector) => Words(Assert.Single(Document.QuerySelectorAll(selector)));

    public bool Shows(string selector) => Find(selector) is not null;

    /// <summary>Sends the form that fits, with what stands in its fields but for what is given.</summary>
    public async Task<Page> SubmitAsync(string selector, params (string Name, string Value)[] given)
    {
        var form = Assert.IsType<IHtmlFormElement>(Find(selector), exactMatch: false);
        var fields = new Dictionary<string, string>();
        foreach (var field in form.Elements.Where(e => !e.HasAttribute("disabled") && e.GetAttribute("name") is { Length: > 0 }))
        {
            fields[field.GetAttribute("name")!] = field switch
            {
                IHtmlInputElement input => input.Value,
                IHtmlSelectElement select => select.Value ?? "",
                IHtmlTextAreaElement area => area.Value,
                _ => "",
            };
        }

        foreach (var (name, value) in given)
        {
            fields[name] = value;
        }

        using var body = new FormUrlEncodedContent(fields);
        return await ReadAsync(Browser, await Browser.PostAsync(form.GetAttribute("action"), body));
    }

    /// <summary>Goes where the answer leads.</summary>
    public Task<Page> FollowAsync() => Browser.OpenAsync(Location ?? throw new InvalidOperationException($"{Status} leads nowhere."));

    public static async Task<Page> ReadAsync(HttpClient browser, HttpResponseMessage response)
    {
        using (response)
        {
            var document = await new HtmlParser().ParseDocumentAsync(await response.Content.ReadAsStringAsync());
            return new Page(browser, response.StatusCode, response.Headers.Location?.OriginalString, document);
        }
    }

    private static string Words(INode node) => string.Join(' ', node.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

internal static class Browsing
{
    public static async Task<Page> OpenAsync(this HttpClient browser, string path) => await Page.ReadAsync(browser, await browser.GetAsync(path));

    /// <summary>Turns support access on, as somebody does at the panel.</summary>
    public static async Task<Page> TurnOnAsync(this HttpClient browser, string app, params (string Name, string Value)[] terms) =>
        await (await browser.OpenAsync($"/apps/{app}")).SubmitAsync("form[action$='/access/on']", terms);

    /// <summary>Enters an app from the console, and shows the page that support lands on.</summary>
    public static async Task<Page> EnterAsync(this HttpClient browser, string app, string reason = "Signing step fails")
    {
        var form = await browser.OpenAsync($"/support-access/console/enter/{app}");
        return await (await form.SubmitAsync("form[action*='/console/enter/']", ("reason", reason))).FollowAsync();
    }
}
