using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Principals;

/// <summary>
/// Everybody who can stand at the door of one Buildyard. Northwind lends its iOS app in full and its Android app for viewing, and Sam is in both;
/// it lent a third one while Sam was in it; Contoso never lent anything. Sue was in the iOS app and has signed out.
/// </summary>
internal sealed class Cast
{
    public const string Lent = "northwind-ios";
    public const string Viewed = "northwind-android";
    public const string Ended = "lent-before";
    public const string Never = "contoso-web";

    /// <summary>The name of a protected secret that each lent app has.</summary>
    public const string Secret = "KEPT";

    private static readonly object s_profile = new { name = "app.mobileprovision", content = Convert.ToBase64String(SigningFiles.Samples.Profile("Northwind")) };

    private static readonly string[] s_events = ["app.changed"];

    private readonly Dictionary<string, string> _deliveries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly BuildyardHost _host;
    private readonly HttpClient _http;
    private readonly Dictionary<string, string> _people;
    private readonly Principal _admin;
    private readonly Principal _sam;
    private readonly Principal _samToken;
    private readonly Principal _samViewing;
    private readonly Principal _samEnded;
    private readonly Principal _samEndedToken;
    private readonly Principal _sue;
    private readonly Principal _sueToken;
    private readonly Principal _elsewhere;

    private Cast(BuildyardHost host, Dictionary<string, string> people)
    {
        (_host, _http, _people) = (host, host.Call(), people);
        _admin = Of("admin", "adam@northwind.test");
        _sam = Of("sam inside, cookie", "sam@support.test");
        _samToken = Of("sam inside, token");
        _samViewing = Of("sam viewing, token", app: Viewed);
        _samEnded = Of("sam after the end, cookie", "sam@support.test", Ended);
        _samEndedToken = Of("sam after the end, token", app: Ended);
        _sue = Of("sue signed out, cookie");
        _sueToken = Of("sue signed out, token");
        _elsewhere = Of("token of another app");
        All =
        [
            Of("nobody"),
            Of("owner", "olivia@northwind.test"), _admin, Of("admin, cookie", "adam@northwind.test"),
            Of("platform engineer", "piet@northwind.test"), Of("developer", "dana@northwind.test"), Of("tester", "tess@northwind.test"),
            Of("another owner", "carla@contoso.test"),
            Of("sam, nothing lent", "sam@support.test", Never), Of("lead, nothing lent, cookie", "lee@support.test", Never), Of("lead outside", "lee@support.test"),
            _sam, _samToken, _samViewing, _samEnded, _samEndedToken, _sue, _sueToken, _elsewhere,
        ];
    }

    /// <summary>In the order of the table's columns.</summary>
    public IReadOnlyList<Principal> All { get; }

    /// <summary>Sam's session in the lent app.</summary>
    public string Session { get; private set; } = "";

    /// <summary>The grant on the lent app.</summary>
    public string Grant { get; private set; } = "";

    /// <summary>A request of Sam's that waits for an answer, for the lent app and more than its admins lend by the switch.</summary>
    public string Request { get; private set; } = "";

    /// <summary>The account of Northwind.</summary>
    public string Account { get; private set; } = "";

    /// <summary>A change that Sam made in the lent app.</summary>
    public string Change { get; private set; } = "";

    /// <summary>A conversation about the lent app.</summary>
    public string Conversation { get; private set; } = "";

    /// <summary>A file that was sent in it.</summary>
    public string Attachment { get; private set; } = "";

    /// <summary>A change to the lent app's project type that Sam proposed in it.</summary>
    public string Proposal { get; private set; } = "";

    /// <summary>Screenshots that Sam asked for there.</summary>
    public string Screenshots { get; private set; } = "";

    /// <summary>The secret of a one-time link that nobody has used.</summary>
    public string Invitation { get; private set; } = "";

