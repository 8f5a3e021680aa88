using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

public sealed class GuardTests
{
    private const string Leak = "echo \"value: ${API_TOKEN:-none}\" | sed 's/./&./g'";
    private const string Secret = "h.u.n.t.e.r.2.2.";

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

    [Fact]
    public async Task WhenSupportAccessEnds_ItsBuildsAreAborted_AndTheCustomersGoOn()
    {
        await using var yard = await Yard.OpenAsync("echo started; sleep 60", atOnce: 2);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");
        var (theirs, own, waiting) = (await yard.StartAsync(by: support), await yard.StartAsync(), await yard.StartAsync(by: support));
        await yard.SaysAsync(theirs, "started");
        await yard.SaysAsync(own, "started");

        (await yard.Owner.DeleteAsync($"/support-access/v1/apps/{Yard.App}/access")).EnsureSuccessStatusCode();

        foreach (var number in (int[])[theirs, waiting])
            Assert.Equal(("aborted", "Support access to this app has ended."), ((await yard.OverAsync(number)).GetProperty("status").GetString(), (await yard.ReadAsync(number)).GetProperty("reason").GetString()));
        Assert.Equal("running", await Yard.UntilAsync(() => yard.StatusAsync(own), status => status != "starting"));
    }

    private static async Task<Yard> OpenAsync()
    {
        var yard = await Yard.OpenAsync(Leak);
        (await yard.Owner.PutAsJsonAsync($"/api/apps/{Yard.App}/secrets/API_TOKEN", new { value = "hunter22" })).EnsureSuccessStatusCode();
        return yard;
    }
}
