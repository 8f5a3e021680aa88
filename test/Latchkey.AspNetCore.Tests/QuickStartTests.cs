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
}
