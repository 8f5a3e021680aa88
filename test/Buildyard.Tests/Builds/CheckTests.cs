using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Buildyard.Builds;

/// <summary>Checks against a small server that speaks GitHub's check-runs API.</summary>
public sealed class CheckTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Repository = "https://git.example.com/northwind/app.git";

    [Fact]
    public async Task Build_IsPosted_RequestForRequest()
    {
        await using var github = await GitHub.StartAsync();
        await using var yard = await OpenAsync(github);

        await yard.StartAsync(new { commit = Commit });
        await yard.Owner.PostAsJsonAsync($"{Yard.Path}/1/abort", new { reason = "Enough" });
        var seen = await Yard.UntilAsync(() => Task.FromResult(github.Seen.ToArray()), s => s.Length >= 2 || s.Any(r => Text(r.Body, "status") == "completed"));

        var first = seen[0];
        Assert.Equal(("POST", "/api/v3/repos/northwind/app/check-runs"), (first.Method, first.Path));
        Assert.Equal(("Bearer ghs_token", "application/vnd.github+json", "2022-11-28", "Buildyard"), (first.Authorization, first.Accept, first.Version, first.Agent));
        Assert.Equal((Commit, "Ours/primary"), (Text(first.Body, "head_sha"), Text(first.Body, "name")));
        Assert.EndsWith("/apps/yard/builds/1", Text(first.Body, "details_url"), StringComparison.Ordinal);
        var last = seen[^1];
        if (seen.Length > 1) Assert.Equal(("PATCH", "/api/v3/repos/northwind/app/check-runs/4711"), (last.Method, last.Path));
        Assert.Equal(("completed", "cancelled"), (Text(last.Body, "status"), Text(last.Body, "conclusion")));
        Assert.Contains("Enough", last.Body.GetProperty("output").GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatFails_IsAskedAgain()
    {
        await using var github = await GitHub.StartAsync(failures: 1);
        await using var yard = await OpenAsync(github);

        await yard.StartAsync(new { commit = Commit });
        var seen = await Yard.UntilAsync(() => Task.FromResult(github.Seen.ToArray()), s => s.Length >= 2);

        Assert.Equal(["POST", "POST"], seen.Select(s => s.Method));
        Assert.Equal(["queued", "queued"], seen.Select(s => Text(s.Body, "status")));
    }

    [Fact]
    public async Task AnotherAddress_ForgetsTheToken_SoThatNobodyAimsItElsewhere()
    {
        await using var github = await GitHub.StartAsync();
        await using var yard = await OpenAsync(github);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, "olivia@northwind.test");

        var moved = await support.PatchAsJsonAsync($"/api/apps/{Yard.App}/build-settings/checks", new { api_url = github.Address + "elsewhere" });
        var enabled = await support.PatchAsJsonAsync($"/api/apps/{Yard.App}/build-settings/checks", new { enabled = true });

        var checks = (await moved.JsonAsync()).GetProperty("checks");
        Assert.Equal((false, false), (checks.GetProperty("enabled").GetBoolean(), checks.GetProperty("has_token").GetBoolean()));
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, enabled.StatusCode);
        await yard.StartAsync(new { commit = Commit });
        Assert.Empty(github.Seen);
        var activity = await (await yard.Owner.GetAsync($"/support-access/v1/apps/{Yard.App}/activity")).Content.ReadAsStringAsync();
        Assert.Contains("address of GitHub checks", activity, StringComparison.Ordinal);
        Assert.DoesNotContain("ghs_token", activity, StringComparison.Ordinal);
    }

    private static async Task<Yard> OpenAsync(GitHub github)
    {
        var yard = await Yard.OpenAsync(atOnce: 0, args: "--Outgoing:AllowPrivateHosts=true");
        await yard.SaveAsync("format_version: \"23\"\nworkflows:\n  primary:\n    status_report_name: Ours/<target_id>\n");
        (await yard.Owner.PatchAsJsonAsync($"/api/apps/{Yard.App}", new { repository_url = Repository })).EnsureSuccessStatusCode();
        var set = await yard.Owner.PatchAsJsonAsync($"/api/apps/{Yard.App}/build-settings/checks", new { enabled = true, api_url = github.Address + "api/v3", token = "ghs_token" });
        Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync());
        return yard;
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private sealed record Request(string Method, string Path, string Authorization, string Accept, string Version, string Agent, JsonElement Body);

    private sealed class GitHub : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private GitHub(WebApplication app) => _app = app;

        public ConcurrentQueue<Request> Seen { get; } = new();

        public string Address => _app.Urls.First() + "/";

        public static async Task<GitHub> StartAsync(int failures = 0)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var github = new GitHub(app);
            app.Run(async context =>
            {
                var headers = context.Request.Headers;
                github.Seen.Enqueue(new Request(
                    context.Request.Method, context.Request.Path, headers.Authorization.ToString(), headers.Accept.ToString(), headers["X-GitHub-Api-Version"].ToString(), headers.UserAgent.ToString(),
                    (await context.Request.ReadFromJsonAsync<JsonElement>()).Clone()));
                context.Response.StatusCode = github.Seen.Count <= failures ? 502 : context.Request.Method == "POST" ? 201 : 200;
                await context.Response.WriteAsJsonAsync(new { id = 4711L });
            });
            await app.StartAsync();
            return github;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
