using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Buildyard;

/// <summary>Writes out what part of a <c>bitrise.yml</c> says, the same text exactly where the same is said, wherever it stands in the file.</summary>
internal static class ConfigText
{
    // What stands in fields, as the parts of a tuple do, is said too.
    private static readonly JsonSerializerOptions s_withoutPlaces = new() { IncludeFields = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutPlaces, TellKindsApart } } };

    public static string Of(object? part) => JsonSerializer.Serialize(part, s_withoutPlaces);

    private static void LeaveOutPlaces(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (type.Properties[i].PropertyType == typeof(Place) || type.Properties[i].PropertyType == typeof(IReadOnlyList<Place>)) type.Properties.RemoveAt(i);
    }

    /// <summary>What stands where one of several kinds may, such as an item of a list of steps, is written whole, with its kind.</summary>
    private static void TellKindsApart(JsonTypeInfo type)
    {
        if (!type.Type.IsAbstract || type.Type.Assembly != typeof(ConfigText).Assembly) return;
        type.PolymorphismOptions = new JsonPolymorphismOptions();
        foreach (var kind in type.Type.Assembly.GetTypes().Where(t => t.IsSubclassOf(type.Type)))
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind, kind.Name));
    }
}
