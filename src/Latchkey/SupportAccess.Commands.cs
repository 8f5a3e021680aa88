namespace Latchkey;

/// <content>What customers, agents and the host ask for.</content>
public sealed partial class SupportAccess
{
    /// <summary>
    /// Turns support access to an app on, or changes it while it is on. Works at once and answers when it is durable. Where the account
    /// wants two people, whoever turns it to more than is lent now asks the second one with it; less holds at once.
    /// </summary>
    /// <returns>The app as it is now, with the request that waits for a second person where one does; or why nothing changed.</returns>
    public async Task<Answer<TurnedOn>> TurnOnAsync(AppRef app, Lender lender, Terms terms, CancellationToken cancellation = default) =>
        Saved(await _appender.AppendAsync(batch => Lending.TurnOn(batch, app, lender, terms, _options), cancellation: cancellation));

    /// <summary>
    /// Turns support access to an app off. When this answers no act can begin; those already begun were told to stop and
    /// waited for. Turning off what is off changes nothing.
    /// </summary>
    /// <returns>How many acts had not stopped; or <see cref="RefusalReason.EndedNotSaved"/>: off in this process, not durable yet.</returns>
    public Task<Answer<Ended>> TurnOffAsync(AppRef app, Lender lender)
    {
        ArgumentNullException.ThrowIfNull(app);
        return EndAsync([app.Id], batch => Lending.TurnOff(batch, app, lender));
    }

    /// <summary>Gives a key back early, for the whole team.</summary>
    public Task<Answer<Ended>> ForfeitAsync(GrantId grant, AgentRef agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        AppView[] views = [.. _index.Apps.Where(v => v.Grants.Any(g => g.Id == grant))];
        var account = _index.Accounts.FirstOrDefault(a => a.Grants.Any(g => g.Id == grant))?.Account;
        return views.Length == 0 && account is null
            ? Task.FromResult<Answer<Ended>>(new Refusal(RefusalReason.NotFound, "No such grant is live."))
            : EndAsync<Ended>(views.Select(v => v.App), batch =>
            {
                var now = account is { } whole ? batch.Account(whole).Grants : batch.View(views[0].App)?.Grants ?? [];
                if (now.FirstOrDefault(g => g.Id == grant) is { } live)
                {
                    Ending.End(batch, live, GrantEnd.Forfeited, EndedBy.Of(agent));
                }

                return new Ended(0);
            });
    }

    /// <summary>Opens a session in an app that is open to support. A session that the agent has there already is replaced.</summary>
    public async Task<Answer<Entered>> EnterAsync(AppId app, AgentRef agent, string? reason, string? ticket, CancellationToken cancellation = default)
    {
        if (!Health.IsWorking)
        {
            return NotWorking();
        }

        return await StatedAsync(reason, ticket, (batch, stated) => Entering.Enter(batch, app, agent, stated), cancellation);
    }

    /// <summary>Redeems the code of a session for its cookie: once, within 60 seconds, for the sign-in it was made for.</summary>
    public async Task<Answer<Redeemed>> RedeemAsync(string code, AgentRef agent, CancellationToken cancellation = default) =>
        Health.IsWorking
            ? Saved(await _appender.AppendAsync(batch => Entering.Redeem(batch, code, agent), cancellation: cancellation))
            : NotWorking();

    /// <summary>Leaves an app. Leaving twice changes nothing.</summary>
    public Task<Answer<Ended>> LeaveAsync(SessionId session, AgentId agent) =>
        CloseSessionAsync(session, s => s.Agent == agent, SessionClose.Left, by: null);

    /// <summary>Ends one session and leaves access on, as an admin of its app.</summary>
    public Task<Answer<Ended>> EndSessionAsync(AppRef app, SessionId session, Lender lender)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(lender);
        var view = _index.Find(app.Id);
        if (!lender.MayEndAll && view?.MayEnd(lender.Person) != true)
        {
            return Task.FromResult<Answer<Ended>>(new Refusal(RefusalReason.NotAllowed, "Only admins of this app can end a session."));
        }

