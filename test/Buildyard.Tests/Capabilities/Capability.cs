using System.Net.Http.Headers;
using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Capabilities;

/// <summary>One thing that the support user can do with <c>admin</c> (capabilities A1–A21), as one call.</summary>
/// <param name="Number">The capability.</param>
/// <param name="Do">What support does, given the id of what was prepared.</param>
/// <param name="See">Where an admin sees what there is; the part of the answer that tells. Null: it only looks.</param>
internal sealed record Capability(string Number, Func<HttpClient, string, Task<HttpResponseMessage>> Do, Func<HttpClient, Task<string>>? See = null)
{
    public const string App = "/api/apps/northwind-ios";

    /// <summary>Makes what has to be there before, as an admin. Answers its id, which stands for <c>{id}</c> in a path.</summary>
    public Func<BuildyardHost, HttpClient, Task<string>> Prepare { get; init; } = (_, _) => Task.FromResult("");

    /// <summary>What is told of the change holds no value: a secret.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Undoing makes no sense: what was done is over.</summary>
    public bool IsFinal { get; init; }

    public override string ToString() => Number;

    public static Func<HttpClient, string, Task<HttpResponseMessage>> Send(string method, string path, object? body = null) => (caller, id) =>
        caller.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), App + path.Replace("{id}", id, StringComparison.Ordinal)) { Content = body is null ? null : JsonContent.Create(body) });

    public static Func<HttpClient, string, Task<HttpResponseMessage>> Yaml(string text) => (caller, _) =>
        caller.PutAsync($"{App}/bitrise-yml", new StringContent(text, MediaTypeHeaderValue.Parse("application/yaml")));

    /// <summary>An answer as a whole, without what every save renews.</summary>
    public static Func<HttpClient, Task<string>> Get(string path, params string[] fields) => async caller =>
    {
        var answer = await caller.GetAsync(App + path);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        var text = await answer.Content.ReadAsStringAsync();
        return fields.Length == 0 ? text : Fields.Of(text, fields);
    };
}
