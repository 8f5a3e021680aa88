using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>
/// The published pictures of all apps that support has, or lately had, to do with. Questions read it without a lock;
/// only the appender writes it, after the entries behind a change are durable.
/// </summary>
internal sealed class AccessIndex
{
    private readonly ConcurrentDictionary<AppId, AppView> _apps = new();
    private readonly ConcurrentDictionary<AccountId, AccountView> _accounts = new();
    private readonly ConcurrentDictionary<string, AppId> _slugs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Hash, Credential> _credentials = new();
    private volatile VendorPolicy? _vendor;

    public IEnumerable<AppView> Apps => _apps.Select(pair => pair.Value);

    public IEnumerable<AccountView> Accounts => _accounts.Select(pair => pair.Value);

    /// <summary>What leads ruled for the whole vendor; null where they have ruled nothing.</summary>
    public VendorPolicy? Vendor => _vendor;

    public IEnumerable<Credential> Credentials => _credentials.Select(pair => pair.Value);

    public AppView? Find(AppId app) => _apps.GetValueOrDefault(app);

    public AccountView? Find(AccountId account) => _accounts.GetValueOrDefault(account);

    public AppView? FindBySlug(string slug) =>
        _slugs.TryGetValue(slug, out var app) && _apps.TryGetValue(app, out var view) && view.Name.Slug == slug ? view : null;

    public bool TryFind(Hash key, [NotNullWhen(true)] out Credential? credential) => _credentials.TryGetValue(key, out credential);

    /// <summary>Takes the place of all that was published before.</summary>
    public void Load(StoredState state, Catalogue catalogue)
    {
        var grants = state.Grants.Select(g => GrantOf(g, catalogue)).ToArray();
        var ofApps = grants.Where(g => g.App is not null).ToLookup(g => g.App!.Value);
        var ofAccounts = grants.Where(g => g.App is null).ToDictionary(g => g.Id);
        var covers = state.Covers.Where(c => ofAccounts.ContainsKey(c.Grant)).ToLookup(c => c.App);
        var sessions = state.Sessions.ToLookup(s => s.App);
        var closed = state.Closed.ToLookup(c => c.App, c => c.Session);
        foreach (var (app, (account, name)) in state.Names)
        {
            var covering = covers[app].ToArray();
            Publish(new AppView
            {
                App = app,
                Account = account,
                Name = name,
                Grants = Fold.Ordered(ofApps[app].Concat(covering.Where(c => !c.TakenOut).Select(OnApp))),
                TakenOut = [.. covering.Where(c => c.TakenOut).Select(OnApp)],
                Sessions = [.. sessions[app]],
                Closed = [.. closed[app].OrderBy(c => c.ClosedAt)],
            });
        }

        _vendor = state.Vendor?.Policy;
        var requests = state.Requests.ToLookup(r => r.Account, r => r.ToRequest(catalogue));
        _accounts.Clear();
        foreach (var account in ofAccounts.Values.Select(g => g.Account).Concat(state.Policies.Keys).Concat(requests.Select(r => r.Key)).Distinct())
        {
            Publish(new AccountView
            {
                Account = account,
                Policy = state.Policies.GetValueOrDefault(account, AccountPolicy.Default),
                Grants = [.. ofAccounts.Values.Where(g => g.Account == account)],
                Requests = [.. requests[account]],
            });
        }

        foreach (var gone in _apps.Keys.Where(app => !state.Names.ContainsKey(app)))
        {
            if (_apps.TryRemove(gone, out var old))
            {
                _slugs.TryRemove(new(old.Name.Slug, gone));
            }
        }

        _credentials.Clear();
        foreach (var credential in state.Credentials)
        {
            Add(credential);
        }

        Grant OnApp(StoredCover cover) => Fold.OnApp(ofAccounts[cover.Grant], cover.MayEnd);
    }

    public void Publish(AppView view)
    {
        if (view.Grants.IsEmpty && view.TakenOut.IsEmpty && view.Sessions.IsEmpty && view.Closed.IsEmpty)
        {
            if (_apps.TryRemove(view.App, out var old))
            {
                _slugs.TryRemove(new(old.Name.Slug, view.App));
            }

            return;
        }

        var before = _apps.GetValueOrDefault(view.App);
        _apps[view.App] = view;
        if (before is not null && before.Name.Slug != view.Name.Slug)
        {
            _slugs.TryRemove(new(before.Name.Slug, view.App));
        }

        _slugs[view.Name.Slug] = view.App;
    }

    public void Publish(AccountView view)
    {
        if (view.IsEmpty)
        {
            _accounts.TryRemove(view.Account, out _);
        }
        else
        {
            _accounts[view.Account] = view;
        }
    }

    public void Publish(VendorPolicy? vendor) => _vendor = vendor;

    public void Add(Credential credential) => _credentials[credential.Key] = credential;

    private static Grant GrantOf(StoredGrant g, Catalogue catalogue) => new(
        g.Id, g.Account, g.App, Fold.RoleOf(g.Role, catalogue), Fold.PermissionsOf(g.Also, catalogue),
        g.From, g.Until, g.LentBy, [.. g.MayEnd], g.Request);

    public void Remove(Hash key) => _credentials.TryRemove(key, out _);

    /// <summary>Forgets what has had no use for a day: closed sessions, their credentials, decided requests, and apps
    /// and accounts where nothing else is left.</summary>
    public void Forget(DateTimeOffset now)
    {
        foreach (var view in Apps.Where(v => v.Closed.Any(c => now - c.ClosedAt >= Decider.EndedIsTold)))
        {
            Publish(view with { Closed = view.Closed.RemoveAll(c => now - c.ClosedAt >= Decider.EndedIsTold) });
        }

        foreach (var view in Accounts)
        {
            Publish(view with { Requests = view.Remembered(now) });
        }

        foreach (var (key, credential) in _credentials)
        {
            if (now - credential.Expires >= Decider.EndedIsTold)
            {
                _credentials.TryRemove(key, out _);
            }
        }
    }
}
