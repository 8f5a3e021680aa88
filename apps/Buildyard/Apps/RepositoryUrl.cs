namespace Buildyard;

/// <summary>
/// The address of an app's repository: <c>https://…</c>, <c>ssh://…</c> or <c>git@host:path</c>, without a password in it.
/// Empty for an app without a repository.
/// </summary>
public static class RepositoryUrl
{
    private const string Accepted = "An address such as https://git.example.com/team/app.git or git@git.example.com:team/app.git.";

    public static string? Read(string? text, List<FieldError> errors)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text)) return "";
        if (text.Length > 500) return Refuse("It is longer than 500 characters.");
        if (text.Any(c => c is <= ' ' or >= '\u007f')) return Refuse("It holds spaces or characters outside ASCII.");
        if (RepositoryAddress.Problem(text) is { } problem and not RepositoryAddress.NotCloned) return Refuse($"It {problem}");
        if (RepositoryAddress.Parse(text) is not { Scheme: "https" or "ssh" } address) return Refuse("It is not an https or ssh address.");
        return address.Path is "" or "/" ? Refuse("It names no repository.") : text;

        string? Refuse(string problem)
        {
            errors.Add(new("repository_url", problem, Accepted));
            return null;
        }
    }
}
