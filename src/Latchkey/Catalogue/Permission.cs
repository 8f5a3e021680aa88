namespace Latchkey;

/// <summary>What using a permission does, and so how it is recorded.</summary>
public enum PermissionKind
{
    /// <summary>Shows something. Recorded the first time per session, permission and target, then once a minute.</summary>
    Read,

    /// <summary>Changes something. Recorded before it happens, and its outcome after.</summary>
    Change,

    /// <summary>Shows something for as long as it stays open. Recorded when it opens and when it closes.</summary>
    Stream,
}

/// <summary>One thing that can be done in the host's app, as its <see cref="Catalogue"/> declares it.</summary>
public sealed class Permission
{
    internal Permission(string name, string title, PermissionKind kind, bool offLimits, int index)
    {
        Name = name;
        Title = title;
        Kind = kind;
        OffLimits = offLimits;
        Index = index;
    }

    /// <summary>The name, <c>noun.verb</c>: <c>app.title.update</c>.</summary>
    public string Name { get; }

    /// <summary>What the activity page says was done: "changed the title".</summary>
    public string Title { get; }

    /// <summary>What using it does.</summary>
    public PermissionKind Kind { get; }

    /// <summary>Never lendable, whatever a grant says.</summary>
    public bool OffLimits { get; }

    /// <summary>The place in the catalogue's order; a role's set is looked up by it.</summary>
    internal int Index { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A named set of permissions that a grant lends.</summary>
public sealed class Role
{
    private readonly ulong[] _bits;

    internal Role(string name, string title, IReadOnlyList<Permission> permissions, int catalogueSize)
    {
        Name = name;
        Title = title;
        Permissions = permissions;
        _bits = new ulong[(catalogueSize + 63) / 64];
        foreach (var permission in permissions)
        {
            _bits[permission.Index >> 6] |= 1UL << (permission.Index & 63);
        }
    }

    /// <summary>The name in the API and on the ledger: <c>admin</c>.</summary>
    public string Name { get; }

    /// <summary>The name on pages: "administrator".</summary>
    public string Title { get; }

    /// <summary>All that the role lends.</summary>
    public IReadOnlyList<Permission> Permissions { get; }

    /// <summary>Answers whether the role lends <paramref name="permission"/>, a permission of the same catalogue.</summary>
    public bool Contains(Permission permission)
    {
        ArgumentNullException.ThrowIfNull(permission);
        var word = permission.Index >> 6;
        return word < _bits.Length && (_bits[word] & (1UL << (permission.Index & 63))) != 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
