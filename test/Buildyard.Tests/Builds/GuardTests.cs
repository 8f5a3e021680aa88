using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

public sealed class GuardTests
{
    private const string Leak = "echo \"value: ${API_TOKEN:-none}\" | sed 's/./&./g'";
    private const string Secret = "h.u.n.t.e.r.2.2.";
    private const string Caches = """
        format_version: "23"
        workflows:
          save:
            steps:
            - script@1:
                inputs:
                - content: echo "from $BITRISE_BUILD_NUMBER, $API_TOKEN" | sed 's/./&./g' > deps.txt
            - save-cache@1:
                inputs:
                - key: deps-v1
                - paths: deps.txt
          restore:
            steps:
            - restore-cache@1:
                inputs:
                - key: deps-v1
            - script@1:
                inputs:
                - content: cat deps.txt || echo nothing here

        """;

    [Fact]
    public async Task SupportsBuilds_AreMarked_AndGetNoSecrets_WhileTheCustomersDo()
    {
        await using var yard = await OpenAsync();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");

        var guarded = await yard.RunAsync(by: support);
        var own = await yard.RunAsync();

        Assert.Equal(("support", "Support · Sam Okafor"), (guarded.GetProperty("started_by_kind").GetString(), guarded.GetProperty("started_by").GetString()));
        Assert.Equal("Support · Sam Okafor started it.", guarded.GetProperty("guarded_because").GetString());
        var log = await yard.LogAsync(1);
        Assert.Contains("n.o.n.e.", log, StringComparison.Ordinal);
        Assert.Contains("Support · Sam Okafor started it.", log[..log.IndexOf("n.o.n.e.", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains(Secret, await yard.LogAsync(own.GetProperty("number").GetInt32()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RepeatingSupportsBuild_StaysGuarded_UntilTheCustomerAllowsIt()
    {
        await using var yard = await OpenAsync();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        await yard.RunAsync(by: support);

        (await yard.Owner.PostAsync($"{Yard.Path}/1/rebuild", null)).EnsureSuccessStatusCode();
        Assert.Equal("It repeats a build that support set up.", (await yard.OverAsync(2)).GetProperty("guarded_because").GetString());
        Assert.DoesNotContain(Secret, await yard.LogAsync(2), StringComparison.Ordinal);

        var allowed = await yard.Owner.PostAsJsonAsync($"{Yard.Path}/2/secrets", new { allow = "build" });
        var number = (await allowed.JsonAsync()).GetProperty("number").GetInt32();
        await yard.OverAsync(number);
        Assert.Contains(Secret, await yard.LogAsync(number), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllowedForTheSession_SupportsLaterBuildsHaveSecrets_AndThoseOfAnotherSessionDont()
    {
        await using var yard = await OpenAsync();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        await yard.RunAsync(by: support);
        Assert.Equal(HttpStatusCode.NotFound, (await support.PostAsJsonAsync($"{Yard.Path}/1/secrets", new { allow = "session" })).StatusCode);

        (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/1/secrets", new { allow = "session" })).EnsureSuccessStatusCode();
        var later = await yard.RunAsync(by: support);
        Assert.Contains(Secret, await yard.LogAsync(later.GetProperty("number").GetInt32()), StringComparison.Ordinal);

        var other = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test", agent: "sue@support.test");
        var others = await yard.RunAsync(by: other);
        Assert.DoesNotContain(Secret, await yard.LogAsync(others.GetProperty("number").GetInt32()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LentByName_SecretsAreThere_AndRefusedOnesStayAway()
    {
        await using var yard = await OpenAsync();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        await yard.RunAsync(by: support);
        (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/1/secrets", new { allow = "not" })).EnsureSuccessStatusCode();

        (await yard.Owner.PutAsJsonAsync($"/support-access/v1/apps/{Yard.App}/access", new { also = new[] { "build.secrets.use" } })).EnsureSuccessStatusCode();
        var lent = await yard.RunAsync(by: support);

        Assert.Contains(Secret, await yard.LogAsync(lent.GetProperty("number").GetInt32()), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, await yard.LogAsync(1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("taken back")]
    [InlineData("left")]
    public async Task WhatWasAllowedBeforehand_IsAskedWhenTheBuildStarts(string meanwhile)
    {
        await using var yard = await OpenAsync(atOnce: 1);
        await yard.SaveAsync(Yard.Yaml(Leak) + "  block:\n    steps:\n    - script@1:\n        inputs:\n        - content: echo started; sleep 60\n");
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        var access = $"/support-access/v1/apps/{Yard.App}/access";
        (await yard.Owner.PutAsJsonAsync(access, new { also = new[] { "build.secrets.use" } })).EnsureSuccessStatusCode();
        var blocks = await yard.StartAsync(new { workflow = "block" });
        await yard.SaysAsync(blocks, "started");
        var waits = await yard.StartAsync(new { workflow = "primary" }, support);

        if (meanwhile == "taken back") (await yard.Owner.PutAsJsonAsync(access, new { also = Array.Empty<string>() })).EnsureSuccessStatusCode();
        else await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/{blocks}/abort", new { })).EnsureSuccessStatusCode();

        Assert.Equal("Support · Sam Okafor started it.", (await yard.OverAsync(waits)).GetProperty("guarded_because").GetString());
        Assert.Contains("n.o.n.e.", await yard.LogAsync(waits), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsAllowed_IsTheTextThatWasShown_NotWhatSupportSavedSince()
    {
        await using var yard = await OpenAsync();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        await yard.SaveAsync(Yard.Yaml("echo harmless"), support);
        await yard.RunAsync(by: support);
        await yard.SaveAsync(Yard.Yaml(Leak), support);

        var allowed = await (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/1/secrets", new { allow = "build" })).JsonAsync();

        var build = await yard.OverAsync(allowed.GetProperty("number").GetInt32());
        Assert.Equal((await yard.ReadAsync(1)).GetProperty("yaml_version").GetInt32(), build.GetProperty("yaml_version").GetInt32());
        var log = await yard.LogAsync(build.GetProperty("number").GetInt32());
        Assert.Contains("harmless", log, StringComparison.Ordinal);
        Assert.DoesNotContain("value:", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhereSupportChangedWhatABuildIsGiven_NothingIsAllowed_AndItIsSaidWhat()
    {
        await using var yard = await OpenAsync();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        await yard.RunAsync(by: support);
        (await support.PutAsJsonAsync($"/api/apps/{Yard.App}/secrets/BASH_ENV", new { value = "/tmp/x" })).EnsureSuccessStatusCode();

        var refused = await yard.Owner.PostAsJsonAsync($"{Yard.Path}/1/secrets", new { allow = "build" });

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("support changed a secret", (await refused.JsonAsync()).GetProperty("title").GetString(), StringComparison.Ordinal);
        (await yard.Owner.PostAsync($"{Yard.Path}/1/rebuild", null)).EnsureSuccessStatusCode();
        await yard.OverAsync(2);
        (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/2/secrets", new { allow = "build" })).EnsureSuccessStatusCode();
        await yard.OverAsync(3);
        Assert.Contains(Secret, await yard.LogAsync(3), StringComparison.Ordinal);
    }

    /// <summary>Whoever is asked is told all that support had a hand in, and sees what the build was started with, by the API as on the page.</summary>
    [Fact]
    public async Task WhoeverMayAllow_IsToldWhatElseSupportChanged_AndWithWhatItWasStarted()
    {
        await using var yard = await OpenAsync();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        (await support.PutAsJsonAsync($"/api/apps/{Yard.App}/secrets/UPLOAD_URL", new { value = "https://evil.test" })).EnsureSuccessStatusCode();
        (await support.PatchAsJsonAsync($"/api/apps/{Yard.App}", new { title = "Theirs" })).EnsureSuccessStatusCode();

        var build = await yard.RunAsync(new { env = new[] { new { name = "BASH_ENV", value = "/tmp/x" } } }, support);

        Assert.Equal("Support · Sam Okafor started it. Support changed a secret and the title. Keep or undo that on the support activity page.", build.GetProperty("guarded_because").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await (await support.GetAsync($"{Yard.Path}/1")).JsonAsync()).GetProperty("env").ValueKind);
        var seen = Assert.Single((await yard.ReadAsync(1)).GetProperty("env").EnumerateArray());
        Assert.Equal(("BASH_ENV", "/tmp/x"), (seen.GetProperty("name").GetString(), seen.GetProperty("value").GetString()));
    }

    /// <summary>A build takes what its guard looked at, also where the customer goes back from support's text at the same moment.</summary>
    [Fact]
    public async Task StartedWhileSupportsTextIsUndone_ItRunsOneOfThem_AndSupportsGuarded()
    {
        await using var yard = await Yard.OpenAsync(atOnce: 0);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        const string Changes = $"/support-access/v1/apps/{Yard.App}/changes";
        var own = (await yard.ReadAsync(await yard.StartAsync())).GetProperty("yaml_version").GetInt32();
        for (var i = 2; i <= 13; i++)
        {
            await yard.SaveAsync(Yard.Yaml($"env # {i}"), support);
            var change = (await (await yard.Owner.GetAsync(Changes)).JsonAsync()).GetProperty("items")[0].GetProperty("activity").GetProperty("id").GetString();

            await Task.WhenAll(yard.Owner.PostAsync($"{Changes}/{change}/undo", null), yard.Owner.PostAsJsonAsync(Yard.Path, new { workflow = "primary" }));

            var build = await yard.ReadAsync(i);
            var isSupports = (build.GetProperty("yaml_version").GetInt32() - own) % 2 == 1;
            Assert.True(!isSupports || build.GetProperty("guarded_because").GetString() is not null, $"{build}");
        }
    }

    /// <summary>What is allowed and what support sets at that moment: one of them comes first, and the other one knows.</summary>
    [Fact]
    public async Task AllowedWhileSupportSetsASecret_ItRunsWithoutThatOne_OrWithoutAny()
    {
        await using var yard = await OpenAsync();
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        for (var i = 0; i < 8; i++)
        {
            var seen = (await yard.RunAsync(by: support)).GetProperty("number").GetInt32();
            var allowing = yard.Owner.PostAsJsonAsync($"{Yard.Path}/{seen}/secrets", new { allow = "build" });
            await Task.WhenAll(allowing, support.PutAsJsonAsync($"/api/apps/{Yard.App}/secrets/BASH_ENV", new { value = "$(echo RUN evil >&2)" }));

            using var answer = await allowing;
            if (answer.IsSuccessStatusCode)
            {
                var again = (await answer.JsonAsync()).GetProperty("number").GetInt32();
                await yard.OverAsync(again);
                var log = await yard.LogAsync(again);
                Assert.False(log.Contains("RUN evil", StringComparison.Ordinal) && log.Contains(Secret, StringComparison.Ordinal), log);
            }
            (await yard.Owner.DeleteAsync($"/api/apps/{Yard.App}/secrets/BASH_ENV")).EnsureSuccessStatusCode();
        }
    }

    /// <summary>N5: what a member starts a build with is theirs to tell: no guarded build prints it, whoever repeats it.</summary>
    [Fact]
    public async Task TheVariablesOfAMembersBuild_AreGivenToNoGuardedOne_UntilItIsAllowed()
    {
        await using var yard = await Yard.OpenAsync("echo hello");
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        await yard.RunAsync(new { workflow = "primary", env = new[] { new { name = "RELEASE", value = "planted" } } });
        await yard.SaveAsync(Yard.Yaml("echo \"got ${RELEASE:-nothing}\""), support);

        (await support.PostAsync($"{Yard.Path}/1/rebuild", null)).EnsureSuccessStatusCode();
        await yard.OverAsync(2);
        Assert.Contains("got nothing", await yard.LogAsync(2), StringComparison.Ordinal);
        Assert.Contains("The variables that it was started with are kept back too.", await yard.LogAsync(2), StringComparison.Ordinal);

        await yard.RunAsync(new { workflow = "primary", env = new[] { new { name = "RELEASE", value = "planted" } } });
        Assert.Contains("got nothing", await yard.LogAsync(3), StringComparison.Ordinal);

        (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/2/secrets", new { allow = "build" })).EnsureSuccessStatusCode();
        await yard.OverAsync(4);
        Assert.Contains("got planted", await yard.LogAsync(4), StringComparison.Ordinal);
        // What support gives itself it has.
        await yard.RunAsync(new { workflow = "primary", env = new[] { new { name = "RELEASE", value = "theirs" } } }, support);
        Assert.Contains("got theirs", await yard.LogAsync(5), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABuildWhoseCommitIsNotKnown_IsNotAllowedYet()
    {
        await using var host = await BuildyardHost.StartAsync();
        var support = await host.CallAsSupportAsync("northwind-ios");
        var adam = await host.CallAsAsync("adam@northwind.test");
        (await support.PostAsJsonAsync("/api/apps/northwind-ios/builds", new { workflow = "primary" })).EnsureSuccessStatusCode();

        var refused = await adam.PostAsJsonAsync("/api/apps/northwind-ios/builds/1/secrets", new { allow = "build" });

        Assert.Equal((HttpStatusCode.Conflict, "commit_unknown"), (refused.StatusCode, (await refused.JsonAsync()).GetProperty("type").GetString()));
        (await adam.PostAsJsonAsync("/api/apps/northwind-ios/builds/1/secrets", new { allow = "not" })).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task WhatAnAllowedBuildOfSupportsCached_IsRestoredIntoNoOther_AndIsListed()
    {
        await using var yard = await Yard.OpenAsync();
        await yard.SaveAsync(Caches);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        (await yard.Owner.PutAsJsonAsync($"/support-access/v1/apps/{Yard.App}/access", new { also = new[] { "build.secrets.use" } })).EnsureSuccessStatusCode();
        var saved = await yard.RunAsync(new { workflow = "save" }, support);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, saved.GetProperty("guarded_because").ValueKind);
        // Neither into one of support's that has secrets, nor into one that was allowed them.
        var allowed = await yard.RunAsync(new { workflow = "restore" }, support);
        Assert.Contains("nothing here", await yard.LogAsync(allowed.GetProperty("number").GetInt32()), StringComparison.Ordinal);
        (await yard.Owner.DeleteAsync($"/support-access/v1/apps/{Yard.App}/access")).EnsureSuccessStatusCode();

        var restored = await yard.RunAsync(new { workflow = "restore" });

        Assert.Contains("nothing here", await yard.LogAsync(restored.GetProperty("number").GetInt32()), StringComparison.Ordinal);
        var listed = Assert.Single((await (await yard.Owner.GetAsync($"/api/apps/{Yard.App}/caches")).JsonAsync()).GetProperty("caches").EnumerateArray());
        Assert.Equal(("allowed", saved.GetProperty("number").GetInt32()), (listed.GetProperty("scope").GetString(), listed.GetProperty("build_number").GetInt32()));
    }

    /// <summary>N5: a customer's own step caches what it was given, as a package manager's login; that was lent to nobody.</summary>
    [Fact]
    public async Task WhatABuildWithSecretsCached_IsRestoredIntoNoneWithout_AndDownloadedByNoAgent()
    {
        await using var yard = await OpenAsync();
        await yard.SaveAsync(Caches);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        await yard.RunAsync(new { workflow = "save" });
        await yard.RunAsync(new { workflow = "restore" }, support);
        Assert.Contains("nothing here", await yard.LogAsync(2), StringComparison.Ordinal);

        // Nor what one of support's own left that was allowed them; the allowed one has the customer's.
        await yard.RunAsync(new { workflow = "save" }, support);
        foreach (var build in (int[])[3, 2]) (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/{build}/secrets", new { allow = "build" })).EnsureSuccessStatusCode();
        await yard.OverAsync(5);
        await yard.RunAsync(new { workflow = "restore" }, support);

        Assert.Contains($"f.r.o.m. .1.,. .{Secret}", await yard.LogAsync(5), StringComparison.Ordinal);
        var log = await yard.LogAsync(6);
        Assert.Contains("f.r.o.m. .3.,. .", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log, StringComparison.Ordinal);
        foreach (var cache in (await (await support.GetAsync($"/api/apps/{Yard.App}/caches")).JsonAsync()).GetProperty("caches").EnumerateArray())
            Assert.Equal(HttpStatusCode.NotFound, (await support.GetAsync($"/api/apps/{Yard.App}/caches/{cache.GetProperty("scope").GetString()}/{cache.GetProperty("id").GetString()}")).StatusCode);
    }

    [Fact]
    public async Task WhatIsAllowedAfterItWasUndone_KeepsItsCachesApart()
    {
        await using var yard = await OpenAsync();
        await yard.SaveAsync(Caches);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        await yard.SaveAsync(Caches.Replace("from", "evil", StringComparison.Ordinal), support);
        await yard.RunAsync(new { workflow = "save" });
        var changes = $"/support-access/v1/apps/{Yard.App}/changes";
        var change = (await (await yard.Owner.GetAsync(changes)).JsonAsync()).GetProperty("items")[0].GetProperty("activity").GetProperty("id").GetString();
        (await yard.Owner.PostAsync($"{changes}/{change}/undo", null)).EnsureSuccessStatusCode();

        (await yard.Owner.PostAsJsonAsync($"{Yard.Path}/1/secrets", new { allow = "build" })).EnsureSuccessStatusCode();
        await yard.OverAsync(2);
        await yard.RunAsync(new { workflow = "restore" });

        Assert.Contains("nothing here", await yard.LogAsync(3), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhenSupportAccessEnds_ItsBuildsAreAborted_AndTheCustomersGoOn()
    {
        await using var yard = await Yard.OpenAsync("echo started; sleep 60", atOnce: 3);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        var (theirs, own, waiting) = (await yard.StartAsync(by: support), await yard.StartAsync(), await yard.StartAsync(by: support));
        await yard.SaysAsync(theirs, "started");
        await yard.SaysAsync(own, "started");

        (await yard.Owner.DeleteAsync($"/support-access/v1/apps/{Yard.App}/access")).EnsureSuccessStatusCode();

        foreach (var number in (int[])[theirs, waiting])
            Assert.Equal(("aborted", "Support access to this app has ended."), ((await yard.OverAsync(number)).GetProperty("status").GetString(), (await yard.ReadAsync(number)).GetProperty("reason").GetString()));
        Assert.Equal("running", await Yard.UntilAsync(() => yard.StatusAsync(own), status => status != "starting"));
    }

    private static async Task<Yard> OpenAsync(int atOnce = 2)
    {
        var yard = await Yard.OpenAsync(Leak, atOnce);
        (await yard.Owner.PutAsJsonAsync($"/api/apps/{Yard.App}/secrets/API_TOKEN", new { value = "hunter22" })).EnsureSuccessStatusCode();
        return yard;
    }
}
