using System.Collections.Immutable;

namespace Latchkey;

/// <summary>
/// A key that a customer lent: to one app or to all of the account's, in one role, for the window [<see cref="From"/>, <see cref="Until"/>).
/// The end is exclusive: one tick before it is inside, the end itself is not. Immutable.
/// </summary>
/// <param name="Id">The grant's id, kept over renewals.</param>
/// <param name="Account">The account that lent it.</param>
/// <param name="App">The app; null for every app of the account.</param>
/// <param name="Role">What it lends.</param>
/// <param name="Also">Single permissions lent beside the role.</param>
/// <param name="From">When it began, UTC, whole milliseconds.</param>
/// <param name="Until">The first instant at which it no longer holds, UTC, whole milliseconds.</param>
/// <param name="LentBy">Who lent it, renewed it last, or approved it.</param>
/// <param name="MayEnd">Everyone who could end it when it began, or when it was renewed: they can until it ends, whatever becomes of their role. Where one to every app is told of one app, also whoever could turn it off there.</param>
/// <param name="Request">The request that it answers; null where it was lent by the toggle.</param>
public sealed record Grant(
    GrantId Id,
    AccountId Account,
    AppId? App,
    Role Role,
    ImmutableArray<Permission> Also,
    DateTimeOffset From,
    DateTimeOffset Until,
    PersonId LentBy,
    ImmutableArray<PersonId> MayEnd,
    RequestId? Request = null)
{
    /// <summary>How many permissions it lends: which of two grants is the wider one.</summary>
    internal int Width => Role.Permissions.Count + Also.Count(permission => !Role.Contains(permission));

    /// <summary>Answers whether it lends nothing that <paramref name="other"/> doesn't lend, and no longer.</summary>
    internal bool IsWithin(Grant other) => Until <= other.Until && Role.Permissions.Concat(Also).All(other.Lends);

    /// <summary>Answers whether the window holds at <paramref name="now"/>.</summary>
    public bool IsLive(DateTimeOffset now) => From <= now && now < Until;

    /// <summary>Answers whether the grant lends <paramref name="permission"/>, its window aside.</summary>
    public bool Lends(Permission permission)
    {
        ArgumentNullException.ThrowIfNull(permission);
        return !permission.OffLimits && (Role.Contains(permission) || (!Also.IsEmpty && Also.Contains(permission)));
    }
}

/// <summary>Why a grant ended.</summary>
public enum GrantEnd
{
    /// <summary>Its window is over.</summary>
    Expired,

    /// <summary>The customer turned it off.</summary>
    Off,

    /// <summary>Support gave it back early.</summary>
    Forfeited,

    /// <summary>The host reported the app deleted.</summary>
    AppDeleted,

    /// <summary>The host reported the app transferred to another account.</summary>
    AppTransferred,

    /// <summary>The host reported the account closed.</summary>
    AccountClosed,

    /// <summary>The account's owner refused support access altogether.</summary>
    AccountRefuses,
}
