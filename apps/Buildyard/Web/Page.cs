using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Buildyard;

/// <summary>Answers with a Razor component, rendered on the server in the layout.</summary>
internal static class Page
{
    public static RazorComponentResult Show<T>(object parameters, int status = StatusCodes.Status200OK) where T : IComponent =>
        new RazorComponentResult<T>(parameters) { StatusCode = status, PreventStreamingRendering = true };
}
