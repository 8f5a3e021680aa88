namespace Latchkey.AspNetCore;

/// <summary>A closing report in a few lines, for a mail: counts, what is left to decide, and the state of the ledger. No names of things, no secrets.</summary>
internal sealed class ReportSummary(SupportAccess access, ISupportHost host, Settler settler)
{
    private const int MostApps = 20;

    public async Task<IReadOnlyList<string>> LinesAsync(Notice notice, CancellationToken cancellation)
    {
        if (await new ClosingReports(access.History).ReadAsync(notice.Account, notice.App, new GrantId(notice.Subject), cancellation) is not { } report)
        {
            return [];
        }

        var lines = new List<string> { Used(report) };
        AppId[] apps = notice.App is { } only ? [only] : [.. report.Sessions.Select(s => s.App).Distinct()];
        if (notice.App is null)
        {
            lines.AddRange(ByApp(report));
        }

        var open = 0;
        foreach (var app in apps.Take(MostApps))
        {
            if (await host.GetAppAsync(app, cancellation) is { } known && known.Account == notice.Account)
            {
                open += (await ReportEndpoints.LeftAsync(report, known, settler, most: 0, cancellation)).Count;
            }
        }

        if (open > 0)
        {
            lines.Add($"{Durations.Count(open, "change")} of support {(open == 1 ? "is" : "are")} still there and undecided: {(notice.App is null ? "each app's activity" : "the report")} shows how to keep or undo {(open == 1 ? "it" : "them")}.");
        }

        lines.Add($"Ledger of your account: {report.TreeSize} entries, root hash {report.RootHash}. Kept, it shows whoever reads the ledger later whether anything before it was changed.");
        return lines;
    }

    /// <summary>What was used of a key to the whole account, app by app, the most used first.</summary>
    private static IEnumerable<string> ByApp(ClosingReport report)
    {
        var apps = report.Sessions.GroupBy(s => s.App).OrderByDescending(g => g.Count()).ToList();
        foreach (var app in apps.Take(MostApps))
        {
            var own = report with { Sessions = [.. app] };
            yield return $"{NoticeWords.Plain(own.Sessions[0].AppTitle) ?? app.Key.Value}: {Counts(own)}.";
        }

        if (apps.Count > MostApps)
        {
            yield return $"And {Durations.Count(apps.Count - MostApps, "more app")}.";
        }
    }

    private static string Counts(ClosingReport report) =>
        $"{Durations.Count(report.Sessions.Count, "session")}, {Durations.Count(report.Reads, "read")}, {Durations.Count(report.Changes, "change")}";

    /// <summary>Who used it, and how much.</summary>
    public static string Used(ClosingReport report)
    {
        if (report.Sessions.Count == 0)
        {
            return "It was never used.";
        }

        var agents = report.Sessions.Select(s => NoticeWords.Plain(s.AgentName) ?? "somebody of support").Distinct(StringComparer.Ordinal).ToList();
        var named = agents.Count <= 3 ? string.Join(", ", agents) : $"{string.Join(", ", agents.Take(3))} and {agents.Count - 3} more";
        return $"Used by {named}: {Counts(report)}.";
    }
}
