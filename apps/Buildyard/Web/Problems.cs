using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace Buildyard;

/// <summary>Refusals as problem documents (RFC 9457). <c>type</c> is a stable slug, <c>errors</c> names the fields.</summary>
internal static class Problems
{
    public static IResult BodyTooLarge => Of(
        StatusCodes.Status413PayloadTooLarge, "body_too_large", "The body is larger than this address accepts.", One("", "It is too large.", "A body of at most 2 MB."));

    public static IResult Result(this Refusal refusal) => Of(
        refusal.Status,
        refusal.Slug,
        refusal.Title,
        refusal.Errors.Count == 0 ? null : refusal.Errors.Select(e => new { e.Field, e.Problem, e.Accepted }));

    public static IResult Of(int status, string slug, string title, object? errors = null) => TypedResults.Problem(
        type: slug,
        title: title,
        statusCode: status,
        extensions: errors is null ? null : new Dictionary<string, object?>(StringComparer.Ordinal) { ["errors"] = errors });

    public static object[] One(string field, string problem, string accepted) => [new { field, problem, accepted }];
}

/// <summary>Says what is wrong with a request that could not be bound: malformed JSON, a wrong type, an unknown field, a body too large.</summary>
internal sealed partial class BadRequests(IOptions<JsonOptions> json) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException bad) return false;
        // The exception handler has taken the endpoint away to run a new one; what the old one accepts is kept in the feature.
        var endpoint = httpContext.Features.Get<IExceptionHandlerPathFeature>()?.Endpoint;
        var body = endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        await (ErrorPages.AcceptsHtml(httpContext.Request)
            ? Page.Show<MessagePage>(new { Title = "This can't be taken", Text = "The form is too large, or not one that this page sent. Nothing was changed." }, bad.StatusCode)
            : Explain(bad, body)).ExecuteAsync(httpContext);
        return true;
    }

    private IResult Explain(BadHttpRequestException bad, Type? body) => bad switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.BodyTooLarge,
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Problems.Of(bad.StatusCode, "unsupported_media_type", "The body must be JSON: send Content-Type: application/json."),
        { InnerException: JsonException wrong } => Wrong(wrong, body),
        _ when Parameter().Match(bad.Message) is { Success: true } match => Problems.Of(
            bad.StatusCode,
            "wrong_type",
            $"The value of {match.Groups["name"].Value} can't be read.",
            Problems.One(match.Groups["name"].Value, "It has the wrong type.", match.Groups["type"].Value.Contains("int", StringComparison.OrdinalIgnoreCase) ? "A whole number." : "A single value.")),
        _ when body is not null => Problems.Of(bad.StatusCode, "malformed_json", "A JSON object is missing.", Problems.One("", "The body is empty.", Accepted(body))),
        _ => Problems.Of(bad.StatusCode, "bad_request", "This request can't be read."),
    };

    private IResult Wrong(JsonException wrong, Type? body)
    {
        var field = wrong.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "";
        if (field.Length == 0)
            return Problems.Of(400, "malformed_json", "The body is not a JSON object that can be read.", Problems.One("", Unreadable(wrong), Accepted(body)));
        // A fault inside a list is one of its field.
        var known = Fields(body).FirstOrDefault(p => p.Name == field.Split('[')[0]);
        if (known is null)
            return Problems.Of(400, "unknown_field", $"There is no field {field}.", Problems.One(field, "It is not known here.", Accepted(body)));
        if (wrong.Message.StartsWith("Duplicate", StringComparison.Ordinal))
            return Problems.Of(400, "duplicate_field", $"The field {field} is given twice.", Problems.One(field, "It is given twice.", "Each field once."));
        return wrong.InnerException is InvalidOperationException { Message: var why } && !why.StartsWith("Cannot get the value of a token type", StringComparison.Ordinal)
            ? Problems.Of(400, "broken_text", $"The field {field} is not well-formed Unicode.", Problems.One(field, "It is not well-formed Unicode.", Describe(known.PropertyType)))
            : Problems.Of(400, "wrong_type", $"The field {field} has the wrong type.", Problems.One(field, "It has the wrong type.", Describe(known.PropertyType)));
    }

    // Of what the serializer says, all but the name of the type that it would have made.
    private static string Unreadable(JsonException wrong) =>
        wrong.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) ? "It is JSON, and no object." : wrong.Message.Split(" Path:")[0];

    private string Accepted(Type? body)
    {
        var names = Fields(body).Select(p => p.Name).ToList();
        return names.Count == 0 ? "A JSON object." : $"A JSON object with the fields {string.Join(", ", names)}.";
    }

    private IList<JsonPropertyInfo> Fields(Type? body) =>
        body is null ? [] : json.Value.SerializerOptions.GetTypeInfo(body).Properties;

    /// <summary>What ASP.NET Core says of a route or query value that it could not read.</summary>
    [GeneratedRegex("""parameter "(?<type>.+) (?<name>\w+)" from""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Parameter();

    private static string Describe(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(bool) => "true or false.",
        var t when t == typeof(int) || t == typeof(long) => "A whole number.",
        _ => "A string.",
    };
}
