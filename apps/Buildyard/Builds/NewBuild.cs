using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>One variable that is given with a start.</summary>
public sealed record BuildEnv
{
    [DisallowNull]
    public string? Name { get; init; }

    [DisallowNull]
    public string? Value { get; init; }
}

/// <summary>A start as it is asked for. What is left out: the app's default branch, and what a push to the branch would run, else the workflow <c>primary</c>.</summary>
public sealed record NewBuild
{
    [DisallowNull]
    public string? Workflow { get; init; }

    [DisallowNull]
    public string? Pipeline { get; init; }

    [DisallowNull]
    public string? Branch { get; init; }

    [DisallowNull]
    public string? Tag { get; init; }

    [DisallowNull]
    public string? Commit { get; init; }

    [DisallowNull]
    public string? Message { get; init; }

    /// <summary>At most 100, of 20 KB each.</summary>
    [DisallowNull]
    public IReadOnlyList<BuildEnv>? Env { get; init; }

    /// <summary>-100 to 100; the higher one starts first. Left out: what the workflow says, else 0.</summary>
    public int? Priority { get; init; }
}

/// <summary>Reads what a start was asked with.</summary>
internal static partial class StartFields
{
    private const int MostVariables = 100;
    private const int LongestValue = 20 * 1024;
    private const int LongestMessage = 1000;

    /// <summary>A branch or tag by git's own rules (git-check-ref-format); null when left out.</summary>
    public static string? Ref(string field, string? text, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (IsRef(text)) return text;
        errors.Add(new FieldError(field, "It can't be the name of one.", "Up to 250 characters that git takes, such as main or release/2.1."));
        return null;
    }

    public static bool IsRef(string text) =>
        text.Length is > 0 and <= 250
        && text[0] is not ('-' or '/') && text[^1] is not ('/' or '.')
        && !text.Contains("..", StringComparison.Ordinal) && !text.Contains("//", StringComparison.Ordinal) && !text.Contains("@{", StringComparison.Ordinal)
        && text != "@" && !text.Any(c => c is <= ' ' or '\u007f' or '~' or '^' or ':' or '?' or '*' or '[' or '\\' || char.IsSurrogate(c) || char.IsControl(c))
        && !Array.Exists(text.Split('/'), part => part.StartsWith('.') || part.EndsWith(".lock", StringComparison.Ordinal));

    public static string? Commit(string? text, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (Hash().IsMatch(text)) return text.ToLowerInvariant();
        errors.Add(new FieldError("commit", "It is not a commit's hash.", "7 to 64 hexadecimal digits."));
        return null;
    }

    public static string? Message(string? text, List<FieldError> errors)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (text.Length <= LongestMessage && !text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) && !HasHalf(text)) return text.Trim();
        errors.Add(new FieldError("message", "It is too long or holds control characters.", $"Text of up to {LongestMessage} characters."));
        return null;
    }

    /// <summary>What somebody else's message is kept as: shorter, without what could disguise it.</summary>
    public static string? Tame(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var clean = string.Concat(text.Where(c => (!char.IsControl(c) || c is '\n' or '\t') && !char.IsSurrogate(c))).Trim();
        return clean.Length <= LongestMessage ? clean : clean[..(LongestMessage - 1)] + "…";
    }

    public static int? Priority(int? priority, List<FieldError> errors)
    {
        if (priority is not (< -100 or > 100)) return priority;
        errors.Add(new FieldError("priority", "It is out of range.", "A whole number from -100 to 100."));
        return null;
    }

    /// <summary>The variables as the row keeps them.</summary>
    public static string Env(IReadOnlyList<BuildEnv>? env, List<FieldError> errors)
    {
        if (env is null) return "[]";
        if (env.Count > MostVariables) errors.Add(new FieldError("env", $"It holds {env.Count} variables.", $"At most {MostVariables}."));
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, variable) in env.Take(MostVariables).Index())
        {
            if (variable?.Name is not { } name || !Variable().IsMatch(name))
                errors.Add(new FieldError($"env[{i}].name", "It can't be the name of a variable.", "Up to 200 letters, digits and underscores that don't begin with a digit."));
            else if (!names.Add(name))
                errors.Add(new FieldError($"env[{i}].name", $"{name} is given twice.", "Each variable once."));
            if (variable?.Value is not { } value || value.Length > LongestValue || value.Contains('\0', StringComparison.Ordinal) || HasHalf(value))
                errors.Add(new FieldError($"env[{i}].value", "It is missing, larger than 20 KB, or holds what no variable can.", "Text without zero characters."));
        }
        return JsonSerializer.Serialize(env.Take(MostVariables).Select(v => new BuildVariable(v?.Name ?? "", v?.Value ?? "")));
    }

    public static IReadOnlyList<BuildVariable> Env(string kept) => JsonSerializer.Deserialize<List<BuildVariable>>(kept)!;

    /// <summary>Lines of <c>NAME=value</c>, as the form takes them.</summary>
    public static IReadOnlyList<BuildEnv> Lines(string? text) =>
        [.. (text ?? "").Split('\n').Select(line => line.TrimEnd('\r')).Where(line => !string.IsNullOrWhiteSpace(line)).Select(line =>
            line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                ? new BuildEnv { Name = line[..at].Trim(), Value = line[(at + 1)..] }
                : new BuildEnv { Name = line })];

    private static bool HasHalf(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return true;
            i++;
        }
        return false;
    }

    [GeneratedRegex("^[0-9a-fA-F]{7,64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Hash();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,199}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Variable();
}
