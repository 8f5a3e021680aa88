using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore.Tests;

/// <summary>A body of a type that an address doesn't take is told so, to whoever may send one there; to everybody else it is as any other.</summary>
[Trait("capability", "D1")]
public sealed class BodyTypeTests : IAsyncLifetime
{
    private const string Root = "/support-access";
    private const string Access = $"{Root}/v1/apps/northwind-ios/access";
    private static readonly string[] s_people = ["adam", "olivia", "dana", "carla", "sam", "lee"];
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await SampleHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("adam", "PUT", Access, "application/json")]
    [InlineData("olivia", "PUT", $"{Root}/v1/accounts/northwind/policy", "application/json")]
    [InlineData("adam", "POST", $"{Root}/v1/conversations", "application/json or multipart/form-data")]
    [InlineData("adam", "POST", $"{Root}/v1/requests/none/approve", "application/json")]
    [InlineData("sam", "POST", $"{Root}/v1/requests/none/withdraw", "application/json")]
    [InlineData("sam", "POST", $"{Root}/v1/sessions", "application/json")]
    public async Task IsToldWhatIsTaken(string who, string method, string path, string taken)
    {
        foreach (var type in (string[])["application/x-www-form-urlencoded", "text/plain", "application/octet-stream"])
        {
            var answer = await SendAsync(who, method, path, type, "role=viewer");
            Assert.Equal((HttpStatusCode.UnsupportedMediaType, "application/problem+json"), (answer.Status, answer.Type));
            var problem = JsonNode.Parse(answer.Text)!;
            Assert.Equal(("unsupported_media_type", $"The body has a type that is not taken here: send Content-Type: {taken}."), ((string?)problem["type"], (string?)problem["detail"]));
        }
    }

    [Theory]
    [InlineData("carla")]
    [InlineData("dana")]
    [InlineData("sam")]
    [InlineData(null)]
    public async Task WhoMayNotSendOne_LearnsNothingByIt(string? who)
    {
        var right = await SendAsync(who, "PUT", Access, "application/json", "{}");
        Assert.Contains(right.Status, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized]);
        Assert.Equal(right, await SendAsync(who, "PUT", Access, "text/plain", "role=viewer"));
        // A form of nobody's comes from a page of ours or is refused as such, whatever it is for.
        Assert.Equal(
            who is null ? HttpStatusCode.BadRequest : right.Status, (await SendAsync(who, "PUT", Access, "application/x-www-form-urlencoded", "role=viewer")).Status);
    }

    [Fact]
    public async Task AFormOfAPage_TakesForms()
    {
        var answer = await SendAsync("adam", "POST", $"{Root}/apps/northwind-ios/access/on", "application/json", "{}");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Status);
        Assert.Contains("application/x-www-form-urlencoded", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>Every address that takes a body, for everybody: what they get is what they get for the right type, or 415.</summary>
    [Fact]
    public async Task NoAddress_AnswersItWithAnythingElse()
    {
        var addresses = 0;
        foreach (var endpoint in _host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}";
            var method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Single();
            if (!path.StartsWith($"{Root}/", StringComparison.Ordinal) || method is not ("POST" or "PUT" or "PATCH"))
            {
                continue;
            }

            addresses++;
            path = path.Replace("{app}", "northwind-ios", StringComparison.Ordinal).Replace("{account}", "northwind", StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x');
            foreach (var who in s_people)
            {
                var right = await SendAsync(who, method, path, path.Contains("/v1/", StringComparison.Ordinal) ? "application/json" : "application/x-www-form-urlencoded", "");
                var odd = await SendAsync(who, method, path, "text/plain", "anything");
                Assert.True(odd.Status == right.Status || odd.Status == HttpStatusCode.UnsupportedMediaType, $"{who} {method} {path}: {odd.Status}, not {right.Status}");
                Assert.True((int)odd.Status < 500, $"{who} {method} {path}: {odd.Status}");
            }
        }

        Assert.InRange(addresses, 50, 200);
    }

    private async Task<(HttpStatusCode Status, string? Type, string Text)> SendAsync(string? who, string method, string path, string type, string body)
    {
        using var program = _host.Program(who);
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var response = await program.SendAsync(request);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}
