using Microsoft.AspNetCore.Identity;

namespace Buildyard;

public enum PersonKind
{
    /// <summary>Of a customer's account.</summary>
    Member,

    /// <summary>Of the support team. Never a member of any account.</summary>
    Agent,
}

/// <summary>Somebody who signs in. Members and agents are different people here, always.</summary>
public sealed class Person : IdentityUser
{
    public required PersonKind Kind { get; init; }
    public required string Name { get; set; }

    /// <summary>A member's account; null for an agent, and for a member who was taken out of it and can still end what is lent there.</summary>
    public string? AccountId { get; set; }
    public Account? Account { get; init; }

    /// <summary>For a member: owns the account.</summary>
    public bool IsOwner { get; set; }

    /// <summary>For an agent: leads the support team.</summary>
    public bool IsLead { get; set; }

    /// <summary>For an agent: may not sign in for now.</summary>
    public bool Suspended { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One sign-in, by cookie or by API token. Deleting it ends it, wherever copies of the credential are.</summary>
public sealed class SignInRecord
{
    public required string Id { get; init; }
    public required string PersonId { get; init; }
    public Person Person { get; init; } = null!;

    /// <summary>SHA-256 of the API token, hexadecimal; null when this sign-in is a cookie's.</summary>
    public string? TokenHash { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}

public enum LinkPurpose
{
    /// <summary>The first owner of the first account of a new instance.</summary>
    FirstOwner,

    /// <summary>The first lead of the support team of a new instance.</summary>
    FirstLead,
    Member,
    Agent,
}

/// <summary>An invitation that works once. Only its hash is kept.</summary>
public sealed class OneTimeLink
{
    /// <summary>SHA-256 of the secret in the address, hexadecimal.</summary>
    public required string TokenHash { get; init; }
    public required LinkPurpose Purpose { get; init; }

    /// <summary>The account that a new member joins.</summary>
    public string? AccountId { get; init; }

    /// <summary>Whom it is for; null where the person says so themselves (first owner, first lead).</summary>
    public string? Email { get; init; }
    /// <summary>The lead who added an agent.</summary>
    public string? InvitedBy { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
}
