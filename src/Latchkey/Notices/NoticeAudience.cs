namespace Latchkey;

/// <summary>Whom a notice is for, asked when it is told.</summary>
internal sealed class NoticeAudience(INoticeHost host, IHistory history)
{
    /// <summary>How long agents who worked in an app are told of it.</summary>
    private static readonly TimeSpan AgentsRemember = TimeSpan.FromDays(30);

    /// <summary>Those of the customer whom a choice names, each once.</summary>
    public async Task<IReadOnlyList<Recipient>> OfCustomerAsync(Notice notice, NoticeChoice choice, CancellationToken cancellation)
    {
        var people = new List<Recipient>();
        if (choice.Administrators && notice.App is { } app)
        {
            people.AddRange(await host.AdministratorsOfAsync(notice.Account, app, cancellation));
        }

        if (choice.Owners || (choice.Administrators && notice.App is null))
        {
            people.AddRange(await host.OwnersOfAsync(notice.Account, cancellation));
        }

        if (!choice.People.IsEmpty)
        {
            var named = choice.People.Select(p => ReaderId.Of(notice.Account, p)).ToHashSet();
            people.AddRange((await host.MembersOfAsync(notice.Account, cancellation)).Where(m => named.Contains(m.Reader)));
        }

        return [.. people.DistinctBy(p => p.Reader)];
    }

    /// <summary>Agents whom a notice concerns: whoever asked, of the answer; those who worked in the app lately, of its being on, ending and ended.</summary>
    public async Task<IReadOnlyList<Recipient>> OfSupportAsync(Notice notice, DateTimeOffset now, CancellationToken cancellation)
    {
        if (notice.Kind == NoticeKind.RequestAnswered)
        {
            var asked = await history.ReadRequestsAsync(new RequestQuery(Request: new RequestId(notice.Subject), Limit: 1), cancellation);
            return asked is [var request] ? [.. (await host.AgentsAsync(cancellation)).Where(a => a.Reader == ReaderId.Of(request.Agent))] : [];
        }

        if (notice.App is not { } app || notice.Kind is not (NoticeKind.On or NoticeKind.Ending or NoticeKind.Ended))
        {
            return [];
        }

        var sessions = await history.ReadSessionsAsync(new SessionQuery(App: app, Limit: IHistory.MaxPage), cancellation);
        var worked = sessions
            .Where(s => s.Account == notice.Account && s.OpenedAt > now - AgentsRemember)
            .Select(s => ReaderId.Of(s.Agent))
            .ToHashSet();
        return worked.Count == 0 ? [] : [.. (await host.AgentsAsync(cancellation)).Where(a => worked.Contains(a.Reader))];
    }
}
