namespace Buildyard;

/// <summary>Kinds of projects, as <c>project_type</c> of <c>bitrise.yml</c> names them.</summary>
public static class ProjectTypes
{
    public static IReadOnlyList<(string Word, string Label)> All { get; } =
    [
        ("ios", "iOS"),
        ("android", "Android"),
        ("flutter", "Flutter"),
        ("react-native", "React Native"),
        ("kotlin-multiplatform", "Kotlin Multiplatform"),
        ("cordova", "Cordova"),
        ("ionic", "Ionic"),
        ("macos", "macOS"),
        ("node-js", "Node.js"),
        ("java", "Java"),
        ("other", "Other"),
    ];

    public static string Label(string word) => All.First(t => t.Word == word).Label;

    public static string? Read(string? word, List<FieldError> errors)
    {
        if (All.Any(t => t.Word == word)) return word;
        errors.Add(new("project_type", "It is not a project type known here.", $"One of {string.Join(", ", All.Select(t => t.Word))}."));
        return null;
    }
}
