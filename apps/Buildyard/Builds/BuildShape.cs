using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Buildyard;

/// <summary>What of a <c>bitrise.yml</c> shapes a build, as a text that is the same exactly when the builds are.</summary>
internal static class BuildShape
{
    // Where something stands in the file is all that a plan has beside what runs.
    private static readonly JsonSerializerOptions s_withoutPlaces = new()
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers =
            {
                type =>
                {
                    for (var i = type.Properties.Count - 1; i >= 0; i--)
                        if (type.Properties[i].PropertyType == typeof(Place)) type.Properties.RemoveAt(i);
                },
            },
        },
    };

    /// <summary>The shape of one target; null where the file has none of that name.</summary>
    public static string? Of(BitriseConfig config, BuildTargetKind kind, string target)
    {
        var workflows = BuildTargets.WorkflowsOf(config, kind, target);
        return workflows.Count == 0 ? null : JsonSerializer.Serialize(workflows.Select(workflow => config.Plan(workflow).Plan), s_withoutPlaces);
    }
}
