using System.Text;
using System.Text.RegularExpressions;
using Latchkey;

namespace Buildyard;

/// <summary>
/// A <c>bitrise.yml</c> for somebody else's eyes: without its <see cref="SensitiveValues"/>, without the values of names that say they are secret, and without
/// tokens and keys wherever they stand. Names go line by line, so that a file which is no YAML is masked too, and the lines that are left stay as they were written.
/// </summary>
public static partial class MaskedYaml
{
    /// <summary>The file, masked. Lines that hold no secret come back as they were, with line ends as LF.</summary>
    public static string Of(string yaml)
    {
        var hidden = SensitiveValues.Hide(yaml.ReplaceLineEndings("\n"), SecretText.Mark);
        var (lines, literal) = (hidden.Split('\n'), BitriseYaml.ReadSaved(hidden).NotExpanded.Select(place => place.Line - 1).ToHashSet());
        var output = new StringBuilder(yaml.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (Entry().Match(line) is { Success: true } entry && Hides(entry, lines, i, isExpanded: !literal.Contains(i)))
            {
                // The value may go on below: whatever stands deeper than the name belongs to it.
                output.Append(line, 0, entry.Groups["value"].Index).Append(line[entry.Groups["value"].Index - 1] == ':' ? " " : "").Append(SecretText.Mark).Append('\n');
                var depth = entry.Groups["name"].Index;
                while (i + 1 < lines.Length && (lines[i + 1].AsSpan().IsWhiteSpace() || Indent(lines[i + 1]) > depth)) i++;
                continue;
            }
            output.Append(line).Append('\n');
        }
        return SecretText.Mask(output.ToString(0, output.Length - 1));
    }

    private static bool Hides(Match entry, string[] lines, int at, bool isExpanded)
    {
        var (name, value) = (entry.Groups["name"].Value.Trim('"', '\''), Properties().Replace(entry.Groups["value"].Value.Trim(), ""));
        var plain = value.Trim('"', '\'');
        if (!SecretText.IsSecretName(name) && !name.Contains("webhook", StringComparison.OrdinalIgnoreCase))
            return name.Contains("key", StringComparison.OrdinalIgnoreCase) && SecretText.IsOpaque(plain);
        if (value.Length == 0 || value[0] == '#')
            return at + 1 < lines.Length && Indent(lines[at + 1]) > entry.Groups["name"].Index && !Structure().IsMatch(lines[at + 1]);
        // An alias is never in quotes: what is, is a text.
        return value[0] != '*' && !SensitiveValues.SaysNothing(plain, isExpanded);
    }

    private static int Indent(string line) => line.Length - line.AsSpan().TrimStart(' ').Length;

    [GeneratedRegex("""^\s*(?:- +)*(?<name>"[^"]{1,200}"|'[^']{1,200}'|[A-Za-z0-9_.\-]{1,200}) *:(?: +|$)(?<value>.*)$""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Entry();

    /// <summary>An anchor or a tag before a value on the same line.</summary>
    [GeneratedRegex("""^(?:[&!]\S* +)+""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Properties();

    // Another name, an item of a list, or a comment: what is below is no value of its own.
    [GeneratedRegex("""^\s*(?:- |-$|#|["']?[A-Za-z0-9_.\-]+["']? *:(?: |$))""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Structure();
}
