using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Buildyard.Process.Tests.Hosting;

/// <summary>What was answered.</summary>
internal sealed class Reply(int status, string body)
{
    public int Status => status;

    public string Body => body;

    public bool IsSuccess => Status is >= 200 and < 300;

    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>The problem's slug; null where the answer is no problem document.</summary>
    public string? Problem => Body.StartsWith('{') ? Json["type"]?.GetValue<string>() : null;

    public override string ToString() => $"{Status} {Body}";
}

/// <summary>Somebody with a bearer token, at a server that may die at any moment.</summary>
internal sealed class Caller(HttpClient http, string? token)
{
    /// <summary>Signs a demo person in. The token outlives the process that made it.</summary>
    public static async Task<string> LoginAsync(HttpClient http, string email)
    {
        using var answer = await http.PostAsJsonAsync("/api/login", new { email, password = "demo" });
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["token"]!.GetValue<string>();
    }

    public static async Task<Caller> SignInAsync(HttpClient http, string email) => new(http, await LoginAsync(http, email));

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Reply> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<Reply> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, JsonContent.Create(body));

    public Task<Reply> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, JsonContent.Create(body));

    public Task<Reply> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body));

    public Task<Reply> PutYamlAsync(string path, string yaml) => SendAsync(HttpMethod.Put, path, new StringContent(yaml, Encoding.UTF8, "application/yaml"));

    public Task<Reply> PostTextAsync(string path, string text) => SendAsync(HttpMethod.Post, path, new StringContent(text, Encoding.UTF8, "text/plain"));

    private async Task<Reply> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var answer = await http.SendAsync(request);
        return new Reply((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
