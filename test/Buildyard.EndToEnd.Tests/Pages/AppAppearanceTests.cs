using System.Net.Http.Json;
using Buildyard.EndToEnd.Capabilities;
using Buildyard.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Pages;

/// <summary>The pages of an app, with nothing in them, with much of everything, and after bad input: as <see cref="AppearanceTests"/> looks at the others.</summary>
public sealed class AppAppearanceTests(Chromium chromium, SharedYard yard) : CapabilityStory(chromium, yard)
{
    private const string Empty = "format_version: \"23\"\n";
    private static readonly string s_title = string.Concat(Enumerable.Repeat("Northwind field service for ", 4))[..80];
    private static readonly string s_workflow = "release-" + new string('w', 92);
    private static readonly string s_hook = $"https://hooks.northwind.invalid/{new string('h', 268)}";

    private static readonly string s_full = $"""
        format_version: "23"
        project_type: ios
        app:
          envs:
          - SCHEME: Northwind
          - {new string('V', 100)}: {new string('v', 400)}
            opts:
              is_expand: false
        pipelines:
          nightly:
            stages:
            - test: [] 
        stages:
          test:
            workflows:
            - primary: [] 
        trigger_map:
        - push_branch: main
          workflow: primary
        - pull_request_source_branch: "*"
          pull_request_target_branch: main
          workflow: primary
          enabled: false
        workflows:
          primary:
            summary: Builds, tests and says so
            envs:
            - CONFIGURATION: Debug
            triggers:
              push:
              - branch: release/*
                changed_files: src/**
              tag:
              - name: v*
            steps:
            - script@1:
                title: Say
                inputs:
                - content: |-
                    echo "a line that is long {new string('l', 200)}"
                    exit 3
          {s_workflow}:
            before_run: [primary]
            steps:
            - git-clone@8: [] 
            - cache-pull@2: [] 
            - script@1:
                title: {new string('t', 100)}
                inputs:
                - content: echo hello
          support-testing:
            summary: Builds, tests and says so
            envs:
            - CONFIGURATION: Release
            steps:
            - script@1:
                title: Say
                inputs:
                - content: echo mended

        """.Replace("[] \n", "{}\n", StringComparison.Ordinal);

    [Fact]
    public async Task EmptyPages()
    {
        await AddAppAsync("Nothing", Empty);
        await LookAsync("empty",
        [
            ("overview", ""), ("builds", "/builds"), ("workflows", "/workflow"), ("envs", "/workflow/envs"), ("triggers", "/workflow/triggers"), ("stack", "/workflow/stack"),
            ("signing", "/workflow/signing"), ("secrets", "/workflow/secrets"), ("code", "/settings/code"), ("webhooks", "/settings/webhooks"),
            ("integrations", "/settings/integrations"), ("notifications", "/settings/notifications"), ("build-settings", "/settings/builds"),
            ("incoming", "/settings/incoming-webhook"), ("compare", "/workflow/compare"),
        ]);
        await Olivia.GoAsync("/account/apple");
        await Look.AtAsync(Olivia.Page, "empty-apple-keys");
        var carla = await VisitAsAsync("Carla Ruiz");
        await carla.GoAsync("/inbox");
        await Look.AtAsync(carla.Page, "empty-inbox");
    }

    [Fact]
    public async Task FullPages()
    {
        await AddAppAsync(s_title, s_full);
        await FillAsync();
        await EnterAsync();
        await Sam.GoAsync(Path("/settings/code"));
        await DoAsync(Sam, "Make a new key in its place");
        await LookAsync("full",
        [
            ("overview", ""), ("builds", "/builds"), ("build-failed", "/builds/1"), ("workflows", "/workflow"), ("workflow", $"/workflow/workflows/{s_workflow}"),
            ("envs", "/workflow/envs"), ("triggers", "/workflow/triggers"), ("stack", "/workflow/stack"), ("versions", "/workflow/yml/versions"), ("signing", "/workflow/signing"),
            ("secrets", "/workflow/secrets"), ("code", "/settings/code"), ("webhooks", "/settings/webhooks"), ("integrations", "/settings/integrations"),
            ("notifications", "/settings/notifications"), ("build-settings", "/settings/builds"), ("incoming", "/settings/incoming-webhook"),
            ("compare", "/workflow/compare?left=primary&right=support-testing"),
        ]);
        await Olivia.GoAsync(Path("/settings/webhooks"));
        await Olivia.Link(s_hook).ClickAsync();
        await Olivia.Button("Show").ClickAsync();
        await Olivia.Page.Locator("summary").Filter(new() { HasText = "What was sent" }).First.ClickAsync();
        await Look.AtAsync(Olivia.Page, "full-webhook");
        await Olivia.GoAsync("/inbox");
        await Look.AtAsync(Olivia.Page, "full-inbox");
        await Olivia.GoAsync("/account/apple");
        await Look.AtAsync(Olivia.Page, "full-apple-keys");
        var act = await ReadsAsync("Set the SSH key", "SHA256:");
        await Look.AtAsync(Olivia.Page, "full-activity");
        await act.GetByRole(AriaRole.Link, new() { Name = "Undo…" }).ClickAsync();
        await Expect(Olivia.Heading("Undoing it does this")).ToBeVisibleAsync();
        await Look.AtAsync(Olivia.Page, "full-change");
        await Sam.GoAsync(Path("/workflow/secrets"));
        await Look.AtAsync(Sam.Page, "full-secrets-support");
    }

