namespace Latchkey;

/// <summary>Agents whom a notice is for.</summary>
/// <param name="People">Who.</param>
/// <param name="Mail">Whether it is for each of them, and not just for the team: only then it is worth a mail.</param>
internal sealed record SupportAudience(IReadOnlyList<Recipient> People, bool Mail)
{
    public static SupportAudience Nobody { get; } = new([], Mail: false);
}

/// <summary>Whom a notice is for, asked when it is told.</summary>
internal sealed class NoticeAudience(INoticeHost host, SupportAccess access)
{
    /// <summary>How long agents who worked in an app are told of it.</summary>
    private static readonly TimeSpan AgentsRemember = TimeSpan.FromDays(30);

    /// <summary>Those of the customer whom a choice names, each once.</summary>
    public async Task<IReadOnlyList<Recipient>> OfCustomerAsync(Notice notice, NoticeChoice choice, CancellationToken cancellation)
    {
        if (notice.Kind == NoticeKind.Message)
        {
            return await OfConversationAsync(notice, choice, cancellation);
        }

        var silent = await SilentAsync(notice, cancellation);
        var administrators = Speaking(await AdministratorsAsync(notice, cancellation), silent);
        var people = new List<Recipient>();
        if (choice.Administrators)
        {
            people.AddRange(administrators);
            people.AddRange(Speaking(await CouldEndAsync(notice, cancellation), silent));
        }

        // A request that too few can allow is the owner's to put right.
        var policy = access.Find(notice.Account).Policy;
        var isStuck = notice is { Kind: NoticeKind.Request, App: not null } && administrators.Count(a => policy.LetsApprove(new PersonId(a.Id))) < policy.Approvers;
        if (isStuck || choice.Owners)
        {
            people.AddRange(Speaking(await host.OwnersOfAsync(notice.Account, cancellation), silent));
        }

        if (!choice.People.IsEmpty)
        {
            var named = NamedIn(notice, choice);
            people.AddRange((await host.MembersOfAsync(notice.Account, cancellation)).Where(m => named.Contains(m.Reader)));
        }

        return [.. people.DistinctBy(p => p.Reader)];
    }

    /// <summary>
    /// Agents whom a notice concerns: whoever asked, of the answer; those who worked in the app lately, of its being on, ending and
    /// ended; of a message, whoever the conversation is given to, else those who wrote in it, else the team, where a customer waits.
    /// </summary>
    public async Task<SupportAudience> OfSupportAsync(Notice notice, bool isOfCustomer, CancellationToken cancellation)
    {
        switch (notice.Kind)
        {
            case NoticeKind.RequestAnswered:
                var asked = await access.History.ReadRequestsAsync(
                    new RequestQuery(notice.Account, Request: new RequestId(notice.Subject), ForSupport: true, Limit: 1), cancellation);
                return asked is [{ Agent: { } agent }] ? await AgentsAsync([ReaderId.Of(agent)], cancellation) : SupportAudience.Nobody;
            case NoticeKind.Message:
                return await AnsweringAsync(new ConversationId(notice.Subject), isOfCustomer, cancellation);
            case NoticeKind.On or NoticeKind.Ending or NoticeKind.Ended when notice.App is { } app:
                var sessions = await access.History.ReadSessionsAsync(new SessionQuery(App: app, Limit: IHistory.MaxPage), cancellation);
                return await AgentsAsync(
                    [.. sessions.Where(s => s.Account == notice.Account && s.OpenedAt > access.Now - AgentsRemember).Select(s => ReaderId.Of(s.Agent))], cancellation);
            default:
                return SupportAudience.Nobody;
        }
    }

    private async Task<IReadOnlyList<Recipient>> AdministratorsAsync(Notice notice, CancellationToken cancellation) => notice.App is { } app
        ? await host.AdministratorsOfAsync(notice.Account, app, cancellation)
        : await host.OwnersOfAsync(notice.Account, cancellation);

