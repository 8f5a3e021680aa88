using Latchkey.AspNetCore;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Buildyard;

/// <summary>The API's description, at <c>/openapi/v1.json</c>.</summary>
internal static class ApiDescription
{
    private const string Bearer = "bearer";

    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Buildyard",
                Version = "1",
                Description = "Sign in with POST /api/login and send the token as Authorization: Bearer.",
                License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
            };
            // Where this instance happens to listen says nothing about the API.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.AddComponent(Bearer, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The token of POST /api/login; or, inside a customer's app, the token of POST /support-access/v1/sessions, which opens that app and nothing else.",
            });
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            operation.OperationId = OperationId(context.Description.HttpMethod!, context.Description.RelativePath!);
            AddRouteParameters(operation, context);
            AddAccess(operation, context);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // A converter of ours reads it, so its shape can't be seen from its type.
            if (context.JsonPropertyInfo?.CustomConverter is TrueOrFalse) schema.Type = JsonSchemaType.Boolean;
            // Latchkey leaves out what is null; Buildyard says it.
            if (context.JsonTypeInfo.Type.Assembly == typeof(Member).Assembly) schema.Required?.ExceptWith(context.JsonTypeInfo.Properties.Where(p => p.IsGetNullable).Select(p => p.Name));
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

    /// <summary>Who may, by the same requirement that decides it, and what everybody else is answered.</summary>
    private static void AddAccess(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        operation.Security = [];
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRequirement>().LastOrDefault() is not { } requirement) return;
        operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] });
        operation.Description = requirement switch
        {
            RequirePermissionAttribute permission => $"Needs the permission `{permission.Permission}`.",
            RequireAgentAttribute { Lead: true } => "For leads of the support team.",
            RequireAgentAttribute => "For agents of the support team.",
            RequireMemberAttribute => "For members.",
            _ => "For whoever is signed in.",
        };
        Add("401", "Nobody is signed in, or the token is not valid any more.");
        if (requirement is RequireSignedInAttribute) return;
        Add("404", "There is nothing here, or nothing that the caller may see.");
        if (requirement is not RequirePermissionAttribute needed) return;
        Add("403", "The caller's role does not include this.");
        if (BuildyardPermissions.Catalogue.Find(needed.Permission) is not { OffLimits: false }) return;
        Add("410", "Support access, or the agent's session, has ended; `ended_at` says when.");
        Add("503", "What support does can't be recorded now. Members are not affected.");

        void Add(string status, string description) => (operation.Responses ??= []).TryAdd(status, new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(Microsoft.AspNetCore.Mvc.ProblemDetails), context.Document) },
            },
        });
    }

    /// <summary>A name for generated clients, such as <c>get_apps_app_team</c>.</summary>
    private static string OperationId(string method, string path) => string.Join('_', path
        .Split('/').Where(part => part is not ("" or "api" or "v1")).Select(part => part.Split(':')[0].Trim('{', '}').Replace('-', '_')).Prepend(method.ToLowerInvariant()));
}
