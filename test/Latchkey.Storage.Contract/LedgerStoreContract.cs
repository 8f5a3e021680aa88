using System.Globalization;
using Latchkey.Testing;

namespace Latchkey.Storage.Contract;

/// <summary>What every store must do. A store's tests derive from this, say how to make one, and add what is its own.</summary>
public abstract partial class LedgerStoreContract : IAsyncLifetime
{
    private ILedgerStore? _store;

    protected LedgerStoreContract() => (Facts, Scribe) = (new Facts(Clock), new Scribe(Clock));

    protected ManualClock Clock { get; } = new();

    protected Facts Facts { get; }

    protected Scribe Scribe { get; }

    protected ILedgerStore Store => _store ?? throw new InvalidOperationException("The store was not opened.");

    public virtual async ValueTask InitializeAsync() => await ReopenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A store over this test's own place, not open yet. Called again, it is the same place.</summary>
    protected abstract ILedgerStore Create();

    /// <summary>Every row of the read tables, in a fixed order.</summary>
    protected abstract Task<IReadOnlyList<string>> DumpReadTablesAsync();

    protected async Task<StoredState> ReopenAsync()
    {
        await CloseAsync();
        _store = Create();
        return await StateAsync();
    }

    protected async Task CloseAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
            _store = null;
        }
    }

    protected Task<StoredState> StateAsync() => Store.OpenAsync(Clock.GetUtcNow() - TimeSpan.FromDays(1), CancellationToken.None);

    /// <summary>Writes facts of one account in one transaction, with the names of their apps.</summary>
    protected Task WriteAsync(params Fact[] facts) => WriteAsync(Facts.Account, facts);

    protected Task WriteAsync(AccountId account, params Fact[] facts) => Scribe.WriteAsync(
        Store,
        [.. facts.Select(f => (account, f))],
        writes =>
        {
            foreach (var app in facts.OfType<GrantStarted>().Select(f => f.App).OfType<AppId>().Concat(facts.OfType<GrantCovers>().Select(f => f.App)))
            {
                writes.Names[app] = (account, Facts.Name(app));
            }
        });

    /// <summary>A state as text, so that two can be compared and a difference is seen.</summary>
    protected static string Describe(StoredState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        IEnumerable<string> lines =
        [
            $"{state.Position} {Text(state.NewestTime)}",
            .. state.Grants.Select(g =>
                $"grant {g.Id} {g.Account} {g.App} {g.Role} [{string.Join(' ', g.Also)}] {Text(g.From)} {Text(g.Until)} {g.LentBy} [{string.Join(' ', g.MayEnd)}] {g.Request}").Order(StringComparer.Ordinal),
            .. state.Covers.Select(c => $"cover {c.Grant} {c.App} {c.TakenOut} [{string.Join(' ', c.MayEnd)}]").Order(StringComparer.Ordinal),
            .. state.Requests.Select(r =>
                $"request {r.Account} {Text(r.At)} {r.Made.EncodeFields().ToJson()} '{r.Made.Reason?.Text}' '{r.Made.PersonName?.Text}' '{r.Made.Ticket?.Text}' {r.State} {r.Because} {Text(r.DecidedAt)} [{string.Join(' ', r.Approvals.Select(a => a.EncodeFields().ToJson()))}]"),
            .. state.Policies.Select(p => $"policy {p.Key} {p.Value.Refuses} {p.Value.Approvers} [{string.Join(' ', p.Value.Named)}]").Order(StringComparer.Ordinal),
            .. state.Vendor is { } vendor ? new[] { $"vendor {vendor.EncodeFields().ToJson()} {vendor.Policy} '{vendor.ByName.Text}'" } : [],
            .. state.Sessions.Select(s =>
                $"session {s.Id} {s.App} {s.Agent} '{s.AgentName}' '{s.Reason}' {Text(s.OpenedAt)} {Text(s.LastSeen)}").Order(StringComparer.Ordinal),
            .. state.Closed.Select(c => $"closed {c.App} {c.Session.Id} {c.Session.Agent} {Text(c.Session.ClosedAt)} {c.Session.Cause}").Order(StringComparer.Ordinal),
            .. state.Names.Select(n => $"name {n.Key} {n.Value}").Order(StringComparer.Ordinal),
            // One that expired a day before may be forgotten.
            .. state.Credentials.Where(c => c.Expires.AddDays(1) >= state.NewestTime).Select(c => $"credential {c} {c.Expires.UtcTicks}").Order(StringComparer.Ordinal),
        ];
        return string.Join('\n', lines);
    }

    private static string Text(DateTimeOffset? time) => time?.ToString("O", CultureInfo.InvariantCulture) ?? "-";
}
