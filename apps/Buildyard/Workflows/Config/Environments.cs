using System.Text;

namespace Buildyard;

/// <summary>How a list of variables becomes an environment: in order, each seeing those before it.</summary>
public static class Environments
{
    /// <summary>The most characters that all values together may be written out to: many times what the system passes to a step. Each may say those before it twice.</summary>
    private const int Largest = 16 * 1024 * 1024;

    /// <summary>Applies <paramref name="items"/> in turn over <paramref name="start"/>.</summary>
    /// <param name="items">Set, skip when empty, or unset; expanded unless they say otherwise.</param>
    /// <param name="start">What is there before; null: nothing.</param>
    /// <param name="sensitive">Is told the value of each sensitive item as it is set, also where a later item takes its place.</param>
    /// <exception cref="EnvironmentTooLargeException">What variables are replaced by grows out of bounds.</exception>
    public static Dictionary<string, string> Apply(IEnumerable<EnvItem> items, IReadOnlyDictionary<string, string>? start = null, Action<string>? sensitive = null)
    {
        var envs = start is null ? new Dictionary<string, string>(StringComparer.Ordinal) : new Dictionary<string, string>(start, StringComparer.Ordinal);
        var written = 0L;
        foreach (var item in items)
        {
            if (item.Unset == true)
            {
                envs.Remove(item.Key);
                continue;
            }
            if (item.SkipIfEmpty == true && item.Value.Length == 0) continue;
            envs[item.Key] = item.IsExpand ?? true ? Expand(item.Value, envs) : item.Value;
            if ((written += envs[item.Key].Length) > Largest) throw new EnvironmentTooLargeException(item.Key);
            if (item.IsSensitive == true) sensitive?.Invoke(envs[item.Key]);
        }
        return envs;
    }

    /// <summary>
    /// Replaces <c>$NAME</c> and <c>${NAME}</c>; an unknown name is empty. A dollar that no name follows stays;
    /// one of <c>$$ $* $# $@ $! $? $- $0…$9</c> is a name of one character. There is no way to escape a dollar: that is what <c>is_expand: false</c> is for.
    /// What becomes too large for any environment ends there.
    /// </summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> envs)
    {
        var dollar = text.IndexOf('$', StringComparison.Ordinal);
        if (dollar < 0) return text;
        var result = new StringBuilder(text.Length).Append(text, 0, dollar);
        for (var i = dollar; i < text.Length && result.Length <= Largest;)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i++]);
                continue;
            }
            var (name, length) = Name(text.AsSpan(i + 1));
            if (name.Length > 0) result.Append(envs.GetValueOrDefault(name.ToString(), ""));
            else if (length == 0) result.Append('$');
            i += 1 + length;
        }
        return result.ToString();
    }

    /// <summary>The name behind a dollar, and how many characters it takes; an empty name of some length is bad syntax, which is dropped.</summary>
    private static (string Name, int Length) Name(ReadOnlySpan<char> text)
    {
        if (text[0] == '{')
        {
            if (text.Length > 2 && IsSpecial(text[1]) && text[2] == '}') return (text[1].ToString(), 3);
            var close = text.IndexOf('}');
            return close switch
            {
                // “${}” is dropped, and so is “${” that nothing closes.
                < 0 => ("", 1),
                1 => ("", 2),
                _ => (text[1..close].ToString(), close + 1),
            };
        }
        if (IsSpecial(text[0])) return (text[0].ToString(), 1);
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] == '_')) length++;
        return (text[..length].ToString(), length);
    }

    private static bool IsSpecial(char c) => c is '*' or '#' or '$' or '@' or '!' or '?' or '-' || char.IsAsciiDigit(c);
}

/// <summary>The values of variables have grown out of bounds.</summary>
public sealed class EnvironmentTooLargeException(string variable) : Exception($"The variables grow out of bounds at {variable}: written out, their values are larger than any step may be given.");
