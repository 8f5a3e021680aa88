using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Latchkey;

/// <summary>
/// The values that were removed from a file, so that they are also found where nothing but their being the same tells them: a token
/// echoed in a body, a password in an error. Each also in the ways it is written in addresses and in JSON.
/// </summary>
internal sealed class KnownSecrets
{
    private const int MostCharacters = 1_000_000;
    private const int Longest = 4096;
    private const int Shortest = 6;

    private readonly HashSet<string> _values = [];
    private int _characters;
    private SearchValues<string>? _sought;
    private ILookup<string, string>? _byBeginning;

    public void Add(string value, int shortest = Shortest)
    {
        if (value.Length < shortest || value.Length > Longest || _characters + value.Length > MostCharacters || value == SecretNames.Removed || !_values.Add(value)) return;
        _characters += value.Length;
        _values.Add(Uri.EscapeDataString(value));
        _values.Add(Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal));
        _values.Add(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value));
    }

    /// <summary>Whether any of them is in a finished file.</summary>
    public bool AreIn(ReadOnlySpan<byte> json)
    {
        Seek();
        return _sought is not null && Encoding.UTF8.GetString(json).AsSpan().ContainsAny(_sought);
    }

    /// <summary>The text without those that are known since the last look at a finished file.</summary>
    public string Mask(string text, Action found)
    {
        if (_sought is null) return text;
        var at = text.AsSpan().IndexOfAny(_sought);
        if (at < 0) return text;
        var (output, copied) = (new StringBuilder(text.Length), 0);
        while (true)
        {
            var length = 0;
            foreach (var value in _byBeginning![text.Substring(at, Shortest)])
            {
                if (value.Length > length && text.AsSpan(at).StartsWith(value)) length = value.Length;
            }

            output.Append(text, copied, at - copied).Append(SecretNames.Removed);
            found();
            copied = at += length;
            var next = text.AsSpan(at).IndexOfAny(_sought);
            if (next < 0) return output.Append(text, copied, text.Length - copied).ToString();
            at += next;
        }
    }

    private void Seek()
    {
        if (_values.Count == 0) return;
        _sought = SearchValues.Create([.. _values], StringComparison.Ordinal);
        _byBeginning = _values.ToLookup(v => v[..Shortest], StringComparer.Ordinal);
    }
}
