namespace Latchkey;

/// <summary>Declares a <see cref="Catalogue"/>. Not thread-safe; used once at start.</summary>
public sealed class CatalogueBuilder
{
    /// <summary>The most permissions a catalogue holds.</summary>
    public const int MaxPermissions = 1024;

    private readonly List<(string Name, string Title, PermissionKind Kind, bool OffLimits, bool Viewer, bool OnlyNamed)> _permissions = [];
    private readonly List<(string Name, string Title, string[] Permissions)> _roles = [];

    internal CatalogueBuilder()
    {
        foreach (var (name, title) in Catalogue.BuiltIn) OffLimits(name, title);
    }

    /// <summary>Declares a permission that shows something.</summary>
    /// <param name="name"><c>noun.verb</c> in lower case; parts of letters, digits and underscores, joined by dots.</param>
    /// <param name="title">What the activity page says was done: "opened the settings".</param>
    /// <param name="viewer">Whether the role <c>viewer</c> lends it too. Default: it does not.</param>
    public CatalogueBuilder Read(string name, string title, bool viewer = false) =>
        Add(name, title, PermissionKind.Read, offLimits: false, viewer);

    /// <summary>Declares a permission that changes something. Only roles that may change lend it, never <c>viewer</c>.</summary>
    /// <param name="name">As for <see cref="Read"/>.</param>
    /// <param name="title">What the activity page says was done: "changed the title".</param>
    public CatalogueBuilder Change(string name, string title) =>
        Add(name, title, PermissionKind.Change, offLimits: false, viewer: false);

    /// <summary>Declares a permission that shows something for as long as it stays open, such as a live log.</summary>
    /// <param name="name">As for <see cref="Read"/>.</param>
    /// <param name="title">What the activity page says was done: "followed the log".</param>
    /// <param name="viewer">Whether the role <c>viewer</c> lends it too. Default: it does not.</param>
    public CatalogueBuilder Stream(string name, string title, bool viewer = false) =>
        Add(name, title, PermissionKind.Stream, offLimits: false, viewer);

    /// <summary>
    /// Declares a change that no role lends by itself, <c>admin</c> included: only a grant that names it in <c>also</c>,
    /// or a role of the host's own that lists it.
    /// </summary>
    /// <param name="name">As for <see cref="Read"/>.</param>
    /// <param name="title">What the activity page says was done: "used secrets in a build".</param>
    public CatalogueBuilder OnlyNamed(string name, string title) =>
        Add(name, title, PermissionKind.Change, offLimits: false, viewer: false, onlyNamed: true);

    /// <summary>Declares what members may do and support never: no role and no grant can lend it.</summary>
    /// <param name="name">As for <see cref="Read"/>.</param>
    /// <param name="title">What it is, in words.</param>
    public CatalogueBuilder OffLimits(string name, string title) =>
        Add(name, title, PermissionKind.Change, offLimits: true, viewer: false);

    /// <summary>Declares a further role beside <c>admin</c> and <c>viewer</c>.</summary>
    /// <param name="name">Lower case letters, digits and underscores.</param>
    /// <param name="title">The name on pages.</param>
    /// <param name="permissions">Names of declared, lendable permissions; at least one.</param>
    public CatalogueBuilder Role(string name, string title, params string[] permissions)
    {
        _roles.Add((name, title, permissions));
        return this;
    }

    /// <summary>Makes the catalogue.</summary>
    /// <exception cref="InvalidOperationException">Something is declared wrongly; the message lists every fault.</exception>
    public Catalogue Build()
    {
        var errors = new List<string>();
        CheckPermissions(errors);

        var permissions = _permissions
            .Select((p, index) => new Permission(p.Name, p.Title, p.Kind, p.OffLimits, index))
            .ToArray();
        var byName = permissions.DistinctBy(p => p.Name).ToDictionary(p => p.Name, StringComparer.Ordinal);

        var roles = new List<Role>
        {
            new(Catalogue.Admin, "administrator", permissions.Where(p => !p.OffLimits && !_permissions[p.Index].OnlyNamed).ToArray(), permissions.Length),
            new(Catalogue.Viewer, "view only", permissions.Where(p => _permissions[p.Index].Viewer).ToArray(), permissions.Length),
        };
        foreach (var (name, title, names) in _roles)
        {
            CheckRole(name, title, names, byName, roles, errors);
            roles.Add(new Role(name, title, names.Where(byName.ContainsKey).Select(n => byName[n]).Distinct().ToArray(), permissions.Length));
        }

        return errors.Count == 0
            ? new Catalogue(permissions, roles)
            : throw new InvalidOperationException("The catalogue can't be used:" + string.Concat(errors.Select(e => "\n- " + e)));
    }

    private CatalogueBuilder Add(string name, string title, PermissionKind kind, bool offLimits, bool viewer, bool onlyNamed = false)
    {
        _permissions.Add((name, title, kind, offLimits, viewer, onlyNamed));
        return this;
    }

    private void CheckPermissions(List<string> errors)
    {
        if (_permissions.Count > MaxPermissions)
        {
            errors.Add($"It holds {_permissions.Count} permissions; at most {MaxPermissions} are accepted.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, title, _, _, _, _) in _permissions)
        {
            if (!IsPermissionName(name))
            {
                errors.Add($"Permission '{name}': a name is noun.verb in lower case, at most 64 characters, such as 'app.title.update'.");
            }

            if (!seen.Add(name))
            {
                errors.Add($"Permission '{name}' is declared twice.");
            }

            if (string.IsNullOrWhiteSpace(title))
            {
                errors.Add($"Permission '{name}' has no title; say what was done, such as 'changed the title'.");
            }
        }
    }

    private static void CheckRole(
        string name,
        string title,
        string[] names,
        Dictionary<string, Permission> permissions,
        List<Role> roles,
        List<string> errors)
    {
        if (!IsPart(name) || name.Length > 64)
        {
            errors.Add($"Role '{name}': a name is lower case letters, digits and underscores, at most 64 characters.");
        }

        if (roles.Exists(r => r.Name == name))
        {
            errors.Add($"Role '{name}' is declared twice.");
        }

        if (string.IsNullOrWhiteSpace(title) || names.Length == 0)
        {
            errors.Add($"Role '{name}' needs a title and at least one permission.");
        }

        foreach (var permission in names)
        {
            if (!permissions.TryGetValue(permission, out var known))
            {
                errors.Add($"Role '{name}' names the permission '{permission}', which is not declared.");
            }
            else if (known.OffLimits)
            {
                errors.Add($"Role '{name}' names the permission '{permission}', which is off limits.");
            }
        }
    }

    private static bool IsPermissionName(string name) =>
        name.Length <= 64 && name.Split('.') is { Length: >= 2 } parts && Array.TrueForAll(parts, IsPart);

    private static bool IsPart(string part) =>
        part.Length > 0 && part.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');
}
