namespace Buildyard;

/// <summary>Which bytes of a build's log are whose, at one moment: whoever shows them takes both from here, since what is saved of a running build is behind its log.</summary>
/// <param name="Steps">Every step that is known, with the byte at which it begins; null while it hasn't.</param>
/// <param name="Length">How many bytes may be read.</param>
internal sealed record LogMap(IReadOnlyList<(string Title, long? Start)> Steps, long Length)
{
    /// <summary>What stands before the first step.</summary>
    public const int Preparing = -1;

    /// <summary>A log of which nothing may be read yet.</summary>
    public static LogMap Empty { get; } = new([], 0);

    /// <summary>The whole log of a build that is over.</summary>
    public static LogMap Of(Build build) => new([.. build.Steps.Select(s => (s.Title, s.LogStart))], long.MaxValue);

    public string TitleOf(int step) => step == Preparing ? "Preparing" : Steps[step].Title;
}
