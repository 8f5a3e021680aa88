using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore.Pages;

/// <summary>A page of Latchkey in the host's layout, or in a plain one where the host gave none.</summary>
/// <param name="options">Names the layout.</param>
public sealed class LatchkeyPage(IOptions<LatchkeyOptions> options) : ComponentBase
{
    /// <summary>The page's component.</summary>
    [Parameter]
    public required Type Content { get; set; }

    /// <summary>The parameters of the page's component. Default: none.</summary>
    [Parameter]
    public IDictionary<string, object>? Values { get; set; }

    internal static IResult Result<TPage>(int status = 200, params ReadOnlySpan<(string Name, object Value)> values)
        where TPage : IComponent
    {
        var passed = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            passed[name] = value;
        }

        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(Content)] = typeof(TPage), [nameof(Values)] = passed };
        return new RazorComponentResult<LatchkeyPage>(parameters) { PreventStreamingRendering = true, StatusCode = status };
    }

    /// <summary>The part of a page that changes by itself, alone: what a script asks for to bring the page up to date.</summary>
    internal static IResult Part<TPart>(params ReadOnlySpan<(string Name, object? Value)> values)
        where TPart : IComponent => Part<TPart>(StatusCodes.Status200OK, values);

    /// <summary>The same, of an answer that is not the usual one.</summary>
    internal static IResult Part<TPart>(int status, params ReadOnlySpan<(string Name, object? Value)> values)
        where TPart : IComponent
    {
        var passed = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            passed[name] = value;
        }

        return new RazorComponentResult<TPart>(passed) { PreventStreamingRendering = true, StatusCode = status };
    }

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.OpenComponent<LayoutView>(0);
        builder.AddComponentParameter(1, nameof(LayoutView.Layout), options.Value.Layout ?? typeof(PlainLayout));
        builder.AddComponentParameter(2, nameof(LayoutView.ChildContent), (RenderFragment)(content =>
        {
            content.OpenComponent<DynamicComponent>(0);
            content.AddComponentParameter(1, nameof(DynamicComponent.Type), Content);
            content.AddComponentParameter(2, nameof(DynamicComponent.Parameters), Values);
            content.CloseComponent();
        }));
        builder.CloseComponent();
    }
}
