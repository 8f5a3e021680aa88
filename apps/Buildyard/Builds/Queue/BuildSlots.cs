using System.Globalization;

namespace Buildyard;

/// <summary>A build that waits for a slot.</summary>
/// <param name="Id">Its id.</param>
/// <param name="AccountId">The account of its app.</param>
/// <param name="Priority">Inside the account the higher goes first.</param>
/// <param name="QueuedAt">Then the older.</param>
/// <param name="Number">Then the lower.</param>
public sealed record WaitingBuild(string Id, string AccountId, int Priority, DateTimeOffset QueuedAt, int Number);

/// <summary>
/// Who may have a slot. Nothing that runs is stopped for somebody else, so the last free slot is kept for accounts that have no build running, as long
/// as there is any: one account never holds all of several slots while another is without, and whoever comes later finds one free, or is the next to
/// get one. An instance with one slot has turns alone.
/// </summary>
/// <param name="AtOnce">How many slots there are.</param>
/// <param name="Running">How many builds run, by account.</param>
/// <param name="Accounts">Every account that could start a build.</param>
public sealed record BuildSlots(int AtOnce, IReadOnlyDictionary<string, int> Running, IReadOnlySet<string> Accounts)
{
    /// <summary>How many are free; never negative.</summary>
    public int Free => Math.Max(0, AtOnce - Running.Values.Sum());

    /// <summary>Whether a build of an account may start now.</summary>
    public bool IsFreeFor(string account) => Free > (IsAnotherWithout(account) && Running.GetValueOrDefault(account) > 0 ? 1 : 0);

    /// <summary>
    /// The build that gets a slot now; null: none. Of the accounts that may have one, that with the fewest running, then that whose last turn is the
    /// longest ago.
    /// </summary>
    /// <param name="waiting">The builds that wait and could start.</param>
    /// <param name="lastTurn">When an account last had a turn, as a number that grows; 0: never.</param>
    public WaitingBuild? Choose(IEnumerable<WaitingBuild> waiting, Func<string, long> lastTurn) => waiting
        .Where(w => IsFreeFor(w.AccountId))
        .OrderBy(w => Running.GetValueOrDefault(w.AccountId))
        .ThenBy(w => lastTurn(w.AccountId))
        .ThenByDescending(w => w.Priority).ThenBy(w => w.QueuedAt).ThenBy(w => w.Number)
        .FirstOrDefault();

    /// <summary>Why a build of an account waits, for its people; null: it is about to start.</summary>
    /// <param name="account">The account.</param>
    /// <param name="longest">How long a build may take.</param>
    public string? WhyWaits(string account, TimeSpan longest)
    {
        if (AtOnce == 0) return "This instance is holding all builds for now.";
        if (IsFreeFor(account)) return null;
        if (Free > 0) return Said($"Your account has as many builds running as one account may hold: {Running.GetValueOrDefault(account)} of {AtOnce}.");
        var taken = AtOnce == 1 ? "Another build runs, and one runs at a time." : Said($"All {AtOnce} builds that may run at a time are running.");
        return Said($"{taken} Accounts take turns, and a build ends after {longest.TotalMinutes:0.#} minutes at the latest.");
    }

    private bool IsAnotherWithout(string account) => Accounts.Any(other => other != account && Running.GetValueOrDefault(other) == 0);

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
