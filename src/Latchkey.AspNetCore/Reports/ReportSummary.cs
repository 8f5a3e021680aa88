namespace Latchkey.AspNetCore;

/// <summary>A closing report in a few lines, for a mail: counts, what is left to decide, and the state of the ledger. No names of things, no secrets.</summary>
internal sealed class ReportSummary(SupportAccess access, ISupportHost host, IUndo? undo = null)
{
    public async Task<IReadOnlyList<string>> LinesAsync(Notice notice, CancellationToken cancellation)
    {
        if (notice.App is not { } app
            || await new ClosingReports(access.History).ReadAsync(notice.Account, app, new GrantId(notice.Subject), cancellation) is not { } report)
        {
            return [];
        }

        var lines = new List<string> { Used(report) };
        if (undo is not null && await host.GetAppAsync(app, cancellation) is { } known && known.Account == notice.Account)
        {
            var open = (await undo.ListOpenAsync(known, cancellation)).Count;
            if (open > 0)
            {
                lines.Add($"{Durations.Count(open, "change")} of support {(open == 1 ? "is" : "are")} still there and undecided: the report shows how to keep or undo {(open == 1 ? "it" : "them")}.");
            }
        }

        lines.Add($"Ledger of your account: {report.TreeSize} entries, root hash {report.RootHash}. Kept, this shows later that nothing before it was changed.");
        return lines;
    }

    /// <summary>Who used it, and how much.</summary>
    public static string Used(ClosingReport report)
    {
        if (report.Sessions.Count == 0)
        {
            return "It was never used.";
        }

        var agents = report.Sessions.Select(s => NoticeWords.Plain(s.AgentName) ?? "somebody of support").Distinct(StringComparer.Ordinal).ToList();
        var named = agents.Count <= 3 ? string.Join(", ", agents) : $"{string.Join(", ", agents.Take(3))} and {agents.Count - 3} more";
        return $"Used by {named}: {Durations.Count(report.Sessions.Count, "session")}, {Durations.Count(report.Reads, "read")}, {Durations.Count(report.Changes, "change")}.";
    }
}
