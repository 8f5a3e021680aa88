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

    /// <summary>The root of the first document, or the error that keeps it from being read.</summary>
    public static (YamlNode? Root, YamlRemark? Error) Read(string text)
    {
        try
        {
            if (Excess(text) is { } excess) return (null, excess);
            var stream = new YamlStream();
            stream.Load(new StringReader(text.TrimStart('\uFEFF')));
            return stream.Documents.Count == 0
                ? (null, new YamlRemark(1, 1, "The file is empty. Start with format_version and workflows."))
                : (stream.Documents[0].RootNode, null);
        }
        catch (YamlException e)
        {
            return (null, new YamlRemark(At(e.Start.Line), At(e.Start.Column), Explain(e)));
        }
    }

    public static YamlRemark Remark(YamlNode node, string message) => new(At(node.Start.Line), At(node.Start.Column), message);

    private static YamlRemark? Excess(string text)
    {
        var parser = new Parser(new StringReader(text.TrimStart('\uFEFF')));
        var sizes = new Dictionary<AnchorName, long>();
        var open = new Stack<(AnchorName Anchor, long Before)>();
        long nodes = 0;
        var aliases = 0;
        while (parser.MoveNext())
        {
            var at = parser.Current!;
            switch (at)
            {
                case MappingStart or SequenceStart:
                    nodes++;
                    open.Push((((NodeEvent)at).Anchor, nodes));
                    if (open.Count > DeepestNesting) return Here($"Nested deeper than {DeepestNesting} levels.");
                    break;
                case MappingEnd or SequenceEnd:
                    var (anchor, before) = open.Pop();
                    if (!anchor.IsEmpty) sizes[anchor] = nodes - before + 1;
                    break;
                case Scalar scalar:
                    nodes++;
                    if (!scalar.Anchor.IsEmpty) sizes[scalar.Anchor] = 1;
                    break;
                case AnchorAlias alias:
                    if (++aliases > MostAliases) return Here($"More than {MostAliases} aliases.");
                    if (open.Any(o => o.Anchor == alias.Value)) return Here($"The alias *{alias.Value} stands inside what it names.");
                    if (!sizes.TryGetValue(alias.Value, out var size)) return Here("The alias names an anchor that is not defined above it.");
                    nodes += size;
                    break;
            }
            if (nodes > MostNodes) return Here("Written out, the aliases make it too large.");

            YamlRemark Here(string message) => new(At(at.Start.Line), At(at.Start.Column), message);
        }
        return null;
    }

    private static string Explain(YamlException e) => e switch
    {
        _ when e.Message.Contains("uplicate", StringComparison.Ordinal) => "This key is in the same map already.",
        _ => Sentence(e.InnerException is null ? e.Message : e.InnerException.Message),
    };

    private static string Sentence(string message)
    {
        var text = message.Trim();
        if (text.StartsWith('(')) text = text[(text.LastIndexOf("): ", StringComparison.Ordinal) + 3)..];
        return text.EndsWith('.') ? text : text + ".";
    }

    private static int At(long position) => (int)Math.Max(1, position);
}
