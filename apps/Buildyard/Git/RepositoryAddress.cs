using System.Globalization;
using System.Text.RegularExpressions;
using Latchkey;

namespace Buildyard;

/// <summary>
/// The address of a repository, read whole: <c>scheme://[user@]host[:port]/path</c> or <c>user@host:path</c>, without a password, a query, or an
/// @ in its path. What can't be read so may hold what signs somebody in, wherever that stands.
/// </summary>
/// <param name="Scheme">In small letters; <c>ssh</c> for <c>user@host:path</c>.</param>
/// <param name="User">Who signs in; empty: it doesn't say.</param>
/// <param name="Host">In small letters; empty for a file.</param>
/// <param name="Port">Its port; null: the scheme's own.</param>
/// <param name="Path">The repository.</param>
internal sealed partial record RepositoryAddress(string Scheme, string User, string Host, int? Port, string Path)
{
    /// <summary>Why an address is refused that may hold what signs somebody in, as the end of a sentence.</summary>
    public const string Unreadable = "can't be read whole, and might hold a user name or password, which everyone who opens the app would see.";

    /// <summary>Why nothing can be fetched from an address, as the end of a sentence.</summary>
    public const string NotCloned = "is not one that can be cloned.";

    private const string UserIsSeen = "holds a user name or password, which everyone who opens the app would see.";

    /// <summary>Reads an address; null where it can't be read whole.</summary>
    public static RepositoryAddress? Parse(string text)
    {
        if (Url().Match(text) is { Success: true } url)
        {
            var (scheme, host) = (url.Groups["scheme"].Value.ToLowerInvariant(), url.Groups["host"].Value.ToLowerInvariant());
            var port = url.Groups["port"] is { Success: true } given ? int.Parse(given.ValueSpan, CultureInfo.InvariantCulture) : (int?)null;
            return (host.Length == 0) == (scheme == "file") ? new(scheme, url.Groups["user"].Value, host, port, url.Groups["path"].Value) : null;
        }
        return Scp().Match(text) is { Success: true } scp ? new("ssh", scp.Groups["user"].Value, scp.Groups["host"].Value.ToLowerInvariant(), null, scp.Groups["path"].Value) : null;
    }

    /// <summary>Why an address may not be kept, fetched from or shown as it is, as the end of a sentence. Null: it says no more of who signs in than an account of SSH.</summary>
    public static string? Problem(string text) => Parse(text) switch
    {
        _ when SecretText.Mask(text) != text => UserIsSeen,
        null => text.AsSpan().ContainsAny('@', '?', '#') ? Unreadable : NotCloned,
        { User.Length: 0 } => null,
        { Scheme: "ssh", User: var user } when SecretText.IsAccountName(user) => null,
        _ => UserIsSeen,
    };

    /// <summary>An address as it may be shown: one that has a problem without what stands before its last @, and without its query.</summary>
    public static string Shown(string text)
    {
        if (text.Length == 0 || Problem(text) is null) return text;
        var (user, query) = (text.LastIndexOf('@'), text.AsSpan().IndexOfAny('?', '#'));
        return query < 0 ? $"…{SecretText.Mask(text[(user + 1)..])}" : query > user ? $"…{SecretText.Mask(text[(user + 1)..query])}" : "…";
    }

    [GeneratedRegex(@"^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://((?<user>[^/@?#\s]+)@)?(\[(?<host>[0-9A-Fa-f:.]+)\]|(?<host>[A-Za-z0-9_][A-Za-z0-9_.-]*)?)(:(?<port>[0-9]{1,5}))?(?<path>(/[!-~-[@?#]]*)?)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Url();

    [GeneratedRegex(@"^(?<user>[^/@:?#\s]+)@(?<host>[A-Za-z0-9_][A-Za-z0-9_.-]*):(?<path>[A-Za-z0-9_~./+%-]+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Scp();
}
