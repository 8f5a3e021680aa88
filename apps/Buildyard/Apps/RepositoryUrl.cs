using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>
/// The address of an app's repository: <c>https://…</c>, <c>ssh://…</c> or <c>git@host:path</c>, without a password in it.
/// Empty for an app without a repository.
/// </summary>
public static partial class RepositoryUrl
{
    private const string Accepted = "An address such as https://git.example.com/team/app.git or git@git.example.com:team/app.git.";

    public static string? Read(string? text, List<FieldError> errors)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text)) return "";
        if (text.Length > 500) return Refuse("It is longer than 500 characters.");
        if (text.Any(c => c is <= ' ' or >= '\u007f')) return Refuse("It holds spaces or characters outside ASCII.");
        if (Scp().IsMatch(text)) return text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "ssh"))
            return Refuse("It is not an https or ssh address.");
        if (HoldsUser(text)) return Refuse($"It {UserIsSeen}");
        if (uri.Host.Length == 0 || uri.AbsolutePath.Length < 2 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            return Refuse("It names no repository.");
        return text;

        string? Refuse(string problem)
        {
            errors.Add(new("repository_url", problem, Accepted));
            return null;
        }
    }

    /// <summary>Why an address with a user in it is refused, wherever it is given.</summary>
    public const string UserIsSeen = "holds a user name or password, which everyone who opens the app would see.";

    /// <summary>Whether an address says who signs in, but for the name of an SSH user, which is no secret. A version may stand behind it.</summary>
    public static bool HoldsUser(string address) => User().IsMatch(address);

    [GeneratedRegex(@"^(?:(?!ssh://)[A-Za-z][A-Za-z0-9+.-]*://[^/@\s]*@|ssh://[^/@\s:]*:[^/\s]*@|[^/@:\s]+:(?!//)[^/@\s]*@[^/@\s]*[:/])", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex User();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9_~./-]+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Scp();
}
