using System.Buffers;
using System.Text;

namespace Buildyard;

/// <summary>
/// Replaces secret values in a stream of bytes, however it is cut into chunks: every byte that belongs to an occurrence of a
/// secret is hidden, occurrences that overlap become one <c>[REDACTED]</c>. Holds back only what may still become a secret,
/// never more than the longest of them. Each line of a secret of several lines is a secret of its own.
/// </summary>
/// <remarks>An Aho–Corasick automaton whose nodes keep their children in chains: as large as the secrets together, however many bytes they use.</remarks>
public sealed class Redactor
{
    /// <summary>What stands in place of a secret.</summary>
    public static ReadOnlySpan<byte> Mark => "[REDACTED]"u8;

    /// <summary>Lines of a secret, and sensitive values of <c>bitrise.yml</c>, that are shorter than this are not hidden: a brace says nothing, and hiding each would make the log unreadable.</summary>
    public const int ShortestLine = 4;

    private readonly List<Node> _nodes = [new Node()];
    private readonly SearchValues<byte> _starts;
    private readonly ArrayBufferWriter<byte> _held = new();

    // What was found in the bytes that are held, in order, not overlapping.
    private readonly List<Run> _runs = [];
    private int _state;
    private int _position;

    /// <param name="secrets">The values to hide. Empty ones and white space alone are left out.</param>
    public Redactor(IEnumerable<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        foreach (var pattern in Patterns(secrets)) Add(Encoding.UTF8.GetBytes(pattern));
        Link();
        _starts = SearchValues.Create([.. Children(0).Select(child => _nodes[child].Byte)]);
    }

