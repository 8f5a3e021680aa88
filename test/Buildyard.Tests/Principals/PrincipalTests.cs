using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Principals;

/// <summary>Every route is tried by every kind of caller. A route without a row fails, and so does a row without a route.</summary>
public sealed class PrincipalTests : IAsyncLifetime
{
    private BuildyardHost _host = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _http = _host.Call();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void EveryRoute_HasARow_AndEveryRowARoute()
    {
        Assert.Equal(RouteTable.Rows.Keys.Order(StringComparer.Ordinal), Routes().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task EveryCaller_GetsWhatTheTableSays()
    {
        var cast = await Cast.MeetAsync(_host);
        var wrong = new List<string>();
        foreach (var (route, row) in RouteTable.Rows)
        {
            var (expected, named) = Read(row);
            Assert.Equal(cast.All.Count, expected.Length);
            var found = new char[expected.Length];
            var others = new SortedSet<int>();
            foreach (var (i, principal) in cast.All.Index())
            {
                var (letter, status, _) = await TryAsync(cast, principal, route);
                found[i] = letter;
                if (letter != '+') continue;
                await MendAsync(cast, principal, route);
                if (status is < 200 or > 299) others.Add(status);
            }

            if (new string(found) != expected || !others.SetEquals(named))
                wrong.Add($"{route}\n  expected {expected} {string.Join(' ', named)}\n  found    {new string(found)} {string.Join(' ', others)}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>
    /// Where an admin is let through, whom support raised to admin, and an agent whom the customer made one, look as the role viewer does and
    /// do nothing else: whatever a route's permission is. What needs none speaks of support access alone, and says what they may there.
    /// </summary>
    [Theory]
    [InlineData("developer", "promoted_by_support")]
    [InlineData("platform engineer", "support_in_disguise")]
    public async Task WhoeverDoesNotSpeakForTheCustomer_OnlyLooks(string name, string why)
    {
        var cast = await Cast.MeetAsync(_host);
        var (admin, principal) = (cast.All.Index().Single(p => p.Item.Name == "admin"), cast.All.Single(p => p.Name == name));
        if (why == "promoted_by_support") await cast.SendAsync(cast.All.Single(p => p.Name == "sam inside, token"), HttpMethod.Put, $"/api/apps/{Cast.Lent}/team/{principal.Self}", new { role = "admin" });
        else await cast.DisguiseAsync(principal);
        var viewer = BuildyardPermissions.Catalogue.FindRole(Catalogue.Viewer)!.Permissions.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var (route, permission) in Permissions())
        {
            if (Read(RouteTable.Rows[route]).Letters[admin.Index] != '+') continue;
            var (letter, status, problem) = await TryAsync(cast, principal, route);
            if (letter == '+') await MendAsync(cast, principal, route);
            var right = viewer.Contains(permission) ? letter == '+'
                // Ends are everybody's, and so is seeing what can be ended; what of it is not theirs is refused by itself.
                : permission is "support_access.read" or "support_access.turn_off" ? letter is '+' or '3'
                : (letter, problem) == ('3', why);
            if (!right) wrong.Add($"{route} ({permission}): {status} {problem}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private Dictionary<string, string> Permissions() => (
        from endpoint in _host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let required = endpoint.Metadata.GetMetadata<RequirePermissionAttribute>()
        where required is not null
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        select ($"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}", required.Permission)).ToDictionary(StringComparer.Ordinal);

    /// <summary>A row's letters, one for each caller, and the statuses besides 2xx that its <c>+</c> stands for.</summary>
    private static (string Letters, IReadOnlySet<int> Named) Read(string row)
    {
        var parts = row.Split('=');
        var named = parts.Skip(1).SelectMany(part => part.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return (parts[0].Replace(" ", "", StringComparison.Ordinal), named.Select(status => int.Parse(status, CultureInfo.InvariantCulture)).ToHashSet());
    }

    private IEnumerable<string> Routes() =>
        from endpoint in _host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"]
        select $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}";

    private async Task<(char Letter, int Status, string? Problem)> TryAsync(Cast cast, Principal principal, string route)
    {
        var (method, path) = (route.Split(' ')[0], Fill(route.Split(' ')[1], cast, principal));
        using var request = principal.Ask(method == "ANY" ? HttpMethod.Get : HttpMethod.Parse(method), new Uri(_host.Address, path), Body(route, cast, principal));
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var problem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? (await answer.JsonAsync()).GetProperty("type").GetString() : null;
        var letter = (answer.StatusCode, problem) switch
        {
            (HttpStatusCode.Unauthorized, _) => '1',
            (HttpStatusCode.Forbidden, _) => '3',
            (HttpStatusCode.NotFound, _) => '4',
            // Said by the endpoint itself of the code it was shown, which nobody made.
            (HttpStatusCode.Gone, "code_spent") => '+',
            (HttpStatusCode.Gone, _) => 'g',
            (_, "antiforgery" or "cookie_and_bearer") => 'x',
            ( >= HttpStatusCode.InternalServerError, _) => '5',
            _ => '+',
        };
        return (letter, (int)answer.StatusCode, problem);
    }

    internal static string Fill(string pattern, Cast cast, Principal principal) => pattern
        .Replace("{app}", principal.App, StringComparison.Ordinal)
        .Replace("{slug}", principal.App, StringComparison.Ordinal)
        .Replace("{person}", cast.Person(pattern.EndsWith("/accept", StringComparison.Ordinal) ? "dana@northwind.test" : "olivia@northwind.test"), StringComparison.Ordinal)
        .Replace("{number:int}", "1", StringComparison.Ordinal)
        .Replace("{session}", cast.Session, StringComparison.Ordinal)
        .Replace("{act}", cast.Change, StringComparison.Ordinal)
        .Replace("{grant}", cast.Grant, StringComparison.Ordinal)
        .Replace("{account}", cast.Account, StringComparison.Ordinal)
        .Replace("{notice}", "ended", StringComparison.Ordinal)
        .Replace("{request}", cast.Request, StringComparison.Ordinal)
        .Replace("{proposal}", cast.Proposal, StringComparison.Ordinal)
        .Replace("{screenshots}", cast.Screenshots, StringComparison.Ordinal)
        .Replace("{code}", "nobody-made-this", StringComparison.Ordinal)
        .Replace("{delivery}", cast.Delivery(principal.App), StringComparison.Ordinal)
        .Replace("{key}", "apk_none", StringComparison.Ordinal)
        .Replace("{event}", "build_failed", StringComparison.Ordinal)
        .Replace("{attachment}", cast.Attachment, StringComparison.Ordinal)
        .Replace("{id}", cast.Id(pattern, principal.App), StringComparison.Ordinal)
        .Replace("{workflow}", "primary", StringComparison.Ordinal)
        .Replace("{name}", Cast.Secret, StringComparison.Ordinal)
        .Replace("{secret}", cast.Invitation, StringComparison.Ordinal)
        .Replace("{file}", "latchkey.css", StringComparison.Ordinal)
        .Replace("{documentName}", "v1", StringComparison.Ordinal);

    /// <summary>Just good enough to come as far as the decision and past it, and no further where that would leave less for the next caller.</summary>
    private static HttpContent? Body(string route, Cast cast, Principal principal)
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        if (method is "GET" or "ANY" or "DELETE") return null;
        if (path.EndsWith("/bitrise-yml", StringComparison.Ordinal)) return new StringContent("no: version", MediaTypeHeaderValue.Parse("application/yaml"));
        if (path.StartsWith("/api/", StringComparison.Ordinal) || path.Contains("/v1/", StringComparison.Ordinal))
        {
            return path.Split('/')[^1] switch
            {
                "sessions" or "requests" => JsonContent.Create(new { app = Cast.Lent, reason = "" }),
                "approve" => JsonContent.Create(new { role = "nobody" }),
                "accept" when path.Contains("/team/", StringComparison.Ordinal) => JsonContent.Create(new { role = "developer" }),
                "deny" => JsonContent.Create(new { note = new string('n', 501) }),
                "withdraw" => JsonContent.Create(new { why = "" }),
                "policy" => JsonContent.Create(new { approvers = 7 }),
                _ => JsonContent.Create(new { }),
            };
        }

        return new FormUrlEncodedContent(path switch
        {
            "/apps/{app}/workflow/support-testing" => [new("from", "primary")],
            "/apps/{app}/workflow/compare" or "/apps/{app}/workflow/compare/keep" => [new("left", "primary"), new("right", "_checkout")],
            "/demo/signin" => [new("person", "tess@northwind.test")],
            "/account/members/owner" => [new("person", principal.Self), new("owner", "true")],
            "/account/members/remove" or "/support/team/remove" => [new("person", principal.Self), new("agent", principal.Self)],
            "/support/team/suspend" or "/support/team/lead" => [new("agent", principal.Self), new("suspended", "true")],
            "/apps/{app}/settings/notifications" => [new("event", "build_failed")],
            "/apps/{app}/settings/webhooks/{id}/redeliver" => [new("delivery", cast.Delivery(principal.App))],
            "/apps/{app}/workflow/secrets/reveal" => [new("name", Cast.Secret)],
            "/support-access/console/ask" => [new("app", Cast.Lent), new("reason", "")],
            "/support-access/account/policy" => [new("refuses", "false")],
            _ when path.EndsWith("/approve", StringComparison.Ordinal) => [new("role", "nobody")],
            _ when path.EndsWith("/deny", StringComparison.Ordinal) => [new("note", new string('n', 501))],
            "/apps/{app}/settings/team/accept" => [new("person", cast.Person("dana@northwind.test")), new("role", "developer")],
            "/apps/{app}/settings/team/remove" => [new("person", cast.Person("olivia@northwind.test"))],
            _ => new Dictionary<string, string>(StringComparer.Ordinal),
        });
    }

    /// <summary>Puts back what a caller who was let through has ended.</summary>
    private static async Task MendAsync(Cast cast, Principal principal, string route)
    {
        switch (route)
        {
            case "POST /signout" or "POST /api/logout":
                await cast.SignInAsync(principal);
                if (principal.Name.StartsWith("sam", StringComparison.Ordinal) && principal.Browser is not null) await cast.SettleAsync(signIn: true);
                break;
            case var _ when route.StartsWith("DELETE /api/apps/{app}/", StringComparison.Ordinal) || (route.StartsWith("POST /apps/{app}/", StringComparison.Ordinal) && (route.EndsWith("/remove", StringComparison.Ordinal) || route.EndsWith("/delete", StringComparison.Ordinal))):
                await cast.SetUpAsync(principal.App);
                break;
            case var _ when route.StartsWith("DELETE /support-access", StringComparison.Ordinal) || route.Contains("/access/o", StringComparison.Ordinal)
                || route.Contains("/sessions/{session}/end", StringComparison.Ordinal) || route.Contains("/leave/", StringComparison.Ordinal) || route.Contains("/forfeit", StringComparison.Ordinal):
                await cast.SettleAsync(signIn: false);
                break;
        }
    }
}