        return CloseSessionAsync(session, s => s.App == app.Id, SessionClose.EndedByCustomer, lender.Person);
    }

    /// <summary>
    /// Whether a person may keep or undo what support changed, and the ledger can take it; asked before the host does anything.
    /// </summary>
    /// <returns>Why not; null where they may.</returns>
    public Refusal? MaySettle(Lender by)
    {
        ArgumentNullException.ThrowIfNull(by);
        return Settling.MaySettle(by) ?? (_appender.Fault is null ? null : Refusal.LedgerUnavailable);
    }

    /// <summary>
    /// Records that a customer kept or undid a change of support, which the host has done. The first settlement of a change
    /// stands; recording it again, as after an answer that was lost, does no harm.
    /// </summary>
    public async Task<Answer<SettledChange>> SettleAsync(AppRef app, ActId act, Settlement decision, Lender by, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (MaySettle(by) is { } refusal)
        {
            return refusal;
        }

        var settled = new ChangeSettled(act, app.Id, decision, by.Person, Content.New(by.Name, Now));
        return Saved(await _appender.AppendAsync<Answer<SettledChange>>(
            batch =>
            {
                batch.Append(app.Account, settled);
                return new SettledChange(act, decision);
            },
            cancellation: cancellation));
    }

    /// <summary>The host reports that an app has another name or address.</summary>
    public async Task AppChangedAsync(AppRef app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (_index.Find(app.Id) is not null)
        {
            await _appender.AppendAsync(batch =>
            {
                if (batch.View(app.Id) is { } view && view.Account == app.Account)
                {
                    batch.Name(app.Id, app.Account, app.Name);
                }

                return true;
            });
            if (_index.Find(app.Id) is { } named)
            {
                Feed.Tell(named, Now);
            }
        }
    }

    /// <summary>The host reports that an app was deleted: its grants, sessions and pending requests end.</summary>
    public Task<Answer<Ended>> AppDeletedAsync(AppId app) => EndAppAsync(app, GrantEnd.AppDeleted, Supersession.AppDeleted);

    /// <summary>The host reports that an app went to another account: its grants, sessions and pending requests end.</summary>
    public Task<Answer<Ended>> AppTransferredAsync(AppId app) => EndAppAsync(app, GrantEnd.AppTransferred, Supersession.AppTransferred);

    /// <summary>The host reports that an account was closed: every grant, session and pending request of it ends.</summary>
    public Task AccountClosedAsync(AccountId account) =>
        EndTwiceAsync(batch => Ruling.EndEverything(batch, account, GrantEnd.AccountClosed, Supersession.AccountClosed));

    /// <summary>The host reports that an agent signed out: every session of that sign-in ends, and streams that it opened ask anew.</summary>
    public Task SignedOutAsync(AgentId agent, string signIn) => CloseByHostAsync(
        agent, batch => batch.SessionsOf(agent, signIn), SessionClose.SignedOut);

    /// <summary>The host reports that an agent left the team or was suspended: all their sessions and pending requests end.</summary>
    public Task<Answer<Ended>> AgentRemovedAsync(AgentId agent) => CloseByHostAsync(
        agent,
        batch =>
        {
            foreach (var account in batch.AllAccounts().ToArray())
            {
                Asking.Supersede(batch, account.Account, Supersession.AgentRemoved, r => r.Agent == agent);
            }

            return batch.Apps().Select(v => v.SessionOf(agent)).OfType<Session>().Select(s => (s.App, s.Id));
        },
        SessionClose.AgentRemoved);

    /// <summary>A support lead accepts the clock as it is now, after it jumped ahead.</summary>
    public async Task<Answer<Ended>> AcceptClockAsync(AgentRef lead)
    {
        ArgumentNullException.ThrowIfNull(lead);
        if (!_clock.IsHeld)
        {
            return new Refusal(RefusalReason.Invalid, "The clock is not held; there is nothing to accept.");
        }

        var accepted = Ledger.LedgerEntry.WholeMilliseconds(_time.GetUtcNow());
        return Saved(await _appender.AppendAsync<Answer<Ended>>(batch =>
        {
            batch.Append(AccountId.Vendor, new ClockAccepted(lead.Id, batch.Time, accepted));
            return new Ended(0);
        }));
    }

    private Task<Answer<Ended>> EndAppAsync(AppId app, GrantEnd cause, Supersession because) => EndTwiceAsync(batch =>
    {
        if (batch.View(app) is { } view)
        {
            Ending.EndAll(batch, view, cause);
        }

        foreach (var account in batch.AllAccounts().Where(a => a.Requests.Any(r => r.App == app)).ToArray())
        {
            Asking.Supersede(batch, account.Account, because, r => r.App == app);
        }

        return [app];
    });

    private async Task<Answer<Ended>> CloseByHostAsync(AgentId agent, Func<Batch, IEnumerable<(AppId App, SessionId Session)>> which, SessionClose cause)
    {
        var ended = await EndTwiceAsync(batch =>
        {
            var sessions = which(batch).ToArray();
            foreach (var (app, id) in sessions)
            {
                Close(batch, app, id, cause);
            }

            return sessions.Select(s => s.App);
        });
        Feed.Tell(agent);
        return ended;
    }

    /// <summary>
    /// Ends overtake what waits to be written. What the host reports concerns that too: who entered, or turned on, a moment
    /// before must not be left inside. So it is said once ahead of the queue and once behind it.
    /// </summary>
    private async Task<Answer<Ended>> EndTwiceAsync(Func<Batch, IEnumerable<AppId>> end)
    {
        var ahead = await _appender.AppendAsync(end, isEnd: true);
        var behind = await _appender.AppendAsync(end);
        var stillRunning = await Task.WhenAll((ahead.Value ?? []).Union(behind.Value ?? []).Select(WaitForStoppedAsync));
        return ahead.Saved switch
        {
            Latchkey.Saved.Yes => new Ended(stillRunning.Sum()),
            Latchkey.Saved.EndedNotSaved => Refusal.EndedNotSaved,
            _ => Refusal.LedgerUnavailable,
        };
    }

    private Task<Answer<Ended>> CloseSessionAsync(SessionId session, Predicate<Session> mayClose, SessionClose cause, PersonId? by)
    {
        var view = _index.Apps.FirstOrDefault(v => v.Sessions.Any(s => s.Id == session && mayClose(s)));
        return view is null
            ? Task.FromResult<Answer<Ended>>(new Refusal(RefusalReason.NotFound, "No such session is open."))
            : EndAsync<AppView>([view.App], batch =>
            {
                Close(batch, view.App, session, cause, by);
                return view;
            });
    }

    private static void Close(Batch batch, AppId app, SessionId session, SessionClose cause, PersonId? by = null)
    {
        Ending.CloseWhatIsOver(batch, app);
        if (batch.View(app) is { } view && view.Sessions.FirstOrDefault(s => s.Id == session) is { } open)
        {
            Entering.Close(batch, view, open, cause, by);
        }
    }

    private async Task<Answer<Ended>> EndAsync<T>(IEnumerable<AppId> apps, Func<Batch, Answer<T>> command)
        where T : class
    {
        var answer = Saved(await _appender.AppendAsync(command, isEnd: true));
        if (answer.Refusal is { Reason: not RefusalReason.EndedNotSaved } refusal)
        {
            return refusal;
        }

        var stillRunning = await Task.WhenAll(apps.Select(WaitForStoppedAsync));
        return answer.Refusal is { } notSaved ? notSaved : new Ended(stillRunning.Sum());
    }

    private Refusal NotWorking() => Health.Reason == DecisionReason.Clock ? Refusal.Clock : Refusal.LedgerUnavailable;
}
