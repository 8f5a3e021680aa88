using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Capabilities;

/// <summary>A12 to A21: builds and the Workflow Editor.</summary>
public sealed class BuildAndWorkflowTests(Chromium chromium, SharedYard yard) : CapabilityStory(chromium, yard)
{
    [Fact]
    [Trait("capability", "A12")]
    public async Task A12_Builds()
    {
        await AddAppAsync("Builds");
        await BuildAsync();
        await EnterAsync();
        await Sam.Tab("Builds").ClickAsync();
        await Expect(Sam.Page.Locator(".builds > li")).ToContainTextAsync("Success");
        await EndAsync();
        await ReadsAsync("Opened the builds");
    }

    [Fact]
    [Trait("capability", "A13")]
    public async Task A13_BuildLogs()
    {
        await AddAppAsync("Logs");
        await BuildAsync();
        await EnterAsync();
        await Sam.GoAsync(Path("/builds/1"));
        await Sam.Page.Locator("#step-0 summary").ClickAsync();
        await Expect(Sam.Page.GetByLabel("Output of Say")).ToContainTextAsync("hello");
        await EndAsync();
        await ReadsAsync("Opened the builds number 1");
    }

    [Fact]
    [Trait("capability", "A14")]
    public async Task A14_StartingBuilds()
    {
        await AddAppAsync("Starts");
        await EnterAsync();
        await Sam.GoAsync(Path("/builds"));
        await Sam.Text("Start build").ClickAsync();
        await Sam.Page.Locator("#f-target").SelectOptionAsync("workflow:primary");
        await Sam.Button("Start").ClickAsync();
        await Expect(Sam.Page.Locator("h2 + .state")).ToHaveTextAsync("Success");
        await SeesAsync(Path("/builds"), Olivia.Page.Locator(".builds > li").Filter(new() { HasText = "Support · Sam Okafor" }));
        await EndAsync();
        await ReadsAsync("Started build 1", "workflow primary on main");
    }

    [Fact]
    [Trait("capability", "A15")]
    public async Task A15_Workflows()
    {
        await AddAppAsync("Workflows");
        await EnterAsync();
        await Sam.GoAsync(Path("/workflow"));
        await Sam.Field("Name").FillAsync("nightly");
        await Sam.Button("Add workflow").ClickAsync();
        await Expect(Sam.Heading("nightly")).ToBeVisibleAsync();
        await SeesAsync(Path("/workflow"), Olivia.Link("nightly"));
        await UndoesAsync("Added workflow nightly", "nightly");
        await IsGoneAsync(Path("/workflow"), Olivia.Link("nightly"));

        await Sam.GoAsync(Path("/workflow/workflows/primary"));
        await Sam.Page.Locator("#f-summary").FillAsync("By support");
        await DoAsync(Sam, "Save");
        await SeesAsync(Path("/workflow"), Olivia.Text("By support"));
        await UndoesAsync("Changed workflow primary", "By support");

        await Sam.GoAsync(Path("/workflow/workflows/extra"));
        await Sam.Page.Locator("summary").Filter(new() { HasText = "Delete" }).ClickAsync();
        await DoAsync(Sam, "Delete workflow");
        await IsGoneAsync(Path("/workflow"), Olivia.Link("extra"));
        await EndAsync();
        await UndoesAsync("Deleted workflow extra", "For the night");
        await SeesAsync(Path("/workflow"), Olivia.Link("extra"));
        await Expect(Olivia.Text("By support")).ToHaveCountAsync(0);
    }

    [Fact]
    [Trait("capability", "A16")]
    public async Task A16_StepInputs()
    {
        await AddAppAsync("Steps");
        await EnterAsync();
        await Sam.GoAsync(Path("/workflow/workflows/primary"));
        await Sam.Text("Change step 1").ClickAsync();
        await Sam.Field("content").FillAsync("echo by support");
        await DoAsync(Sam, "Save step 1");
        await IsSeenAndUndoneAsync(
            Path("/workflow/workflows/primary"), Olivia.Page.Locator("textarea[name='input:content']").Filter(new() { HasText = "by support" }), "Changed a step", "echo hello", "echo by support");
    }

