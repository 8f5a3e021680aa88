using Latchkey.Ledger;

namespace Latchkey;

/// <summary>
/// What the commands of one transaction see and write. A command reads the state as the commands before it left it,
/// decides, and only then appends. Nothing here is visible to anyone else before the transaction is durable.
/// </summary>
internal sealed class Batch(AccessIndex index, Catalogue catalogue, DateTimeOffset now, bool clockTrusted)
{
    private readonly Dictionary<AppId, AppView> _views = [];
    private readonly Dictionary<AccountId, AccountView> _accounts = [];
    private readonly List<Recordable> _facts = [];
    private readonly HashSet<Hash> _spent = [];

    /// <summary>The instant of every decision in this batch. Its entries carry it in whole milliseconds.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>The time written on entries.</summary>
    public DateTimeOffset Time { get; } = LedgerEntry.WholeMilliseconds(now);

    /// <summary>Whether the clock can be trusted; where it can't, only ends and outcomes are recorded.</summary>
    public bool ClockTrusted { get; } = clockTrusted;

    public Catalogue Catalogue { get; } = catalogue;

    public IReadOnlyList<Recordable> Facts => _facts;

    public IReadOnlyDictionary<AppId, AppView> Views => _views;

    public IReadOnlyDictionary<AccountId, AccountView> Accounts => _accounts;

    /// <summary>What leads ruled; null where they have ruled nothing.</summary>
    public VendorPolicy? Vendor { get; private set; } = index.Vendor;

    public LedgerWrites Writes { get; } = new();

    /// <summary>What the vendor rules, as the commands before left it.</summary>
    public VendorPolicy Policy(SupportAccessOptions options) => options.InForce(Vendor);

    public AppView? View(AppId app) => _views.TryGetValue(app, out var view) ? view : index.Find(app);

    /// <summary>What concerns an account as a whole; an empty picture where nothing does.</summary>
    public AccountView Account(AccountId account) =>
        _accounts.TryGetValue(account, out var view) ? view : index.Find(account) ?? new AccountView { Account = account };

    /// <summary>The accounts that rule something, lent a key to all of their apps, or were asked.</summary>
    public IEnumerable<AccountView> AllAccounts() => index.Accounts.Select(view => Account(view.Account))
        .Concat(_accounts.Values.Where(view => index.Find(view.Account) is null));

    /// <summary>Every app that support has, or lately had, to do with.</summary>
    public IEnumerable<AppView> Apps() => index.Apps.Select(view => _views.GetValueOrDefault(view.App, view))
        .Concat(_views.Values.Where(view => index.Find(view.App) is null));

    /// <summary>The sessions that were opened by one sign-in of an agent, closed ones included.</summary>
    public IEnumerable<(AppId App, SessionId Session)> SessionsOf(AgentId agent, string signIn) =>
        index.Credentials.Concat(Writes.NewCredentials).Where(c => c.Agent == agent && c.SignIn == signIn).Select(c => (c.App, c.Session)).Distinct();

    /// <summary>Sets how an app is called, making its picture where there is none.</summary>
    public AppView Name(AppId app, AccountId account, AppName name)
    {
        var view = View(app) is { } known && known.Account == account
            ? known with { Name = name }
            : new AppView { App = app, Account = account, Name = name, Closed = View(app)?.Closed ?? [], TakenOut = View(app)?.TakenOut ?? [] };
        _views[app] = view;
        Writes.Names[app] = (account, name);
        return view;
    }

    public void Append(AccountId account, Fact fact) => Append(new Recordable(account, fact, Fields: null));

    public void Append(Recordable recordable)
    {
        var (account, fact, _) = recordable;
        Vendor = Fold.Apply(Vendor, fact);
        if (Fold.IsOfAccount(fact))
        {
            _accounts[account] = Fold.Apply(Account(account), fact, Time, Catalogue);
        }

        if (fact is GrantEnded { App: null } end)
        {
            var opened = Apps().Where(v => v.Grants.Any(g => g.Id == end.Grant)).ToArray();
            foreach (var covered in opened.Concat(Apps().Where(v => v.TakenOut.Any(g => g.Id == end.Grant))).ToArray())
            {
                _views[covered.App] = Fold.Apply(covered, fact, Time, Catalogue, account: null);
            }

            recordable = recordable with { Closed = [.. opened.Select(v => v.App)] };
        }
        else if (Fold.AppOf(fact) is { } app && View(app) is { } view)
        {
            _views[app] = Fold.Apply(view, fact, Time, Catalogue, Account(account));
        }

        _facts.Add(recordable);
    }

    public void Keep(Credential credential) => Writes.NewCredentials.Add(credential);

    /// <summary>The credential of this key, unless a command before spent it.</summary>
    public Credential? FindCredential(Hash key) =>
        !_spent.Contains(key) && index.TryFind(key, out var credential) ? credential : null;

    public void Spend(Credential credential)
    {
        _spent.Add(credential.Key);
        Writes.SpentCredentials.Add(credential.Key);
    }

    /// <summary>Gives every fact its place, bytes and leaf, and grows the trees.</summary>
    public async ValueTask SealAsync(ILedgerTransaction transaction, CancellationToken cancellation)
    {
        var position = transaction.Position;
        foreach (var (account, fact, fields) in _facts)
        {
            if (!Writes.Edges.TryGetValue(account, out var edge))
            {
                edge = await transaction.ReadEdgeAsync(account, cancellation);
                Writes.Edges.Add(account, edge);
            }

            var seq = edge.Size;
            var bytes = (fields ?? fact.EncodeFields()).ToEntry(account.Value, seq, Time, fact.Kind);
            var leaf = MerkleTree.HashLeaf(bytes);
            edge.Append(leaf);
            Writes.Entries.Add(new RecordedEntry(++position, account, seq, Time, bytes, leaf, fact));
        }
    }
}

/// <summary>A fact on its way into a batch.</summary>
/// <param name="Account">Whose ledger it belongs to.</param>
/// <param name="Fact">What happened.</param>
/// <param name="Fields">Its fields as bytes, where the caller made them on its own time: the appender's is everyone's.</param>
internal sealed record Recordable(AccountId Account, Fact Fact, EncodedFields? Fields)
{
    /// <summary>The apps that the end of a key to the account closed, or left to their other keys.</summary>
    public IReadOnlyList<AppId> Closed { get; init; } = [];
}
