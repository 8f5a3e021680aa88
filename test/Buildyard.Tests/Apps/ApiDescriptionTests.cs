using System.Text.RegularExpressions;
using Buildyard.Hosting;
using Buildyard.Principals;

namespace Buildyard.Apps;

public sealed partial class ApiDescriptionTests
{
    private static readonly string[] s_posts =
    [
        "POST /api/apps/{app}/ssh-key/generate", "POST /api/apps/{app}/webhooks/{id}/secret/rotate", "POST /api/apps/{app}/webhooks/{id}/secret/reveal",
        "POST /api/login", "POST /api/apps", "POST /api/apps/{app}/team/{person}", "POST /api/apps/{app}/team/{person}/accept", "POST /support-access/v1/sessions",
        "POST /support-access/v1/conversations", "POST /support-access/v1/conversations/{id}/messages", "POST /support-access/v1/conversations/{id}/seen",
        "POST /support-access/v1/conversations/{id}/assign", "POST /support-access/v1/conversations/{id}/shares", "POST /support-access/v1/conversations/{id}/attachments",
        "POST /api/apps/{app}/builds", "POST /api/apps/{app}/builds/{number}/abort", "POST /api/apps/{app}/builds/{number}/secrets",
        "POST /api/apps/{app}/signing-files", "POST /api/apps/{app}/webhooks", "POST /api/account/apple-keys",
        "POST /api/bitrise-yml/validate", "POST /api/bitrise-yml/trigger-check",
        "POST /api/apps/{app}/workflows", "POST /api/apps/{app}/workflows/{workflow}/steps", "POST /api/apps/{app}/trigger-map", "POST /api/apps/{app}/trigger-map/{number}/move", "POST /api/apps/{app}/triggers",
        "POST /support-access/v1/inbox/seen", "POST /support-access/v1/apps/{app}/changes/{act}/keep", "POST /support-access/v1/requests", "POST /support-access/v1/requests/{request}/approve",
        "POST /support-access/v1/requests/{request}/deny", "POST /support-access/v1/conversations/{id}/proposals", "POST /support-access/v1/proposals/{proposal}/decline",
        "POST /support-access/v1/conversations/{id}/screenshots", "POST /support-access/v1/screenshots/{screenshots}/answer", "POST /support-access/v1/screenshots/{screenshots}/decline",
    ];

    [Fact]
    public async Task EveryOperation_SaysWhatItDoes_AndWhatItsPathHolds()
    {
        await using var host = await BuildyardHost.StartAsync();

        var description = await (await host.Call().GetAsync("/openapi/v1.json")).JsonAsync();

        Assert.StartsWith("3.1", description.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        foreach (var path in description.GetProperty("paths").EnumerateObject())
        {
            var named = Names().Matches(path.Name).Select(m => m.Value).Order().ToList();
            foreach (var operation in path.Value.EnumerateObject())
            {
                Assert.True(operation.Value.TryGetProperty("summary", out _), $"{operation.Name} {path.Name} has no summary.");
                var described = operation.Value.TryGetProperty("parameters", out var parameters)
                    ? parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!).Order().ToList()
                    : [];
                Assert.Equal((path.Name, string.Join(",", named)), (path.Name, string.Join(",", described)));
            }
        }
    }

    [Fact]
    public async Task EveryRouteOfTheApi_IsDescribed_WithItsBodyItsAnswersAndWhoMay()
    {
        await using var host = await BuildyardHost.StartAsync();
        var description = await (await host.Call().GetAsync("/openapi/v1.json")).JsonAsync();
        var described = description.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (Route: $"{operation.Name.ToUpperInvariant()} {path.Name}", Operation: operation.Value))).ToList();

        var routes = RouteTable.Rows.Keys.Select(route => route.Replace(":int}", "}", StringComparison.Ordinal))
            .Where(route => route.Contains(" /api/", StringComparison.Ordinal) || route.Contains(" /support-access/v1/", StringComparison.Ordinal));
        Assert.Equal(routes.Order(StringComparer.Ordinal), described.Select(d => d.Route).Order(StringComparer.Ordinal));
        Assert.Equal("http", description.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").GetProperty("type").GetString());
        foreach (var (route, operation) in described)
        {
            var open = route == "POST /api/login";
            Assert.True(open || operation.GetProperty("security").EnumerateArray().Any(s => s.TryGetProperty("bearer", out _)), $"{route} does not say how to sign in.");
            Assert.True(operation.GetProperty("responses").TryGetProperty("401", out _), $"{route} does not say what nobody is answered.");
            Assert.Contains(operation.GetProperty("responses").EnumerateObject(), answer => answer.Name[0] == '2');
            var takesBody = route.StartsWith("PUT ", StringComparison.Ordinal) || route.StartsWith("PATCH ", StringComparison.Ordinal) || s_posts.Contains(route);
            Assert.True(takesBody == operation.TryGetProperty("requestBody", out _), $"{route} and its body.");
        }
    }

    /// <summary>The committed document is what is served, so that a change of the API is seen in review. WRITE_OPENAPI=1 writes it anew.</summary>
    [Fact]
    public async Task CommittedDocument_IsTheOneServed()
    {
        await using var host = await BuildyardHost.StartAsync();
        var served = await host.Call().GetStringAsync("/openapi/v1.json") + "\n";
        var file = Path.Combine(Root(), "apps", "Buildyard", "openapi.json");
        if (Environment.GetEnvironmentVariable("WRITE_OPENAPI") == "1") await File.WriteAllTextAsync(file, served);

        Assert.True(await File.ReadAllTextAsync(file) == served, "The API differs from apps/Buildyard/openapi.json. Run this test with WRITE_OPENAPI=1 and look at the diff.");
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Latchkey.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex("(?<=\\{)[a-z]+(?=\\})", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Names();
}
