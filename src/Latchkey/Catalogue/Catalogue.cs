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

    /// <summary>Seeing an app's support access. Built in, off limits for support.</summary>
    public const string SupportAccessRead = "support_access.read";

    /// <summary>Turning an app's support access on and off. Built in, off limits for support.</summary>
    public const string SupportAccessManage = "support_access.manage";

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
