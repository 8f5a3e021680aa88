namespace Latchkey;

/// <summary>Who brought an end about; nobody, where the clock or the host did.</summary>
/// <param name="Person">A person of the customer.</param>
/// <param name="Agent">An agent.</param>
/// <param name="Name">Their name now.</param>
internal readonly record struct EndedBy(PersonId? Person, AgentId? Agent, string? Name)
{
    public static EndedBy Of(Lender lender) => new(lender.Person, Agent: null, lender.Name);

    public static EndedBy Of(AgentRef agent) => new(Person: null, agent.Id, agent.Name);
}

/// <summary>How grants end, and with the last one on an app the sessions in it. Run inside a batch.</summary>
internal static class Ending
{
    /// <summary>
    /// Ends one grant: now, for the given cause, or when the clock ended it if that was before. Sessions go on where another grant
    /// on their app is live.
    /// </summary>
    public static void End(Batch batch, Grant grant, GrantEnd cause, EndedBy by = default)
    {
        AppView[] before = grant.App is { } app
            ? batch.View(app) is { } view ? [view] : []
            : [.. batch.Apps().Where(v => v.Grants.Any(g => g.Id == grant.Id))];
        batch.Append(grant.Account, grant.Until <= batch.Now
            ? new GrantEnded(grant.Id, grant.App, grant.Until, GrantEnd.Expired, By: null, ByAgent: null, ByName: null)
            : new GrantEnded(grant.Id, grant.App, batch.Time, cause, by.Person, by.Agent, NameOf(by, batch)));
        Array.ForEach(before, v => CloseSessions(batch, v, by.Person));
    }

    /// <summary>Ends every grant on an app that fits, and takes the app out of those that are of its whole account.</summary>
    public static void EndAll(Batch batch, AppView view, GrantEnd cause, EndedBy by = default, Predicate<Grant>? which = null)
    {
        foreach (var grant in view.Grants.Where(g => which?.Invoke(g) != false))
        {
            if (grant.App is null && batch.Now < grant.Until)
            {
                var before = batch.View(view.App)!;
                batch.Append(view.Account, new GrantUncovers(grant.Id, view.App, cause, by.Person, NameOf(by, batch)));
                CloseSessions(batch, before, by.Person);
            }
            else
            {
                End(batch, grant, cause, by);
            }
        }
    }

    /// <summary>Records what the clock has ended on an app: its grants, its sessions.</summary>
    public static void CloseWhatIsOver(Batch batch, AppId app)
    {
        while (batch.View(app)?.Grants.Where(g => g.Until <= batch.Now).MinBy(g => g.Until) is { } over)
        {
            End(batch, over, GrantEnd.Expired);
        }

        if (batch.View(app) is { } view)
        {
            foreach (var session in view.Sessions.Where(s => !s.IsOpen(batch.Now)))
            {
                Entering.Close(batch, view, session, SessionClose.Idle);
            }
        }
    }

    /// <summary>Records what the clock has ended on an account as a whole: grants to all of its apps, and requests.</summary>
    public static void CloseWhatIsOver(Batch batch, AccountId account)
    {
        foreach (var grant in batch.Account(account).Grants.Where(g => g.Until <= batch.Now))
        {
            End(batch, grant, GrantEnd.Expired);
        }

        foreach (var request in batch.Account(account).Requests.Where(r => r.State == RequestState.Pending && r.Expires <= batch.Now))
        {
            batch.Append(account, new RequestEnded(
                request.Id, request.App, request.Expires, RequestState.Expired, Because: null, By: null, ByAgent: null, ByName: null, Note: null));
        }
    }

    /// <summary>What another account lent on an app before it was transferred ends with the transfer, at the latest when the new account lends.</summary>
    public static void EndWhatAnotherLent(Batch batch, AppRef app)
    {
        if (batch.View(app.Id) is { } view && view.Account != app.Account)
        {
            EndAll(batch, view, GrantEnd.AppTransferred);
        }
    }

    // The picture before the end still says until when each session had something to rest on.
    private static void CloseSessions(Batch batch, AppView before, PersonId? by)
    {
        if (batch.View(before.App)!.IsOpen(batch.Now))
        {
            return;
        }

        foreach (var session in before.Sessions)
        {
            Entering.Close(batch, before, session, SessionClose.AccessEnded, by);
        }
    }

    private static Content? NameOf(EndedBy by, Batch batch) => by.Name is null ? null : Content.New(by.Name, batch.Now);
}