    /// <summary>What is looked for: each value without the white space around it, and each of its lines; and as a shell that tells what it runs quotes them.</summary>
    private static HashSet<string> Patterns(IEnumerable<string> secrets)
    {
        var patterns = new HashSet<string>(StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            var whole = secret.Trim();
            if (whole.Length == 0) continue;
            patterns.Add(whole);
            if (!whole.Contains('\n', StringComparison.Ordinal)) continue;
            patterns.Add(whole.Replace("\n", "\\n", StringComparison.Ordinal));
            patterns.UnionWith(whole.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length >= ShortestLine));
        }
        foreach (var quoted in patterns.Where(pattern => pattern.Contains('\'', StringComparison.Ordinal)).ToList())
            patterns.UnionWith([quoted.Replace("'", @"'\''", StringComparison.Ordinal), quoted.Replace("'", @"\'", StringComparison.Ordinal)]);
        return patterns;
    }

    /// <summary>A whole text with its secrets hidden. Not while bytes of a stream are held back.</summary>
    public string Hide(string text)
    {
        var hidden = new ArrayBufferWriter<byte>();
        Write(Encoding.UTF8.GetBytes(text), hidden);
        Flush(hidden);
        return Encoding.UTF8.GetString(hidden.WrittenSpan);
    }

    /// <summary>Where secrets stand in a whole text, in order; what overlaps is one. Not while bytes of a stream are held back.</summary>
    public IReadOnlyList<(int From, int To)> Find(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        while (_position < bytes.Length)
        {
            if (_state == 0)
            {
                var start = bytes.AsSpan(_position).IndexOfAny(_starts);
                if (start < 0) break;
                _position += start;
            }
            Take(bytes[_position]);
        }
        var (found, chars, at) = (new List<(int, int)>(_runs.Count), 0, 0);
        foreach (var run in _runs)
        {
            var from = chars + Encoding.UTF8.GetCharCount(bytes.AsSpan(at..run.From));
            chars = from + Encoding.UTF8.GetCharCount(bytes.AsSpan(run.From..run.To));
            at = run.To;
            found.Add((from, chars));
        }
        _runs.Clear();
        _state = _position = 0;
        return found;
    }

    /// <summary>Takes the next bytes and passes on what is certain by now.</summary>
    public void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        while (!text.IsEmpty)
        {
            if (_state == 0 && _held.WrittenCount == 0)
            {
                // Most of a log holds no secret: it is passed on as fast as memory is searched.
                var start = text.IndexOfAny(_starts);
                if (start < 0)
                {
                    to.Write(text);
                    return;
                }
                to.Write(text[..start]);
                text = text[start..];
            }
            var taken = 0;
            do
            {
                Take(text[taken++]);
            }
            while (taken < text.Length && _state != 0);
            _held.Write(text[..taken]);
            text = text[taken..];
            Release(_held.WrittenCount - _nodes[_state].Depth, to);
        }
    }

    /// <summary>Passes on what was held back: no more bytes follow these.</summary>
    public void Flush(IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        _state = 0;
        Release(_held.WrittenCount, to);
    }

    private void Take(byte value)
    {
        int next;
        while ((next = Child(_state, value)) < 0 && _state != 0) _state = _nodes[_state].Fallback;
        _state = Math.Max(next, 0);
        _position++;
        if (_nodes[_state].Longest is > 0 and var length) Found(new Run(_position - length, _position, IsMarked: false));
    }

    /// <summary>Joins an occurrence to those it overlaps. Occurrences come in the order of their ends.</summary>
    private void Found(Run run)
    {
        while (_runs.Count > 0 && run.From < _runs[^1].To)
        {
            run = run with { From = Math.Min(run.From, _runs[^1].From), IsMarked = run.IsMarked || _runs[^1].IsMarked };
            _runs.RemoveAt(_runs.Count - 1);
        }
        _runs.Add(run);
    }

    /// <summary>Passes on the first <paramref name="certain"/> bytes that are held: no secret that is yet to be found begins in them.</summary>
    private void Release(int certain, IBufferWriter<byte> to)
    {
        var held = _held.WrittenSpan;
        var at = 0;
        var done = 0;
        for (var i = 0; i < _runs.Count && _runs[i].From < certain; i++)
        {
            var run = _runs[i];
            to.Write(held[at..run.From]);
            if (!run.IsMarked) to.Write(Mark);
            at = Math.Min(run.To, certain);
            if (run.To <= certain)
                done++;
            else
                // Its end may still move, its beginning can't: what is hidden of it need not be held.
                _runs[i] = run with { From = certain, IsMarked = true };
        }
        _runs.RemoveRange(0, done);
        to.Write(held[at..certain]);
        Drop(certain);
    }

    private void Drop(int count)
    {
        var rest = _held.WrittenCount == count ? [] : _held.WrittenSpan[count..].ToArray();
        _held.ResetWrittenCount();
        _held.Write(rest);
        _position -= count;
        for (var i = 0; i < _runs.Count; i++) _runs[i] = _runs[i] with { From = _runs[i].From - count, To = _runs[i].To - count };
    }

    private void Add(byte[] pattern)
    {
        var node = 0;
        foreach (var value in pattern)
        {
            var child = Child(node, value);
            if (child < 0)
            {
                child = _nodes.Count;
                _nodes.Add(new Node { Byte = value, Sibling = _nodes[node].FirstChild, Depth = _nodes[node].Depth + 1 });
                _nodes[node].FirstChild = child;
            }
            node = child;
        }
        _nodes[node].Longest = pattern.Length;
    }

    /// <summary>Gives each node the longest proper ending of its own that is also a beginning, nearest to the root first.</summary>
    private void Link()
    {
        var queue = new Queue<int>(Children(0));
        while (queue.TryDequeue(out var node))
        {
            foreach (var child in Children(node))
            {
                var fallback = _nodes[node].Fallback;
                int next;
                while ((next = Child(fallback, _nodes[child].Byte)) < 0 && fallback != 0) fallback = _nodes[fallback].Fallback;
                _nodes[child].Fallback = Math.Max(next, 0);
                if (_nodes[child].Longest == 0) _nodes[child].Longest = _nodes[Math.Max(next, 0)].Longest;
                queue.Enqueue(child);
            }
        }
    }

    private int Child(int node, byte value)
    {
        var child = _nodes[node].FirstChild;
        while (child >= 0 && _nodes[child].Byte != value) child = _nodes[child].Sibling;
        return child;
    }

    private IEnumerable<int> Children(int node)
    {
        for (var child = _nodes[node].FirstChild; child >= 0; child = _nodes[child].Sibling) yield return child;
    }

    private readonly record struct Run(int From, int To, bool IsMarked);

    private sealed class Node
    {
        public byte Byte { get; init; }
        public int Depth { get; init; }
        public int Sibling { get; init; } = -1;
        public int FirstChild { get; set; } = -1;
        public int Fallback { get; set; }

        /// <summary>Length of the longest secret that ends here; 0: none does.</summary>
        public int Longest { get; set; }
    }
}
