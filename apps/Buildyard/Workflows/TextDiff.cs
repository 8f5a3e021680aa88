using DiffPlex;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A row of two texts side by side. A side without a line number has nothing there.</summary>
internal sealed record DiffRow(DiffKind Kind, int? OldLine, string? Old, int? NewLine, string? New)
{
    /// <param name="lines">How many are left out.</param>
    /// <param name="place">What encloses the change behind them.</param>
    public static DiffRow Fold(int lines, string? place) => new(DiffKind.Fold, lines, null, null, place);
}

internal enum DiffKind
{
    Same,
    Changed,
    Removed,
    Added,

    /// <summary>Equal lines that are left out; <see cref="DiffRow.OldLine"/> says how many, <see cref="DiffRow.New"/> where the change behind them stands.</summary>
    Fold,
}

/// <summary>What changed between two texts, line by line, with three lines around each change.</summary>
internal static class TextDiff
{
    private const int Around = 3;

    public static IReadOnlyList<DiffRow> Of(string before, string after)
    {
        if (before.EndsWith('\n') && after.EndsWith('\n')) (before, after) = (before[..^1], after[..^1]);
        var model = new SideBySideDiffBuilder(new Differ()).BuildDiffModel(before, after, ignoreWhitespace: false);
        var rows = new List<DiffRow>();
        for (var i = 0; i < model.OldText.Lines.Count; i++)
            rows.Add(Row(model.OldText.Lines[i], model.NewText.Lines[i]));
        return Folded(rows);
    }

    private static DiffRow Row(DiffPiece before, DiffPiece after) => (before.Type, after.Type) switch
    {
        (ChangeType.Unchanged, _) => new(DiffKind.Same, before.Position, before.Text, after.Position, after.Text),
        (ChangeType.Imaginary, _) => new(DiffKind.Added, null, null, after.Position, after.Text),
        (_, ChangeType.Imaginary) => new(DiffKind.Removed, before.Position, before.Text, null, null),
        _ => new(DiffKind.Changed, before.Position, before.Text, after.Position, after.Text),
    };

    private static List<DiffRow> Folded(List<DiffRow> rows)
    {
        var keep = new bool[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Kind == DiffKind.Same) continue;
            Array.Fill(keep, true, Math.Max(0, i - Around), Math.Min(rows.Count, i + Around + 1) - Math.Max(0, i - Around));
        }
        var (before, after) = (new Outline(rows.Where(r => r.OldLine is not null).Select(r => r.Old!)), new Outline(rows.Where(r => r.NewLine is not null).Select(r => r.New!)));
        var shown = new List<DiffRow>();
        var left = 0;
        for (var i = 0; i <= rows.Count; i++)
        {
            if (i < rows.Count && !keep[i])
            {
                left++;
                continue;
            }
            if (left > 0) shown.Add(DiffRow.Fold(left, i < rows.Count ? Place(rows.FindIndex(i, row => row.Kind != DiffKind.Same)) : null));
            left = 0;
            if (i < rows.Count) shown.Add(rows[i]);
        }
        return shown;

        string Place(int at) => rows[at].NewLine is { } line ? after.PathOf(line - 1) : before.PathOf(rows[at].OldLine!.Value - 1);
    }
}
