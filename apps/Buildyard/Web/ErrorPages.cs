using System.ComponentModel;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Template;

namespace Buildyard;

/// <summary>What is shown when there is nothing at an address, or when something broke.</summary>
internal static class ErrorPages
{
    public static ExceptionHandlerOptions Options { get; } = new()
    {
        ExceptionHandler = context => AcceptsHtml(context.Request)
            ? Page.Show<MessagePage>(
                new { Title = "Something broke here", Text = "This is a fault of Buildyard's and has been logged. What you sent was not saved." },
                StatusCodes.Status500InternalServerError).ExecuteAsync(context)
            : Problems.Of(StatusCodes.Status500InternalServerError, "internal", "Something broke here. It has been logged.").ExecuteAsync(context),
    };

    /// <summary>
    /// Answers what routing found no endpoint for, or no endpoint for this method or media type. After authentication,
    /// so that the page knows its reader; before decisions, of which there are none to make.
    /// </summary>
    public static IApplicationBuilder UseErrorPages(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        switch (context.GetEndpoint())
        {
            case RouteEndpoint endpoint:
                await next(context);
                // A JSON body that the server found too large while it was bound, or an optional value of the query that can't be read,
                // has set a status and nothing else.
                if (context.Response is { StatusCode: StatusCodes.Status413PayloadTooLarge, HasStarted: false, ContentType: null })
                    await Problems.BodyTooLarge.ExecuteAsync(context);
                if (context.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false, ContentType: null })
                    throw Unread(endpoint, context.Request.Query);
                return;
            case null:
                await NothingHere(context.Request).ExecuteAsync(context);
                return;
            case { RequestDelegate: { } refuse }:
                // Sets the status, and which methods there are.
                await refuse(context);
                await Problems.Of(context.Response.StatusCode, "not_acceptable_here", context.Response.StatusCode switch
                {
                    StatusCodes.Status405MethodNotAllowed => $"This address doesn't take {context.Request.Method}.",
                    StatusCodes.Status415UnsupportedMediaType => $"The body has a type that this address doesn't take: send Content-Type: {Taken(context)}.",
                    _ => "This address doesn't take such a request.",
                }).ExecuteAsync(context);
                return;
        }
    });

    /// <summary>What a route's delegate throws of a value that has to be there.</summary>
    private static BadHttpRequestException Unread(RouteEndpoint endpoint, IQueryCollection query) =>
        endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>().FirstOrDefault(p =>
            p.HasTryParse && query[p.Name].ToString() is { Length: > 0 } text && !TypeDescriptor.GetConverter(p.ParameterInfo.ParameterType).IsValid(text)) is { } wrong
            ? new($"""Failed to bind parameter "{Nullable.GetUnderlyingType(wrong.ParameterInfo.ParameterType)?.Name} {wrong.Name}" from the query.""")
            : new("The request can't be read.");

    /// <summary>The media types of bodies that endpoints of this address and method take: routing says only that this one is none of them.</summary>
    private static string Taken(HttpContext context) => string.Join(" or ", context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(context.Request.Method) == true
            && new TemplateMatcher(new RouteTemplate(e.RoutePattern), []).TryMatch(context.Request.Path, []))
        .SelectMany(e => e.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes ?? [])
        .Distinct(StringComparer.Ordinal));

    private static IResult NothingHere(HttpRequest request) => AcceptsHtml(request)
        ? Page.Show<MessagePage>(new { Title = "Nothing here", Text = "There is no page at this address." }, StatusCodes.Status404NotFound)
        : Problems.Of(StatusCodes.Status404NotFound, "not_found", "There is nothing at this address.");

    public static bool AcceptsHtml(HttpRequest request) => request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html");
}
