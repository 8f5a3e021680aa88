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

    /// <summary>The role that the customer gave, or has accepted: support takes from it what it takes from <see cref="Role"/>, and gives none of it.</summary>
    public required MemberRole AcceptedRole { get; set; }

    /// <summary>The agent who changed the role last; null where the customer did.</summary>
    public string? ChangedBySupport { get; set; }

    /// <summary>Whether support raised this member and nobody of the customer has accepted it: until then the role lets them look.</summary>
    public bool IsRaised => Role > AcceptedRole;

    /// <summary>The agent who raised this member, while nobody of the customer has accepted it.</summary>
    public string? PromotedBySupport => IsRaised ? ChangedBySupport ?? "Support" : null;

    string IUndoable.Called => Person?.Name ?? "a member";
}
