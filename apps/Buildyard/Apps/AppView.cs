using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>An app as the caller of this request sees it: what they can't do is left out of the page.</summary>
public sealed class AppView
{
    private readonly HashSet<string> _may;

    private AppView(App app, AccessContext access, HashSet<string> may, bool speaksForCustomer)
    {
        App = app;
        Access = access;
        HostApp = app.ToHostApp();
        _may = may;
        SpeaksForCustomer = speaksForCustomer;
    }

    public App App { get; }
    public HostApp HostApp { get; }
    public AccessContext Access { get; }

    /// <summary>Whether they are shown what is hidden from support.</summary>
    public bool SpeaksForCustomer { get; }

    public bool May(string permission) => _may.Contains(permission);

    /// <summary>The address of one of the app's pages.</summary>
    public string Path(string below = "") => $"/apps/{App.Slug}{below}";

    internal static async Task<AppView> LoadAsync(AccessContext access, AppSettings settings)
    {
        var may = new HashSet<string>(StringComparer.Ordinal);
        foreach (var permission in BuildyardPermissions.Names)
            if (await access.MayAsync(permission)) may.Add(permission);
        return new AppView(await settings.GetAsync(access), access, may, await access.SpeaksForCustomerAsync());
    }
}
