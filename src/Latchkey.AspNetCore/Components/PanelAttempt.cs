namespace Latchkey.AspNetCore;

/// <summary>
/// What somebody just tried on the panel, kept with the request so that the answer shows it again: what they chose, and why it
/// was refused.
/// </summary>
/// <param name="Return">The page they came from.</param>
internal sealed record PanelAttempt(string Return)
{
    /// <summary>The length chosen: an ISO 8601 duration, <c>keep</c>, or <c>until</c>.</summary>
    public string? Length { get; init; }

    /// <summary>The exact end as it stands in the field, without a zone.</summary>
    public string? UntilLocal { get; init; }

    /// <summary>The role chosen.</summary>
    public string? Role { get; init; }

    /// <summary>Why nothing changed.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>What to know about what was done.</summary>
    public string? Notice { get; init; }

    public static PanelAttempt? Of(HttpContext context) => context.Features.Get<PanelAttempt>();
}
