namespace Latchkey.AspNetCore;

/// <summary>Lets the host keep or undo what support changed, and records what was decided. One path for the API and the pages.</summary>
internal sealed class Settler(SupportAccess access, AccessReader reader, IUndo? undo = null)
{
    public static readonly Refusal Unknown = new(RefusalReason.NotFound, Refuser.NotFoundDetail);

    /// <summary>The acts of which something is still there and undecided.</summary>
    public async Task<IReadOnlySet<ActId>> OpenActsAsync(HostApp app, CancellationToken cancellation) =>
        undo is null ? new HashSet<ActId>() : (await undo.ListOpenAsync(app, cancellation)).ToHashSet();

    /// <summary>What support left behind in an app.</summary>
    /// <param name="app">The app.</param>
    /// <param name="which">Of what was done, what counts.</param>
    /// <param name="most">How many are looked at, the newest first; all are counted.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<LeftBehind> ListOpenAsync(HostApp app, Predicate<ActRecord> which, int most, CancellationToken cancellation)
    {
        var acts = new List<ActRecord>();
        foreach (var act in await OpenActsAsync(app, cancellation))
        {
            acts.AddRange((await access.History.ReadActsAsync(new ActQuery(app.Id, Limit: 1, Act: act), cancellation)).Where(record => which(record)));
        }

        var newest = new List<ChangeState>();
        foreach (var record in acts.OrderByDescending(record => record.Seq).Take(most))
        {
            newest.Add(await StateAsync(app, record, await undo!.LookAsync(app, record.Id, cancellation), cancellation));
        }

        return new LeftBehind(newest, acts.Count);
    }

    /// <summary>Acts that a member has overtaken, with that member's name.</summary>
    public async Task<IReadOnlyDictionary<ActId, string>> ListOvertakenAsync(HostApp app, CancellationToken cancellation) =>
        undo is null ? new Dictionary<ActId, string>() : await undo.ListOvertakenAsync(app, cancellation);

    /// <summary>One change, with all that keeping it would keep; null where the app has no such act, or it changed nothing to decide about.</summary>
    public async Task<ChangeState?> FindAsync(HostApp app, string act, CancellationToken cancellation) =>
        await LookAsync(app, act, cancellation) is var (record, undoing) ? await WholeAsync(app, record, undoing, cancellation) : null;

    private async Task<(ActRecord Act, Undoing Undoing)?> LookAsync(HostApp app, string act, CancellationToken cancellation)
    {
        if (undo is null || !IdText.IsId(act) || await access.History.ReadActsAsync(new ActQuery(app.Id, Limit: 1, Act: new ActId(act)), cancellation) is not [var record])
        {
            return null;
        }

        var undoing = await undo.LookAsync(app, record.Id, cancellation);
        return undoing.State == UndoState.Nothing ? null : (record, undoing);
    }

    /// <summary>What is shown to whoever may decide: with what keeping it keeps, while that is to be decided.</summary>
    private async Task<ChangeState> WholeAsync(HostApp app, ActRecord act, Undoing undoing, CancellationToken cancellation)
    {
        var state = await StateAsync(app, act, undoing, cancellation);
        return undoing.State == UndoState.Open && await undo!.ShowAsync(app, act.Id, cancellation) is var keeping
            ? state with { Keeps = keeping.Texts, NotShown = keeping.NotShown }
            : state;
    }

    /// <summary>Keeps or undoes one change. A problem of the answer says why the host could not.</summary>
    /// <param name="caller">Who decides, in which app.</param>
    /// <param name="act">The change.</param>
    /// <param name="decision">What they decide.</param>
    /// <param name="along">For keeping: the earlier changes that are kept with it. All that it rests on must be among them.</param>
    public async Task<Answer<ChangeState>> SettleAsync(AccessContext caller, string act, Settlement decision, IReadOnlyCollection<ActId> along)
    {
        // Not given up half way when the caller goes away.
        var app = caller.HostApp!;
        var by = await reader.LenderAsync(caller.Member!, app, CancellationToken.None);
        if (access.MaySettle(by) is { } refusal)
        {
            return refusal;
        }

        if (await LookAsync(app, act, CancellationToken.None) is null)
        {
            return Unknown;
        }

        var id = new ActId(act);
        var undoing = decision == Settlement.Undone
            ? await undo!.UndoAsync(app, id, caller.Member!, CancellationToken.None)
            : await undo!.KeepAsync(app, id, along, caller.Member!, CancellationToken.None);
        if (undoing.State == (decision == Settlement.Undone ? UndoState.Undone : UndoState.Kept))
        {
            foreach (var settled in undoing.Also.Append(id))
            {
                var recorded = await access.SettleAsync(app.Ref, settled, decision, by);
                if (recorded.Refusal is { } notRecorded)
                {
                    return notRecorded;
                }
            }
        }

        var after = (await access.History.ReadActsAsync(new ActQuery(app.Id, Limit: 1, Act: id), CancellationToken.None))[0];
        return await WholeAsync(app, after, undoing, CancellationToken.None);
    }

    private async Task<ChangeState> StateAsync(HostApp app, ActRecord act, Undoing undoing, CancellationToken cancellation)
    {
        var session = await access.History.ReadSessionsAsync(new SessionQuery(App: app.Id, Session: act.Session, Limit: 1), cancellation);
        var restsOn = new List<ActStory>();
        foreach (var below in undoing.RestsOn)
        {
            restsOn.AddRange((await access.History.ReadActsAsync(new ActQuery(app.Id, Limit: 1, Act: below), cancellation)).Select(reader.StoryOf));
        }

        return new ChangeState(
            reader.StoryOf(act), session is [var s] ? s.AgentName : null, AccessReader.Slug(undoing.State), undoing.Does, undoing.Problem, restsOn);
    }
}
