using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.SshKeys;

public sealed class SshKeyTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Key = $"{App}/ssh-key";
    private const string Page = "/apps/northwind-ios/settings/code";
    private readonly string _folder = Directory.CreateTempSubdirectory("buildyard-keys-").FullName;
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync(args: ["--Git:AllowPrivateHosts", "true"]);
        _adam = await _host.CallAsAsync("adam@northwind.test");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    [Trait("capability", "A2")]
    public async Task GeneratedKey_OpensTheRepository_OnceItsPublicHalfIsThere()
    {
        await using var server = await SshServer.StartAsync();
        await SetUrlAsync(_adam, server.Repository("app", "trunk", "format_version: \"23\"\n"));
        Assert.Contains("without a key", await ProblemAsync(), StringComparison.Ordinal);
        var support = await _host.CallAsSupportAsync("northwind-ios");

        var made = await (await support.PostAsync($"{Key}/generate", null)).JsonAsync();

        Assert.Equal("ED25519", made.GetProperty("kind").GetString());
        Assert.Contains("Permission denied", await ProblemAsync(), StringComparison.Ordinal);
        server.LetIn(made.GetProperty("public_key").GetString()!);
        var answer = await (await support.PostAsync($"{App}/repository/check", null)).JsonAsync();
        Assert.Equal("trunk", answer.GetProperty("default_branch").GetString());
    }

    [Fact]
    public async Task NewApp_IsReadOverSsh_WithTheKeyThatComesWithIt()
    {
        await using var server = await SshServer.StartAsync();
        var url = server.Repository("app", "main", "format_version: \"23\"\nworkflows:\n  over-ssh: {}\n");
        var (key, publicKey) = await MakeAsync("-t", "ecdsa", "-N", "");
        server.LetIn(publicKey);
        var olivia = await _host.CallAsAsync("olivia@northwind.test");

        var added = await olivia.PostAsJsonAsync("/api/apps", new { title = "Over SSH", repository_url = url, ssh_private_key = key });

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var slug = (await added.JsonAsync()).GetProperty("slug").GetString();
        Assert.Contains("over-ssh", await olivia.GetStringAsync($"/api/apps/{slug}/bitrise-yml"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await olivia.PostAsync($"/api/apps/{slug}/repository/check", null)).StatusCode);
    }

    [Theory]
    [InlineData("ED25519", "-t", "ed25519")]
    [InlineData("ECDSA 256", "-t", "ecdsa")]
    [InlineData("RSA 2048", "-t", "rsa", "-b", "2048")]
    [InlineData("RSA 2048", "-t", "rsa", "-b", "2048", "-m", "PEM")]
    [InlineData("RSA 2048", "-t", "rsa", "-b", "2048", "-m", "PKCS8")]
    public async Task PastedKey_IsKept_AndOnlyItsPublicHalfComesBack(string kind, params string[] how)
    {
        var (key, publicKey) = await MakeAsync([.. how, "-N", ""]);

        var kept = await (await PasteAsync(key.ReplaceLineEndings("\r\n"))).JsonAsync();

        Assert.Equal(kind, kept.GetProperty("kind").GetString());
        Assert.Equal(publicKey.Split(' ')[1], kept.GetProperty("public_key").GetString()!.Split(' ')[1]);
        var fingerprint = "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(publicKey.Split(' ')[1]))).TrimEnd('=');
        Assert.Equal(fingerprint, kept.GetProperty("fingerprint").GetString());
        var shown = await _adam.GetStringAsync(Key) + await _adam.GetStringAsync(Page);
        Assert.DoesNotContain(key.Split('\n').Where(line => line.Length > 0 && !line.StartsWith('-') && !publicKey.Contains(line, StringComparison.Ordinal)), line => shown.Contains(line, StringComparison.Ordinal));
        await using var scope = _host.App.Services.CreateAsyncScope();
        var app = (await (await _adam.GetAsync(App)).JsonAsync()).GetProperty("id").GetString()!;
        Assert.Equal(key, await scope.ServiceProvider.GetRequiredService<SshKeyRing>().ForBuildAsync(app));
    }

    [Fact]
    public async Task WhatIsNoUsableKey_IsRefused_WithTheReason()
    {
        var (locked, publicKey) = await MakeAsync("-t", "ed25519", "-N", "passphrase");
        var (lockedPem, _) = await MakeAsync("-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "passphrase");
        var (weak, _) = await MakeAsync("-t", "rsa", "-b", "1024", "-N", "");
        (string Text, string Why)[] refused =
        [
            (locked, "passphrase"), (lockedPem, "passphrase"), (weak, "1024 bits"), (publicKey, "public key"), ("", "empty"), ("hello", "begin"),
            ("PuTTY-User-Key-File-2: ssh-rsa", "PuTTY"), (new string('A', 20_000), "too long"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "not a private key that ssh can read"),
        ];
        foreach (var (text, why) in refused)
        {
            var answer = await PasteAsync(text);
            Assert.Equal(422, (int)answer.StatusCode);
            var error = (await answer.JsonAsync()).GetProperty("errors")[0];
            Assert.Equal("private_key", error.GetProperty("field").GetString());
            Assert.Contains(why, error.GetProperty("problem").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await (await _adam.GetAsync(Key)).JsonAsync()).GetProperty("ssh_key").ValueKind);
    }

    [Fact]
    public async Task AnotherRepositoryUrl_RemovesTheKey_OnTheRecord()
    {
        await _adam.PostAsync($"{Key}/generate", null);
        var support = await _host.CallAsSupportAsync("northwind-ios");
        await support.PatchAsJsonAsync(App, new { title = "Only the title" });
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, (await (await support.GetAsync(Key)).JsonAsync()).GetProperty("ssh_key").ValueKind);

        await SetUrlAsync(support, "git@git.elsewhere.test:team/app.git");

        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await (await _adam.GetAsync(Key)).JsonAsync()).GetProperty("ssh_key").ValueKind);
        var activity = await _adam.GetStringAsync("/support-access/v1/apps/northwind-ios/activity");
        Assert.Contains("\"SSH key\"", activity, StringComparison.Ordinal);
        Assert.Contains("SSH key, which was set for this one", (await (await _host.BrowseAsAsync("adam@northwind.test")).PageAsync("/apps/northwind-ios/settings")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("capability", "A8")]
    public async Task Code_SetsTheDefaultBranch_AndRefusesWhatGitWould()
    {
        var support = await _host.CallAsSupportAsync("northwind-ios");
        Assert.Equal("release/2.0", (await (await support.PatchAsJsonAsync(App, new { default_branch = "release/2.0" })).JsonAsync()).GetProperty("default_branch").GetString());
        foreach (var name in (string[])["", "two words", "-x", "a..b", "a/", "/a", "a.lock", "a~1", "a^", "a:b", "@", "x@{1}", ".hidden", "a\u0007", new('b', 201)])
        {
            var refused = await support.PatchAsJsonAsync(App, new { default_branch = name });
            Assert.True((int)refused.StatusCode == 422, name);
            Assert.Equal("default_branch", (await refused.JsonAsync()).GetProperty("errors")[0].GetProperty("field").GetString());
        }

        Assert.Equal("release/2.0", (await (await _adam.GetAsync(App)).JsonAsync()).GetProperty("default_branch").GetString());
    }

    [Fact]
    public async Task AnAppMayHaveNoRepository()
    {
        await SetUrlAsync(_adam, "");
        Assert.Equal("", (await (await _adam.GetAsync(App)).JsonAsync()).GetProperty("repository_url").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await _adam.PostAsync($"{App}/repository/check", null)).StatusCode);
        var olivia = await _host.CallAsAsync("olivia@northwind.test");
        Assert.Equal(HttpStatusCode.Created, (await olivia.PostAsJsonAsync("/api/apps", new { title = "No repository", repository_url = "", bitrise_yml = "format_version: \"23\"\n" })).StatusCode);
        Assert.Equal(422, (int)(await olivia.PostAsJsonAsync("/api/apps", new { title = "No repository" })).StatusCode);
    }

    [Fact]
    public async Task Forms_MakePasteAndRemove_WithoutScript()
    {
        var adam = await _host.BrowseAsAsync("adam@northwind.test");
        var (key, publicKey) = await MakeAsync("-t", "ed25519", "-N", "");

        await adam.SubmitAsync(Page, $"{Page}/key/generate");
        Assert.Contains("ED25519", (await adam.PageAsync(Page)).Text(), StringComparison.Ordinal);
        await adam.SubmitAsync(Page, $"{Page}/key", ("private_key", key.ReplaceLineEndings("\r\n")));
        Assert.Contains(publicKey.Split(' ')[1], (await adam.PageAsync(Page)).Text(), StringComparison.Ordinal);
        await adam.SubmitAsync(Page, $"{Page}/key/remove");
        Assert.Contains("No key yet", (await adam.PageAsync(Page)).Text(), StringComparison.Ordinal);
    }

    private static async Task SetUrlAsync(HttpClient by, string url) => (await by.PatchAsJsonAsync(App, new { repository_url = url })).EnsureSuccessStatusCode();

    private Task<HttpResponseMessage> PasteAsync(string key) => _adam.PutAsJsonAsync(Key, new { private_key = key });

    private async Task<string> ProblemAsync()
    {
        var answer = await _adam.PostAsync($"{App}/repository/check", null);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<(string Private, string Public)> MakeAsync(params string[] how)
    {
        var file = Path.Combine(_folder, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N"));
        using var process = Process.Start(new ProcessStartInfo("ssh-keygen", ["-q", "-f", file, "-C", "test", .. how]) { UseShellExecute = false })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return (await File.ReadAllTextAsync(file), await File.ReadAllTextAsync($"{file}.pub"));
    }
}
