using System.Globalization;

namespace Latchkey.Ledger;

/// <summary>
/// The state of a ledger in three lines: whose it is, how many entries it has, and the root over them (C2SP tlog-checkpoint).
/// Signed as a note (<see cref="SignedNote"/>) it is what a customer keeps to hold the log to its word.
/// </summary>
/// <param name="Origin">The log's name, <c>{instance}/{account}</c>; not empty, one line.</param>
/// <param name="Size">The count of entries, from 0.</param>
/// <param name="Root">The root of the Merkle tree over them.</param>
public sealed record Checkpoint(string Origin, long Size, Hash Root)
{
    /// <summary>The note's text: origin, size and root, each ended by a newline. No extension lines are written.</summary>
    /// <exception cref="LedgerFormatException">The origin is empty or has a newline, or the size is negative.</exception>
    public string ToText()
    {
        if (Origin.Length == 0 || Origin.Contains('\n', StringComparison.Ordinal))
            throw new LedgerFormatException("checkpoint origin", "is not one line of text");
        if (Size < 0)
            throw new LedgerFormatException("checkpoint size", $"is {Size}; it counts entries from 0");
        return string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root}\n");
    }

    /// <summary>Reads a note's text. Extension lines after the third are allowed by the specification and ignored.</summary>
    /// <param name="text">The text as it was signed, to its last newline.</param>
    /// <exception cref="LedgerFormatException">A line is missing, empty, or not in its one spelling; the message names it.</exception>
    public static Checkpoint Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length > 0)
            throw new LedgerFormatException("checkpoint", "does not have three lines that each end in a newline");
        if (lines.AsSpan(0, lines.Length - 1).Contains(""))
            throw new LedgerFormatException("checkpoint", "has an empty line");
        if (!long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || (lines[1] is ['0', _, ..]))
            throw new LedgerFormatException("checkpoint size", $"is '{lines[1]}'; a decimal number without sign or leading zeros is expected");
        if (!Hash.TryParse(lines[2], out var root))
            throw new LedgerFormatException("checkpoint root", $"is '{lines[2]}'; 32 bytes in standard base64 are expected");
        return new Checkpoint(lines[0], size, root);
    }
}
