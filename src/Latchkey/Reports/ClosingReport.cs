using Latchkey.Ledger;

namespace Latchkey;

/// <summary>What came of one key: who used it, when and why, and how much they read and changed; or that nobody did.</summary>
/// <param name="Grant">The key.</param>
/// <param name="Sessions">Sessions that were open while it held, newest first, at most <see cref="MaxSessions"/>.</param>
/// <param name="TreeSize">How many entries the account's ledger had when this was read.</param>
/// <param name="RootHash">The root of the tree over them: kept by the reader, it shows whoever reads the ledger later whether anything before it was changed.</param>
public sealed record ClosingReport(GrantRecord Grant, IReadOnlyList<SessionRecord> Sessions, long TreeSize, Hash RootHash)
{
    /// <summary>The most sessions that a report names.</summary>
    public const int MaxSessions = 500;

    /// <summary>How many things were changed in the sessions.</summary>
    public int Changes => Sessions.Sum(s => s.Changes);

    /// <summary>How many things were read or followed in the sessions.</summary>
    public int Reads => Sessions.Sum(s => s.Acts) - Changes;
}

/// <summary>Puts closing reports together.</summary>
/// <param name="history">What happened.</param>
public sealed class ClosingReports(IHistory history)
{
    /// <summary>What came of a key in an app, as of now; null where this account never lent this key to the app.</summary>
    /// <param name="account">The account that lent it.</param>
    /// <param name="app">The app; null for all of them together, which is for keys to the whole account.</param>
    /// <param name="grant">The key.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<ClosingReport?> ReadAsync(AccountId account, AppId? app, GrantId grant, CancellationToken cancellation)
    {
        if (await history.ReadGrantsAsync(new GrantQuery(Grant: grant, Limit: 1), cancellation) is not [var record]
            || record.Account != account
            || (record.App is { } only && only != app))
        {
            return null;
        }

        var sessions = await SessionsAsync(app, record, cancellation);
        var edge = await history.ReadEdgeAsync(account, cancellation);
        return new ClosingReport(record, sessions, edge.Size, edge.Root());
    }

    private async Task<IReadOnlyList<SessionRecord>> SessionsAsync(AppId? app, GrantRecord grant, CancellationToken cancellation)
    {
        var window = new AccountWindow(grant.Account, grant.From, grant.EndedAt ?? grant.Until);
        var found = new List<SessionRecord>();
        var before = long.MaxValue;
        while (found.Count < ClosingReport.MaxSessions
            && await history.ReadSessionsAsync(new SessionQuery(App: app, Of: window, Before: before, Limit: IHistory.MaxPage), cancellation) is { Count: > 0 } page)
        {
            found.AddRange(page);
            before = page[^1].Position;
        }

        return [.. found.Take(ClosingReport.MaxSessions)];
    }
}
