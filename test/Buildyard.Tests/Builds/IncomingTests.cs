using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

public sealed class IncomingTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Settings = $"/api/apps/{Yard.App}/build-settings";

    private const string Triggered = """
        format_version: "23"
        trigger_map:
        - push_branch: main
          workflow: primary
        - pull_request_source_branch: "*"
          workflow: check
        - tag: "v*"
          workflow: release
        workflows:
          primary: {}
          check: {}
          release: {}
        """;

    [Fact]
    public async Task Push_StartsWhatTheTriggersName_Once()
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);

        var first = await SendAsync(yard, hook, "push", Push("main"), delivery: "a-1");
        var again = await SendAsync(yard, hook, "push", Push("main"), delivery: "a-1");
        var tag = await SendAsync(yard, hook, "push", Push(null, tag: "v1.2"));

        Assert.Equal("Started build #1.", (await first.JsonAsync()).GetProperty("message").GetString());
        Assert.Empty((await again.JsonAsync()).GetProperty("builds").EnumerateArray());
        Assert.Equal([2], (await tag.JsonAsync()).GetProperty("builds").EnumerateArray().Select(b => b.GetInt32()));
        var build = await yard.ReadAsync(1);
        Assert.Equal(("primary", "main", Commit, "push", "octocat", "webhook"),
            (Text(build, "workflow"), Text(build, "branch"), Text(build, "commit"), Text(build, "trigger"), Text(build, "started_by"), Text(build, "started_by_kind")));
        Assert.Equal(("release", "v1.2"), (Text(await yard.ReadAsync(2), "workflow"), Text(await yard.ReadAsync(2), "tag")));
    }

    [Fact]
    public async Task WhatIsNoReasonToBuild_IsSaidInWords()
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);

        foreach (var (kind, payload) in ((string, object)[])[
            ("ping", new { zen = "Keep it logically awesome." }),
            ("push", Push("other")),
            ("push", Push("main", message: "Fix typo [skip ci]")),
            ("push", Push("main", message: "[CI SKIP] docs")),
            ("push", new { @ref = "refs/heads/main", deleted = true, after = new string('0', 40) }),
            ("push", new { @ref = "refs/notes/x", after = Commit }),
            ("pull_request", PullRequest("closed")),
            ("issues", new { action = "opened" })])
        {
            var answer = await SendAsync(yard, hook, kind, payload);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var said = await answer.JsonAsync();
            Assert.Empty(said.GetProperty("builds").EnumerateArray());
            Assert.NotEqual("", said.GetProperty("message").GetString());
        }
        foreach (var broken in (string[])["", "[]", "{", "{\"ref\":1}", "{\"ref\":\"refs/heads/main\",\"after\":\"$(rm -rf /)\"}", "{\"ref\":\"refs/heads/main\"}"])
        {
            using var answer = await yard.Host.Call().PostAsync(hook, Content("push", Encoding.UTF8.GetBytes(broken)));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
        Assert.Empty((await (await yard.Owner.GetAsync(Yard.Path)).JsonAsync()).GetProperty("builds").EnumerateArray());
    }

    [Fact]
    public async Task WhatTakesTooMuchToCompare_StartsNothing_IsListed_AndMayComeAgain()
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);
        var yml = await yard.Owner.GetStringAsync($"/api/apps/{Yard.App}/bitrise-yml");
        await SaveAsync("format_version: \"23\"\nworkflows:\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"  w{i}: {{triggers: {{push: [{{changed_files: \"*x{i}\"}}]}}}}\n")));
        var push = new { @ref = "refs/heads/main", after = Commit, head_commit = new { id = Commit, message = "All" }, commits = new[] { new { message = "All", added = Enumerable.Range(0, 3_000).Select(i => $"src/{i}.cs") } } };

        var refused = await SendAsync(yard, hook, "push", push, delivery: "a-1");
        var listed = (await (await yard.Owner.GetAsync($"/api/apps/{Yard.App}/incoming-webhook")).JsonAsync()).GetProperty("deliveries")[0];
        await SaveAsync(yml);
        var again = await SendAsync(yard, hook, "push", push, delivery: "a-1");

        const string said = "Nothing was started. It takes more than 1,000,000 comparisons of a pattern with a text.";
        Assert.Equal((HttpStatusCode.UnprocessableEntity, said), (refused.StatusCode, Text(await refused.JsonAsync(), "title")));
        Assert.Equal(said, Text(listed, "outcome"));
        Assert.Equal("Started build #1.", Text(await again.JsonAsync(), "message"));

        async Task SaveAsync(string text)
        {
            using var body = new StringContent(text, Encoding.UTF8, "application/yaml");
            (await yard.Owner.PutAsync($"/api/apps/{Yard.App}/bitrise-yml", body)).EnsureSuccessStatusCode();
        }
    }

    [Fact]
    public async Task WithASecret_OnlySignedReportsCount()
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);
        (await yard.Owner.PutAsJsonAsync($"/api/apps/{Yard.App}/incoming-webhook/secret", new { secret = "It's a Secret to Everybody" })).EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(yard, hook, "push", Push("main"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(yard, hook, "push", Push("main"), secret: "another")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(yard, hook, "push", Push("main"), secret: "It's a Secret to Everybody")).StatusCode);
        Assert.Single((await (await yard.Owner.GetAsync(Yard.Path)).JsonAsync()).GetProperty("builds").EnumerateArray());
    }

    [Fact]
    public async Task Forms_AreTakenToo_SignedAsTheyCame()
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);
        (await yard.Owner.PutAsJsonAsync($"/api/apps/{Yard.App}/incoming-webhook/secret", new { secret = "shared" })).EnsureSuccessStatusCode();
        var json = JsonSerializer.Serialize(Push("main", message: "Tea & cake + 100 % =?\n\"ü\""));
        var form = Encoding.UTF8.GetBytes($"payload={Uri.EscapeDataString(json).Replace("%20", "+", StringComparison.Ordinal)}");

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendFormAsync(form, null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendFormAsync(form, Encoding.UTF8.GetBytes(json))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendFormAsync(form, form)).StatusCode);
        Assert.Equal("Tea & cake + 100 % =?\n\"ü\"", Text(await yard.ReadAsync(1), "message"));
        foreach (var broken in (string[])["", "payload", "payload=", "payload=%7B", "other={}", "payload=%FF%FE", "&&&=", string.Join('&', Enumerable.Repeat("a=b", 2000))])
        {
            var body = Encoding.UTF8.GetBytes(broken);
            Assert.Equal(HttpStatusCode.BadRequest, (await SendFormAsync(body, body)).StatusCode);
        }

        async Task<HttpResponseMessage> SendFormAsync(byte[] body, byte[]? signed)
        {
            var content = Content("push", body);
            content.Headers.Remove("Content-Type");
            content.Headers.Add("Content-Type", "application/x-www-form-urlencoded");
            if (signed is not null) content.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData("shared"u8, signed)));
            return await yard.Host.Call().PostAsync(hook, content);
        }
    }

    [Fact]
    public async Task RotatedTokens_WorkNoMore_AndSupportNeverReadsOne()
    {
        await using var yard = await OpenAsync();
        var first = await RegisterAsync(yard);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");

        var rotated = await support.PostAsync($"/api/apps/{Yard.App}/incoming-webhook/rotate", null);

        var token = first.Split('/')[^1];
        Assert.Equal(JsonValueKind.Null, (await rotated.JsonAsync()).GetProperty("url").ValueKind);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(yard, first, "push", Push("main"))).StatusCode);
        var second = Text(await (await yard.Owner.GetAsync($"/api/apps/{Yard.App}/incoming-webhook")).JsonAsync(), "url")!;
        Assert.NotEqual(token, second.Split('/')[^1]);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(yard, new Uri(second).AbsolutePath, "push", Push("main"))).StatusCode);
        Assert.DoesNotContain(second.Split('/')[^1], await (await support.GetAsync($"/api/apps/{Yard.App}/incoming-webhook")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(yard, second.Replace($"/{Yard.App}/", "/northwind-ios/", StringComparison.Ordinal), "push", Push("main"))).StatusCode);
    }

    [Fact]
    public async Task ForksPullRequests_WaitForApproval_WhereThatIsOn_AndSupportsApprovalGivesNoSecrets()
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);
        (await yard.Owner.PatchAsJsonAsync($"{Settings}/approval", new { forks = true })).EnsureSuccessStatusCode();

        await SendAsync(yard, hook, "pull_request", PullRequest("opened"));
        await SendAsync(yard, hook, "pull_request", PullRequest("opened", fork: true));
        await SendAsync(yard, hook, "pull_request", PullRequest("synchronize", fork: true));

        Assert.False((await yard.ReadAsync(1)).GetProperty("waits_for_approval").GetBoolean());
        Assert.True((await yard.ReadAsync(2)).GetProperty("waits_for_approval").GetBoolean());
        Assert.Equal(HttpStatusCode.Conflict, (await yard.Owner.PostAsync($"{Yard.Path}/1/approve", null)).StatusCode);
        Assert.Null(Text(await (await yard.Owner.PostAsync($"{Yard.Path}/2/approve", null)).JsonAsync(), "guarded_because"));
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        Assert.Equal("Support · Sam Okafor approved it.", Text(await (await support.PostAsync($"{Yard.Path}/3/approve", null)).JsonAsync(), "guarded_because"));
        Assert.Equal("It repeats a build that support set up.", Text(await (await yard.Owner.PostAsync($"{Yard.Path}/3/rebuild", null)).JsonAsync(), "guarded_because"));
    }

    /// <summary>N5: what a stranger's pull request leaves is found by no build of the customer's, and finds nothing that one left.</summary>
    [Fact]
    public async Task ForksBuilds_CacheApart()
    {
        await using var yard = await Yard.OpenAsync();
        await yard.SaveAsync("""
            format_version: "23"
            trigger_map:
            - pull_request_source_branch: "*"
              workflow: check
            workflows:
              check:
                steps:
                - restore-cache@1:
                    inputs:
                    - key: deps
                - script@1:
                    inputs:
                    - content: cat deps.txt || echo nothing here; echo "from $BITRISE_BUILD_NUMBER" > deps.txt
                - save-cache@1:
                    inputs:
                    - key: deps
                    - paths: deps.txt
            """);
        var hook = await RegisterAsync(yard);
        async Task<string> ForkAsync(int number)
        {
            await SendAsync(yard, hook, "pull_request", PullRequest(number == 2 ? "opened" : "synchronize", fork: true));
            await yard.OverAsync(number);
            return await yard.LogAsync(number);
        }

        await yard.RunAsync(new { workflow = "check" });
        Assert.Contains("nothing here", await ForkAsync(2), StringComparison.Ordinal);
        Assert.Contains("from 2", await ForkAsync(3), StringComparison.Ordinal);
        await yard.RunAsync(new { workflow = "check" });

        Assert.Contains("from 1", await yard.LogAsync(4), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keep", null)]
    [InlineData("undo", null)]
    [InlineData(null, "Support changed who has to approve it. Keep or undo that on the support activity page.")]
    public async Task ForksBuilds_AreGuarded_WhileSupportHasSwitchedTheirApprovalOff(string? decision, string? because)
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);
        (await yard.Owner.PatchAsJsonAsync($"{Settings}/approval", new { forks = true })).EnsureSuccessStatusCode();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        (await support.PatchAsJsonAsync($"{Settings}/approval", new { forks = false })).EnsureSuccessStatusCode();
        if (decision is not null)
        {
            var left = await (await yard.Owner.GetAsync($"/support-access/v1/apps/{Yard.App}/changes")).JsonAsync();
            var act = Text(Assert.Single(left.GetProperty("items").EnumerateArray()).GetProperty("activity"), "id");
            (await yard.Owner.PostAsync($"/support-access/v1/apps/{Yard.App}/changes/{act}/{decision}", null)).EnsureSuccessStatusCode();
        }

        await SendAsync(yard, hook, "pull_request", PullRequest("opened", fork: true));
        await SendAsync(yard, hook, "pull_request", PullRequest("opened"));

        var build = await yard.ReadAsync(1);
        Assert.Equal((because, decision == "undo"), (Text(build, "guarded_because"), build.GetProperty("waits_for_approval").GetBoolean()));
        Assert.Null(Text(await yard.ReadAsync(2), "guarded_because"));
        if (decision is not null) return;
        // That it was let in is support's doing for good, though the switch is back.
        var change = Text((await (await yard.Owner.GetAsync($"/support-access/v1/apps/{Yard.App}/changes")).JsonAsync()).GetProperty("items")[0].GetProperty("activity"), "id");
        (await yard.Owner.PostAsync($"/support-access/v1/apps/{Yard.App}/changes/{change}/undo", null)).EnsureSuccessStatusCode();
        Assert.NotNull(Text(await (await yard.Owner.PostAsync($"{Yard.Path}/1/rebuild", null)).JsonAsync(), "guarded_because"));
    }

    [Fact]
    public async Task RollingBuilds_TakeThePlaceOfEarlierOnes_OfTheirKindAlone()
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);
        await SendAsync(yard, hook, "push", Push("main"));
        await SendAsync(yard, hook, "push", Push("main"));
        Assert.Equal("on_hold", await yard.StatusAsync(1));

        (await yard.Owner.PatchAsJsonAsync($"{Settings}/rolling", new { pushes = true })).EnsureSuccessStatusCode();
        await SendAsync(yard, hook, "pull_request", PullRequest("opened"));
        await SendAsync(yard, hook, "pull_request", PullRequest("synchronize"));
        await yard.StartAsync(new { workflow = "primary" });
        await SendAsync(yard, hook, "push", Push("main"));

        Assert.Equal(["aborted", "aborted", "on_hold", "on_hold", "on_hold", "on_hold"], await Task.WhenAll(Enumerable.Range(1, 6).Select(yard.StatusAsync)));
        Assert.Equal("Build #6 of the same branch took its place.", Text(await yard.ReadAsync(2), "reason"));
    }

    [Fact]
    public async Task SelectiveBuilds_NeedAChangedFileThatFits()
    {
        await using var yard = await OpenAsync();
        var hook = await RegisterAsync(yard);
        (await yard.Owner.PatchAsJsonAsync($"{Settings}/selective", new { paths = new[] { "src/**", "*.lock" } })).EnsureSuccessStatusCode();

        async Task<int> Started(params string[] files) => (await (await SendAsync(yard, hook, "push", Push("main", files: files))).JsonAsync()).GetProperty("builds").GetArrayLength();

        Assert.Equal(0, await Started("docs/readme.md", "notes/src/x"));
        Assert.Equal(1, await Started("docs/readme.md", "src/a/b.cs"));
        Assert.Equal(1, await Started("Podfile.lock"));
        Assert.Equal(0, await Started("ios/Podfile.lock"));
        // What changed is not known: better once too often.
        Assert.Equal(1, await Started());
    }

    [Theory]
    [InlineData("approval", """{"forks":"yes"}""", "forks")]
    [InlineData("rolling", """{"push":true}""", "push")]
    [InlineData("selective", """{"paths":["../x"]}""", "paths")]
    [InlineData("selective", """{"paths":["/etc"]}""", "paths")]
    [InlineData("checks", """{"enabled":true}""", "token")]
    [InlineData("checks", """{"api_url":"http://api.github.com"}""", "api_url")]
    [InlineData("checks", """{"api_url":"https://127.0.0.1"}""", "api_url")]
    [InlineData("checks", """{"api_url":"https://user:pw@host"}""", "api_url")]
    [InlineData("checks", """{"token":"two words"}""", "token")]
    public async Task SettingsThatCantBeTaken_AreNamed(string section, string body, string field)
    {
        await using var yard = await OpenAsync();
        var before = await yard.Owner.GetStringAsync(Settings);

        var refused = await yard.Owner.PatchAsync($"{Settings}/{section}", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.True((int)refused.StatusCode is 400 or 422, $"{refused.StatusCode}");
        Assert.Equal(field, (await refused.JsonAsync()).GetProperty("errors")[0].GetProperty("field").GetString());
        Assert.Equal(before, await yard.Owner.GetStringAsync(Settings));
    }

    private static async Task<Yard> OpenAsync()
    {
        var yard = await Yard.OpenAsync(atOnce: 0);
        await yard.SaveAsync(Triggered);
        return yard;
    }

    private static async Task<string> RegisterAsync(Yard yard)
    {
        var answer = await yard.Owner.PostAsync($"/api/apps/{Yard.App}/incoming-webhook/rotate", null);
        return new Uri(Text(await answer.JsonAsync(), "url")!).AbsolutePath;
    }

    private static object Push(string? branch, string? tag = null, string message = "Change it", string[]? files = null) => new
    {
        @ref = tag is null ? $"refs/heads/{branch}" : $"refs/tags/{tag}",
        after = Commit,
        deleted = false,
        head_commit = new { id = Commit, message },
        commits = files is null or [] ? [] : new[] { new { id = Commit, message, added = Array.Empty<string>(), modified = files, removed = Array.Empty<string>() } },
        sender = new { login = "octocat" },
    };

    private static object PullRequest(string action, bool fork = false) => new
    {
        action,
        number = 7,
        pull_request = new
        {
            number = 7,
            title = "Add a thing",
            draft = false,
            head = new { @ref = "thing", sha = Commit, repo = new { full_name = fork ? "stranger/app" : "northwind/app", clone_url = fork ? "https://git.example.com/stranger/app.git" : "https://git.example.com/northwind/app.git" } },
            @base = new { @ref = "main", repo = new { full_name = "northwind/app" } },
        },
        sender = new { login = "stranger" },
    };

    private static async Task<HttpResponseMessage> SendAsync(Yard yard, string hook, string kind, object payload, string? delivery = null, string? secret = null)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(payload);
        var content = Content(kind, body);
        if (delivery is not null) content.Headers.Add("X-GitHub-Delivery", delivery);
        if (secret is not null) content.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));
        return await yard.Host.Call().PostAsync(hook, content);
    }

    private static ByteArrayContent Content(string kind, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.Add("Content-Type", "application/json");
        content.Headers.Add("X-GitHub-Event", kind);
        return content;
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
