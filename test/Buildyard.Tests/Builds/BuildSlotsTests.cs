using System.Globalization;
using Latchkey.Tests;

namespace Buildyard.Builds;

/// <summary>Who gets a slot, over random stories of accounts that start builds and builds that end. LATCHKEY_SEED repeats one, LATCHKEY_MODEL_RUNS sets how many.</summary>
public sealed class BuildSlotsTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(45);

    [Fact]
    public void NobodyStarves_WhateverTheOthersStart()
    {
        var stories = int.TryParse(Environment.GetEnvironmentVariable("LATCHKEY_MODEL_RUNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 300;
        var first = Seeded.SeedOf("LATCHKEY_SEED");
        for (var story = 0; story < stories; story++) new Story(first + (ulong)story).Play();
    }

    [Theory]
    [InlineData(1, 0, 3, null)]
    [InlineData(1, 1, 3, "Another build runs, and one runs at a time. Accounts take turns, and a build ends after 45 minutes at the latest.")]
    [InlineData(2, 1, 3, "Your account has as many builds running as one account may hold: 1 of 2.")]
    [InlineData(4, 2, 3, null)]
    [InlineData(4, 3, 3, "Your account has as many builds running as one account may hold: 3 of 4.")]
    [InlineData(4, 3, 1, null)]
    [InlineData(4, 4, 1, "All 4 builds that may run at a time are running. Accounts take turns, and a build ends after 45 minutes at the latest.")]
    [InlineData(0, 0, 3, "This instance is holding all builds for now.")]
    public void WhyABuildWaits_IsSaid(int atOnce, int running, int accounts, string? why)
    {
        var slots = new BuildSlots(atOnce, Counts(("a0", running)), Enumerable.Range(0, accounts).Select(Account).ToHashSet(StringComparer.Ordinal));

        Assert.Equal(why, slots.WhyWaits("a0", s_longest));
        Assert.Equal(why is null, slots.Choose([new WaitingBuild("b", "a0", 0, DateTimeOffset.UnixEpoch, 1)], _ => 0) is not null);
    }

    [Fact]
    public void TheLastSlot_IsNobodysWhoHasOne_UntilEverybodyHasOne()
    {
        var (one, all) = (Counts(("a0", 1), ("a1", 1)), new HashSet<string>(StringComparer.Ordinal) { "a0", "a1", "a2" });

        Assert.False(new BuildSlots(3, one, all).IsFreeFor("a0"));
        Assert.True(new BuildSlots(3, one, all).IsFreeFor("a2"));
        Assert.True(new BuildSlots(3, one, new HashSet<string>(StringComparer.Ordinal) { "a0", "a1" }).IsFreeFor("a0"));
    }

    private static string Account(int number) => $"a{number}";

    private static Dictionary<string, int> Counts(params (string Account, int Count)[] running) => running.ToDictionary(r => r.Account, r => r.Count, StringComparer.Ordinal);

    /// <summary>One instance, from its first build on.</summary>
    private sealed class Story
    {
        private readonly Seeded _seeded;
        private readonly int _atOnce;
        private readonly HashSet<string> _accounts;
        private readonly List<WaitingBuild> _waiting = [];
        private readonly List<string> _running = [];
        private readonly Dictionary<string, int> _endsSeen = new(StringComparer.Ordinal);
        private readonly Dictionary<string, long> _lastTurn = new(StringComparer.Ordinal);
        private readonly string _name;
        private int _builds;
        private long _turns;

        public Story(ulong seed)
        {
            _seeded = new Seeded(seed);
            (_atOnce, var accounts) = (1 + _seeded.Below(6), 1 + _seeded.Below(6));
            _accounts = [.. Enumerable.Range(0, accounts).Select(Account)];
            _name = string.Create(CultureInfo.InvariantCulture, $"LATCHKEY_SEED={seed}: {_atOnce} slots, {accounts} accounts");
        }

        public void Play()
        {
            for (var i = 0; i < 200; i++)
            {
                // The first account floods; builds end when they like.
                if (_seeded.Below(3) == 0 && _running.Count > 0) End();
                else Queue(_seeded.Below(2) == 0 ? Account(0) : Account(_seeded.Below(_accounts.Count)));
                StartAll();
                Check();
            }
        }

        private void Queue(string account)
        {
            // What comes to a free slot without having one gets it now.
            var isNew = !_running.Contains(account) && _waiting.TrueForAll(w => w.AccountId != account) && _running.Count < _atOnce;
            _waiting.Add(new WaitingBuild($"b{++_builds}", account, _seeded.Below(3), DateTimeOffset.UnixEpoch, _builds));
            if (!isNew) return;
            StartAll();
            Assert.True(_running.Contains(account), $"{_name}: {account} found a free slot and did not get it.");
        }

        private void End()
        {
            _running.RemoveAt(_seeded.Below(_running.Count));
            foreach (var account in _waiting.Select(w => w.AccountId).Distinct().Where(a => !_running.Contains(a))) _endsSeen[account] = _endsSeen.GetValueOrDefault(account) + 1;
        }

        private void StartAll()
        {
            while (Slots().Choose(_waiting, account => _lastTurn.GetValueOrDefault(account)) is { } next)
            {
                var free = Slots().Free;
                Assert.False(
                    free == 1 && _running.Contains(next.AccountId) && _accounts.Any(a => a != next.AccountId && !_running.Contains(a)),
                    $"{_name}: {next.AccountId} took the last slot, and had one.");
                Assert.True(_waiting.TrueForAll(w => w.AccountId != next.AccountId || w.Priority <= next.Priority), $"{_name}: a lower priority went first.");
                _waiting.Remove(next);
                _running.Add(next.AccountId);
                _lastTurn[next.AccountId] = ++_turns;
                _endsSeen.Remove(next.AccountId);
            }
        }

        private void Check()
        {
            Assert.True(_running.Count <= _atOnce, $"{_name}: {_running.Count} run.");
            // Slots stand idle for nobody's sake but that of somebody without one, and no more than one does.
            Assert.True(_waiting.Count == 0 || Slots().Free <= 1, $"{_name}: {Slots().Free} slots are free, and builds wait.");
            // Who has none and waits gets one before as many builds have ended as there are accounts.
            Assert.All(_endsSeen.Where(seen => !_running.Contains(seen.Key)), seen => Assert.True(seen.Value < _accounts.Count, $"{_name}: {seen.Key} saw {seen.Value} builds end."));
        }

        private BuildSlots Slots() => new(_atOnce, _running.CountBy(a => a).ToDictionary(StringComparer.Ordinal), _accounts);
    }
}
