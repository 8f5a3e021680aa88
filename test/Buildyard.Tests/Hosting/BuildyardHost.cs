using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Hosting;

/// <summary>Buildyard in this process, on a free port of loopback, with a data directory of its own that goes with it.</summary>
public sealed class BuildyardHost : IAsyncDisposable
{
    private readonly List<IDisposable> _clients = [];
    private readonly bool _ownsDirectory;

    private BuildyardHost(WebApplication app, string directory, bool ownsDirectory)
    {
        App = app;
        Directory = directory;
        _ownsDirectory = ownsDirectory;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public WebApplication App { get; }

    /// <summary>The data directory.</summary>
    public string Directory { get; }

    public Uri Address { get; }

    /// <summary>Starts it; a demo unless the arguments say otherwise.</summary>
    /// <param name="clock">Replaces the system's clock.</param>
    /// <param name="directory">A directory to open and to leave there; null: a new one that is deleted at the end.</param>
    /// <param name="args">Further arguments, such as <c>--demo=false</c>. Builds are held unless they say <c>--Builds:AtOnce</c>, and a demo has none of its own unless they say <c>--Demo:Builds=true</c>.</param>
    /// <param name="configure">Further changes of the builder.</param>
    public static async Task<BuildyardHost> StartAsync(
        TimeProvider? clock = null,
        string? directory = null,
        string[]? args = null,
        Action<WebApplicationBuilder>? configure = null)
    {
        var path = directory ?? System.IO.Directory.CreateTempSubdirectory("buildyard-test-").FullName;
        if (directory is null && configure is null && (args ?? []).All(arg => !arg.StartsWith("--demo", StringComparison.OrdinalIgnoreCase)))
            await DemoDirectory.CopyAsync(clock, path);
        return await OpenAsync(clock, path, ownsDirectory: directory is null, args, configure);
    }

    internal static async Task<BuildyardHost> OpenAsync(TimeProvider? clock, string path, bool ownsDirectory, string[]? args, Action<WebApplicationBuilder>? configure)
    {
        var app = await BuildyardApp.CreateAsync(
            ["--urls", "http://127.0.0.1:0", "--data", path, "--quiet", "true", "--Builds:AtOnce=0", "--Demo:Builds=false", .. args ?? []],
            builder =>
            {
                if (clock is not null) builder.Services.AddSingleton(clock);
                // Hashing is as slow as it is meant to be in the product; here it is only in the way.
                builder.Services.Configure<PasswordHasherOptions>(options => options.IterationCount = 1000);
                configure?.Invoke(builder);
            });
        await app.StartAsync();
        return new BuildyardHost(app, path, ownsDirectory);
    }

    /// <summary>Adds an app, under an address that a test can name: those that are given can't be guessed.</summary>
    public async Task AddAppAsync(HttpClient by, string slug, string title, string yaml)
    {
        using var added = await by.PostAsJsonAsync("/api/apps", new { title, bitrise_yml = yaml });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        await NameAsync(title, slug);
    }

    /// <summary>Gives the app of a title an address that a test can name.</summary>
    public async Task NameAsync(string title, string slug)
    {
        await using var scope = App.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<BuildyardDb>().Apps.Where(app => app.Title == title).ExecuteUpdateAsync(app => app.SetProperty(a => a.Slug, slug));
    }

    /// <summary>A browser without a sign-in: keeps cookies, follows no redirects.</summary>
    public Browser Browse() => Keep(new Browser(Address));

    /// <summary>A browser that has signed in by the form.</summary>
    public async Task<Browser> BrowseAsAsync(string email, string password = "demo")
    {
        var browser = Browse();
        var answer = await browser.SubmitAsync("/signin", "/signin", ("email", email), ("password", password));
        return answer.StatusCode == HttpStatusCode.Redirect ? browser : throw new InvalidOperationException($"{email} could not sign in: {answer.StatusCode}");
    }

    /// <summary>A script without a token.</summary>
    public HttpClient Call() => Keep(new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address });

    /// <summary>A script with a token for somebody.</summary>
    public async Task<HttpClient> CallAsAsync(string email, string password = "demo")
    {
        var client = Call();
        var answer = await client.PostAsJsonAsync("/api/login", new { email, password });
        answer.EnsureSuccessStatusCode();
        return With(client, (await answer.JsonAsync()).GetProperty("token").GetString()!);
    }

    /// <summary>A script of an agent's inside an app: support access is turned on by <paramref name="admin"/>, and the agent enters.</summary>
    public async Task<HttpClient> CallAsSupportAsync(string app, string admin = "adam@northwind.test", string agent = "sam@support.test", string role = "admin")
    {
        var lender = await CallAsAsync(admin);
        (await lender.PutAsJsonAsync($"/support-access/v1/apps/{app}/access", new { role })).EnsureSuccessStatusCode();
        var support = await CallAsAsync(agent);
        var entered = await support.PostAsJsonAsync("/support-access/v1/sessions", new { app, reason = "Signing step fails" });
        entered.EnsureSuccessStatusCode();
        return With(Call(), (await entered.JsonAsync()).GetProperty("token").GetString()!);
    }

    /// <summary>The same caller, whose relative paths begin below <paramref name="path"/>.</summary>
    public HttpClient Below(HttpClient caller, string path) =>
        With(Keep(new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(Address, path) }), caller.DefaultRequestHeaders.Authorization!.Parameter!);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsDirectory) System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static HttpClient With(HttpClient client, string token)
    {
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private T Keep<T>(T client) where T : IDisposable
    {
        _clients.Add(client);
        return client;
    }
}

public static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer) => JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync());
}
