using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace Buildyard.EndToEnd;

/// <summary>Somebody at a browser of their own. Every tab is listened to: what a page complains of, the story ends with.</summary>
public sealed class Visitor(Site site, IBrowserContext context, IPage page)
{
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentBag<string> _expected = [];

    /// <summary>The first tab.</summary>
    public IPage Page { get; } = page;

    public IBrowserContext Context { get; } = context;

    /// <summary>What pages of this browser wrote to the console as errors, threw, or were kept from doing by the content policy.</summary>
    public IEnumerable<string> Complaints => _complaints.Where(c => !_expected.Any(e => c.Contains(e, StringComparison.Ordinal)));

    public void Listen()
    {
        Context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _complaints.Enqueue($"{message.Text} ({message.Location})");
        };
        Context.WebError += (_, error) => _complaints.Enqueue(error.Error);
    }

    /// <summary>Answers with these statuses are part of the story, and the browser's note of them with it.</summary>
    public void Expect(params IEnumerable<int> statuses)
    {
        foreach (var status in statuses) Expect($"the server responded with a status of {status} ");
    }

    /// <summary>A complaint with these words in it is part of the story.</summary>
    public void Expect(string words) => _expected.Add(words);

    public async Task<IPage> NewTabAsync(string path)
    {
        var tab = await Context.NewPageAsync();
        await tab.GotoAsync(At(path));
        return tab;
    }

    /// <summary>Goes to a page; where a click is still on its way to another, that one arrives first.</summary>
    public async Task<IResponse?> GoAsync(string path)
    {
        try
        {
            return await Page.GotoAsync(At(path));
        }
        catch (PlaywrightException e) when (e.Message.Contains("interrupted by another navigation", StringComparison.Ordinal))
        {
            return await Page.GotoAsync(At(path));
        }
    }

    /// <summary>Goes where the answer is to be refused.</summary>
    public async Task<int> StatusOfAsync(string path)
    {
        Expect(403, 404, 410);
        return (await GoAsync(path))!.Status;
    }

    public async Task SignInAsync(string name)
    {
        await GoAsync("/");
        await Button($"Sign in as {name}").ClickAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Button, new() { Name = $"Sign in as {name}" })).ToHaveCountAsync(0);
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    /// <summary>A link of one of the page's navigations: the app's tabs, the settings' pages.</summary>
    public ILocator Tab(string name) => Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    public ILocator Field(string label) => Page.GetByLabel(label, new() { Exact = true });

    public ILocator Text(string text) => Page.GetByText(text);

    /// <summary>The editor of bitrise.yml. The plain text field, whose name is alike, gives way to it once its script has run.</summary>
    public ILocator Editor => Page.Locator("[contenteditable][aria-label='bitrise.yml']");

    /// <summary>Puts a text in place of the one in the editor.</summary>
    public async Task<ILocator> InEditorAsync(string text)
    {
        var editor = Editor;
        await editor.ClickAsync();
        await Page.Keyboard.PressAsync("Control+A");
        await Page.Keyboard.PressAsync("Delete");
        await Page.Keyboard.InsertTextAsync(text);
        return editor;
    }

    public string At(string path) => new Uri(site.Address, path).ToString();

    /// <summary>The value that a form of the page proves with that it is the site's own.</summary>
    public async Task<string> AntiforgeryTokenAsync() =>
        await Page.Locator("input[name=__RequestVerificationToken]").First.GetAttributeAsync("value")
        ?? throw new InvalidOperationException("This page has no form.");

    /// <summary>Sends a form that need not be on the page, as somebody would who makes their own; returns the answer.</summary>
    public async Task<IAPIResponse> PostAsync(string path, params IEnumerable<(string Name, string Value)> fields)
    {
        var form = Context.APIRequest.CreateFormData();
        form.Set("__RequestVerificationToken", await AntiforgeryTokenAsync());
        foreach (var (name, value) in fields) form.Set(name, value);
        return await Context.APIRequest.PostAsync(At(path), new() { Form = form, MaxRedirects = 0, Headers = [new("Accept", "text/html")] });
    }

    /// <summary>Reads an answer of the API, with the cookies of this browser.</summary>
    public async Task<JsonElement> ReadAsync(string path) => (await (await Context.APIRequest.GetAsync(At(path))).JsonAsync())!.Value;
}
