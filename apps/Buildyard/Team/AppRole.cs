namespace Buildyard;

/// <summary>What a member may do in an app, from least to most. Owner comes from the account and is never stored per app.</summary>
public enum MemberRole
{
    Tester,
    Developer,
    PlatformEngineer,
    Admin,
    Owner,
}

/// <summary>One member's role in one app.</summary>
public sealed class AppRole : IUndoable
{
    public required string AppId { get; init; }
    public required string PersonId { get; init; }
    public Person Person { get; init; } = null!;
    public required MemberRole Role { get; set; }

    /// <summary>
    /// The agent who made this member an admin, while nobody of the customer has accepted it.
    /// Until then the role lets its holder work, but not lend a key.
    /// </summary>
    public string? PromotedBySupport { get; set; }
    public DateTimeOffset? PromotedAt { get; set; }

    string IUndoable.Called => Person?.Name ?? "a member";
}
