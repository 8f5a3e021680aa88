using System.Net;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;
using static Buildyard.Capabilities.Capability;

namespace Buildyard.Capabilities;

/// <summary>
/// A1–A21, each by one call: support without access can't and sees nothing, with access can and it takes effect, after the end
/// can't; the customer sees it with its diff and can undo it.
/// </summary>
public sealed class CapabilityTests : IAsyncLifetime
{
    private const string Yaml = "format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - script@1:\n        inputs:\n        - content: echo by support\n";
    private const string Changes = "/support-access/v1/apps/northwind-ios/changes";

    private static readonly IReadOnlyList<Capability> s_all =
    [
        new("A1 webhooks", Send("POST", "/webhooks", new { url = "https://hooks.example.org/ci", events = new[] { "build.finished" } }), Get("/webhooks", "url")),
        new("A2 SSH key", Send("POST", "/ssh-key/generate"), Get("/ssh-key", "fingerprint")) { IsSecret = true },
        new("A3 notifications", Send("PUT", "/notifications/build_succeeded", new { audience = "team" }), Get("/notifications", "audience")),
        new("A4 manual build approval", Send("PATCH", "/build-settings/approval", new { forks = true }), Get("/build-settings", "manual_approval")),
        new("A5 build cache: delete", Send("DELETE", "/caches/own/{id}"), Get("/caches", "key")) { Prepare = SaveArchiveAsync, IsFinal = true },
        new("A5 build cache: delete all", Send("DELETE", "/caches"), Get("/caches", "key")) { Prepare = SaveArchiveAsync, IsFinal = true },
        new("A6 rolling builds", Send("PATCH", "/build-settings/rolling", new { pushes = true }), Get("/build-settings", "pushes")),
        new("A6 selective builds", Send("PATCH", "/build-settings/selective", new { paths = new[] { "src/**" } }), Get("/build-settings", "selective_paths")),
        new("A7 GitHub Checks", Send("PATCH", "/build-settings/checks", new { enabled = true, token = "by-support" }), Get("/build-settings", "enabled")) { IsSecret = true },
        new("A8 app data, title and repository URL", Send("PATCH", "", new { title = "By support", repository_url = "https://git.example.org/b.git" }), Get("", "title", "repository_url")),
        new("A9 team members' roles", Send("PUT", "/team/{id}", new { role = "platform_engineer" }), Get("/team", "role")) { Prepare = FindDanaAsync },
        new("A10 service credential user", (caller, id) => Send("PUT", "/integrations/service-user", new { person = id })(caller, id), Get("/integrations", "service_user")) { Prepare = FindDanaAsync },
        new("A10 Apple Developer account", (caller, id) => Send("PUT", "/integrations/apple-key", new { apple_key = id })(caller, id), Get("/integrations", "apple_key")) { Prepare = ConnectAppleAsync },
        new("A11 enable or disable the app", Send("PUT", "/enabled", new { enabled = false }), Get("", "enabled")),
        new("A12 view builds", Send("GET", "/builds")),
        new("A13 view build logs", Send("GET", "/builds/1/log")) { Prepare = StartAsync },
        new("A14 start builds", Send("POST", "/builds", new { workflow = "primary" }), Get("/builds", "number")) { IsFinal = true },
        new("A15 workflows: add", Send("POST", "/workflows", new { id = "added", from = "primary" }), Get("/workflows", "id")),
        new("A15 workflows: delete", Send("DELETE", "/workflows/extra"), Get("/workflows", "id")) { Prepare = AddWorkflowAsync },
        new("A16 step inputs", Send("PATCH", "/workflows/primary/steps/1", new { title = "By support" }), Get("/workflows", "steps")),
        new("A17 bitrise.yml", Yaml(Yaml), Get("/bitrise-yml")),
        new("A18 code signing files: remove", Send("DELETE", "/signing-files/{id}"), Get("/signing-files", "name", "subject")) { Prepare = AddFileAsync },
        new("A19 secrets: add", Send("PUT", "/secrets/ADDED", new { value = "v" }), Get("/secrets", "name")) { IsSecret = true },
        new("A19 env vars", Send("PUT", "/env-vars/ADDED", new { value = "by support" }), Get("/env-vars", "name", "value")),
        new("A19 secrets: remove", Send("DELETE", "/secrets/GIVEN"), Get("/secrets", "name")) { Prepare = AddSecretAsync },
        new("A20 build triggers", Send("POST", "/triggers", new { target = "workflow:primary", kind = "push", conditions = new { branch = "by-support" } }), Get("/bitrise-yml")),
        new("A21 stack", Send("PUT", "/stack", new { stack = "linux-debian-12" }), Get("/stack", "stack")),
    ];

    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;