    // Whoever could end it when it began still can, though their role doesn't let them any more: how it ends is theirs to hear.
    private async Task<IReadOnlyList<Recipient>> CouldEndAsync(Notice notice, CancellationToken cancellation)
    {
        if (notice.Kind is not (NoticeKind.Ending or NoticeKind.Ended or NoticeKind.Report)
            || await access.History.ReadGrantsAsync(new GrantQuery(Grant: new GrantId(notice.Subject), Limit: 1), cancellation) is not [var grant])
        {
            return [];
        }

        var seeing = notice.App is { } app ? await host.WhoMayEndAsync(notice.Account, app, cancellation) : [];
        var able = grant.MayEnd.Except(seeing).Select(p => ReaderId.Of(notice.Account, p)).ToHashSet();
        return [.. (await host.MembersOfAsync(notice.Account, cancellation)).Where(m => able.Contains(m.Reader))];
    }

    private async Task<HashSet<ReaderId>> SilentAsync(Notice notice, CancellationToken cancellation) =>
        [.. (await host.WithoutVoiceAsync(notice.Account, notice.App, cancellation)).Select(p => ReaderId.Of(notice.Account, p))];

    private static IReadOnlyList<Recipient> Speaking(IEnumerable<Recipient> people, HashSet<ReaderId> silent) => [.. people.Where(p => !silent.Contains(p.Reader))];

    private static HashSet<ReaderId> NamedIn(Notice notice, NoticeChoice choice) => [.. choice.People.Select(p => ReaderId.Of(notice.Account, p))];

    private async Task<SupportAudience> AgentsAsync(HashSet<ReaderId> agents, CancellationToken cancellation) =>
        agents.Count == 0 ? SupportAudience.Nobody : new([.. (await host.AgentsAsync(cancellation)).Where(a => agents.Contains(a.Reader))], Mail: true);

    // Nobody is told of a conversation that they may not read, whoever named them. Where all who took part have gone, whoever may
    // turn access on and off takes their place.
    private async Task<IReadOnlyList<Recipient>> OfConversationAsync(Notice notice, NoticeChoice choice, CancellationToken cancellation)
    {
        var silent = await SilentAsync(notice, cancellation);
        var owners = Speaking(await host.OwnersOfAsync(notice.Account, cancellation), silent);
        var administrators = Speaking(await AdministratorsAsync(notice, cancellation), silent);
        var speakers = (await access.Conversations.ReadSpeakersAsync(new ConversationId(notice.Subject), cancellation))
            .Select(s => ReaderId.OfSpeaker(notice.Account, s)).ToHashSet();
        Recipient[] readers = [.. administrators.Concat(owners).DistinctBy(p => p.Reader)];
        var told = NamedIn(notice, choice);
        told.UnionWith(speakers);
        if (choice.Administrators || !readers.Any(r => speakers.Contains(r.Reader)))
        {
            told.UnionWith(administrators.Select(a => a.Reader));
        }

        if (choice.Owners)
        {
            told.UnionWith(owners.Select(o => o.Reader));
        }

        return [.. readers.Where(r => told.Contains(r.Reader))];
    }

    private async Task<SupportAudience> AnsweringAsync(ConversationId id, bool isOfCustomer, CancellationToken cancellation)
    {
        var team = await host.AgentsAsync(cancellation);
        var conversation = await access.Conversations.FindAsync(id, reader: null, cancellation);
        if (conversation?.Assigned is { } assigned && team.FirstOrDefault(a => a.Reader == ReaderId.Of(assigned)) is { } agent)
        {
            return new([agent], Mail: true);
        }

        var speakers = (await access.Conversations.ReadSpeakersAsync(id, cancellation)).ToHashSet(StringComparer.Ordinal);
        Recipient[] wrote = [.. team.Where(a => speakers.Contains(a.Reader.SpeakerKey))];
        return wrote.Length > 0 ? new(wrote, Mail: true) : isOfCustomer ? new(team, Mail: false) : SupportAudience.Nobody;
    }
}
