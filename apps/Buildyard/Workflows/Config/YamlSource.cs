using System.Buffers;
using Latchkey;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Buildyard;

/// <summary>Something to say about a place in the text. Lines and columns count from 1.</summary>
public sealed record YamlRemark(int Line, int Column, string Message);

/// <summary>
/// Reads YAML within bounds. A first pass over the events counts depth, aliases and nodes before anything is built,
/// so that no text can exhaust the stack or, through aliases of aliases, the memory of those who walk the tree.
/// </summary>
internal static class YamlSource
{
    public const int DeepestNesting = 64;
    public const int MostAliases = 1000;

    /// <summary>How many nodes the text may have once every alias is written out.</summary>
    public const int MostNodes = 200_000;

    /// <summary>How many characters its values may have then: ten times those of the largest file.</summary>
    public const int MostCharacters = 4_000_000;

    private const string Tab = "This is indented with a tab. Use spaces.";

    private static readonly SearchValues<char> s_controls = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Where(c => c is < 0x20 and not ('\t' or '\n' or '\r') or >= 0x7F and not 0x85).Select(c => (char)c), '\uFFFE', '\uFFFF']);

    /// <summary>The root of the first document, or the error that keeps it from being read.</summary>
    public static (YamlNode? Root, YamlRemark? Error) Read(string text, CancellationToken cancellation = default)
    {
        text = text.TrimStart('\uFEFF');
        if (ControlCharacter(text) is { } control) return (null, control);
        var parser = new StoppingParser(text, cancellation);
        try
        {
            if (Excess(text, parser) is { } excess) return (null, excess);
            var stream = new YamlStream();
            stream.Load(new StoppingParser(text, cancellation));
            return stream.Documents.Count == 0
                ? (null, new YamlRemark(1, 1, "The file is empty. Start with format_version and workflows."))
                : (stream.Documents[0].RootNode, null);
        }
        catch (YamlException e)
        {
            return (null, IsTab(e) ? AtTheTab(text) : OpenQuote(text, e) ?? new YamlRemark(At(e.Start.Line), At(e.Start.Column), Explain(e)));
        }
        catch (InvalidOperationException) when (parser.Current is { } last)
        {
            // The parser's own scanner gives up like this on a bracket that a later line runs into.
            return (null, new YamlRemark(At(last.Start.Line), At(last.Start.Column), "A list or map in brackets is not closed behind this."));
        }
    }

    /// <summary>The texts of a file that can be read in which something can't be seen as it is, written out as an escape or as it is.</summary>
    public static IEnumerable<(string Text, YamlRemark Remark)> Hidden(string text)
    {
        var parser = new Parser(new StringReader(text.TrimStart('\uFEFF')));
        while (parser.MoveNext())
        {
            if (parser.Current is Scalar scalar && HiddenCharacters.IndexIn(scalar.Value) is >= 0 and var at)
                yield return (scalar.Value, new YamlRemark(At(scalar.Start.Line), At(scalar.Start.Column), $"This text holds the character {HiddenCharacters.NameAt(scalar.Value, at)}, which can't be seen as it is. Leave it out."));
        }
    }

    public static YamlRemark Remark(YamlNode node, string message) => new(At(node.Start.Line), At(node.Start.Column), message);

    private static bool IsTab(YamlException e) => e.Message.Contains("invalid tab", StringComparison.Ordinal);

    /// <summary>Of a tab the reader tells where the map began that it stands in: the line is the first that can't be read with those above it.</summary>
    private static YamlRemark AtTheTab(string text)
    {
        var lines = text.Split('\n');
        var (low, high) = (1, lines.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (FailsAtATab(string.Join('\n', lines[..middle]) + "\n")) high = middle;
            else low = middle + 1;
        }
        return new YamlRemark(low, At(lines[low - 1].IndexOf('\t', StringComparison.Ordinal) + 1), Tab);
    }

    private static bool FailsAtATab(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            while (parser.MoveNext())
            {
            }
            return false;
        }
        catch (YamlException e)
        {
            return IsTab(e);
        }
        catch (InvalidOperationException)
        {
            // A bracket that the lines above leave open.
            return false;
        }
    }

    /// <summary>The first character that YAML has no place for, also not in quotes.</summary>
    private static YamlRemark? ControlCharacter(string text)
    {
        var at = text.AsSpan().IndexOfAny(s_controls);
        return at < 0 ? null : new YamlRemark(text.AsSpan(0, at).Count('\n') + 1, at - text.AsSpan(0, at).LastIndexOf('\n'), $"The control character U+{(int)text[at]:X4} is not allowed.");
    }

    private static YamlRemark? Excess(string text, StoppingParser parser)
    {
        var hasTabs = text.Contains('\t', StringComparison.Ordinal);
        if (hasTabs && YamlTabs.Leading(text) is { } leading) return new YamlRemark(leading, 1, Tab);
        var brackets = 0;
        var dialect = new YamlDialect(text);
        var sizes = new Dictionary<AnchorName, (long Nodes, long Characters)>();
        var open = new Stack<(AnchorName Anchor, long Nodes, long Characters, bool InBrackets)>();
        var (nodes, characters) = (0L, 0L);
        var aliases = 0;
        while (parser.MoveNext())
        {
            var at = parser.Current!;
            if (hasTabs && brackets == 0 && at is NodeEvent && YamlTabs.Indents(text, at.Start)) return Here(Tab);
            if (dialect.Objection(at) is { } objection) return Here(objection);
            if (at is MappingStart { Style: MappingStyle.Flow } or SequenceStart { Style: SequenceStyle.Flow }) brackets++;
            switch (at)
            {
                case DocumentStart { Version.Version: not { Major: 1, Minor: 1 } }:
                    return Here("Bitrise reads YAML 1.1 only. Leave the line with %YAML out.");
                case MappingStart or SequenceStart:
                    nodes++;
                    open.Push((((NodeEvent)at).Anchor, nodes, characters, brackets > 0));
                    if (open.Count > DeepestNesting) return Here($"Nested deeper than {DeepestNesting} levels.");
                    break;
                case MappingEnd or SequenceEnd:
                    var (anchor, nodesBefore, charactersBefore, inBrackets) = open.Pop();
                    if (inBrackets) brackets--;
                    if (!anchor.IsEmpty) sizes[anchor] = (nodes - nodesBefore + 1, characters - charactersBefore);
                    break;
                case Scalar scalar:
                    nodes++;
                    characters += scalar.Value.Length;
                    if (hasTabs && YamlTabs.BeginsBlock(text, scalar)) return Here("The first line of this text is indented with a tab. Use spaces.");
                    if (!scalar.Anchor.IsEmpty) sizes[scalar.Anchor] = (1, scalar.Value.Length);
                    break;
                case AnchorAlias alias:
                    if (++aliases > MostAliases) return Here($"More than {MostAliases} aliases.");
                    if (open.Any(o => o.Anchor == alias.Value)) return Here($"The alias *{alias.Value} stands inside what it names.");
                    if (!sizes.TryGetValue(alias.Value, out var size)) return Here("The alias names an anchor that is not defined above it.");
                    nodes += size.Nodes;
                    characters += size.Characters;
                    break;
            }
            if (nodes > MostNodes || characters > MostCharacters) return Here("Written out, the aliases make it too large.");

            YamlRemark Here(string message) => new(At(at.Start.Line), At(at.Start.Column), message);
        }
        return null;
    }

    /// <summary>A quote that nothing closes: told where the text ends, as the CLI does, and with the line to look at.</summary>
    private static YamlRemark? OpenQuote(string text, YamlException e)
    {
        if (!e.Message.Contains("quoted scalar", StringComparison.Ordinal) || e.Start.Index >= text.Length) return null;
        var rest = text.AsSpan((int)e.Start.Index);
        if (rest[0] is not ('"' or '\'') || IsClosed(rest)) return null;
        var last = text.AsSpan().Count('\n') + 1;
        return new YamlRemark(last, last == e.Start.Line ? At(e.Start.Column) : 1, $"The quote that opens in line {e.Start.Line} is not closed.");
    }

    private static bool IsClosed(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && text[0] == '"') i++;
            else if (text[i] == text[0]) return true;
        }
        return false;
    }

    private static string Explain(YamlException e) => (e.InnerException ?? e).Message switch
    {
        var message when message.Contains("uplicate", StringComparison.Ordinal) => "This key is in the same map already.",
        var message when message.Contains("expected key", StringComparison.Ordinal) => "This does not belong to the map above it. Check the indentation, and that a “key:” stands before it.",
        var message when message.Contains("expected '-'", StringComparison.Ordinal) => "This does not belong to the list above it. Check the indentation, and that a dash stands before it.",
        var message when message.Contains("expected <document", StringComparison.Ordinal) => "This belongs to nothing above it. Check the indentation.",
        var message when message.Contains("expected ':'", StringComparison.Ordinal) => "A “:” is missing behind this.",
        var message when message.Contains("invalid mapping", StringComparison.Ordinal) => "A “key:” can't stand here. Check the indentation, and put a text that holds “: ” in quotes.",
        var message => Sentence(message),
    };

    private static string Sentence(string message)
    {
        var text = message.Trim();
        if (text.StartsWith('(')) text = text[(text.LastIndexOf("): ", StringComparison.Ordinal) + 3)..];
        return text.EndsWith('.') ? text : text + ".";
    }

    private static int At(long position) => (int)Math.Max(1, position);

    /// <summary>Gives up between two events.</summary>
    private sealed class StoppingParser(string text, CancellationToken cancellation) : IParser
    {
        private readonly Parser _parser = new(new StringReader(text));

        public ParsingEvent? Current => _parser.Current;

        public bool MoveNext()
        {
            cancellation.ThrowIfCancellationRequested();
            return _parser.MoveNext();
        }
    }
}
