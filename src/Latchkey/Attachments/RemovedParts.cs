using System.Runtime.InteropServices;

namespace Latchkey;

/// <summary>Counts what is removed, by kind, place and name. Beyond a thousand rows only the number grows.</summary>
internal sealed class RemovedParts
{
    private const int MostRows = 1000;
    private const int MostName = 200;

    private readonly Dictionary<(RemovedKind Kind, string? Where, string? Name), int> _counts = [];
    private int _beyond;

    public void Add(RemovedKind kind, string? where = null, string? name = null)
    {
        var key = (kind, where, Readable(name));
        if (_counts.Count >= MostRows && !_counts.ContainsKey(key))
        {
            _beyond++;
            return;
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _)++;
    }

    public IReadOnlyList<RemovedPart> ToList()
    {
        var rows = _counts.Select(c => new RemovedPart(c.Key.Kind, c.Key.Where, c.Key.Name, c.Value)).ToList();
        if (_beyond > 0) rows.Add(new(RemovedKind.Secret, null, "further ones", _beyond));
        return rows;
    }

    // Names come out of the file: what is shown of them is bounded and holds nothing that hides or reorders text.
    private static string? Readable(string? name)
    {
        if (name is null) return null;
        if (name.Length > MostName) name = name[..MostName] + "…";
        return string.Concat(name.Select(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format ? '·' : c));
    }
}
