using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Latchkey.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Workflows;

/// <summary>What somebody makes up to keep a processor busy: it costs themselves alone, and nobody once they have left.</summary>
public sealed class ComputeTurnsTests : IAsyncLifetime
{
    private const string Check = "/api/bitrise-yml/trigger-check";
    private readonly ManualClock _clock = new();
    private BuildyardHost _host = null!;
    private Work _work = null!;

    public async ValueTask InitializeAsync()
    {
        // The clock stands still: nobody who waits has waited for too long.
        _host = await BuildyardHost.StartAsync(_clock);
        _work = new Work(_host.App.Services.GetRequiredService<IMeterFactory>());
    }

    public async ValueTask DisposeAsync()
    {
        _work.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task OnePersonsFlood_LeavesOthersTheirTurn_AndEndsWithItsClients()
    {
        var (tess, carla) = (await _host.CallAsAsync("tess@northwind.test"), await _host.CallAsAsync("carla@contoso.test"));
        using var left = new CancellationTokenSource();
        var body = Slow(files: 2_000, patterns: 400);
        var flood = Enumerable.Range(0, 14).Select(_ => tess.PostAsJsonAsync(Check, body, left.Token)).ToList();
        await _work.UntilAsync(work => work.Running > 0);

        var others = await carla.PostAsJsonAsync(Check, new { yml = "format_version: \"23\"\nworkflows: {a: {triggers: {push: [{branch: main}]}}}\n", push_branch = "main" }, TestContext.Current.CancellationToken);
        var othersFile = await carla.PostAsync("/api/bitrise-yml/validate", new StringContent("workflows: {}"), TestContext.Current.CancellationToken);
        var answered = await Task.WhenAll(flood.Where(f => f.IsCompletedSuccessfully));
        await left.CancelAsync();
        await _work.UntilAsync(work => work.Running == 0);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (others.StatusCode, othersFile.StatusCode));
        var refused = answered.Where(a => a.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.Equal(4, refused.Count);
        Assert.All(refused, answer => Assert.Equal(TimeSpan.FromSeconds(10), answer.Headers.RetryAfter?.Delta));
        Assert.True(_work.Begun < 12, "All of the flood was worked on, though its clients had left.");
    }

    [Fact]
    public async Task AWholeAccountsFlood_LeavesAnothersTheirTurn()
    {
        string[] people = ["olivia", "adam", "piet", "dana", "tess"];
        using var left = new CancellationTokenSource();
        var body = Slow(files: 2_000, patterns: 400);
        foreach (var person in people)
        {
            var caller = await _host.CallAsAsync($"{person}@northwind.test");
            var flood = Enumerable.Range(0, 11).Select(_ => caller.PostAsJsonAsync(Check, body, left.Token)).ToList();
            // The eleventh is refused: then the others are in line.
            await Task.WhenAny(flood);
        }
        var carla = await _host.CallAsAsync("carla@contoso.test");
        var before = _work.Begun;

        var others = await carla.PostAsync("/api/bitrise-yml/validate", new StringContent("workflows: {}"), TestContext.Current.CancellationToken);
        var ahead = _work.Begun - before;
        await left.CancelAsync();

        Assert.Equal(HttpStatusCode.OK, others.StatusCode);
        // Two of the account's are ahead, and when hers is done another one begins.
        Assert.InRange(ahead, 1, 2 + Environment.ProcessorCount);
    }

    [Fact]
    public async Task WorkThatIsGoingOn_IsGivenUp_WhenItsClientLeaves()
    {
        var tess = await _host.CallAsAsync("tess@northwind.test");
        var body = Slow(files: 2_000, patterns: 400);
        // On a busy machine the two seconds that a match may take can be over before the server hears that its client has left.
        for (var attempt = 0; attempt < 10 && _work.Abandoned == 0; attempt++)
        {
            using var left = new CancellationTokenSource();
            var asked = tess.PostAsJsonAsync(Check, body, left.Token);
            await _work.UntilAsync(work => work.Running == 1 || asked.IsCompleted);
            await left.CancelAsync();
            await _work.UntilAsync(work => work.Running == 0);
        }

        Assert.Equal(1, _work.Abandoned);
    }

    [Fact]
    public async Task WhoeverWaitsForLongerThanTenSeconds_IsRefused()
    {
        var tess = await _host.CallAsAsync("tess@northwind.test");
        var body = Slow(files: 2_000, patterns: 400);
        var asked = Enumerable.Range(0, 6).Select(_ => tess.PostAsJsonAsync(Check, body, TestContext.Current.CancellationToken)).ToList();
        await _work.UntilAsync(work => work.Running > 0);

        // Who is in line by then only the server knows.
        while (!asked.Exists(a => a.IsCompleted))
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny([.. asked, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System)]);
        }

        Assert.Contains(await Task.WhenAll(asked), answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task WhatExceedsABound_IsRefused_NamingIt()
    {
        var tess = await _host.CallAsAsync("tess@northwind.test");

        var answer = await tess.PostAsJsonAsync(Check, Slow(files: 8_000, patterns: 1_500), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var error = (await answer.JsonAsync()).GetProperty("errors")[0];
        Assert.Equal("changed_files", error.GetProperty("field").GetString());
        Assert.Matches("1,000,000 comparisons|longer than 2 seconds", error.GetProperty("problem").GetString());
    }

    /// <summary>Files that nearly match each of many patterns, so that every comparison reads all of its text.</summary>
    private static object Slow(int files, int patterns) => new
    {
        yml = "format_version: \"23\"\nworkflows:\n" + string.Concat(Enumerable.Range(0, patterns).Select(i => $"  w{i}: {{triggers: {{push: [{{changed_files: {{regex: '(a|b|ab)*[a-z]{{1,40}}{i}dx$'}}}}]}}}}\n")),
        push_branch = "main",
        changed_files = Enumerable.Range(0, files).Select(i => string.Concat(Enumerable.Repeat("ab", 60)) + i),
    };

    /// <summary>What the meter tells of the work of one Buildyard.</summary>
    private sealed class Work : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Lock _gate = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Work(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name == "Buildyard") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<int>((instrument, change, _, _) => Note(instrument.Name, change));
            _listener.Start();
        }

        public int Running { get; private set; }

        public int Begun { get; private set; }

        public int Abandoned { get; private set; }

        public async Task UntilAsync(Func<Work, bool> condition)
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (condition(this)) return;
                    changed = _changed.Task;
                }
                await changed.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Note(string instrument, int change)
        {
            lock (_gate)
            {
                if (instrument == "buildyard.compute.abandoned") Abandoned += change;
                if (instrument == "buildyard.compute.running") (Running, Begun) = (Running + change, Begun + Math.Max(0, change));
                _changed.TrySetResult();
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
