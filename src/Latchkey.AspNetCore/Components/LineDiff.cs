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

    /// <summary>Compares two texts.</summary>
    /// <param name="before">The one.</param>
    /// <param name="after">The other.</param>
    /// <param name="isWhole">Whether every line that differs is shown: what is accepted is shown. Default: the first 500 lines.</param>
    public static LineDiff Of(string before, string after, bool isWhole = false)
    {
        var all = new InlineDiffBuilder(new Differ()).BuildDiffModel(before, after, ignoreWhitespace: false).Lines;
        var shown = new List<DiffLine>();
        var (numberBefore, numberAfter, skipped, lastChange) = (0, 0, false, int.MinValue / 2);
        var nextChange = NextChanges(all);
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
                shown.Add(new DiffLine("gap", null, null, "…"));
                skipped = false;
            }

            shown.Add(new DiffLine(kind, kind == "added" ? null : numberBefore, kind == "removed" ? null : numberAfter, all[i].Text ?? ""));
        }

        if (!isWhole && shown.Count == MaxShown)
        {
            shown.Add(new DiffLine("gap", null, null, "There is more."));
        }

        return new LineDiff(all.Count(l => l.Type == ChangeType.Inserted), all.Count(l => l.Type == ChangeType.Deleted), shown);
    }

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
/// <param name="Kind"><c>same</c>, <c>added</c>, <c>removed</c>, or <c>gap</c> for what is left out.</param>
/// <param name="Before">Its number before.</param>
/// <param name="After">Its number after.</param>
/// <param name="Text">The line.</param>
internal sealed record DiffLine(string Kind, int? Before, int? After, string Text);
