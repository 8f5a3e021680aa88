using System.Net.Http.Json;
using System.Security.Cryptography;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Capabilities;

/// <summary>A1 to A11: the settings of an app.</summary>
public sealed class SettingsTests(Chromium chromium, SharedYard yard) : CapabilityStory(chromium, yard)
{
    [Fact]
    [Trait("capability", "A1")]
    public async Task A1_Webhooks()
    {
        await AddAppAsync("Webhooks");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/webhooks"));
        await Sam.Field("URL").FillAsync("https://hooks.example.org/ci");
        await DoAsync(Sam, "Add webhook");
        await IsSeenAndUndoneAsync(
            Path("/settings/webhooks"), Olivia.Link("https://hooks.example.org/ci"), "Changed webhook", "https://hooks.example.org/ci", "build.finished");
    }

    [Fact]
    [Trait("capability", "A2")]
    public async Task A2_SshKeys()
    {
        await AddAppAsync("SSH keys");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/code"));
        await DoAsync(Sam, "Make a key");
        await IsSeenAndUndoneAsync(Path("/settings/code"), Olivia.Page.GetByText("SHA256:"), "Set the SSH key", "SHA256:", "private SSH key changed");
    }

    [Fact]
    [Trait("capability", "A3")]
    public async Task A3_NotificationSettings()
    {
        await AddAppAsync("Notifications");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/notifications"));
        await Sam.Text("Change who is told: A build succeeded").ClickAsync();
        await Sam.Page.Locator("#audience-build_succeeded").SelectOptionAsync("Everyone in the team");
        await DoAsync(Sam, "Save who is told: A build succeeded");
        await IsSeenAndUndoneAsync(
            Path("/settings/notifications"), Olivia.Page.Locator("#audience-build_succeeded option[value=team][selected]"), "Changed who is notified", "team");
    }

    [Fact]
    [Trait("capability", "A4")]
    public async Task A4_ManualBuildApproval()
    {
        await AddAppAsync("Approval");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/builds"));
        await Sam.Page.GetByLabel("Pull requests from forks wait").SetCheckedAsync(true);
        await DoAsync(Sam, "Save manual approval");
        await IsSeenAndUndoneAsync(Path("/settings/builds"), Olivia.Page.Locator("input[name=forks]:checked"), "Changed manual approval", "on");
    }

