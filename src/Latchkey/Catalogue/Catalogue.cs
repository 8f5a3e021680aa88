using System.Collections.Frozen;

namespace Latchkey;

/// <summary>
/// The host app's declared permissions, each lendable in roles or off limits. Immutable; made once at start.
/// </summary>
public sealed class Catalogue
{
    /// <summary>The role that lends all that is lendable, but what a grant has to name (<see cref="CatalogueBuilder.OnlyNamed"/>).</summary>
    public const string Admin = "admin";

    /// <summary>The role that lends the reads that were declared for it.</summary>
    public const string Viewer = "viewer";

    /// <summary>Seeing whether an app's support access is on, until when, and who is in. Built in, off limits for support, like those below.</summary>
    public const string SupportAccessRead = "support_access.read";

    /// <summary>Reading what support did, with what was there before and after, and when support access was on.</summary>
    public const string SupportAccessActivity = "support_access.activity.read";

    /// <summary>Turning support access on, changing it, and allowing what support asks for. It takes an administrator's role too.</summary>
    public const string SupportAccessTurnOn = "support_access.turn_on";

    /// <summary>Turning support access off, and ending a session. A host may give it to more people than turning on.</summary>
    public const string SupportAccessTurnOff = "support_access.turn_off";

    /// <summary>Deciding what becomes of support's changes; for an account as a whole, what it allows support and who is told.</summary>
    public const string SupportAccessManage = "support_access.manage";

    /// <summary>Latchkey's own permissions, with their titles.</summary>
    internal static readonly OrderedDictionary<string, string> BuiltIn = new(StringComparer.Ordinal)
    {
        [SupportAccessRead] = "looked at support access",
        [SupportAccessActivity] = "read what support did",
        [SupportAccessTurnOn] = "turned support access on",
        [SupportAccessTurnOff] = "turned support access off",
        [SupportAccessManage] = "ruled on support access",
    };

    private readonly FrozenDictionary<string, Permission> _permissions;
    private readonly FrozenDictionary<string, Role> _roles;

    internal Catalogue(IReadOnlyList<Permission> permissions, IReadOnlyList<Role> roles)
    {
        Permissions = permissions;
        Roles = roles;
        _permissions = permissions.ToFrozenDictionary(p => p.Name, StringComparer.Ordinal);
        _roles = roles.ToFrozenDictionary(r => r.Name, StringComparer.Ordinal);
    }

    /// <summary>Every permission, in the order of declaration.</summary>
    public IReadOnlyList<Permission> Permissions { get; }

    /// <summary>Every role: <see cref="Admin"/>, <see cref="Viewer"/>, then the host's own.</summary>
    public IReadOnlyList<Role> Roles { get; }

    /// <summary>Begins a catalogue.</summary>
    public static CatalogueBuilder Create() => new();

    /// <summary>The permission of this name, or null: what was never declared can't be lent.</summary>
    public Permission? Find(string name) => _permissions.GetValueOrDefault(name);

    /// <summary>The role of this name, or null.</summary>
    public Role? FindRole(string name) => _roles.GetValueOrDefault(name);
}
