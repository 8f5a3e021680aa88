using System.Text;

namespace Buildyard;

/// <summary>One step's part of a log on a page. Step -1 is what came before the first.</summary>
public sealed record LogPart(int Step, string Title, string Html, bool IsOpen, bool IsCut);

/// <summary>A log as a page shows it: by step, the newest output of each. The whole of it is for the download.</summary>
/// <param name="Parts">In order.</param>
/// <param name="End">The byte up to which it was read.</param>
public sealed record LogView(IReadOnlyList<LogPart> Parts, long End)
{
    private const int MostOfAStep = 100 * 1024;
    private const int MostOfAll = 1024 * 1024;

    public bool IsEmpty => End == 0;

    /// <summary>Reads what a log says now.</summary>
    /// <param name="build">Whose.</param>
    /// <param name="map">Which bytes of it are whose.</param>
    /// <param name="files">Where logs are.</param>
    internal static async Task<LogView> ReadAsync(Build build, LogMap map, BuildFiles files)
    {
        await using var file = files.OpenLog(build);
        var length = Math.Min(file?.Length ?? 0, map.Length);
        if (file is null || length == 0) return new LogView([], 0);
        var ranges = Ranges(map, length);
        // What runs is the last that began.
        var running = build.IsOver ? LogMap.Preparing : map.Steps.Count(s => s.Start is not null) - 1;
        var parts = new List<LogPart>();
        var left = MostOfAll;
        // From the end: what is newest is shown where not everything can be.
        foreach (var (step, start, end) in Enumerable.Reverse(ranges))
        {
            var most = Math.Min(MostOfAStep, left);
            var from = Math.Max(start, end - most);
            var text = await TextAsync(file, from, (int)(end - from));
            if (from > start) text = text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..];
            left -= (int)(end - from);
            var open = step == LogMap.Preparing
                ? ranges.Count == 1
                : step == running || build.Steps.ElementAtOrDefault(step)?.Status == StepWords.Of(StepStatus.Failed);
            parts.Insert(0, new LogPart(step, map.TitleOf(step), new AnsiHtml().Convert(text), open, from > start));
        }
        return new LogView(parts, length);
    }

    /// <summary>Which bytes are whose.</summary>
    private static List<(int Step, long Start, long End)> Ranges(LogMap map, long length)
    {
        var starts = map.Steps.Index().Where(s => s.Item.Start < length).Select(s => (s.Index, Start: s.Item.Start!.Value)).OrderBy(s => s.Start).ToList();
        var ranges = new List<(int, long, long)>();
        if (starts.Count == 0 || starts[0].Start > 0) ranges.Add((LogMap.Preparing, 0, starts.Count == 0 ? length : starts[0].Start));
        foreach (var (i, (step, start)) in starts.Index())
        {
            var end = i + 1 < starts.Count ? starts[i + 1].Start : length;
            if (end > start) ranges.Add((step, start, end));
        }
        return ranges;
    }

    private static async Task<string> TextAsync(FileStream file, long from, int length)
    {
        var bytes = new byte[length];
        file.Position = from;
        var read = await file.ReadAtLeastAsync(bytes, length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(bytes, 0, read);
    }
}
