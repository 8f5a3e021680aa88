using System.Text;
using System.Text.Json;

namespace Buildyard.Principals;

/// <summary>Something that must not be found: as it is, and in the forms that a careless hand gives it.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Bytes">The secret.</param>
internal sealed record Planted(string Name, byte[] Bytes)
{
    private readonly List<byte[]> _forms = Forms(Bytes);

    /// <summary>A text that holds characters which each encoding treats apart.</summary>
    public static Planted Text(string name) => new(name, Encoding.UTF8.GetBytes($"{name.Replace(' ', '-')}/7Qx+Vt9=%&Zk3w~Hn5p"));

    public override string ToString() => Encoding.UTF8.GetString(Bytes);

    public bool IsIn(ReadOnlySpan<byte> haystack)
    {
        foreach (var form in _forms)
            if (haystack.IndexOf(form) >= 0) return true;
        return false;
    }

    private static List<byte[]> Forms(byte[] secret)
    {
        var text = Encoding.UTF8.GetString(secret);
        var forms = new List<string> { Convert.ToHexString(secret), Convert.ToHexStringLower(secret), string.Concat(secret.Select(b => $"%{b:X2}")), string.Concat(secret.Select(b => $"%{b:x2}")) };
        // Base64 is another text at each of three offsets; its ends depend on what is beside it.
        for (var before = 0; before < 3; before++)
        {
            var whole = Convert.ToBase64String([.. new byte[before], .. secret])[4..^4];
            forms.AddRange([whole, whole.Replace('+', '-').Replace('/', '_')]);
        }
        var bytes = new List<byte[]> { secret };
        if (Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(secret))
        {
            forms.AddRange([Uri.EscapeDataString(text), System.Net.WebUtility.UrlEncode(text), System.Net.WebUtility.HtmlEncode(text), JsonEncodedText.Encode(text).ToString()]);
            bytes.Add(Encoding.Unicode.GetBytes(text));
        }
        bytes.AddRange(forms.Select(Encoding.UTF8.GetBytes));
        return bytes;
    }
}
