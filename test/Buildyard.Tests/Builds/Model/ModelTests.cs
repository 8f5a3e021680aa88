using System.Globalization;
using Buildyard.Hosting;
using Latchkey.Tests;

namespace Buildyard.Builds.Model;

/// <summary>
/// N5: random stories of support and members in one app, against a naive reading of the rules. LATCHKEY_SEED repeats one story,
/// LATCHKEY_MODEL_RUNS sets how many are played.
/// </summary>
public sealed class ModelTests
{
    private const int StoriesOfAnApp = 50;

    [Fact]
    public Task BuildsAreGuarded_WhereWhatSupportChangedIsNotAccepted() => PlayAsync(200, runs: false);

    [Fact]
    public Task NoLogHoldsASecret_ThatNobodyAllowed() => PlayAsync(4, runs: true);

    private static async Task PlayAsync(int few, bool runs)
    {
        var isOne = Environment.GetEnvironmentVariable("LATCHKEY_SEED") is not null;
        var isMany = int.TryParse(Environment.GetEnvironmentVariable("LATCHKEY_MODEL_RUNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked);
        // A few are the same each time, and tell what has changed; many are new ones.
        var first = isOne || isMany ? Seeded.SeedOf("LATCHKEY_SEED") : 1;
        var stories = isOne ? 1 : isMany ? Math.Max(1, asked * few / 200) : few;
        for (var story = 0; story < stories;)
        {
            await using var host = await BuildyardHost.StartAsync(args: [$"--Builds:AtOnce={(runs ? 1 : 0)}"]);
            var gate = runs ? await Gate.MakeAsync(host) : null;
            for (var i = 0; i < StoriesOfAnApp && story < stories; i++, story++) await Story.PlayAsync(host, first + (ulong)story, gate);
        }
    }
}