    public static async Task<Cast> MeetAsync(BuildyardHost host)
    {
        await using var scope = host.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        var cast = new Cast(host, await db.People.ToDictionaryAsync(p => p.Email!, p => p.Id));
        foreach (var principal in cast.All) await cast.SignInAsync(principal);
        await cast.AddAppAsync();
        foreach (var app in (string[])[Lent, Viewed, Ended])
        {
            await cast.SetUpAsync(app);
            await cast.SendAsync(cast._admin, HttpMethod.Post, $"/api/apps/{app}/builds", new { workflow = "primary" });
        }
        await cast.LendAsync(Viewed, "viewer");
        await cast.LendAsync(Ended, "admin");
        cast._samEndedToken.Bearer = (await cast.EnterAsync(cast._sam, Ended)).Token;
        await cast.SendAsync(cast._admin, HttpMethod.Delete, $"/support-access/v1/apps/{Ended}/access");
        await cast.SettleAsync(signIn: false);
        await cast.SendAsync(cast._samToken, HttpMethod.Patch, $"/api/apps/{Lent}", new { project_type = "macos" });
        cast.Account = (await cast.SendAsync(cast._admin, HttpMethod.Get, $"/support-access/v1/apps/{Lent}/access")).GetProperty("account").GetString()!;
        var left = await cast.SendAsync(cast._admin, HttpMethod.Get, $"/support-access/v1/apps/{Lent}/changes");
        cast.Change = left.GetProperty("items")[0].GetProperty("activity").GetProperty("id").GetString()!;
        var opened = await cast.SendAsync(cast._admin, HttpMethod.Post, "/support-access/v1/conversations", new { subject = "Signing fails", text = "Since today", app = Lent });
        cast.Conversation = opened.GetProperty("id").GetString()!;
        cast.Attachment = await AttachAsync(host, cast.Conversation);
        await cast.SendAsync(cast._admin, HttpMethod.Post, $"/support-access/v1/conversations/{cast.Conversation}/shares", new { kind = "snapshot" });
        var proposed = await cast.SendAsync(
            cast._sam, HttpMethod.Post, $"/support-access/v1/conversations/{cast.Conversation}/proposals",
            new { target = """["setting","project_type"]""", after = "android", why = "It is one now" });
        cast.Proposal = proposed.GetProperty("id").GetString()!;
        var wanted = await cast.SendAsync(
            cast._sam, HttpMethod.Post, $"/support-access/v1/conversations/{cast.Conversation}/screenshots", new { wanted = new[] { "The signing page" } });
        cast.Screenshots = wanted.GetProperty("id").GetString()!;
        var asked = await cast.SendAsync(
            cast._sam, HttpMethod.Post, "/support-access/v1/requests", new { app = Lent, reason = "Signing step fails", also = new[] { "build.secrets.use" } });
        cast.Request = asked.GetProperty("id").GetString()!;
        await cast.SueCameAndLeftAsync();
        await cast.InviteAsync();
        return cast;
    }

    public string Person(string email) => _people[email];

    /// <summary>Makes somebody an admin of the lent app whose mail arrives in an agent's mailbox.</summary>
    public async Task DisguiseAsync(Principal principal)
    {
        await SendAsync(_admin, HttpMethod.Put, $"/api/apps/{Lent}/team/{principal.Self}", new { role = "admin" });
        await using var scope = _host.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        (await db.People.SingleAsync(p => p.Id == principal.Self)).Email = "sam+northwind@support.test";
        await db.SaveChangesAsync();
    }

    /// <summary>Signs somebody in anew whose sign-in has ended.</summary>
    public async Task SignInAsync(Principal principal)
    {
        if (principal == All[0]) await principal.TakeAsync(_host.Browse(), "/signin");
        if (principal.Email is not { } email || principal == _samEnded) return;
        if (principal.Name.EndsWith("cookie", StringComparison.Ordinal))
            await principal.TakeAsync(await _host.BrowseAsAsync(email), "/signin");
        else
            principal.Bearer = (await (await _http.PostAsJsonAsync("/api/login", new { email, password = "demo" })).JsonAsync()).GetProperty("token").GetString();
    }

    /// <summary>Makes it so again that two apps are lent and Sam is in them; with a new sign-in where his ended.</summary>
    public async Task SettleAsync(bool signIn)
    {
        if (signIn) await SignInAsync(_sam);
        await _samEnded.TakeAsync(_sam.Browser!, "/support-access/console");
        Grant = await LendAsync(Lent, "admin");
        (Session, _samToken.Bearer) = await EnterAsync(_sam, Lent);
        (_, _samViewing.Bearer) = await EnterAsync(_sam, Viewed);
        _elsewhere.Bearer = _samViewing.Bearer;
    }

    /// <summary>Makes it so (again) that an app has what some addresses name.</summary>
    public async Task SetUpAsync(string app)
    {
        var asAtFirst = app switch { Lent => 3, Viewed => 2, _ => 1 };
        await SendAsync(_admin, HttpMethod.Post, $"/api/apps/{app}/bitrise-yml/versions/{asAtFirst}/restore");
        await SendAsync(_admin, HttpMethod.Put, $"/api/apps/{app}/secrets/{Secret}", new { value = "kept", is_protected = true });
        var hooks = (await SendAsync(_admin, HttpMethod.Get, $"/api/apps/{app}/webhooks")).GetProperty("webhooks");
        var hook = hooks.GetArrayLength() > 0 ? hooks[0] : await SendAsync(_admin, HttpMethod.Post, $"/api/apps/{app}/webhooks", new { url = "https://hooks.northwind.invalid/", events = s_events });
        _ids[$"webhooks {app}"] = hook.GetProperty("id").GetString()!;
        _deliveries[app] = (await SendAsync(_admin, HttpMethod.Post, $"/api/apps/{app}/webhooks/{_ids[$"webhooks {app}"]}/test")).GetProperty("id").GetString()!;
        var files = (await SendAsync(_admin, HttpMethod.Get, $"/api/apps/{app}/signing-files")).GetProperty("signing_files");
        _ids[$"signing {app}"] = (files.GetArrayLength() > 0 ? files[0] : await SendAsync(_admin, HttpMethod.Post, $"/api/apps/{app}/signing-files", s_profile)).GetProperty("id").GetString()!;
    }

