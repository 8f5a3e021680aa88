using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace Latchkey.AspNetCore;

/// <summary>
/// What becomes of a body of a type that an address doesn't take: for whoever may send one there, 415 with what it takes; for everybody else what a
/// body of the right type would be answered with.
/// </summary>
internal static class BodyTypes
{
    private const string Forms = "application/x-www-form-urlencoded or multipart/form-data";

    /// <summary>Why JSON alone is taken.</summary>
    public static Refusal NotJson { get; } = new(RefusalReason.UnsupportedBody, Sentence("application/json"), "body");

    /// <summary>
    /// What stands in the place of the endpoint that a request would have reached with a body of another type; null where there is none. Routing says only
    /// that there is none for this type, and not for whom it would be.
    /// </summary>
    public static Endpoint? StandIn(HttpContext context, Refuser refuser)
    {
        foreach (var endpoint in context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not { ContentTypes: var taken }
                || endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(context.Request.Method, StringComparer.OrdinalIgnoreCase) != true)
            {
                continue;
            }

            var values = new RouteValueDictionary();
            if (new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), new(endpoint.RoutePattern.Defaults)).TryMatch(context.Request.Path, values))
            {
                context.Request.RouteValues = values;
                return new Endpoint(Refuse(refuser, string.Join(" or ", taken)), endpoint.Metadata, endpoint.DisplayName);
            }
        }

        return null;
    }

    /// <summary>Has an endpoint that reads a form refuse any other body.</summary>
    public static void TakeFormsAlone(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } run || !endpoint.Metadata.OfType<FormSize>().Any() || endpoint.Metadata.OfType<IAcceptsMetadata>().Any())
        {
            return;
        }

        endpoint.RequestDelegate = context => context.Request.HasFormContentType || context.Request.ContentType is null
            ? run(context)
            : Refuse(context.RequestServices.GetRequiredService<Refuser>(), Forms)(context);
    }

    private static RequestDelegate Refuse(Refuser refuser, string taken)
    {
        var refusal = new Refusal(RefusalReason.UnsupportedBody, Sentence(taken), "body");
        return context => refuser.RefuseAsync(context, refusal);
    }

    private static string Sentence(string taken) => $"The body has a type that is not taken here: send Content-Type: {taken}.";
}
