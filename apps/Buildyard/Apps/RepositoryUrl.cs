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
        if (uri.UserInfo.Contains(':', StringComparison.Ordinal) || (uri.Scheme == "https" && uri.UserInfo.Length > 0))
            return Refuse("It holds a user name or password, which everyone who opens the app would see.");
        if (uri.Host.Length == 0 || uri.AbsolutePath.Length < 2 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            return Refuse("It names no repository.");
        return text;

        string? Refuse(string problem)
        {
            errors.Add(new("repository_url", problem, Accepted));
            return null;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9_~./-]+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Scp();
}
