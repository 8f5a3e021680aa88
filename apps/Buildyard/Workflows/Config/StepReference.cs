using System.Globalization;

namespace Buildyard;

/// <summary>What an id such as <c>script@1</c>, <c>path::./steps/x</c> or <c>git::https://…@v1</c> names.</summary>
/// <param name="Source"><c>path</c>, <c>git</c>, <c>_</c> (git too), the address of a step library, or empty: the file's default library.</param>
/// <param name="Id">The step's id in its library; the folder; the repository's address.</param>
/// <param name="Version">The version, tag or branch; empty: the newest.</param>
public sealed record StepReference(string Source, string Id, string Version)
{
    public bool IsPath => Source == "path";
    public bool IsGit => Source is "git" or "_";

    /// <summary>Whether it comes from a library of steps.</summary>
    public bool IsLibrary => !IsPath && !IsGit;

    /// <summary>Reads the id of a step. Every text is one.</summary>
    public static StepReference Parse(string text)
    {
        var colons = text.IndexOf("::", StringComparison.Ordinal);
        var source = colons < 0 ? "" : text[..colons];
        var rest = colons < 0 ? text : text[(colons + 2)..];
        var at = rest.IndexOf('@', AfterUser(rest));
        return at < 0 ? new StepReference(source, rest, "") : new StepReference(source, rest[..at], rest[(at + 1)..]);
    }

    /// <summary>Whether <paramref name="text"/> is a version of a library's step: <c>1</c>, <c>1.2</c>, <c>1.2.3</c>, <c>1.x.x</c>, <c>1.2.x</c>.</summary>
    public static bool IsVersion(string text)
    {
        var parts = text.Split('.');
        if (parts.Length > 3) return false;
        var open = parts.AsSpan().IndexOf("x");
        if (open == 0 || (open > 0 && (parts.Length != 3 || parts[open..].Any(p => p != "x")))) return false;
        return parts.Take(open < 0 ? parts.Length : open).All(p => ulong.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }

    /// <summary>Why its address may not be kept or shown, as the end of a sentence; null: it may.</summary>
    public string? AddressProblem => Source switch
    {
        "git" or "_" => Version.Contains('@', StringComparison.Ordinal) ? RepositoryAddress.Unreadable : RepositoryAddress.Problem(Id),
        "" => Id.Contains(':', StringComparison.Ordinal) ? RepositoryAddress.Unreadable : null,
        "path" or "bundle" => Id.Contains("://", StringComparison.Ordinal) ? RepositoryAddress.Unreadable : null,
        _ => Id.Contains(':', StringComparison.Ordinal) ? RepositoryAddress.Unreadable : RepositoryAddress.Problem(Source),
    };

    /// <summary>A step's id as it may be said: without its address where that may hold what signs somebody in.</summary>
    public static string Named(string id) => Parse(id) is { AddressProblem: not null } reference ? $"{(reference.IsGit || reference.IsPath ? reference.Source : "")}::…" : id;

    /// <summary>Where the address goes on behind <c>git@</c> or <c>ssh://git@</c>, whose @ is no version's.</summary>
    private static int AfterUser(string address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        var start = scheme < 0 ? 0 : scheme + 3;
        var rest = address.AsSpan(start);
        var end = scheme < 0 ? rest.IndexOfAny('/', ':') : rest.IndexOf('/');
        return end < 0 ? start : start + rest[..end].LastIndexOf('@') + 1;
    }
}
