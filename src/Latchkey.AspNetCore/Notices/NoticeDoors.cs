namespace Latchkey.AspNetCore;

/// <summary>
/// Where notices lead their readers: nowhere that would refuse them. An owner may have anybody of the account told of anything, and
/// somebody may have lost a role since: to be told is not to be let in. The host is asked once for each app.
/// <para>For one request, or one round of mails.</para>
/// </summary>
internal sealed class NoticeDoors(NoticeLinks links, ISupportHost host, SupportAccess access)
{
    private readonly Dictionary<(Member Reader, AppId App), HostApp?> _apps = [];
    private readonly Dictionary<(Member Reader, AppId? App, string Permission), bool> _open = [];

    /// <summary>A notice as its reader is told it.</summary>
    /// <param name="source">The notice.</param>
    /// <param name="reader">Who reads it; null for an agent.</param>
    /// <param name="cancellation">Stops.</param>
    public async ValueTask<ToldNotice> ReadAsync(NoticeSource source, Member? reader, CancellationToken cancellation)
    {
        var named = await NamedAsync(source, reader, cancellation);
        var text = links.TextOf(named);
        return new ToldNotice(named, text, await PathOfAsync(named, text.Place, reader, cancellation));
    }

    // Latchkey may not have been told the app's name, where an agent asked for access by an address alone.
    // What the agent called it is with what they asked.
    private async ValueTask<NoticeSource> NamedAsync(NoticeSource source, Member? reader, CancellationToken cancellation)
    {
        if (source.Notice.Kind == NoticeKind.RequestAnswered && source.Notice.Account == AccountId.Vendor)
        {
            var query = new RequestQuery(AccountId.Vendor, Request: new RequestId(source.Notice.Subject), Limit: 1);
            return await access.History.ReadRequestsAsync(query, cancellation) is [{ TargetName: { } name } asked]
                ? source with { Asked = asked.WholeAccount ? $"every app of {name}" : name }
                : source;
        }

        return source is { Name: null, Notice.App: { } app } && reader is not null && await FindAsync(reader, app, cancellation) is { } known
            ? source with { Name = known.Ref.Name }
            : source;
    }

    private async ValueTask<string?> PathOfAsync(NoticeSource source, NoticePlace place, Member? reader, CancellationToken cancellation) =>
        reader is null || place == NoticePlace.Conversation || await MayOpenAsync(reader, source.Notice.App, place, cancellation)
            ? links.PathOf(source, place, isAgent: reader is null)
            // Whoever lost their part in it finds there what they may still end.
            : access.FindToEnd(reader.Person).Any(e => e.Grant.Id.Value == source.Notice.Subject) ? links.Inbox : null;

    private async ValueTask<bool> MayOpenAsync(Member reader, AppId? app, NoticePlace place, CancellationToken cancellation)
    {
        var permission = app is null ? Catalogue.SupportAccessManage
            : place == NoticePlace.Access ? Catalogue.SupportAccessRead : Catalogue.SupportAccessActivity;
        if (!_open.TryGetValue((reader, app, permission), out var open))
        {
            var hostApp = app is { } id ? await FindAsync(reader, id, cancellation) : null;
            open = (app is null || hostApp is not null) && await host.AllowsAsync(reader, hostApp, permission, cancellation);
            _open.Add((reader, app, permission), open);
        }

        return open;
    }

    private async ValueTask<HostApp?> FindAsync(Member reader, AppId app, CancellationToken cancellation)
    {
        if (!_apps.TryGetValue((reader, app), out var found))
        {
            found = await host.FindAppAsync(reader, app.Value, cancellation);
            _apps.Add((reader, app), found);
        }

        return found;
    }
}

/// <summary>What a reader is told.</summary>
/// <param name="Source">The notice, with its app's name as the host says it to them.</param>
/// <param name="Text">Its words.</param>
/// <param name="Path">The path of the host that it leads to; null where they may not open it.</param>
internal sealed record ToldNotice(NoticeSource Source, NoticeText Text, string? Path);
