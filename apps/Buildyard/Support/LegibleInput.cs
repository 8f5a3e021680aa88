using System.Text;
using System.Text.Json;
using Latchkey;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>Fields of an endpoint whose values nobody is ever shown: they may hold anything.</summary>
internal sealed record NeverShown(IReadOnlyList<string> Fields);

/// <summary>
/// Nothing that support sends reads as something else than it is: a customer decides by what they see. This stands before every endpoint and looks at all that
/// a request brings, whatever its fields are called, so that a new endpoint or field is covered by being there.
/// </summary>
internal static class LegibleInput
{
    private const string Accepted = "Text without characters that are invisible or change its direction.";
    private const string Body = "body";

    /// <summary>Leaves fields out that hold a secret, in JSON and in forms alike.</summary>
    public static TBuilder NeverShows<TBuilder>(this TBuilder endpoint, params string[] fields) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new NeverShown(fields));

    /// <summary>Behind the decision, which knows whether support asks; before every endpoint.</summary>
    public static IApplicationBuilder UseLegibleInput(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var isSupport = context.FindAccess() is { Support: not null };
        if (isSupport && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && await RefusalOfAsync(context.Request) is { } refusal)
            await Answer(context.Request, refusal).ExecuteAsync(context);
        else
            await next(context);
    });

    private static IResult Answer(HttpRequest request, Refusal refusal) => ErrorPages.AcceptsHtml(request) && refusal.Errors is [var error, ..]
        ? Page.Show<MessagePage>(new { Title = "This can't be taken", Text = $"{error.Field}: {error.Problem} {error.Accepted} Nothing was changed." }, refusal.Status)
        : refusal.Result();

    private static async Task<Refusal?> RefusalOfAsync(HttpRequest request)
    {
        var neverShown = request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<NeverShown>()?.Fields ?? [];
        var texts = request.RouteValues.Select(value => (value.Key, Text: value.Value as string))
            .Concat(request.Query.SelectMany(Values));
        if (Find(texts) is { } inAddress) return inAddress;
        if (request.HasFormContentType) return await FormAsync(request, neverShown);

        var type = request.GetTypedHeaders().ContentType;
        if (type?.Encoding is { } encoding && encoding.CodePage != Encoding.UTF8.CodePage)
            return new Refusal(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Text is taken as UTF-8 only.", []);
        var content = await ContentAsync(request);
        if (!request.HasJsonContentType()) return Find([(Body, Encoding.UTF8.GetString(content.Span))]);
        try
        {
            using var json = JsonDocument.Parse(content);
            return Find(Strings("", json.RootElement).Where(text => !neverShown.Contains(text.Field, StringComparer.Ordinal)));
        }
        catch (JsonException)
        {
            // No object that the endpoint could read either; it says why.
            return null;
        }
    }

    private static async Task<Refusal?> FormAsync(HttpRequest request, IReadOnlyList<string> neverShown)
    {
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        }
        catch (InvalidDataException)
        {
            // The endpoint reads it too, and says why it can't be.
            return null;
        }
        var fields = form.Where(field => !neverShown.Contains(field.Key, StringComparer.Ordinal)).SelectMany(Values);
        var files = form.Files.SelectMany(file => ((string, string?)[])[(file.Name, file.Name), (file.Name, file.FileName)]);
        return Find(fields.Concat(files));
    }

    /// <summary>All of the body, which the endpoint reads again; looked at without a byte order mark at its very beginning, which is no part of a text.</summary>
    private static async Task<ReadOnlyMemory<byte>> ContentAsync(HttpRequest request)
    {
        using var content = new MemoryStream();
        await request.Body.CopyToAsync(content, request.HttpContext.RequestAborted);
        var bytes = content.ToArray();
        request.Body = new MemoryStream(bytes, writable: false);
        return bytes.AsMemory(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0);
    }

    private static IEnumerable<(string Field, string? Text)> Values(KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> field) =>
        field.Value.Prepend(field.Key).Select(text => (field.Key, text));

    private static IEnumerable<(string Field, string? Text)> Strings(string path, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [(path, Text(element.GetString))],
        JsonValueKind.Array => element.EnumerateArray().Index().SelectMany(item => Strings($"{path}[{item.Index}]", item.Item)),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
        {
            var name = Text(() => property.Name) ?? "";
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            return Strings(inner, property.Value).Prepend((inner, name));
        }),
        _ => [],
    };

    /// <summary>Null for half a character or broken UTF-8, which no endpoint can read as text.</summary>
    private static string? Text(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static Refusal? Find(IEnumerable<(string Field, string? Text)> texts)
    {
        foreach (var (field, text) in texts)
        {
            if (text is null || HiddenCharacters.IndexIn(text) is not (>= 0 and var at)) continue;
            var line = text.AsSpan(0, at).Count('\n') + 1;
            var place = text.Contains('\n', StringComparison.Ordinal) ? $" in line {line}, column {at - text.AsSpan(0, at).LastIndexOf('\n')}" : "";
            return Refusal.Invalid(new FieldError(HiddenCharacters.Mark(field), $"It holds the character {HiddenCharacters.NameAt(text, at)}{place}.", Accepted));
        }
        return null;
    }
}
