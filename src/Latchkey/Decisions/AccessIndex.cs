using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>
/// The published pictures of all apps that support has, or lately had, to do with. Questions read it without a lock;
/// only the appender writes it, after the entries behind a change are durable. What is read from the store anew takes the place of
/// everything at once: no question sees half of it.
/// </summary>
internal sealed class AccessIndex
{
    private volatile Pictures _now = new();

    public IEnumerable<AppView> Apps => _now.Apps.Select(pair => pair.Value);

    public IEnumerable<AccountView> Accounts => _now.Accounts.Select(pair => pair.Value);

    /// <summary>What leads ruled for the whole vendor; null where they have ruled nothing.</summary>
    public VendorPolicy? Vendor => _now.Vendor;

    public IEnumerable<Credential> Credentials => _now.Credentials.Select(pair => pair.Value);

    public AppView? Find(AppId app) => _now.Apps.GetValueOrDefault(app);

    public AccountView? Find(AccountId account) => _now.Accounts.GetValueOrDefault(account);

    /// <summary>The apps of a slug. It is a name that each customer gives as they like, so there may be several.</summary>
    public IEnumerable<AppView> FindBySlug(string slug)
    {
        var now = _now;
        foreach (var app in now.Slugs.GetValueOrDefault(slug, []))
        {
            if (now.Apps.TryGetValue(app, out var view) && view.Name.Slug == slug)
            {
                yield return view;
            }
        }
    }

    public bool TryFind(Hash key, [NotNullWhen(true)] out Credential? credential) => _now.Credentials.TryGetValue(key, out credential);

    /// <summary>Takes the place of all that was published before.</summary>
    public void Load(StoredState state, Catalogue catalogue)
    {
        var grants = state.Grants.Select(g => GrantOf(g, catalogue)).ToArray();
        var ofApps = grants.Where(g => g.App is not null).ToLookup(g => g.App!.Value);
        var ofAccounts = grants.Where(g => g.App is null).ToDictionary(g => g.Id);
        var covers = state.Covers.Where(c => ofAccounts.ContainsKey(c.Grant)).ToLookup(c => c.App);
        var sessions = state.Sessions.ToLookup(s => s.App);
        var closed = state.Closed.ToLookup(c => c.App, c => c.Session);
        var next = new Pictures { Vendor = state.Vendor?.Policy };
        foreach (var (app, (account, name)) in state.Names)
        {
            var covering = covers[app].ToArray();
            next.Publish(new AppView
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

        var requests = state.Requests.ToLookup(r => r.Account, r => r.ToRequest(catalogue));
        foreach (var account in ofAccounts.Values.Select(g => g.Account).Concat(state.Policies.Keys).Concat(requests.Select(r => r.Key)).Distinct())
        {
            next.Publish(new AccountView
            {
                Account = account,
                Policy = state.Policies.GetValueOrDefault(account, AccountPolicy.Default),
                Grants = [.. ofAccounts.Values.Where(g => g.Account == account)],
                Requests = [.. requests[account]],
            });
        }

        foreach (var credential in state.Credentials)
        {
            next.Credentials[credential.Key] = credential;
        }

        _now = next;

        Grant OnApp(StoredCover cover) => Fold.OnApp(ofAccounts[cover.Grant], cover.MayEnd);
    }

    /// <summary>What a batch made of the pictures that it touched.</summary>
    public void Publish(Batch batch)
    {
        var now = _now;
        foreach (var view in batch.Views.Values)
        {
            now.Publish(view);
        }

        foreach (var account in batch.Accounts.Values)
        {
            now.Publish(account);
        }

        now.Vendor = batch.Vendor;
        foreach (var credential in batch.Writes.NewCredentials)
        {
            now.Credentials[credential.Key] = credential;
        }

        foreach (var key in batch.Writes.SpentCredentials)
        {
            now.Credentials.TryRemove(key, out _);
        }
    }

    /// <summary>Forgets what has had no use for a day: closed sessions, their credentials, decided requests, and apps
    /// and accounts where nothing else is left.</summary>
    public void Forget(DateTimeOffset time)
    {
        var now = _now;
        foreach (var view in Apps.Where(v => v.Closed.Any(c => time - c.ClosedAt >= Decider.EndedIsTold)))
        {
            now.Publish(view with { Closed = view.Closed.RemoveAll(c => time - c.ClosedAt >= Decider.EndedIsTold) });
        }

        foreach (var view in Accounts)
        {
            now.Publish(view with { Requests = view.Remembered(time) });
        }

        foreach (var (key, credential) in now.Credentials)
        {
            if (time - credential.Expires >= Decider.EndedIsTold)
            {
                now.Credentials.TryRemove(key, out _);
            }
        }
    }

    private static Grant GrantOf(StoredGrant g, Catalogue catalogue) => new(
        g.Id, g.Account, g.App, Fold.RoleOf(g.Role, catalogue), Fold.PermissionsOf(g.Also, catalogue),
        g.From, g.Until, g.LentBy, [.. g.MayEnd], g.Request);

    /// <summary>One whole set of pictures, each of which is replaced and never changed.</summary>
    private sealed class Pictures
    {
        private volatile VendorPolicy? _vendor;

        public ConcurrentDictionary<AppId, AppView> Apps { get; } = new();

        public ConcurrentDictionary<AccountId, AccountView> Accounts { get; } = new();

        public ConcurrentDictionary<string, ImmutableArray<AppId>> Slugs { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<Hash, Credential> Credentials { get; } = new();

        public VendorPolicy? Vendor
        {
            get => _vendor;
            set => _vendor = value;
        }

        public void Publish(AppView view)
        {
            var before = Apps.GetValueOrDefault(view.App);
            if (view.Grants.IsEmpty && view.TakenOut.IsEmpty && view.Sessions.IsEmpty && view.Closed.IsEmpty)
            {
                Apps.TryRemove(view.App, out _);
                Unname(before);
                return;
            }

            Apps[view.App] = view;
            if (before?.Name.Slug != view.Name.Slug)
            {
                Unname(before);
                Slugs[view.Name.Slug] = Slugs.GetValueOrDefault(view.Name.Slug, []).Add(view.App);
            }
        }

        public void Publish(AccountView view)
        {
            if (view.IsEmpty)
            {
                Accounts.TryRemove(view.Account, out _);
            }
            else
            {
                Accounts[view.Account] = view;
            }
        }

        private void Unname(AppView? gone)
        {
            if (gone is null || !Slugs.TryGetValue(gone.Name.Slug, out var apps))
            {
                return;
            }

            if (apps.Remove(gone.App) is { IsEmpty: false } left)
            {
                Slugs[gone.Name.Slug] = left;
            }
            else
            {
                Slugs.TryRemove(gone.Name.Slug, out _);
            }
        }
    }
}
