using System.Globalization;
using System.Text;

namespace Latchkey.AspNetCore;

/// <summary>
/// How support access was used, for the API and the page alike. An app or account is named only while it is open to the team: what a
/// customer took back is out of sight again, for leads too, and what stays of it is how long and how often.
/// </summary>
internal sealed class UseDesk(SupportAccess access)
{
    private const int KeysShown = 20;
    private const int AgentsShown = IHistory.MaxPage;
    private static readonly int[] s_periods = [7, 30, 90];

    /// <summary>Reads which period is asked for; left out, 30 days.</summary>
    public static Refusal? ReadDays(string? text, out int days)
    {
        days = 30;
        return string.IsNullOrEmpty(text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out days) && s_periods.Contains(days))
            ? null
            : new Refusal(RefusalReason.Invalid, "'days' takes 7, 30 or 90.", "days");
    }

    /// <summary>A lead reads all of it, any other agent what they did themselves.</summary>
    public async Task<UseState> ReadAsync(Agent agent, int days, CancellationToken cancellation)
    {
        var now = access.Now;
        var since = now - TimeSpan.FromDays(days);
        var all = await access.History.ReadUseAsync(new UseQuery(since, now, agent.Lead ? null : agent.Id, AgentsShown), cancellation);
        return new UseState(
            days, since, now,
            agent.Lead ? [.. all.Unused.Take(KeysShown).Select(use => StateOf(use, now))] : null,
            agent.Lead ? [.. all.Longest.Take(KeysShown).Select(use => StateOf(use, now))] : null,
            [.. all.Agents.Select(a => new AgentUseState(a.Agent.Value, a.Name, a.Sessions, a.Acts, a.Changes, (long)a.Inside.TotalSeconds, a.Asked, a.Allowed, a.Declined))]);
    }

    /// <summary>The agents as a table for spreadsheets (RFC 4180).</summary>
    public static string Csv(UseState state)
    {
        var lines = new StringBuilder("agent,name,sessions,actions,changes,seconds_inside,requests,allowed,declined\r\n");
        foreach (var a in state.Agents)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{Quoted(a.Agent)},{Quoted(a.Name ?? "")},{a.Sessions},{a.Actions},{a.Changes},{a.SecondsInside},{a.Requests},{a.Allowed},{a.Declined}\r\n");
        }

        return lines.ToString();
    }

    // What begins like a formula is one to a spreadsheet, quoted or not.
    private static string Quoted(string text) =>
        $"\"{(text.Length > 0 && "=+-@\t".Contains(text[0], StringComparison.Ordinal) ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private GrantUseState StateOf(GrantUse use, DateTimeOffset now)
    {
        var view = use.App is { } app ? access.Find(app) : access.OpenApps().FirstOrDefault(v => v.Grants.Any(g => g.Id == use.Id));
        var open = view?.IsOpen(now) == true && view.Account == use.Account ? view : null;
        var end = use.EndedAt ?? use.Until;
        return new GrantUseState(
            use.App is null, use.App is null ? null : open?.Name.Slug, use.App is null ? null : open?.Name.Title, open?.Name.AccountTitle,
            use.ByRequest ? "request" : "toggle", use.Role, use.From, end, end > now, (long)(end - use.From).TotalSeconds, use.Sessions);
    }
}

/// <summary>How support access was used in a period. Keys are for leads; any other agent finds only their own row.</summary>
internal sealed record UseState(
    int Days, DateTimeOffset Since, DateTimeOffset Until, IReadOnlyList<GrantUseState>? Unused, IReadOnlyList<GrantUseState>? Longest, IReadOnlyList<AgentUseState> Agents);

/// <summary>A key. Its app and account are named only while they are open to the team.</summary>
internal sealed record GrantUseState(
    bool WholeAccount, string? App, string? AppTitle, string? AccountTitle, string How, string Role, DateTimeOffset From, DateTimeOffset Ends, bool Open, long Seconds, int Sessions);

/// <summary>What an agent did: sessions opened and requests made in the period.</summary>
internal sealed record AgentUseState(
    string Agent, string? Name, int Sessions, int Actions, int Changes, long SecondsInside, int Requests, int Allowed, int Declined);
