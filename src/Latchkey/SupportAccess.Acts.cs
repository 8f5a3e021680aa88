namespace Latchkey;

/// <content>Acts of support: begun on the ledger, stopped by an end, ended on the ledger.</content>
public sealed partial class SupportAccess
{
    /// <summary>
    /// Asks whether an agent may do something now, and if so begins it. A change or a stream is durable on the ledger, decided
    /// once more with the entry's time, before this answers; a read is recorded the first time per session, permission and target,
    /// then once a minute. What is allowed must be ended with <see cref="Act.EndAsync"/>.
    /// </summary>
    /// <param name="agent">Who.</param>
    /// <param name="app">Where.</param>
    /// <param name="session">The session they act in; null where they show none, which is refused.</param>
    /// <param name="permission">What for; null where the catalogue has no such permission, which is refused.</param>
    /// <param name="target">What is read or changed, as far as it is known before: an address, a number.</param>
    /// <param name="cancellation">The caller is gone: stops waiting, never an entry half way.</param>
    public async Task<ActAnswer> BeginAsync(AgentId agent, AppId app, SessionId? session, Permission? permission, string? target, CancellationToken cancellation = default)
    {
        var decision = Decide(agent, app, session, permission);
        if (!decision.IsAllowed || permission is null || session is null)
        {
            if (decision.Reason is DecisionReason.Ended or DecisionReason.SessionClosed)
            {
                await RecordFirstSightAsync(app);
            }

            return new ActAnswer(decision, null);
        }

        var act = new Act(this, app, agent, session.Value, permission) { Decision = decision };
        Acts.Add(act);
        try
        {
            decision = permission.Kind == PermissionKind.Read && decision.Session!.Reads.IsFresh(permission, target, Now)
                ? Decide(agent, app, session, permission)
                : await RecordBeginAsync(act, target, cancellation);
        }
        catch
        {
            act.Abandon();
            throw;
        }

        if (!decision.IsAllowed)
        {
            act.Abandon();
            return new ActAnswer(decision, null);
        }

        act.Decision = decision;
        decision.Session!.Seen(Now);
        return new ActAnswer(decision, act);
    }

    /// <summary>Notes on the vendor's own ledger that an agent was refused. Called after the answer; never waits for the ledger.</summary>
    /// <param name="agent">Who.</param>
    /// <param name="reason">Why; for an app not lent and one unknown alike <see cref="DecisionReason.NoGrant"/>.</param>
    /// <param name="permission">What for.</param>
    /// <param name="asked">What they asked for, in their own words: an address.</param>
    public void NoteRefused(AgentId agent, DecisionReason reason, string permission, string asked)
    {
        var now = Now;
        var times = _refusals.Note(agent, reason, permission, now);
        if (times > 0)
        {
            _ = _appender.AppendAsync(batch =>
            {
                if (batch.ClockTrusted)
                {
                    batch.Append(AccountId.Vendor, new Refused(agent, reason, permission, Content.New(asked.Length <= 500 ? asked : asked[..500], now), times));
                }

                return true;
            });
        }
    }

    internal async Task RecordEndAsync(Act act, ActOutcome outcome, int? status)
    {
        if (act.Recorded is not { } recorded || act.Permission.Kind == PermissionKind.Read)
        {
            return;
        }

        // Hashed and encoded here, on the caller's time: the appender's is everyone's.
        var (target, changes) = act.Reported();
        var (account, session, now) = (act.Decision.Grant!.Account, act.Decision.Session!.Id, Now);
        var ended = new ActEnded(
            recorded, session, act.App, outcome, status, ContentOf(target, now),
            [.. changes.Select(c => new ActChange(Content.New(c.What, now), ContentOf(c.Before, now), ContentOf(c.After, now), c.Secret))]);
        var recordable = new Recordable(account, ended, ended.EncodeFields());
        await _appender.AppendAsync(batch =>
        {
            batch.Append(recordable);
            return true;
        });
    }

    private async Task<Decision> RecordBeginAsync(Act act, string? target, CancellationToken cancellation)
    {
        var permission = act.Permission;
        var (id, content) = (ActId.New(Now), ContentOf(target, Now));
        var foreseen = Begun(act.Decision);
        var (saved, decision) = await _appender.AppendAsync(
            batch =>
            {
                if (!batch.ClockTrusted)
                {
                    return new Decision(DecisionReason.Clock);
                }

                var decided = Decider.Decide(batch.View(act.App), act.Agent, act.Session, permission, batch.Now);
                if (decided.IsAllowed)
                {
                    act.Recorded = id;
                    batch.Append(decided.Grant!.Id == act.Decision.Grant!.Id ? foreseen : Begun(decided));
                }

                return decided;
            },
            cancellation: cancellation);
        if (saved != Latchkey.Saved.Yes)
        {
            return new Decision(DecisionReason.LedgerUnavailable);
        }

        if (decision.IsAllowed && permission.Kind == PermissionKind.Read)
        {
            decision.Session!.Reads.Record(permission, target, Now);
        }

        return decision;

        Recordable Begun(Decision decided)
        {
            var (session, grant) = (decided.Session!.Id, decided.Grant!.Id);
            Fact fact = permission.Kind == PermissionKind.Read
                ? new ActRead(id, session, act.App, grant, permission.Name, content)
                : new ActBegun(id, session, act.App, grant, permission.Name, content, permission.Kind == PermissionKind.Stream);
            return new Recordable(decided.Grant.Account, fact, fact.EncodeFields());
        }
    }

    /// <summary>The first sight of an end is on the ledger before it is answered, as far as the ledger can be written.</summary>
    private async Task RecordFirstSightAsync(AppId app)
    {
        if (_index.Find(app)?.HasEnded(Now) == true)
        {
            await CloseWhatIsOverAsync(app);
        }
    }

    /// <summary>Tells the acts on an app that are no longer allowed to stop, and names them. Never blocks: handlers run their own clean-up elsewhere.</summary>
    private Act[] StopWhatEnded(AppId app)
    {
        var stopping = Acts.Of(app).Where(act => !Decide(act.Agent, app, act.Session, act.Permission).IsAllowed).ToArray();
        foreach (var act in stopping)
        {
            _ = act.StopAsync();
        }

        return stopping;
    }

    private async Task<int> WaitForStoppedAsync(AppId app)
    {
        var stopping = StopWhatEnded(app);
        try
        {
            await Task.WhenAll(stopping.Select(act => act.Done)).WaitAsync(_options.StopWait, _time);
        }
        catch (TimeoutException)
        {
            // Counted below.
        }

        return stopping.Count(act => !act.Done.IsCompleted);
    }

    private static Content? ContentOf(string? text, DateTimeOffset now) => text is null ? null : Content.New(text, now);
}
