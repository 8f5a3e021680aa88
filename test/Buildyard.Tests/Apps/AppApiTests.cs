using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Buildyard.Hosting;

namespace Buildyard.Apps;

public sealed class AppApiTests(AppApiTests.Demo demo) : IClassFixture<AppApiTests.Demo>
{
    public sealed class Demo : IAsyncLifetime
    {
        public BuildyardHost Host { get; private set; } = null!;
        public HttpClient Adam { get; private set; } = null!;
        public HttpClient Olivia { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await BuildyardHost.StartAsync();
            Adam = await Host.CallAsAsync("adam@northwind.test");
            Olivia = await Host.CallAsAsync("olivia@northwind.test");
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }

    [Fact]
    public async Task Lists_OnlyTheAppsThatOneHasAPartIn()
    {
        var carla = await demo.Host.CallAsAsync("carla@contoso.test");

        Assert.Equal(["contoso-web"], await Slugs(carla));
        Assert.Contains("northwind-ios", await Slugs(demo.Adam));
        Assert.DoesNotContain("contoso-web", await Slugs(demo.Olivia));
    }

    [Fact]
    public async Task ForeignAndUnknownApps_GetOneAnswer()
    {
        var foreign = await demo.Adam.GetAsync("/api/apps/contoso-web");
        var unknown = await demo.Adam.GetAsync("/api/apps/nothing-here");

        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(await foreign.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Patch_ChangesWhatIsGiven_AndNothingElse()
    {
        var before = await Get("northwind-android");

        var answer = await demo.Adam.PatchAsJsonAsync("/api/apps/northwind-android", new { title = "  Northwind für Android  ", project_type = "flutter" });

        var after = await answer.JsonAsync();
        Assert.Equal("Northwind für Android", after.GetProperty("title").GetString());
        Assert.Equal("flutter", after.GetProperty("project_type").GetString());
        Assert.Equal(before.GetProperty("repository_url").GetString(), after.GetProperty("repository_url").GetString());
        Assert.Equal(before.GetProperty("slug").GetString(), after.GetProperty("slug").GetString());
        Assert.Equal(after.GetRawText(), (await Get("northwind-android")).GetRawText());
    }

    [Theory]
    [InlineData("""{"title":""}""", "title", 422)]
    [InlineData("""{"title":"   "}""", "title", 422)]
    [InlineData("""{"title":"a\u202eb"}""", "title", 422)]
    [InlineData("""{"title":"a\u2066b"}""", "title", 422)]
    [InlineData("""{"title":"a\u200bb"}""", "title", 422)]
    [InlineData("""{"title":"a\u0007b"}""", "title", 422)]
    [InlineData("""{"title":"a\nb"}""", "title", 422)]
    [InlineData("""{"title":"\ue000"}""", "title", 422)]
    [InlineData("""{"title":"\ud800"}""", "title", 400)]
    [InlineData("""{"title":null}""", "title", 400)]
    [InlineData("""{"title":7}""", "title", 400)]
    [InlineData("""{"title":["x"]}""", "title", 400)]
    [InlineData("""{"title":{"title":1}}""", "title", 400)]
    [InlineData("""{"title":"a","title":"b"}""", "title", 400)]
    [InlineData("""{"Title":"a"}""", "Title", 400)]
    [InlineData("""{"slug":"other"}""", "slug", 400)]
    [InlineData("""{"enabled":false}""", "enabled", 400)]
    [InlineData("""{"project_type":"cobol"}""", "project_type", 422)]
    [InlineData("""{"repository_url":"ftp://host/x"}""", "repository_url", 422)]
    [InlineData("""{"repository_url":"https://user:secret@host/x.git"}""", "repository_url", 422)]
    [InlineData("""{"repository_url":"file:///etc/passwd"}""", "repository_url", 422)]
    [InlineData("""{"repository_url":"--upload-pack=x"}""", "repository_url", 422)]
    [InlineData("""{"repository_url":"https://host"}""", "repository_url", 422)]
    [InlineData("""{"title":"fine","repository_url":"no"}""", "repository_url", 422)]
    public async Task Patch_NamesTheFieldAtFault_AndChangesNothing(string body, string field, int status)
    {
        var before = (await Get("northwind-ios")).GetRawText();

        var answer = await demo.Adam.PatchAsync("/api/apps/northwind-ios", Json(body));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var error = Assert.Single((await answer.JsonAsync()).GetProperty("errors").EnumerateArray());
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.NotEmpty(error.GetProperty("problem").GetString()!);
        Assert.NotEmpty(error.GetProperty("accepted").GetString()!);
        Assert.Equal(before, (await Get("northwind-ios")).GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public async Task Patch_SaysWhatABodyLooksLike_WhenItIsNone(string body)
    {
        var answer = await demo.Adam.PatchAsync("/api/apps/northwind-ios", Json(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.JsonAsync();
        Assert.Equal("malformed_json", problem.GetProperty("type").GetString());
        Assert.Contains("repository_url", problem.GetProperty("errors")[0].GetProperty("accepted").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Buildyard.", problem.GetProperty("errors")[0].GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Title_MayHoldEmojiAndAnyScript()
    {
        const string Title = "العربية 日本語 👩‍💻 Ünïcode";
        var answer = await demo.Adam.PatchAsJsonAsync("/api/apps/northwind-android", new { title = Title });

        Assert.Equal(Title, (await answer.JsonAsync()).GetProperty("title").GetString());
    }

    [Fact]
    public async Task OtherMediaTypes_AndMethods_AreRefusedByName()
    {
        var text = await demo.Adam.PatchAsync("/api/apps/northwind-ios", new StringContent("title=x", Encoding.UTF8, "text/plain"));
        var method = await demo.Adam.DeleteAsync("/api/apps/northwind-ios");

        var yaml = await demo.Adam.PutAsync("/api/apps/northwind-ios/bitrise-yml", Json("{}"));

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType), (text.StatusCode, yaml.StatusCode));
        Assert.Contains("application/json.", (await text.JsonAsync()).GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Contains("application/yaml.", (await yaml.JsonAsync()).GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.Contains("GET", method.Content.Headers.Allow);
    }

    [Fact]
    public async Task HugeBodies_AreRefused()
    {
        var answer = await demo.Adam.PatchAsync("/api/apps/northwind-ios", Json($$"""{"title":"{{new string('x', 3_000_000)}}"}"""));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        var problem = await answer.JsonAsync();
        Assert.Equal("body_too_large", problem.GetProperty("type").GetString());
        Assert.Contains("2 MB", problem.GetProperty("errors")[0].GetProperty("accepted").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("olivia@northwind.test", 200)]
    [InlineData("adam@northwind.test", 200)]
    [InlineData("piet@northwind.test", 403)]
    [InlineData("dana@northwind.test", 403)]
    [InlineData("tess@northwind.test", 403)]
    [InlineData("carla@contoso.test", 404)]
    [InlineData("sam@support.test", 404)]
    [InlineData("lee@support.test", 404)]
    public async Task Settings_AreChanged_ByAdminsAndTheOwner(string who, int status)
    {
        var client = await demo.Host.CallAsAsync(who);

        Assert.Equal(status, (int)(await client.PatchAsJsonAsync("/api/apps/northwind-ios", new { project_type = "ios" })).StatusCode);
    }

    [Fact]
    public async Task Added_App_HasASlugOfItsOwn_AndItsYaml()
    {
        var wanted = new { title = "Northwind iOS", repository_url = "https://git.northwind.test/x.git", project_type = "ios", bitrise_yml = "format_version: \"23\"\nworkflows: {}\n" };

        var added = await demo.Olivia.PostAsJsonAsync("/api/apps", wanted);

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var slug = (await added.JsonAsync()).GetProperty("slug").GetString();
        // Nothing in it tells whether somebody else has an app of this title.
        Assert.Matches("^northwind-ios-[a-z2-9]{6}$", slug);
        Assert.Equal(wanted.bitrise_yml, await demo.Olivia.GetStringAsync($"/api/apps/{slug}/bitrise-yml"));
        Assert.Equal(HttpStatusCode.NotFound, (await demo.Adam.GetAsync($"/api/apps/{slug}")).StatusCode);
    }

    [Fact]
    public async Task Adding_RefusesYamlThatIsNotValid_WithThePlace()
    {
        var answer = await demo.Olivia.PostAsJsonAsync("/api/apps", new { title = "X", repository_url = "https://git.northwind.test/x.git", bitrise_yml = "workflows:\n- a\n" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var problems = (await answer.JsonAsync()).GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("problem").GetString()!).ToList();
        Assert.Contains(problems, p => p.StartsWith("Line 2, column 1:", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("format_version is missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://127.0.0.1/x.git", "private network")]
    [InlineData("https://localhost/x.git", "private network")]
    [InlineData("https://[::1]/x.git", "private network")]
    [InlineData("https://10.1.2.3/x.git", "private network")]
    [InlineData("https://169.254.169.254/latest/meta-data", "private network")]
    [InlineData("git@git.northwind.test:mobile/ios.git", "over SSH")]
    public async Task ReadingFromARepository_StaysOutOfPrivateNetworks(string url, string why)
    {
        var answer = await demo.Olivia.PostAsJsonAsync("/api/apps", new { title = "X", repository_url = url });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var error = Assert.Single((await answer.JsonAsync()).GetProperty("errors").EnumerateArray());
        Assert.Equal("repository_url", error.GetProperty("field").GetString());
        Assert.Contains(why, error.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_DeletesAnApp_ByTypingItsName()
    {
        await demo.Host.AddAppAsync(demo.Olivia, "short-lived", "Short lived", "format_version: 11\n");
        var browser = await demo.Host.BrowseAsAsync("olivia@northwind.test");

        var mistyped = await browser.SubmitAsync("/apps/short-lived/settings", "/apps/short-lived/settings/delete", ("confirm", "short"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, mistyped.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await demo.Olivia.GetAsync("/api/apps/short-lived")).StatusCode);

        var deleted = await browser.SubmitAsync("/apps/short-lived/settings", "/apps/short-lived/settings/delete", ("confirm", "short-lived"));
        Assert.Equal(HttpStatusCode.Redirect, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await demo.Olivia.GetAsync("/api/apps/short-lived")).StatusCode);
    }

    [Fact]
    public async Task SettingsForm_ShowsWhatIsWrong_BesideTheField_AndKeepsWhatWasTyped()
    {
        var browser = await demo.Host.BrowseAsAsync("adam@northwind.test");

        var answer = await browser.SubmitAsync("/apps/northwind-ios/settings", "/apps/northwind-ios/settings", ("title", "Kept"), ("repository_url", "nowhere"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.PageAsync();
        Assert.Equal("Kept", page.QuerySelector("input[name=title]")!.GetAttribute("value"));
        var field = page.QuerySelector("input[name=repository_url]")!;
        Assert.Equal("true", field.GetAttribute("aria-invalid"));
        var described = page.GetElementById(field.GetAttribute("aria-describedby")!.Split(' ').Last())!;
        Assert.Contains("not an https or ssh address", described.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("piet@northwind.test")]
    [InlineData("tess@northwind.test")]
    public async Task SettingsPage_LeavesOut_WhatOneCannotChange(string who)
    {
        var browser = await demo.Host.BrowseAsAsync(who);

        var page = await browser.PageAsync("/apps/northwind-ios/settings");

        Assert.Null(page.QuerySelector("input[name=title]"));
        Assert.DoesNotContain(page.Forms, f => f.GetAttribute("action")?.StartsWith("/apps/northwind-ios/settings", StringComparison.Ordinal) == true);
        Assert.Contains("Only admins of this app can change its settings.", page.Text(), StringComparison.Ordinal);
    }

    private static StringContent Json(string body) => new(body, MediaTypeHeaderValue.Parse("application/json"));

    private async Task<System.Text.Json.JsonElement> Get(string app) => await (await demo.Adam.GetAsync($"/api/apps/{app}")).JsonAsync();

    private static async Task<IEnumerable<string>> Slugs(HttpClient client) =>
        (await (await client.GetAsync("/api/apps")).JsonAsync()).GetProperty("apps").EnumerateArray().Select(a => a.GetProperty("slug").GetString()!);
}
