using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Buildyard;

/// <summary>The API's description, at <c>/openapi/v1.json</c>.</summary>
internal static class ApiDescription
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Buildyard", Version = "1", Description = "Sign in with POST /api/login and send the token as Authorization: Bearer." };
            // Where this instance happens to listen says nothing about the API.
            document.Servers?.Clear();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            AddRouteParameters(operation, context);
            return Task.CompletedTask;
        });
    });

    public static void MapApiDescription(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();

    /// <summary>Handlers take the app from the access decision, not from the route: the description still has to name what the path holds.</summary>
    private static void AddRouteParameters(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        operation.Parameters ??= [];
        var template = context.Description.RelativePath ?? "";
        foreach (var part in template.Split('/').Where(part => part is ['{', .., '}']))
        {
            var name = part[1..^1].Split(':')[0];
            if (operation.Parameters.Any(p => p.Name == name)) continue;
            operation.Parameters.Insert(0, new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }
}
