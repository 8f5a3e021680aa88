using System.Runtime.InteropServices;

namespace Buildyard;

/// <summary>Where something stands in the text. Lines and columns count from 1; zero: nowhere.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Place(int Line, int Column);

/// <summary>One <c>KEY: value</c> with its <c>opts</c>: an environment variable, or an input or output of a step.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its value, as text; empty where the file says nothing.</param>
public sealed record EnvItem(string Key, string Value)
{
    /// <summary>Whether <c>$NAME</c> and <c>${NAME}</c> in the value are replaced. Null: as its step says, else yes.</summary>
    public bool? IsExpand { get; init; }

    /// <summary>Whether an empty value leaves what is there already. Null: no.</summary>
    public bool? SkipIfEmpty { get; init; }

    /// <summary>Whether an input's value is a template. Elsewhere it has no effect.</summary>
    public bool? IsTemplate { get; init; }

    /// <summary>Whether the value is kept out of logs and of what is shown.</summary>
    public bool? IsSensitive { get; init; }

    /// <summary>Whether the variable is taken away instead of set.</summary>
    public bool? Unset { get; init; }

    public bool? IsRequired { get; init; }
    public bool? IsDontChangeValue { get; init; }
    public string? Title { get; init; }
    public string? Summary { get; init; }
    public string? Description { get; init; }
    public string? Category { get; init; }

    /// <summary>The values to choose from; empty: any.</summary>
    public IReadOnlyList<string> ValueOptions { get; init; } = [];

    public Place At { get; init; }

    /// <summary>Where the value begins: its anchor or tag, where it has one.</summary>
    public Place ValueAt { get; init; }

    /// <summary>Whether it says the same as <paramref name="other"/>, wherever each stands and whatever there is to choose from.</summary>
    public bool SaysTheSameAs(EnvItem other) => this with { At = default, ValueAt = default, ValueOptions = [] } == other with { At = default, ValueAt = default, ValueOptions = [] };

    /// <summary>This item with what <paramref name="given"/> says in its place: its value, and each option it names.</summary>
    public EnvItem With(EnvItem given) => this with
    {
        Value = given.Value,
        IsExpand = given.IsExpand ?? IsExpand,
        SkipIfEmpty = given.SkipIfEmpty ?? SkipIfEmpty,
        IsTemplate = given.IsTemplate ?? IsTemplate,
        IsSensitive = given.IsSensitive ?? IsSensitive,
        Unset = given.Unset ?? Unset,
        At = given.At,
        ValueAt = given.ValueAt,
    };
}