    /// <summary>The id of what an address is about in an app; for an app that never had one, of nothing.</summary>
    public string Id(string pattern, string app)
    {
        if (pattern.Contains("/conversations/", StringComparison.Ordinal)) return Conversation;
        var what = pattern.Contains("webhooks", StringComparison.Ordinal) ? "webhooks" : pattern.Contains("signing", StringComparison.Ordinal) ? "signing" : "";
        return _ids.GetValueOrDefault($"{what} {app}", "none");
    }

    /// <summary>The id of a delivery of the app's webhook.</summary>
    public string Delivery(string app) => _deliveries.GetValueOrDefault(app, "none");

    public async Task<JsonElement> SendAsync(Principal by, HttpMethod method, string path, object? body = null)
    {
        using var request = by.Ask(method, new Uri(_host.Address, path), body is null ? null : JsonContent.Create(body));
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{by.Name} {method} {path}: {answer.StatusCode}");
        return await answer.JsonAsync();
    }

    /// <summary>A file in the conversation, of an agent who is not in the cast.</summary>
    private static async Task<string> AttachAsync(BuildyardHost host, string conversation)
    {
        var access = host.App.Services.GetRequiredService<SupportAccess>();
        var found = await access.Conversations.FindAsync(new(conversation), null, CancellationToken.None);
        var by = Speaker.Of(new AgentRef(new("agt_nora"), "Nora", "signin_nora"));
        var upload = await access.AttachAsync(found!, by, new MemoryStream("a log"u8.ToArray()), "a.log");
        await access.SendAsync(found!, by, new Said("", [upload.Value!.Id.Value]));
        return upload.Value.Id.Value;
    }

    private async Task<string> LendAsync(string app, string role) =>
        (await SendAsync(_admin, HttpMethod.Put, $"/support-access/v1/apps/{app}/access", new { role })).GetProperty("grant").GetProperty("id").GetString()!;

    private async Task<(string Session, string Token)> EnterAsync(Principal agent, string app)
    {
        var entered = await SendAsync(agent, HttpMethod.Post, "/support-access/v1/sessions", new { app, reason = "Signing step fails" });
        var way = new Uri(entered.GetProperty("enter_url").GetString()!).PathAndQuery;
        using var redeemed = await agent.Browser!.SubmitAsync(way, way);
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, redeemed.StatusCode);
        return (entered.GetProperty("session").GetString()!, entered.GetProperty("token").GetString()!);
    }

    private async Task SueCameAndLeftAsync()
    {
        await _sue.TakeAsync(await _host.BrowseAsAsync("sue@support.test"), "/signin");
        (_, _sueToken.Bearer) = await EnterAsync(_sue, Lent);
        var before = _sue.Browser!.Cookies.GetAllCookies().Select(c => new System.Net.Cookie(c.Name, c.Value, c.Path, c.Domain)).ToList();
        (await _sue.Browser.SubmitAsync("/support-access/console", "/signout")).Dispose();
        // The browser that would not forget: every cookie that signing out took away is shown again.
        foreach (var cookie in before) _sue.Browser.Cookies.Add(cookie);
        await _sue.TakeAsync(_sue.Browser, "/signin");
    }

    private async Task AddAppAsync()
    {
        var olivia = All.Single(p => p.Name == "owner");
        await SendAsync(olivia, HttpMethod.Post, "/api/apps", new { title = "Lent before", repository_url = "https://git.northwind.test/old.git", bitrise_yml = "format_version: \"23\"\nworkflows:\n  primary: {}\n" });
        await _host.NameAsync("Lent before", Ended);
        await SendAsync(olivia, HttpMethod.Post, $"/api/apps/{Ended}/team/{Person("adam@northwind.test")}", new { role = "admin" });
        foreach (var (email, role) in ((string, string)[])[("piet@northwind.test", "platform_engineer"), ("dana@northwind.test", "developer"), ("tess@northwind.test", "tester")])
            await SendAsync(olivia, HttpMethod.Post, $"/api/apps/{Ended}/team/{Person(email)}", new { role });
    }

    private async Task InviteAsync()
    {
        var olivia = await _host.BrowseAsAsync("olivia@northwind.test");
        using var invited = await olivia.SubmitAsync("/account", "/account/members", ("email", "new@northwind.test"));
        const string way = "/welcome/";
        var page = await invited.Content.ReadAsStringAsync();
        var start = page.IndexOf(way, StringComparison.Ordinal) + way.Length;
        Invitation = string.Concat(page[start..].TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }

    private Principal Of(string name, string? email = null, string app = Lent) => new(name, app, email, email is null ? "" : _people[email]);
}