    [Fact]
    public async Task BadInput()
    {
        await AddAppAsync("Mistakes", s_full);
        Olivia.Expect(409, 422);
        (string Name, string Page, string? Fold, (string Field, string Text)[] Input, string Button)[] forms =
        [
            ("build", "/builds", "Start build", [("#f-branch", "a b"), ("#f-tag", "t t"), ("#f-env", "no equals sign"), ("#f-priority", "high")], "Start"),
            ("workflow", "/workflow", null, [("#f-id", "a b/c")], "Add workflow"),
            ("step", "/workflow/workflows/primary", "Change step 1", [("#s1-run_if", "{{ nothing"), ("#s1-timeout", "soon")], "Save step 1"),
            ("about", "/workflow/workflows/primary", null, [("#f-before_run", "gone"), ("#f-priority", "1000")], "Save"),
            ("env", "/workflow/envs", null, [("#f-name", "1 NAME")], "Add variable"),
            ("trigger", "/workflow/triggers", "Add a trigger", [("#t-name", "v*")], "Add trigger"),
            ("secret", "/workflow/secrets", null, [("#f-name", "1 NAME")], "Add secret"),
            ("signing", "/workflow/signing", null, [], "Add file"),
            ("key", "/settings/code", "Paste a private key", [("#f-private_key", "hello")], "Keep this key"),
            ("webhook", "/settings/webhooks", null, [("#f-url", "http://127.0.0.1/" + new string('x', 280)), ("#f-headers", "no colon")], "Add webhook"),
            ("selective", "/settings/builds", null, [("#f-paths", "../up/**")], "Save selective builds"),
            ("checks", "/settings/builds", null, [("#f-api_url", "not an address")], "Save GitHub checks"),
        ];
        foreach (var (name, page, fold, input, button) in forms)
        {
            await Olivia.GoAsync(Path(page));
            if (fold is not null) await Olivia.Text(fold).First.ClickAsync();
            if (name == "build") await Olivia.Text("Tag, commit, variables").ClickAsync();
            foreach (var (field, text) in input) await Olivia.Page.Locator(field).FillAsync(text);
            await Olivia.Button(button).ClickAsync();
            await Expect(Olivia.Page.Locator(".alert-danger")).ToBeVisibleAsync();
            await Look.AtAsync(Olivia.Page, $"bad-{name}");
        }
    }

    private async Task LookAsync(string kind, IEnumerable<(string Name, string Path)> pages)
    {
        foreach (var (name, path) in pages)
        {
            await Olivia.GoAsync(Path(path));
            await Look.AtAsync(Olivia.Page, $"{kind}-{name}");
        }
    }

    /// <summary>Makes something of every kind.</summary>
    private async Task FillAsync()
    {
        await BuildAsync();
        await MakeAsync(HttpMethod.Post, Api("/ssh-key/generate"), new { });
        await MakeAsync(HttpMethod.Put, Api("/secrets/API_TOKEN"), new { value = "kept", is_protected = true });
        await MakeAsync(HttpMethod.Put, Api($"/secrets/{new string('S', 120)}"), new { value = "kept", is_exposed_to_pull_requests = true });
        await MakeAsync(HttpMethod.Post, Api("/signing-files"), new { name = $"{new string('p', 80)}.mobileprovision", content = Convert.ToBase64String(SigningFiles.Samples.Profile(s_title)) });
        await MakeAsync(HttpMethod.Post, Api("/incoming-webhook/rotate"), new { });
        var hook = await MakeAsync(HttpMethod.Post, Api("/webhooks"), new { url = s_hook, events = new[] { "build.finished", "app.changed" }, headers = new[] { new { name = "X-Token", value = "kept" } } });
        await MakeAsync(HttpMethod.Post, Api($"/webhooks/{hook}/test"), new { });
    }

    private async Task<string> MakeAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var made = await Owner.SendAsync(request);
        Assert.True(made.IsSuccessStatusCode, $"{path}: {await made.Content.ReadAsStringAsync()}");
        return (await made.JsonAsync()).TryGetProperty("id", out var id) ? id.GetString()! : "";
    }
}
