using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Latchkey;

/// <summary>
/// Takes secrets out of text of any kind: tokens by their shape, private keys, what is assigned to a name that says it is secret,
/// user names and passwords in addresses. One walk over the text.
/// </summary>
internal static partial class TextSecrets
{
    private const int LongestName = 64;

    private static readonly string[] s_names =
    [
        "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "api-key", "accesskey", "access_key", "access-key", "accountkey", "account_key", "privatekey", "private_key",
        "private-key", "credential", "authorization", "cookie", "session_id", "sessionid", "session-id", "csrf", "xsrf", "signature", "bearer ", "basic ",
    ];

    private static readonly SearchValues<char> s_endOfUser = SearchValues.Create(" \t\r\n/\"'<>@");
    private static readonly SearchValues<char> s_endOfAuthority = SearchValues.Create(" \t\r\n/\"'<>");
    private static readonly SearchValues<char> s_numbers = SearchValues.Create("0123456789:");

    private static readonly SearchValues<string> s_signs = SearchValues.Create(
        [
            .. s_names, "://", "-----BEGIN ", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "AKIA", "ASIA", "xox", "xapp-", "sk-", "sk_", "rk_", "whsec_", "AIza", "ya29.",
            " -u ", "--user", " -p", "storepass ", "keypass ", "pass:", "npm_", "lks_", "SG.", "hf_", "shp", "dop_v1_", "pypi-", "eyJ",
        ],
        StringComparison.OrdinalIgnoreCase);

    /// <summary>Gives the text without secrets, and tells each that was found with the name that it went by.</summary>
    public static string Mask(string text, Action<string?, string> found)
    {
        var at = text.AsSpan().IndexOfAny(s_signs);
        if (at < 0) return text;
        var (output, copied) = (new StringBuilder(text.Length), 0);
        while (true)
        {
            if (Secret(text, at) is { } secret)
            {
                output.Append(text, copied, secret.From - copied).Append(SecretNames.Removed);
                found(secret.Name, text[secret.From..secret.To]);
                copied = at = secret.To;
            }
            else
            {
                at++;
            }

            var next = text.AsSpan(at).IndexOfAny(s_signs);
            if (next < 0) return copied == 0 ? text : output.Append(text, copied, text.Length - copied).ToString();
            at += next;
        }
    }

