namespace Buildyard;

/// <summary>What is wrong with one field, and what would be accepted.</summary>
public sealed record FieldError(string Field, string Problem, string Accepted);

/// <summary>Why a request was not carried out: nothing has changed. Forms show it beside their fields, the API as a problem document.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Slug">A stable word for programs.</param>
/// <param name="Title">One sentence for people.</param>
/// <param name="Errors">The fields at fault, if fields are at fault.</param>
public sealed record Refusal(int Status, string Slug, string Title, IReadOnlyList<FieldError> Errors)
{
    public static Refusal Invalid(params IReadOnlyList<FieldError> errors) =>
        new(StatusCodes.Status422UnprocessableEntity, "invalid_fields", "Some fields can't be accepted as they are.", errors);

    public static Refusal NotFound(string title) => new(StatusCodes.Status404NotFound, "not_found", title, []);

    public static Refusal Conflict(string slug, string title) => new(StatusCodes.Status409Conflict, slug, title, []);

    /// <summary>What to show beside <paramref name="field"/>; null when it is fine.</summary>
    public string? At(string field) => Errors.FirstOrDefault(e => e.Field == field) is { } error ? $"{error.Problem} {error.Accepted}" : null;
}

/// <summary>A value, or the reason there is none.</summary>
public readonly record struct Outcome<T>
{
    private Outcome(T? value, Refusal? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    public T? Value { get; }
    public Refusal? Refusal { get; }

#pragma warning disable CA2225 // The conversions are the way to make one; named twins would only repeat them.
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
#pragma warning restore CA2225

    /// <summary>True with the value; false with the refusal.</summary>
    public bool Succeeded(
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? value,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Refusal? refusal)
    {
        value = Value;
        refusal = Refusal;
        return refusal is null;
    }
}