    public static TheoryData<string> Numbers { get; } = [.. s_all.Select(c => c.Number)];

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _adam = await _host.CallAsAsync("adam@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task Support_CanWhileLent_NeverBeforeOrAfter_AndTheCustomerSeesAndUndoesIt(string number)
    {
        var capability = s_all.Single(c => c.Number == number);
        var id = await capability.Prepare(_host, _adam);
        var outside = await _host.CallAsAsync("sam@support.test");
        Assert.Equal(HttpStatusCode.NotFound, (await capability.Do(outside, id)).StatusCode);
        var before = await SeeAsync(capability);

        var support = await _host.CallAsSupportAsync("northwind-ios");
        using var done = await capability.Do(support, id);
        Assert.True(done.IsSuccessStatusCode, $"{done.StatusCode}: {await done.Content.ReadAsStringAsync()}");
        var after = await SeeAsync(capability);
        Assert.NotEqual(capability.See is null, before != after);
        await IsOnTheActivityAsync(capability);

        (await _adam.DeleteAsync("/support-access/v1/apps/northwind-ios/access")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Gone, (await capability.Do(support, id)).StatusCode);
        Assert.Equal(after, await SeeAsync(capability));

        var left = (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray().ToList();
        if (capability.See is null || capability.IsFinal)
        {
            Assert.Empty(left);
            return;
        }
        var act = Assert.Single(left).GetProperty("activity").GetProperty("id").GetString();
        (await _adam.PostAsync($"{Changes}/{act}/undo", null)).EnsureSuccessStatusCode();
        Assert.Equal(before, await SeeAsync(capability));
    }

    private async Task<string> SeeAsync(Capability capability) => capability.See is null ? "" : await capability.See(_adam);

    private async Task IsOnTheActivityAsync(Capability capability)
    {
        var act = await ActAsync();
        // The outcome follows the answer; it may still be on its way to the ledger.
        for (var tries = 0; act.GetProperty("outcome").GetString() == "unknown" && tries < 500; tries++) act = await ActAsync();
        Assert.Equal("done", act.GetProperty("outcome").GetString());
        var changes = act.GetProperty("changes").EnumerateArray().ToList();
        if (capability.See is null)
            Assert.Empty(changes);
        else
            Assert.Contains(changes, c => c.GetProperty("secret").GetBoolean() ? capability.IsSecret : Value(c, "before") != Value(c, "after"));
    }

    private async Task<JsonElement> ActAsync() =>
        Assert.Single((await (await _adam.GetAsync("/support-access/v1/apps/northwind-ios/activity")).JsonAsync()).GetProperty("items").EnumerateArray());

    private static string? Value(JsonElement change, string name) => change.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static async Task<string> FindDanaAsync(BuildyardHost host, HttpClient admin) =>
        (await (await admin.GetAsync($"{Capability.App}/team")).JsonAsync()).GetProperty("members").EnumerateArray()
            .Single(m => m.GetProperty("email").GetString() == "dana@northwind.test").GetProperty("person").GetString()!;

    private static Task<string> StartAsync(BuildyardHost host, HttpClient admin) => MakeAsync(admin, "POST", "/builds", new { workflow = "primary" });

    private static Task<string> AddWorkflowAsync(BuildyardHost host, HttpClient admin) => MakeAsync(admin, "POST", "/workflows", new { id = "extra" });

    private static Task<string> AddSecretAsync(BuildyardHost host, HttpClient admin) => MakeAsync(admin, "PUT", "/secrets/GIVEN", new { value = "v" });

    private static Task<string> AddFileAsync(BuildyardHost host, HttpClient admin) => MakeAsync(
        admin, "POST", "/signing-files", new { name = "northwind.mobileprovision", content = Convert.ToBase64String(SigningFiles.Samples.Profile("Northwind")) });

    /// <summary>As a build leaves it on the shelf.</summary>
    private static async Task<string> SaveArchiveAsync(BuildyardHost host, HttpClient admin)
    {
        var app = (await (await admin.GetAsync(Capability.App)).JsonAsync()).GetProperty("id").GetString()!;
        var shelf = new CacheShelf(Directory.CreateDirectory(Path.Combine(host.Directory, "caches", app, "own")).FullName, host.App.Services.GetRequiredService<Sealing>());
        var (archive, content) = (new CacheArchive(new string('a', 32), "gradle-main", "main", 1, 3, DateTimeOffset.UnixEpoch), Path.Combine(shelf.Path, "saving"));
        await File.WriteAllBytesAsync(content, [1, 2, 3]);
        shelf.Put(archive, archive.Key, content, quota: 3);
        return archive.Id;
    }

    private static Task<string> ConnectAppleAsync(BuildyardHost host, HttpClient admin) => Integrations.IntegrationTests.ConnectAsync(host);

    private static async Task<string> MakeAsync(HttpClient admin, string method, string path, object body)
    {
        using var made = await Send(method, path, body)(admin, "");
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        return (await made.JsonAsync()).TryGetProperty("id", out var id) ? id.GetString()! : "";
    }
}
