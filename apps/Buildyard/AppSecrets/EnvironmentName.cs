namespace Buildyard;

/// <summary>The name of an environment variable: a letter or <c>_</c>, then letters, digits and <c>_</c>.</summary>
internal static class EnvironmentName
{
    public const int Longest = 128;

    public static string? Read(string field, string? text, List<FieldError> errors)
    {
        text = text?.Trim();
        var problem = text switch
        {
            null or "" => "It is empty.",
            { Length: > Longest } => "It is too long.",
            _ when char.IsAsciiDigit(text[0]) => "It begins with a digit.",
            _ when !text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') => "It holds a character that a name of an environment variable can't hold.",
            _ => null,
        };
        if (problem is null) return text;
        errors.Add(new FieldError(field, problem, $"Letters, digits and _, at most {Longest}, such as API_TOKEN."));
        return null;
    }
}
