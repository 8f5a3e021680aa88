namespace Latchkey.AspNetCore;

/// <summary>
/// Who an endpoint is for. Every endpoint has exactly one, or is anonymous. One that has none, or several (an attribute of its own and a convention
/// such as <c>MapRazorPages().RequireMember()</c>), answers nobody, and a host that maps it does not start.
/// </summary>
public abstract class AccessRequirement : Attribute
{
    private protected AccessRequirement()
    {
    }
}

/// <summary>
/// The endpoint does what a permission of the catalogue says. Members are judged by the host, support by what was lent to it;
/// both pass the same endpoint.
/// </summary>
/// <param name="permission">The permission's name; one that the catalogue has not stops the host at start.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequirePermissionAttribute(string permission) : AccessRequirement
{
    /// <summary>The permission's name.</summary>
    public string Permission { get; } = permission;

    /// <summary>
    /// The route value that names the app. Default: <c>app</c>. A route without it is about the caller's account,
    /// which is off limits for support.
    /// </summary>
    public string AppRoute { get; init; } = "app";

    /// <summary>
    /// Whether a member passes too who could end what is lent there when it began, whatever the host says of them since: the endpoint is one
    /// that ends it, or says how to. Default: no.
    /// </summary>
    internal bool OrMayEnd { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"RequirePermission(\"{Permission}\", appRoute: \"{AppRoute}\")";
}

/// <summary>The endpoint is for members, and about nothing that belongs to one app.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequireMemberAttribute : AccessRequirement
{
    /// <inheritdoc/>
    public override string ToString() => "RequireMember";
}

/// <summary>The endpoint is for agents themselves: the console, never a customer's app.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequireAgentAttribute : AccessRequirement
{
    /// <summary>Whether only leads may. Default: any agent.</summary>
    public bool Lead { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Lead ? "RequireAgent(lead: true)" : "RequireAgent";
}

/// <summary>The endpoint is for whoever is signed in, member or agent: signing out, one's own profile.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequireSignedInAttribute : AccessRequirement
{
    /// <inheritdoc/>
    public override string ToString() => "RequireSignedIn";
}

/// <summary>Says who an endpoint is for.</summary>
public static class AccessRequirementExtensions
{
    /// <summary>The endpoint does what <paramref name="permission"/> says; see <see cref="RequirePermissionAttribute"/>.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder endpoint, string permission, string appRoute = "app")
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequirePermissionAttribute(permission) { AppRoute = appRoute });

    /// <summary>The same, and for whoever could end what is lent there when it began.</summary>
    internal static TBuilder RequirePermissionOrMayEnd<TBuilder>(this TBuilder endpoint, string permission)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequirePermissionAttribute(permission) { OrMayEnd = true });

    /// <summary>The endpoint is for members.</summary>
    public static TBuilder RequireMember<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequireMemberAttribute());

    /// <summary>The endpoint is for agents, or for leads alone.</summary>
    public static TBuilder RequireAgent<TBuilder>(this TBuilder endpoint, bool lead = false)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequireAgentAttribute { Lead = lead });

    /// <summary>The endpoint is for whoever is signed in.</summary>
    public static TBuilder RequireSignedIn<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequireSignedInAttribute());
}
