using System.Net.Http.Headers;
using System.Text.Json;
using Buildyard.Hosting;
using Buildyard.SigningFiles;

namespace Buildyard.Undo;

/// <summary>One kind of thing that support changes and the customer undoes. Paths are those below an app.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Support">What support does to it, given the id of what was prepared.</param>
internal sealed record UndoneKind(string Name, Func<HttpClient, string, Task<HttpResponseMessage>> Support)
{
    /// <summary>Makes what has to be there before, as the owner. Answers its id, which stands for <c>{id}</c> in a path.</summary>
    public Func<BuildyardHost, HttpClient, Task<string>> Prepare { get; init; } = (_, _) => Task.FromResult("");

    /// <summary>What a member does to the same thing afterwards, so that there is nothing to undo any more; null where nothing does that.</summary>
    public Func<HttpClient, string, Task<HttpResponseMessage>>? Member { get; init; }

    public override string ToString() => Name;
}

internal static class UndoneKinds
{
    private const string Yaml = "format_version: \"23\" # first\r\nworkflows:\r\n  primary: {}\r\n";

    public static IReadOnlyList<UndoneKind> All { get; } =
    [
        new("title", Send("PATCH", "", new { title = "By support" })) { Member = Send("PATCH", "", new { title = "By Olivia" }) },
        new("repository URL with its key", Send("PATCH", "", new { repository_url = "https://git.example.org/b.git" }))
        {
            Prepare = (_, owner) => MakeAsync(owner, "POST", "ssh-key/generate"),
            Member = Send("PATCH", "", new { repository_url = "https://git.example.org/c.git" }),
        },
        new("default branch", Send("PATCH", "", new { default_branch = "by-support" })) { Member = Send("PATCH", "", new { default_branch = "by-olivia" }) },
        new("enable and disable", Send("PUT", "enabled", new { enabled = false })) { Member = Send("PUT", "enabled", new { enabled = true }) },
        new("role of a member", Send("PUT", "team/{id}", new { role = "platform_engineer" })) { Prepare = FindDanaAsync, Member = Send("PUT", "team/{id}", new { role = "tester" }) },
        new("webhook: address, headers and secret", Send("PATCH", "webhooks/{id}", new { url = "https://elsewhere.example.org/" }))
        {
            Prepare = AddWebhookAsync,
            Member = Send("PATCH", "webhooks/{id}", new { url = "https://third.example.org/", headers = new[] { new { name = "X-Token", value = "new" } } }),
        },
        new("webhook: added", Send("POST", "webhooks", new { url = "https://hooks.example.org/by-support", events = new[] { "build.finished" } })),
        new("webhook: removed", Send("DELETE", "webhooks/{id}")) { Prepare = AddWebhookAsync },
        new("webhook: signing secret", Send("POST", "webhooks/{id}/secret/rotate")) { Prepare = AddWebhookAsync, Member = Send("POST", "webhooks/{id}/secret/rotate") },
        new("incoming webhook: token", Send("POST", "incoming-webhook/rotate")) { Prepare = (_, owner) => MakeAsync(owner, "POST", "incoming-webhook/rotate"), Member = Send("DELETE", "incoming-webhook") },
        new("incoming webhook: secret", Send("PUT", "incoming-webhook/secret", new { secret = "by-support" }))
        {
            Prepare = (_, owner) => MakeAsync(owner, "POST", "incoming-webhook/rotate"),
            Member = Send("PUT", "incoming-webhook/secret", new { secret = "by-olivia" }),
        },
        new("secret: value", Send("PUT", "secrets/API_TOKEN", new { value = "by support", is_expand = false }))
        {
            Prepare = AddSecretAsync,
            Member = Send("PUT", "secrets/API_TOKEN", new { value = "by Olivia", is_expand = true }),
        },
        new("secret: added", Send("PUT", "secrets/ADDED", new { value = "by support" })) { Member = Send("DELETE", "secrets/ADDED") },
        new("secret: removed", Send("DELETE", "secrets/API_TOKEN")) { Prepare = AddSecretAsync, Member = Send("PUT", "secrets/API_TOKEN", new { value = "by Olivia" }) },
        new("SSH key: replaced", Send("POST", "ssh-key/generate")) { Prepare = (_, owner) => MakeAsync(owner, "POST", "ssh-key/generate"), Member = Send("POST", "ssh-key/generate") },
        new("SSH key: removed", Send("DELETE", "ssh-key")) { Prepare = (_, owner) => MakeAsync(owner, "POST", "ssh-key/generate"), Member = Send("POST", "ssh-key/generate") },
        new("signing file: replaced", Send("PUT", "signing-files/{id}", Profile("By support"))) { Prepare = AddFileAsync, Member = Send("PUT", "signing-files/{id}", Profile("By Olivia")) },
        new("signing file: added", Send("POST", "signing-files", Profile("By support", "added.mobileprovision"))),
        new("signing file: removed", Send("DELETE", "signing-files/{id}")) { Prepare = AddFileAsync, Member = Send("POST", "signing-files", Profile("By Olivia")) },
        new("notifications", Send("PUT", "notifications/build_failed", new { audience = "nobody", email = true })) { Member = Send("PUT", "notifications/build_failed", new { audience = "team", email = false }) },
        new("approval", Send("PATCH", "build-settings/approval", new { forks = true })) { Prepare = SetBuildsAsync, Member = Send("PATCH", "build-settings/approval", new { forks = false }) },
        new("rolling builds", Send("PATCH", "build-settings/rolling", new { pushes = true, running = true })) { Prepare = SetBuildsAsync, Member = Send("PATCH", "build-settings/rolling", new { pushes = false, running = false }) },
        new("selective builds", Send("PATCH", "build-settings/selective", new { paths = new[] { "src/**" } })) { Prepare = SetBuildsAsync, Member = Send("PATCH", "build-settings/selective", new { paths = new[] { "lib/**" } }) },
        new("checks: address, and token with it", Send("PATCH", "build-settings/checks", new { api_url = "https://git.example.org/api" })) { Prepare = SetBuildsAsync, Member = Send("PATCH", "build-settings/checks", new { api_url = "https://other.example.org/api", token = "by-olivia", enabled = true }) },
        new("service credential user", Send("PUT", "integrations/service-user", new { person = "{id}" })) { Prepare = FindDanaAsync, Member = Send("PUT", "integrations/service-user", new { person = (string?)null }) },
        new("Apple Developer account", Send("PUT", "integrations/apple-key", new { apple_key = "{id}" })) { Prepare = ConnectAppleAsync, Member = Send("PUT", "integrations/apple-key", new { apple_key = (string?)null }) },
        new("bitrise.yml", Save("format_version: \"23\"\nworkflows: {}\n")) { Prepare = SaveFirstAsync, Member = Save(Yaml) },
        new("env var", Send("PUT", "env-vars/MODE", new { value = "by support" })) { Prepare = SaveFirstAsync, Member = Save(Yaml) },
        new("trigger", Send("POST", "triggers", new { target = "workflow:primary", kind = "push", conditions = new { branch = "by-support" } })) { Prepare = SaveFirstAsync, Member = Save(Yaml) },
        new("step", Send("POST", "workflows/primary/steps", new { step = "script@1" })) { Prepare = SaveFirstAsync, Member = Save(Yaml) },
        new("stack", Send("PUT", "stack", new { stack = "linux-debian-12" })) { Prepare = SaveFirstAsync, Member = Save(Yaml) },
    ];