    [Fact]
    [Trait("capability", "A5")]
    public async Task A5_BuildCache()
    {
        await AddAppAsync(
            "Cache",
            "format_version: \"23\"\nworkflows:\n  primary:\n    steps:\n    - script@1:\n        inputs:\n        - content: echo kept > kept.txt\n    - save-cache@1:\n        inputs:\n        - key: pods-1\n        - paths: kept.txt\n");
        await BuildAsync();
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/builds"));
        await DoAsync(Sam, "Delete pods-1");
        await EndAsync();
        // What is deleted is gone: a build makes it again, and there is nothing to undo.
        await ReadsAsync("Deleted from the build cache", "pods-1");
        await Expect(Olivia.Page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Undo…" })).ToHaveCountAsync(0);
        await SeesAsync(Path("/settings/builds"), Olivia.Text("Archives that builds save appear here."));
    }

    [Fact]
    [Trait("capability", "A6")]
    public async Task A6_RollingAndSelectiveBuilds()
    {
        await AddAppAsync("Rolling");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/builds"));
        await Sam.Field("Of pushes").CheckAsync();
        await DoAsync(Sam, "Save rolling builds");
        await Sam.Page.Locator("#f-paths").FillAsync("src/**");
        await DoAsync(Sam, "Save selective builds");
        await SeesAsync(Path("/settings/builds"), Olivia.Page.Locator("input[name=pushes]:checked"));
        await EndAsync();
        await UndoesAsync("Changed rolling builds", "on");
        await UndoesAsync("Changed selective builds", "src/**");
        await IsGoneAsync(Path("/settings/builds"), Olivia.Page.Locator("input[name=pushes]:checked"));
        await Expect(Olivia.Page.Locator("#f-paths")).ToHaveValueAsync("");
    }

    [Fact]
    [Trait("capability", "A7")]
    public async Task A7_GitHubChecks()
    {
        await AddAppAsync("Checks");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/builds"));
        await Sam.Field("Post checks").CheckAsync();
        await Sam.Field("Token").FillAsync("gh-by-support");
        await DoAsync(Sam, "Save GitHub checks");
        await Expect(Sam.Page.Locator("main")).Not.ToContainTextAsync("gh-by-support");
        await IsSeenAndUndoneAsync(Path("/settings/builds"), Olivia.Page.Locator("input[name=enabled]:checked"), "Changed GitHub checks", "token of GitHub checks changed");
    }

    [Fact]
    [Trait("capability", "A8")]
    public async Task A8_TitleAndRepositoryUrl()
    {
        await AddAppAsync("Facts");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings"));
        await Sam.Field("Title").FillAsync("Facts by support");
        await Sam.Field("Repository URL").FillAsync("https://git.example.org/b.git");
        await DoAsync(Sam, "Save");
        await Sam.GoAsync(Path("/settings/code"));
        await Sam.Field("Default branch").FillAsync("trunk");
        await DoAsync(Sam, "Save");
        await SeesAsync(Path("/settings"), Olivia.Heading("Facts by support"));
        await EndAsync();
        await UndoesAsync("trunk", "trunk");
        await UndoesAsync("Facts by support", "https://git.example.org/b.git");
        await IsGoneAsync(Path("/settings"), Olivia.Heading("Facts by support"));
        await Expect(Olivia.Field("Repository URL")).ToHaveValueAsync("");
    }

    [Fact]
    [Trait("capability", "A9")]
    public async Task A9_TeamRoles()
    {
        await AddAppAsync("Team");
        await Olivia.GoAsync(Path("/settings/team"));
        await Olivia.Field("Member").SelectOptionAsync("Dana Kim");
        await Olivia.Field("Role").SelectOptionAsync("Developer");
        await DoAsync(Olivia, "Add");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/team"));
        await Expect(Sam.Text("Add somebody")).ToHaveCountAsync(0);
        await Sam.Field("Role of Dana Kim").SelectOptionAsync("Platform engineer");
        await DoAsync(Sam, "Change the role of Dana Kim");
        await IsSeenAndUndoneAsync(
            Path("/settings/team"), Olivia.Page.Locator("option[value=platform_engineer][selected]"), "Changed a member's role", "developer", "platform_engineer");
    }

    [Fact]
    [Trait("capability", "A10")]
    public async Task A10_ServiceUserAndAppleAccount()
    {
        await AddAppAsync("Connections");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var apple = new { name = "Northwind App Store", issuer_id = "0f1d0f3a-0000-4000-8000-000000000001", key_id = "2X9R4HXF34", private_key = key.ExportPkcs8PrivateKeyPem() };
        (await Owner.PostAsJsonAsync("/api/account/apple-keys", apple)).EnsureSuccessStatusCode();
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/integrations"));
        await Sam.Field("Member").SelectOptionAsync("Olivia Hart");
        await DoAsync(Sam, "Save the service credential user");
        await Sam.Field("Connected account").SelectOptionAsync("Northwind App Store");
        await DoAsync(Sam, "Save the Apple Developer account");
        var chosen = Olivia.Page.Locator("#f-apple_key option[selected]").Filter(new() { HasText = "Northwind App Store" });
        await SeesAsync(Path("/settings/integrations"), chosen);
        await EndAsync();
        await UndoesAsync("Chose the service credential user", "Olivia Hart");
        await UndoesAsync("Chose the Apple Developer account", "Northwind App Store");
        await IsGoneAsync(Path("/settings/integrations"), chosen);
    }

    [Fact]
    [Trait("capability", "A11")]
    public async Task A11_EnablingAndDisabling()
    {
        await AddAppAsync("Switch");
        await EnterAsync();
        await Sam.GoAsync(Path("/settings"));
        await Sam.Button("Disable app").ClickAsync();
        await Expect(Sam.Button("Enable app")).ToBeVisibleAsync();
        await IsSeenAndUndoneAsync(Path("/builds"), Olivia.Text("This app is disabled."), "Enabled or disabled the app", "disabled");
    }
}