    [Fact]
    [Trait("capability", "A17")]
    public async Task A17_BitriseYml()
    {
        await AddAppAsync("Text");
        await EnterAsync();
        await Sam.GoAsync(Path("/workflow/yml"));
        await Sam.Editor.ClickAsync();
        await Sam.Page.Keyboard.PressAsync("Control+Home");
        await Sam.Page.Keyboard.InsertTextAsync("# Support was here\n");
        await DoAsync(Sam, "Save");
        await IsSeenAndUndoneAsync(Path("/workflow/yml"), Olivia.Page.Locator(".cm-line").Filter(new() { HasText = "# Support was here" }), "Changed bitrise.yml", "# Support was here");
    }

    [Fact]
    [Trait("capability", "A18")]
    public async Task A18_CodeSigningFiles()
    {
        await AddAppAsync("Signing");
        await EnterAsync();
        await Sam.GoAsync(Path("/workflow/signing"));
        await Sam.Field("File").SetInputFilesAsync(
            new FilePayload { Name = "northwind.mobileprovision", MimeType = "application/octet-stream", Buffer = SigningFiles.Samples.Profile("Northwind") });
        await DoAsync(Sam, "Add file");
        await Expect(Sam.Text("Download")).ToHaveCountAsync(0);
        await IsSeenAndUndoneAsync(
            Path("/workflow/signing"), Olivia.Text("northwind.mobileprovision"), "Changed a code signing file", "content of northwind.mobileprovision changed");
    }

    [Fact]
    [Trait("capability", "A19")]
    public async Task A19_EnvVarsAndSecrets()
    {
        await AddAppAsync("Variables");
        await EnterAsync();
        await Sam.GoAsync(Path("/workflow/envs"));
        await Sam.Field("Name").FillAsync("SCHEME");
        await Sam.Field("Value").FillAsync("Northwind by support");
        await DoAsync(Sam, "Add variable");
        await Sam.GoAsync(Path("/workflow/secrets"));
        await Sam.Field("Name").FillAsync("API_TOKEN");
        await Sam.Field("Value").FillAsync("s3cret-by-support");
        await DoAsync(Sam, "Add secret");
        await Expect(Sam.Page.Locator("main")).Not.ToContainTextAsync("s3cret-by-support");
        await SeesAsync(Path("/workflow/envs"), Olivia.Text("Northwind by support"));
        await EndAsync();
        await UndoesAsync("Changed secret", "value of API_TOKEN changed");
        await Expect(Olivia.Page.Locator("main")).Not.ToContainTextAsync("s3cret-by-support");
        await UndoesAsync("Changed an environment variable", "SCHEME");
        await IsGoneAsync(Path("/workflow/envs"), Olivia.Text("Northwind by support"));
        await IsGoneAsync(Path("/workflow/secrets"), Olivia.Page.Locator(".title").Filter(new() { HasText = "API_TOKEN" }));
    }

    [Fact]
    [Trait("capability", "A20")]
    public async Task A20_BuildTriggers()
    {
        await AddAppAsync("Triggers");
        await EnterAsync();
        await Sam.GoAsync(Path("/workflow/triggers"));
        await Sam.Page.Locator("summary").Filter(new() { HasText = "Add a trigger" }).ClickAsync();
        await Sam.Field("Push: branch").FillAsync("release/*");
        await DoAsync(Sam, "Add trigger");
        await IsSeenAndUndoneAsync(Path("/workflow/triggers"), Olivia.Text("branch release/*"), "Changed a trigger", "release/*");
    }

    [Fact]
    [Trait("capability", "A21")]
    public async Task A21_Stack()
    {
        await AddAppAsync("Stack");
        await EnterAsync();
        await Sam.GoAsync(Path("/workflow/stack"));
        await Sam.Page.Locator("#stack-").SelectOptionAsync("linux-debian-12");
        await DoAsync(Sam, "Save the stack of The app");
        await IsSeenAndUndoneAsync(Path("/workflow/stack"), Olivia.Page.Locator("#stack- option[value=linux-debian-12][selected]"), "Changed the stack", "linux-debian-12");
    }
}