    public static Func<HttpClient, string, Task<HttpResponseMessage>> Send(string method, string path, object? body = null) => (caller, id) =>
        caller.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), path.Replace("{id}", id, StringComparison.Ordinal))
        {
            Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body).Replace("{id}", id, StringComparison.Ordinal), MediaTypeHeaderValue.Parse("application/json")),
        });

    private static Func<HttpClient, string, Task<HttpResponseMessage>> Save(string yaml) => (caller, _) =>
        caller.PutAsync("bitrise-yml", new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")));

    private static object Profile(string name, string file = "app.mobileprovision") => new { name = file, content = Convert.ToBase64String(Samples.Profile(name)) };

    private static async Task<string> MakeAsync(HttpClient caller, string method, string path, object? body = null)
    {
        using var made = await Send(method, path, body)(caller, "");
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        return (await made.JsonAsync()).TryGetProperty("id", out var id) ? id.GetString()! : "";
    }

    private static Task<string> AddWebhookAsync(BuildyardHost host, HttpClient owner) => MakeAsync(
        owner, "POST", "webhooks", new { url = "https://hooks.example.org/ci", events = new[] { "build.finished" }, headers = new[] { new { name = "X-Token", value = "first" } } });

    private static Task<string> AddSecretAsync(BuildyardHost host, HttpClient owner) => MakeAsync(owner, "PUT", "secrets/API_TOKEN", new { value = "first" });

    private static Task<string> AddFileAsync(BuildyardHost host, HttpClient owner) => MakeAsync(owner, "POST", "signing-files", Profile("First"));

    private static Task<string> SetBuildsAsync(BuildyardHost host, HttpClient owner) => MakeAsync(owner, "PATCH", "build-settings/checks", new { enabled = true, token = "first" });

    private static async Task<string> SaveFirstAsync(BuildyardHost host, HttpClient owner)
    {
        (await Save(Yaml)(owner, "")).EnsureSuccessStatusCode();
        return "";
    }

    private static async Task<string> FindDanaAsync(BuildyardHost host, HttpClient owner) =>
        (await (await owner.GetAsync("team")).JsonAsync()).GetProperty("members").EnumerateArray()
            .Single(m => m.GetProperty("email").GetString() == "dana@northwind.test").GetProperty("person").GetString()!;

    private static async Task<string> ConnectAppleAsync(BuildyardHost host, HttpClient owner) => await Integrations.IntegrationTests.ConnectAsync(host);
}
