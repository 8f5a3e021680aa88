using System.Globalization;
using System.Text.RegularExpressions;

namespace Buildyard;

/// <summary>
/// Finds what an event starts: of <c>trigger_map</c> the first item that matches, of <c>triggers</c> every one. Who wrote the file and who made the
/// event may both be careless, so one match is bounded as a whole: in comparisons of a pattern with a text, and in time.
/// </summary>
internal sealed class TriggerMatcher(BitriseConfig config, TriggerEvent happened, CancellationToken cancellation)
{
    /// <summary>How many comparisons of a pattern with a text one match may take.</summary>
    public const int MostComparisons = 1_000_000;

    /// <summary>The longest text that a pattern is compared with, in characters: that of the longest comment on GitHub.</summary>
    public const int LongestText = 65_536;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);

    private readonly TriggerRegexes _regexes = new(config);

    // What is bounded is the machine's time, whatever clock decides about access.
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private int _comparisons;

    public TriggerMatch Match()
    {
        try
        {
            return new TriggerMatch([.. Targets().Distinct()]);
        }
        catch (ExcessException excess)
        {
            return new TriggerMatch([], excess.Message);
        }
    }

    private IEnumerable<TriggeredTarget> Targets()
    {
        if (config.TriggerMap.FirstOrDefault(Matches) is { } first)
            yield return string.IsNullOrEmpty(first.Pipeline) ? new TriggeredTarget("workflow", first.Workflow ?? "") : new TriggeredTarget("pipeline", first.Pipeline);
        foreach (var pipeline in config.Pipelines.Values.Where(p => Matches(p.Triggers))) yield return new TriggeredTarget("pipeline", pipeline.Id);
        foreach (var workflow in config.Workflows.Values.Where(w => !w.IsUtility && Matches(w.Triggers))) yield return new TriggeredTarget("workflow", workflow.Id);
    }

    private bool Matches(TriggerMapItem item)
    {
        if (item.Enabled == false) return false;
        if (!string.IsNullOrEmpty(item.Pattern))
        {
            return happened.Kind switch
            {
                TriggerKind.Push => Glob(item.Pattern, happened.Branch ?? ""),
                TriggerKind.PullRequest => item.IsPullRequestAllowed && Glob(item.Pattern, happened.SourceBranch ?? "") && Draft(null),
                _ => false,
            };
        }
        if (item.Kind != happened.Kind) return false;
        return happened.Kind switch
        {
            TriggerKind.Push => Set(item.PushBranch, happened.Branch) && Committed(Given(item.CommitMessage), Given(item.ChangedFiles)),
            TriggerKind.PullRequest => Set(item.SourceBranch, happened.SourceBranch) && Set(item.TargetBranch, happened.TargetBranch) && Draft(item.DraftEnabled)
                && Any(Given(item.Label), happened.Labels) && Any(Given(item.Comment), Comments) && Committed(Given(item.CommitMessage), Given(item.ChangedFiles)),
            _ => Set(item.Tag, happened.Tag),
        };

        bool Set(TriggerCondition? condition, string? text) => Holds(Given(condition), text);

        // An empty condition of trigger_map says nothing.
        static TriggerCondition? Given(TriggerCondition? condition) => TriggerMapItem.IsSet(condition) ? condition : null;
    }

    private bool Matches(Triggers triggers)
    {
        if (triggers.Enabled == false) return false;
        return happened.Kind switch
        {
            TriggerKind.Push => triggers.Push.Any(t => t.Enabled != false && Holds(t.Branch, happened.Branch) && Committed(t.CommitMessage, t.ChangedFiles)),
            TriggerKind.PullRequest => triggers.PullRequest.Any(t => t.Enabled != false && Holds(t.SourceBranch, happened.SourceBranch) && Holds(t.TargetBranch, happened.TargetBranch)
                && Draft(t.DraftEnabled) && Any(t.Label, happened.Labels) && Any(t.Comment, Comments) && Committed(t.CommitMessage, t.ChangedFiles)),
            _ => triggers.Tag.Any(t => t.Enabled != false && Holds(t.Name, happened.Tag)),
        };
    }

    private IReadOnlyList<string> Comments => happened.Comment is { } comment ? [comment] : [];

    private bool Holds(TriggerCondition? condition, string? text) => condition is null || Fits(condition, text ?? "");

    private bool Any(TriggerCondition? condition, IEnumerable<string> texts) => condition is null || texts.Any(t => Fits(condition, t));

    private bool Committed(TriggerCondition? message, TriggerCondition? files) =>
        Any(message, Counted(message).Select(c => c.Message)) && Any(files, Counted(files).SelectMany(c => c.Files));

    private IEnumerable<TriggerCommit> Counted(TriggerCondition? condition) =>
        condition?.LastCommit == true ? happened.Commits.TakeLast(1) : happened.Commits;

    private bool Draft(bool? enabled) => happened.State switch
    {
        PullRequestState.Draft => enabled ?? true,
        PullRequestState.JustReady => enabled == false,
        _ => true,
    };

    private bool Fits(TriggerCondition condition, string text)
    {
        if (!condition.IsRegex) return Glob(condition.Text, text);
        Count(text);
        try
        {
            return _regexes.Find(condition.Text)?.IsMatch(text) ?? false;
        }
        catch (RegexMatchTimeoutException)
        {
            throw TookTooLong();
        }
    }

    private bool Glob(string pattern, string text)
    {
        Count(text);
        return TriggerPattern.Glob(pattern, text);
    }

    /// <summary>Counts a comparison before it is made, and gives up where that is one too many.</summary>
    private void Count(string text)
    {
        cancellation.ThrowIfCancellationRequested();
        if (text.Length > LongestText) throw Excess($"A text that a pattern is compared with is longer than {LongestText:N0} characters.");
        if (++_comparisons > MostComparisons) throw Excess($"It takes more than {MostComparisons:N0} comparisons of a pattern with a text.");
        if (TimeProvider.System.GetElapsedTime(_started) > s_longest) throw TookTooLong();
    }

    private static ExcessException TookTooLong() => Excess($"Comparing the patterns takes longer than {s_longest.TotalSeconds:N0} seconds.");

    private static ExcessException Excess(FormattableString bound) => new(bound.ToString(CultureInfo.InvariantCulture));

    /// <summary>Ends the match. Never leaves <see cref="TriggerMatcher"/>.</summary>
    private sealed class ExcessException(string bound) : Exception(bound);
}
