using DiffPlex;

namespace Latchkey.AspNetCore;

/// <summary>Why a change to a text can't be carried over to the text as it is now.</summary>
public enum PatchProblem
{
    /// <summary>What it changes, or stands right beside it, was changed since.</summary>
    ChangedSince,

    /// <summary>It touches what was masked: nobody who saw the mask alone can say what should be there.</summary>
    TouchesSecret,
}

/// <summary>
/// Carries a change that was made to the masked view of a text over to the text itself: only the lines that were changed are, and every
/// other character stays, secrets among them. Line ends and a byte order mark stay as they are.
/// <para>
/// It is a three-way merge by lines: a change holds where nobody has changed the same lines, or those right beside them, since.
/// </para>
/// </summary>
public sealed class MaskedPatch
{
    private MaskedPatch(string now, string? then, string? text, PatchProblem? problem) => (Now, Then, Text, Problem) = (now, then, text, problem);

    /// <summary>The masked view of the text as it is.</summary>
    public string Now { get; }

    /// <summary>The masked view of it with the change; null where there is a problem.</summary>
    public string? Then { get; }

    /// <summary>The text itself with the change; null where there is a problem.</summary>
    public string? Text { get; }

    /// <summary>Why the change can't be made; null where it can.</summary>
    public PatchProblem? Problem { get; }

    /// <summary>Carries a change over.</summary>
    /// <param name="shown">The masked view that the change was made to.</param>
    /// <param name="proposed">What was made of it.</param>
    /// <param name="current">The text as it is now.</param>
    /// <param name="mask">Makes the masked view of a text.</param>
    public static MaskedPatch Of(string shown, string proposed, string current, Func<string, string> mask)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(mask);
        var real = current.TrimStart('\uFEFF');
        var now = Plain(mask(real));
        var changes = Blocks(Plain(shown), Plain(proposed));
        if (Carried(changes, Blocks(Plain(shown), now)) is not { } edits)
        {
            return new MaskedPatch(now, null, null, PatchProblem.ChangedSince);
        }

        if (edits.Any(e => e.Lines.Any(line => line.Contains(SecretText.Mark, StringComparison.Ordinal))) || Unmasked(edits, Blocks(now, Plain(real))) is not { } realEdits)
        {
            return new MaskedPatch(now, null, null, PatchProblem.TouchesSecret);
        }

        var breaks = real.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var text = current[..(current.Length - real.Length)] + Edited(real.Split('\n'), realEdits, breaks == "\n" ? "" : "\r");
        return new MaskedPatch(now, Edited(now.Split('\n'), edits, ""), text, null);
    }

    /// <summary>The edits as places of the text as it is now; null where somebody changed the same lines, or those beside them.</summary>
    private static List<Edit>? Carried(List<Edit> changes, List<Edit> since)
    {
        var carried = new List<Edit>();
        foreach (var change in changes)
        {
            var touching = since.FindAll(s => s.At <= change.End && change.At <= s.End);
            if (touching.Count == 0)
            {
                carried.Add(change with { At = change.At + since.Where(s => s.End <= change.At).Sum(s => s.Lines.Count - s.Gone) });
            }
            else if (touching is not [var same] || same.At != change.At || same.Gone != change.Gone || !same.Lines.SequenceEqual(change.Lines, StringComparer.Ordinal))
            {
                return null;
            }
        }

        return carried;
    }

    /// <summary>The same edits as places of the text itself; null where one touches what is masked.</summary>
    private static List<Edit>? Unmasked(List<Edit> edits, List<Edit> unmasking)
    {
        var real = new List<Edit>();
        foreach (var edit in edits)
        {
            if (unmasking.Exists(u => (u.At < edit.End && edit.At < u.End) || (u.Gone == 0 && u.At >= edit.At && u.At <= edit.End) || (edit.Gone == 0 && u.At < edit.At && edit.At < u.End)))
            {
                return null;
            }

            real.Add(edit with { At = edit.At + unmasking.Where(u => u.End <= edit.At).Sum(u => u.Lines.Count - u.Gone) });
        }

        return real;
    }

    private static string Edited(string[] lines, List<Edit> edits, string end)
    {
        var edited = new List<string>();
        var next = 0;
        foreach (var edit in edits)
        {
            edited.AddRange(lines[next..edit.At]);
            // The last line of a text has no line end of its own.
            edited.AddRange(edit.Lines.Select((line, i) => edit.End == lines.Length && i == edit.Lines.Count - 1 ? line : line + end));
            next = edit.End;
        }

        edited.AddRange(lines[next..]);
        return string.Join('\n', edited);
    }

    internal static List<Edit> Blocks(string before, string after)
    {
        var diff = new Differ().CreateCustomDiffs(before, after, ignoreWhiteSpace: false, text => text.Split('\n'));
        return [.. diff.DiffBlocks.Select(b => new Edit(b.DeleteStartA, b.DeleteCountA, [.. diff.PiecesNew.Skip(b.InsertStartB).Take(b.InsertCountB)]))];
    }

    internal static string Plain(string text) => text.TrimStart('\uFEFF').ReplaceLineEndings("\n");

    /// <summary>Lines that go, and those that come in their place.</summary>
    internal sealed record Edit(int At, int Gone, IReadOnlyList<string> Lines)
    {
        public int End => At + Gone;
    }
}