    private static (int From, int To, string? Name)? Secret(string text, int at)
    {
        if (text.AsSpan(at).StartsWith("://")) return UserOfAddress(text, at, at + 3);
        if (text.AsSpan(at).StartsWith(" -u ")) return UserOfCommand(text, at + 4);
        if (text.AsSpan(at).StartsWith("--user ") || text.AsSpan(at).StartsWith("--user=")) return UserOfCommand(text, at + 7);
        if (PasswordOfCommand().Match(text, at) is { Success: true } command && command.Groups["value"] is var value && !IsReference(value.ValueSpan))
            return (value.Index, value.Index + value.Length, "password of a command");
        if ((at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && TokenShape().Match(text, at) is { Success: true } token) return (token.Index, token.Index + token.Length, "token");
        foreach (var name in s_names)
        {
            if (text.AsSpan(at).StartsWith(name, StringComparison.OrdinalIgnoreCase)) return name[^1] == ' ' ? Scheme(text, at, at + name.Length) : Assigned(text, at, at + name.Length);
        }

        return null;
    }

    /// <summary>
    /// Whether the user of an SSH address is an account's name, which git hosts show to everyone: <c>git</c>, or a person's or a team's. A token is
    /// told by its shape, or by capitals, small letters and digits all together in one name.
    /// </summary>
    public static bool IsAccount(ReadOnlySpan<char> user) =>
        AccountName().IsMatch(user) && !SecretNames.IsOpaque(user) && !TokenShape().IsMatch(user)
        && !(user.ContainsAnyInRange('A', 'Z') && user.ContainsAnyInRange('a', 'z') && user.ContainsAnyInRange('0', '9'));

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AccountName();

    // The name of an SSH user alone is none. Where an address was cut off at its @, what stands behind the colon is no port.
    private static (int, int, string?)? UserOfAddress(string text, int at, int from)
    {
        var rest = text.AsSpan(from, Math.Min(text.Length - from, 1024));
        var authority = rest.IndexOfAny(s_endOfAuthority) is >= 0 and var end ? rest[..end] : rest;
        var scheme = text.AsSpan(0, at);
        var user = authority.LastIndexOf('@');
        var isFound = user < 0
            ? (scheme.EndsWith("http") || scheme.EndsWith("https")) && CutUser().IsMatch(authority)
            : user > 0 && !(scheme.EndsWith("ssh") && IsAccount(authority[..user]));
        return isFound ? (from, from + (user < 0 ? authority.Length : user), "user of an address") : null;
    }

    // A name and a password as curl takes them. A user and a group in numbers are none.
    private static (int, int, string?)? UserOfCommand(string text, int from)
    {
        if (from < text.Length && text[from] is '"' or '\'') from++;
        var length = text.AsSpan(from).IndexOfAny(s_endOfUser);
        var pair = text.AsSpan(from, length < 0 ? text.Length - from : length);
        return pair.IndexOf(':') is > 0 and var colon && !IsReference(pair[(colon + 1)..]) && pair.ContainsAnyExcept(s_numbers)
            ? (from, from + pair.Length, "user of a command")
            : null;
    }

    private static (int, int, string?)? Scheme(string text, int at, int from)
    {
        var to = from;
        while (to < text.Length && (char.IsAsciiLetterOrDigit(text[to]) || "+/_=.~-".Contains(text[to]))) to++;
        return to - from >= 8 && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && text.AsSpan(from, to - from).ContainsAnyExceptInRange('a', 'z') ? (from, to, "authorization") : null;
    }

    private static (int, int, string?)? Assigned(string text, int at, int to)
    {
        var found = to - at;
        var from = at;
        while (from > 0 && at - from < LongestName && IsName(text[from - 1])) from--;
        while (to < text.Length && to - from < 2 * LongestName && IsName(text[to])) to++;
        var name = text[from..to];
        if (ValueAt(text, from, to, at + found) is not { } value) return null;
        to = value;

        // A quote may be escaped, as in a text that quotes a text.
        var quote = to;
        while (quote < text.Length && text[quote] == '\\') quote++;
        var (start, end) = (to, to);
        if (quote < text.Length && text[quote] is '"' or '\'')
        {
            start = end = quote + 1;
            if (IsReference(text.AsSpan(start))) return null;
            if (quote > to)
            {
                var line = text.AsSpan(start);
                line = line.IndexOf('\n') is >= 0 and var newLine ? line[..newLine] : line;
                end = start + (line.IndexOf(text.AsSpan(to, start - to)) is >= 0 and var closed ? closed : line.Length);
            }
            else
            {
                while (end < text.Length && text[end] != text[to] && text[end] != '\n') end += text[end] == '\\' && end + 1 < text.Length ? 2 : 1;
            }
        }
        else
        {
            if (IsReference(text.AsSpan(start))) return null;
            var line = name.Contains("authorization", StringComparison.OrdinalIgnoreCase) || name.Contains("cookie", StringComparison.OrdinalIgnoreCase);
            while (end < text.Length && (line ? text[end] is not ('\r' or '\n') : !char.IsWhiteSpace(text[end]) && !"\"',;&)]}<".Contains(text[end]))) end++;
        }

        end = Math.Min(end, text.Length);
        return IsNoValue(text.AsSpan(start, end - start)) ? null : (start, end, name);
    }

    /// <summary>
    /// Where the value of a name begins that is assigned one: behind a colon or an equals sign, in the element of that name, or behind
    /// a switch of a command that ends in what gives the name away. Null where nothing is assigned.
    /// </summary>
    private static int? ValueAt(string text, int from, int to, int wordEnd)
    {
        if (to >= text.Length) return null;
        if (text[to] == '>' && from > 0 && text[from - 1] == '<') return to + 1;
        if (text[to] == ' ' && text.AsSpan(from).StartsWith("--") && (to == wordEnd || text.AsSpan(from, to - from).EndsWith("key", StringComparison.OrdinalIgnoreCase)))
        {
            while (to < text.Length && text[to] == ' ') to++;
            return to < text.Length && text[to] != '-' ? to : null;
        }

        while (to < text.Length && text[to] == '\\') to++;
        if (to < text.Length && text[to] is '"' or '\'' or ']') to++;
        while (to < text.Length && text[to] is ' ' or '\t') to++;
        if (to >= text.Length || text[to] is not (':' or '=')) return null;
        to++;
        while (to < text.Length && text[to] is '>' or '=' or ' ' or '\t') to++;
        return to < text.Length ? to : null;
    }

    // A reference to a variable is how a secret should be written; what is masked already stays as it is.
    private static bool IsReference(ReadOnlySpan<char> value) => value.IsEmpty || value[0] is '$' or '{' or '[' or '|' or '>' || value.StartsWith("***");

    private static bool IsNoValue(ReadOnlySpan<char> value) => value is ""
        or "true" or "false" or "null" or "nil" or "none" or "True" or "False" or "None" or "yes" or "no";

    [GeneratedRegex(@"^[^:]+:(?![0-9]{1,5}(?![A-Za-z0-9]))[A-Za-z0-9]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex CutUser();

    // A switch means a password behind some commands alone (mkdir -p, docker run -p 80:80): those that builds sign in and open keychains with.
    [GeneratedRegex(
        """
        \G(?:[ ]-p[ =](?<=\b(?:login|sshpass|[a-z]+-keychain)\b(?:[^\n;|&]|\\\n){0,400})
            |[ ]-p(?<=\b(?:sshpass|mysql[a-z]*)\b(?:[^\n;|&]|\\\n){0,400})(?=\S)
            |[ ]-P[ ](?<=\b(?:security[ ]import|zip|unzip)\b(?:[^\n;|&]|\\\n){0,400})
            |(?:store|key)pass[ ](?<=[ ]-[a-z]{0,9}pass[ ])
            |(?<=[ ="'])pass:)
        [ ]*["']?(?<value>[^\s"';|&]+)
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex PasswordOfCommand();

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.';

    [GeneratedRegex(
        @"\G(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,}|glpat-[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}|sk-[\w-]{16,}|[sr]k_(?:live|test)_\w{10,}|whsec_[\w+/=]{16,}|AIza[\w-]{30,}|ya29\.[\w-]{16,}|npm_\w{30,}|lks_[\w-]{16,}|SG\.(?>[\w-]{16,200})\.[\w-]{16,}|hf_\w{20,}|shp(?:at|ca|pa|ss)_\w{20,}|dop_v1_\w{32,}|pypi-[\w-]{16,}|eyJ(?>[\w-]{8,8192})\.(?>[\w-]{8,8192})(?:\.[\w-]*)*|-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?>(?:[^-]|-(?!----)){0,16384})(?:-----END [A-Z0-9 ]{0,40}-----)?)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex TokenShape();
}
