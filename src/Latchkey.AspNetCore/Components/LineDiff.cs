using DiffPlex;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace Latchkey.AspNetCore;

/// <summary>What changed between two texts, line by line, with a little of what stayed around it.</summary>
/// <param name="Added">Lines that are new.</param>
/// <param name="Removed">Lines that are gone.</param>
/// <param name="Lines">What to show.</param>
internal sealed record LineDiff(int Added, int Removed, IReadOnlyList<DiffLine> Lines)
{
    private const int Around = 3;
    private const int MaxShown = 500;

    // To look for what is alike takes time that grows with the square of what differs: beyond this it is told as replaced.
    private const int MostCompared = 20_000;

    /// <summary>Compares two texts.</summary>
    /// <param name="before">The one.</param>
    /// <param name="after">The other.</param>
    /// <param name="isWhole">Whether every line that differs is shown: what is accepted is shown. Default: the first 500 lines.</param>
    public static LineDiff Of(string before, string after, bool isWhole = false)
    {
        var all = Compared(before, after);
        var shown = new List<DiffLine>();
        var (numberBefore, numberAfter, skipped, lastChange) = (0, 0, false, int.MinValue / 2);
        var nextChange = NextChanges(all);
        var (outlineBefore, outlineAfter) = (Outlined(all, ChangeType.Inserted), Outlined(all, ChangeType.Deleted));
        for (var i = 0; i < all.Count && (isWhole || shown.Count < MaxShown); i++)
        {
            var kind = KindOf(all[i].Type);
            numberBefore += kind == "added" ? 0 : 1;
            numberAfter += kind == "removed" ? 0 : 1;
            lastChange = kind == "same" ? lastChange : i;
            if (i - lastChange > Around && nextChange[i] - i > Around)
            {
                skipped = true;
                continue;
            }

            if (skipped)
            {
                shown.Add(new DiffLine("gap", null, null, Place(i)));
                skipped = false;
            }

            shown.Add(new DiffLine(kind, kind == "added" ? null : numberBefore, kind == "removed" ? null : numberAfter, all[i].Text ?? ""));
        }

        if (!isWhole && shown.Count == MaxShown)
        {
            shown.Add(new DiffLine("gap", null, null, "There is more."));
        }

        return new LineDiff(all.Count(l => l.Type == ChangeType.Inserted), all.Count(l => l.Type == ChangeType.Deleted), shown);

        // Where the next change stands: the lines up to it are the same.
        string Place(int at)
        {
            var next = nextChange[at];
            var path = all[next].Type == ChangeType.Inserted ? outlineAfter.PathOf(numberAfter - 1 + next - at) : outlineBefore.PathOf(numberBefore - 1 + next - at);
            return path.Length == 0 ? "…" : path;
        }
    }

    private static List<DiffPiece> Compared(string before, string after)
    {
        var (one, other) = (before.Split('\n'), after.Split('\n'));
        var (most, start, end) = (Math.Min(one.Length, other.Length), 0, 0);
        while (start < most && one[start] == other[start])
        {
            start++;
        }

        while (end < most - start && one[^(end + 1)] == other[^(end + 1)])
        {
            end++;
        }

        return one.Length + other.Length - (2 * (start + end)) <= MostCompared
            ? new InlineDiffBuilder(new Differ()).BuildDiffModel(before, after, ignoreWhitespace: false).Lines
            : [.. Pieces(one[..start], ChangeType.Unchanged), .. Pieces(one[start..^end], ChangeType.Deleted), .. Pieces(other[start..^end], ChangeType.Inserted), .. Pieces(one[^end..], ChangeType.Unchanged)];
    }

    private static IEnumerable<DiffPiece> Pieces(string[] lines, ChangeType type) => lines.Select(line => new DiffPiece(line.TrimEnd('\r'), type));

    private static Outline Outlined(List<DiffPiece> lines, ChangeType without) => new(lines.Where(line => line.Type != without).Select(line => line.Text ?? ""));

    private static int[] NextChanges(List<DiffPiece> lines)
    {
        var next = new int[lines.Count];
        var at = int.MaxValue;
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            at = lines[i].Type == ChangeType.Unchanged ? at : i;
            next[i] = at;
        }

        return next;
    }

    private static string KindOf(ChangeType type) => type switch
    {
        ChangeType.Inserted => "added",
        ChangeType.Deleted => "removed",
        _ => "same",
    };
}

/// <summary>A line of a diff.</summary>
/// <param name="Kind"><c>same</c>, <c>added</c>, <c>removed</c>, or <c>gap</c> for what is left out, with what encloses the lines behind it.</param>
/// <param name="Before">Its number before.</param>
/// <param name="After">Its number after.</param>
/// <param name="Text">The line.</param>
internal sealed record DiffLine(string Kind, int? Before, int? After, string Text);
