using System.Text;

namespace Buildyard;

/// <summary>
/// Text that people outside a step wrote (titles, messages, branches, names), on its way into a step's environment. A script that quotes a variable
/// carelessly, as in <c>bash -c "echo $BITRISE_GIT_MESSAGE"</c>, has a shell read it a second time: what comes through here is words to it and nothing more.
/// </summary>
public static class ShellText
{
    private const string Meaning = "$`\"'\\;&|<>()*?[]{}";

    // From a character of ASCII to its full-width twin: U+0024 $ and U+FF04 ＄.
    private const int ToTwin = 0xFEE0;

    /// <summary>
    /// Each character that means something to a shell becomes its full-width twin (<c>$</c> is <c>＄</c>), a <c>#</c> too where it would begin a comment;
    /// line ends and other controls become blanks. What is left reads the same.
    /// </summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var beginsComment = c == '#' && (plain.Length == 0 || plain[^1] == ' ');
            plain.Append(char.IsControl(c) ? ' ' : beginsComment || Meaning.Contains(c, StringComparison.Ordinal) ? (char)(c + ToTwin) : c);
        }
        return plain.ToString();
    }

    /// <summary>The same address with each such character percent-encoded (RFC 3986): a server is asked for what it always was. Brackets around an IPv6 address stay.</summary>
    public static string Url(string url) =>
        string.Concat(url.Select(c => c is not ('[' or ']') && (Meaning.Contains(c, StringComparison.Ordinal) || c is '#' or <= ' ') ? Uri.HexEscape(c) : c.ToString()));
}
