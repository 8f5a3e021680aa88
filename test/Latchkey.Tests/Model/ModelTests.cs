using System.Globalization;

namespace Latchkey.Tests.Model;

/// <summary>
/// Random stories, played on a real store and on the reference model at once. LATCHKEY_SEED repeats one story,
/// LATCHKEY_MODEL_RUNS sets how many are played.
/// </summary>
public sealed class ModelTests
{
    private const int Steps = 120;
    private const int ShrinkRuns = 150;

    [Theory]
    [InlineData(false)]
    // Of who may lend, and with whom: what else happens seldom comes between two approvals.
    [InlineData(true)]
    public async Task RandomStories_AreDecidedAsTheDesignSays(bool ofLending)
    {
        var first = Seeded.SeedOf("LATCHKEY_SEED");
        var repeat = Environment.GetEnvironmentVariable("LATCHKEY_SEED") is not null;
        var runs = int.TryParse(Environment.GetEnvironmentVariable("LATCHKEY_MODEL_RUNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 30;
        for (var run = 0; run < (repeat ? 1 : runs); run++)
        {
            var seed = first + (ulong)run;
            var random = new Seeded(seed);
            var story = Enumerable.Range(0, Steps).Select(_ => new Step(random.Next())).ToList();
            if (await ModelRun.PlayAsync(story, ofLending) is { } failure)
            {
                (story, failure) = await ShrinkAsync(story.Take(failure.Steps).ToList(), ofLending, failure);
                Assert.Fail($"LATCHKEY_SEED={seed}: {failure.Message}\nThe story, shrunk to {story.Count} steps:\n{failure.Told}");
            }
        }
    }

    /// <summary>Leaves out what the failure does not need: ever smaller pieces, as long as it fails at all.</summary>
    private static async Task<(List<Step> Story, Failure Failure)> ShrinkAsync(List<Step> story, bool ofLending, Failure failure)
    {
        var runs = 0;
        for (var piece = story.Count / 2; piece > 0; piece /= 2)
        {
            for (var at = 0; at + piece <= story.Count && runs < ShrinkRuns; runs++)
            {
                var shorter = story.Where((_, i) => i < at || i >= at + piece).ToList();
                if (await ModelRun.PlayAsync(shorter, ofLending) is { } still)
                {
                    (story, failure) = (shorter.Take(still.Steps).ToList(), still);
                }
                else
                {
                    at += piece;
                }
            }
        }

        return (story, failure);
    }
}
