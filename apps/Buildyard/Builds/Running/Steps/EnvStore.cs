using System.Text;

namespace Buildyard;

/// <summary>What a step left for the steps after it, as <c>envman</c> writes it: key, options and value, each ended by a zero byte.</summary>
internal static class EnvStore
{
    /// <summary>The most that one step may leave, in bytes: what envman lets through, and room for names.</summary>
    public const int Largest = 384 * 1024;

    /// <summary>A record that is cut off or not one is left out: steps can write the file themselves.</summary>
    public static List<EnvItem> Read(byte[] content)
    {
        var items = new List<EnvItem>();
        var fields = Encoding.UTF8.GetString(content).Split('\0');
        for (var i = 0; i + 3 < fields.Length; i += 3)
        {
            var (key, options, value) = (fields[i], fields[i + 1], fields[i + 2]);
            if (key.Length == 0 || key.Contains('=', StringComparison.Ordinal)) continue;
            var item = new EnvItem(key, value)
            {
                IsExpand = !options.Contains('n', StringComparison.Ordinal),
                SkipIfEmpty = options.Contains('e', StringComparison.Ordinal),
                IsSensitive = options.Contains('s', StringComparison.Ordinal),
                Unset = options.Contains('u', StringComparison.Ordinal),
            };
            var same = options.Contains('a', StringComparison.Ordinal) ? -1 : items.FindIndex(known => known.Key == key);
            if (same >= 0) items[same] = item;
            else items.Add(item);
        }
        return items;
    }
}
