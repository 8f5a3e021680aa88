using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;

namespace Latchkey.AspNetCore.Tests;

public sealed class QuickStartTests
{
    [Fact]
    [Trait("capability", "D1")]
    public void The_quick_start_in_the_docs_is_the_one_that_is_compiled()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Latchkey.slnx")))
        {
            root = root.Parent!;
        }

        var page = File.ReadAllText(Path.Combine(root.FullName, "docs", "quick-start.md"));
        var snippet = page.Split("<!-- quick-start -->\n```csharp\n")[1].Split("```")[0];
        Assert.Equal(File.ReadAllText(Path.Combine(root.FullName, "test", "Latchkey.AspNetCore.Tests", "QuickStart.cs")), snippet);
    }

    [Fact]
    [Trait("capability", "D1")]
    public async Task The_quick_start_lends_one_project_and_nothing_else()
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-quick-start-");
        try
        {
            await using var app = AcmeApp.Create(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"], directory.FullName);
            await app.StartAsync();
            using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First()) };
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/projects/rocket")).StatusCode);

            var access = app.Services.GetRequiredService<SupportAccess>();
            var rocket = app.Services.GetRequiredService<Projects>().Find("rocket")!;
            var wile = new Lender(new PersonId("wile"), "Wile E. Coyote", MayTurn: true, IsAgent: false, PromotedBySupport: false, ImmutableArray<PersonId>.Empty);
            await access.TurnOnAsync(rocket.Ref, wile, new Terms());
            var entered = await access.EnterAsync(rocket.Id, new AgentRef(new AgentId("sam"), "Sam Okafor", "sign-in"), "Rocket turns back", ticket: null);
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", entered.Value!.Token);

            Assert.Equal(HttpStatusCode.OK, (await http.PutAsync("/projects/rocket/title/Rocket%202", content: null)).StatusCode);
            Assert.Equal("Rocket 2", await http.GetStringAsync("/projects/rocket"));
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/billing")).StatusCode);
            var change = Assert.Single(await access.History.ReadActsAsync(new ActQuery(rocket.Id, ChangesOnly: true), CancellationToken.None));
            Assert.Equal(new ChangeRecord("title", "Rocket", "Rocket 2", Secret: false), Assert.Single(change.Changes));

            await access.TurnOffAsync(rocket.Ref, wile);
            Assert.Equal(HttpStatusCode.Gone, (await http.GetAsync("/projects/rocket")).StatusCode);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [Trait("capability", "D1")]
    [InlineData("wile", "project.read project.title.update billing.read support_access.read support_access.manage", true, true)]
    [InlineData("ada", "project.read project.title.update support_access.read support_access.manage", true, false)]
    [InlineData("dev", "project.read support_access.read", false, false)]
    [InlineData("stranger", "", false, false)]
    public async Task The_quick_start_gives_a_member_what_their_role_has_and_nothing_else(string person, string permissions, bool lendsTheProject, bool lendsTheAccount)
    {
        var (projects, none) = (new Projects(), CancellationToken.None);
        var host = new AcmeHost(projects);
        var rocket = projects.Find("rocket")!;
        var member = new Member(new PersonId(person), rocket.Account, "Somebody", VerifiedEmail: null);
        var elsewhere = member with { Account = new AccountId("road-runner") };

        var allowed = new List<string>();
        foreach (var permission in (string[])["project.read", "project.title.update", "billing.read", "support_access.read", "support_access.manage", "project.delete"])
        {
            var app = permission == "billing.read" ? null : rocket;
            if (await host.AllowsAsync(member, app, permission, none)) allowed.Add(permission);
            Assert.False(await host.AllowsAsync(elsewhere, app, permission, none));
        }

        Assert.Equal(permissions, string.Join(' ', allowed));
        Assert.Equal(lendsTheProject, (await host.GetRightsAsync(member, rocket, none)).MayTurn);
        Assert.Equal(lendsTheAccount, (await host.GetAccountRightsAsync(member, none)).MayTurn);
        Assert.Equal(lendsTheProject, (await host.GetAccountAsync(member, none)).Apps.Count == 1);
        Assert.False((await host.GetRightsAsync(elsewhere, rocket, none)).MayTurn);
        Assert.False((await host.GetAccountRightsAsync(elsewhere, none)).MayTurn);
        Assert.Null(await host.FindAppAsync(elsewhere, "rocket", none));
        Assert.Equal(permissions.Length > 0, await host.FindAppAsync(member, "rocket", none) is not null);
    }
}
