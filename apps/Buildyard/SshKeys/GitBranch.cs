namespace Buildyard;

/// <summary>The name of a branch, by git's own rules (<c>git check-ref-format --branch</c>), in ASCII or not.</summary>
internal static class GitBranch
{
    public const int Longest = 200;

    public static string? Read(string field, string? text, List<FieldError> errors)
    {
        text = text?.Trim();
        var problem = text switch
        {
            null or "" => "It is empty.",
            { Length: > Longest } => "It is too long.",
            _ when text.Any(c => c is <= ' ' or '\u007f' or '~' or '^' or ':' or '?' or '*' or '[' or '\\' || char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c)) => "It holds a character that no branch can hold.",
            _ when text is ['-' or '/', ..] or [.., '/' or '.'] or "@" || text.Contains("..", StringComparison.Ordinal) || text.Contains("//", StringComparison.Ordinal)
                || text.Contains("@{", StringComparison.Ordinal) || text.Split('/').Any(part => part.StartsWith('.') || part.EndsWith(".lock", StringComparison.Ordinal)) => "It is not a name that git takes.",
            _ => null,
        };
        if (problem is null) return text;
        errors.Add(new FieldError(field, problem, "The name of a branch, such as main."));
        return null;
    }
}
