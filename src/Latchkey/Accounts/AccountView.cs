using System.Collections.Immutable;

namespace Latchkey;

/// <summary>
/// What concerns an account as a whole: its policy, keys to all of its apps, and the requests that it was asked.
/// An immutable picture, like <see cref="AppView"/>.
/// </summary>
public sealed record AccountView
{
    /// <summary>The account.</summary>
    public required AccountId Account { get; init; }

    /// <summary>What its owner rules.</summary>
    public AccountPolicy Policy { get; init; } = AccountPolicy.Default;

    /// <summary>Grants to all of its apps, each until its end is on the ledger.</summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>Requests that are pending on the ledger, or were decided within a day; oldest first.</summary>
    public ImmutableArray<AccessRequest> Requests { get; init; } = [];

    internal bool IsEmpty => Policy == AccountPolicy.Default && Grants.IsEmpty && Requests.IsEmpty;

    /// <summary>The requests without those that were decided a day ago.</summary>
    internal ImmutableArray<AccessRequest> Remembered(DateTimeOffset now) => Requests.RemoveAll(r => now - r.DecidedAt >= Decider.EndedIsTold);

    /// <summary>The requests that can be answered at <paramref name="now"/>.</summary>
    public IEnumerable<AccessRequest> Pending(DateTimeOffset now) => Requests.Where(request => request.IsPending(now));

    /// <summary>The request of this id; null where there is none, or it was decided more than a day ago.</summary>
    public AccessRequest? Find(RequestId id) => Requests.FirstOrDefault(request => request.Id == id);

    /// <summary>The earliest instant at which the clock ends something here; null where nothing waits for that.</summary>
    internal DateTimeOffset? NextEnd() =>
        Grants.Select(grant => (DateTimeOffset?)grant.Until)
            .Concat(Requests.Where(request => request.State == RequestState.Pending).Select(request => (DateTimeOffset?)request.Expires))
            .Min();
}
