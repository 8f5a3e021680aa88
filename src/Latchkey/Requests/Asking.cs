namespace Latchkey;

/// <summary>What an agent asks to be let into.</summary>
/// <param name="Account">The account that is asked.</param>
/// <param name="App">The app; null for every app of the account.</param>
/// <param name="Name">How it is called now, for people.</param>
public sealed record RequestTarget(AccountId Account, AppRef? App, string Name);

/// <summary>A plea for a key, as an agent words it.</summary>
/// <param name="Reason">Why: 3 to 500 characters.</param>
/// <param name="Ticket">The ticket; required where the vendor's pattern asks for one.</param>
/// <param name="Role">A role's name; null for the default.</param>
/// <param name="Also">Names of single permissions beside the role; null for none.</param>
/// <param name="Duration">For how long, from the approval on: 1 minute to the longest window, cut to seconds. Null: 7 days.</param>
/// <param name="Conversation">The conversation that it is asked in.</param>
/// <param name="LastWord">When the customer last wrote in it: a declined request can be repeated after that.</param>
public sealed record Plea(
    string? Reason,
    string? Ticket = null,
    string? Role = null,
    IReadOnlyList<string>? Also = null,
    TimeSpan? Duration = null,
    string? Conversation = null,
    DateTimeOffset? LastWord = null);

/// <summary>The rules of asking for access and of taking a request back. Run inside a batch: decide first, append second.</summary>
internal static class Asking
{
    /// <summary>How long a declined request can't be repeated where the customer has written nothing since.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    public static Answer<AccessRequest> Ask(
        Batch batch, RequestTarget target, AgentRef agent, Plea plea, Entering.Stated stated, SupportAccessOptions options)
    {
        var found = Terms(batch, plea, options);
        if (found.Value is not { } wanted)
        {
            return found.Refusal!;
        }

        if (MayAsk(batch, target, plea.LastWord) is { } refusal)
        {
            return refusal;
        }

        return Make(batch, RequestId.New(batch.Now), target, agent, plea, stated, wanted, options);
    }

    /// <summary>
    /// Asks by a name that the agent typed. What the agent is answered, and all that they ever read of it, is made of the vendor's ledger
    /// alone, the same whether anybody has that name; where somebody has it, and may be asked, it is delivered to them under the same id, outside of
    /// their conversations, which agents read.
    /// </summary>
    public static Answer<AccessRequest> AskByName(
        Batch batch, RequestId id, NamedTarget what, string name, RequestTarget? target, AgentRef agent, Plea plea, Entering.Stated stated,
        SupportAccessOptions options)
    {
        var found = MayAskByName(batch, what, name, plea, options);
        if (found.Value is not { } wanted)
        {
            return found.Refusal!;
        }

        plea = plea with { Conversation = null };
        var asked = Make(batch, id, new RequestTarget(AccountId.Vendor, App: null, name), agent, plea, stated, wanted, options, what);
        if (target is not null && MayAsk(batch, target, lastWord: null) is null)
        {
            Make(batch, id, target, agent, plea, stated, wanted, options, what);
        }

        return asked;
    }

    /// <summary>What the plea asks to be lent, or why it can't be asked by this name now. Looks at nothing of any customer's.</summary>
    public static Answer<Lent> MayAskByName(Batch batch, NamedTarget what, string name, Plea plea, SupportAccessOptions options)
    {
        var found = Terms(batch, plea, options);
        if (found.Refusal is not null)
        {
            return found;
        }

        // What was made within the limits' time is still remembered: pending, or decided since.
        var same = batch.Account(AccountId.Vendor).Requests.Where(r => r.AskedByName == what && r.TargetName == name).ToList();
        if (same.Find(r => r.IsPending(batch.Now)) is { } pending)
        {
            return NameAsks.Pending(pending.AgentName);
        }

        return same.FindLast(r => r.State == RequestState.Denied)?.DecidedAt is { } denied && batch.Now - denied < Pause
            ? new Refusal(RefusalReason.TooSoon, "This was declined less than a day ago. Ask again a day after that.", At: denied + Pause)
            : found;
    }

    /// <summary>Takes a request back: whoever asked, or a lead of the team.</summary>
    public static Answer<AccessRequest> Withdraw(Batch batch, AccountId account, RequestId id, AgentRef agent, bool isLead)
    {
        if (batch.Account(account).Find(id) is { Agent: null })
        {
            return NoSuch;
        }

        var found = Pending(batch, account, id);
        if (found.Value is not { } request)
        {
            return found.Refusal!;
        }

        if (request.Agent != agent.Id && !isLead)
        {
            return new Refusal(RefusalReason.NotAllowed, $"{request.AgentName} asked for this; they, or a lead of the team, can take it back.");
        }

        End(batch, request, RequestState.Withdrawn, because: null, EndedBy.Of(agent));
        return batch.Account(account).Find(id)!;
    }

    /// <summary>
    /// Asks a second person of the customer for what one turned the switch to: a request on exactly those terms, approved by whoever asks where they may allow it.
    /// One at a time for an app: their own is replaced, somebody else's is there to be answered.
    /// </summary>
    public static Answer<AccessRequest> AskSecond(Batch batch, AppRef app, Lender by, Wanted wanted, SupportAccessOptions options)
    {
        var before = batch.Account(app.Account).Pending(batch.Now).FirstOrDefault(r => r.App == app.Id && r.Person is not null);
        if (before is not null && before.Person != by.Person)
        {
            return new Refusal(RefusalReason.AlreadyPending, $"{before.PersonName} has asked for a second person already. Allow that, or decline it, first.");
        }

        if (before is not null && wanted.IsAskedBy(before))
        {
            return before;
        }

        Ending.CloseWhatIsOver(batch, app.Account);
        if (before is not null)
        {
            End(batch, before, RequestState.Withdrawn, by: EndedBy.Of(by));
        }

        var (id, also) = (RequestId.New(batch.Now), wanted.Lent.AlsoNames);
        var (lapses, note) = (batch.Time + options.RequestLife, wanted.Note is null ? null : Content.New(wanted.Note, batch.Now));
        batch.Append(app.Account, new RequestMade(
            id, app.Id, Content.New(app.Name.Title, batch.Now), Agent: null, AgentName: null, wanted.Lent.Role.Name, also, wanted.Seconds,
            wanted.Until < lapses ? wanted.Until.Value : lapses, note, Ticket: null, Conversation: null,
            Person: by.Person, PersonName: Content.New(by.Name, batch.Now), Until: wanted.Until));
        // Whoever may not allow it asks, and no more.
        if (batch.Account(app.Account).Policy.LetsApprove(by.Person))
        {
            batch.Append(app.Account, new RequestApproved(
                id, app.Id, by.Person, Content.New(by.Name, batch.Now), wanted.Lent.Role.Name, also, wanted.Seconds, wanted.Until, Grant: null));
        }

        return batch.Account(app.Account).Find(id)!;
    }

    /// <summary>Takes back what one asked a second person of the customer for, whatever became of one's role.</summary>
    public static Answer<AccessRequest> Withdraw(Batch batch, AccountId account, RequestId id, PersonId person, string name)
    {
        if (batch.Account(account).Find(id)?.Person != person)
        {
            return NoSuch;
        }

        var found = Pending(batch, account, id);
        if (found.Value is not { } request)
        {
            return found.Refusal!;
        }

        End(batch, request, RequestState.Withdrawn, because: null, new EndedBy(person, Agent: null, name));
        return batch.Account(account).Find(id)!;
    }

    /// <summary>The request, where it can be answered; otherwise what became of it.</summary>
    public static Answer<AccessRequest> Pending(Batch batch, AccountId account, RequestId id)
    {
        if (batch.Account(account).Find(id) is not { } request)
        {
            return NoSuch;
        }

        return request.IsPending(batch.Now)
            ? request
            : new Refusal(RefusalReason.AlreadyDecided, Became(request), At: request.DecidedAt ?? request.Expires);
    }

    /// <summary>Ends the pending requests of an account that something else has made pointless.</summary>
    public static void Supersede(Batch batch, AccountId account, Supersession because, Predicate<AccessRequest> which)
    {
        foreach (var request in batch.Account(account).Pending(batch.Now).Where(r => which(r)).ToArray())
        {
            End(batch, request, RequestState.Superseded, because);
        }
    }

    /// <summary>
    /// Ends a request. What an agent or a customer did themselves ends both sides of one that was asked by name. Whatever else became of the
    /// target is the customer's alone: the agent's side waits on, as it does for a name that nobody has.
    /// </summary>
    public static void End(
        Batch batch, AccessRequest request, RequestState state, Supersession? because = null, EndedBy by = default, string? note = null)
    {
        batch.Append(request.Account, new RequestEnded(
            request.Id, request.App, batch.Time, state, because, by.Person, by.Agent,
            by.Name is null ? null : Content.New(by.Name, batch.Now), note is null ? null : Content.New(note, batch.Now)));
        if (because is null or Supersession.TurnedOn or Supersession.AccountApproved or Supersession.AgentRemoved && OtherSide(batch, request) is { } other)
        {
            End(batch, other, state, because, by, note);
        }
    }

    /// <summary>Tells support that a customer approved what was asked by name.</summary>
    public static void Tell(Batch batch, AccessRequest request, RequestApproved approved)
    {
        if (OtherSide(batch, request) is { } asked)
        {
            batch.Append(asked.Account, approved with { App = null, ByName = Content.New(approved.ByName.Text!, batch.Now) });
        }
    }

    /// <summary>Of a pending request that was asked by name: what was delivered for the agent's side, the agent's side for what was delivered.</summary>
    private static AccessRequest? OtherSide(Batch batch, AccessRequest request)
    {
        if (request.AskedByName is null)
        {
            return null;
        }

        var others = request.IsDelivery ? [batch.Account(AccountId.Vendor)] : batch.AllAccounts().Where(view => view.Account != AccountId.Vendor);
        return others.Select(view => view.Find(request.Id)).FirstOrDefault(other => other?.IsPending(batch.Now) == true);
    }

    private static readonly Refusal NoSuch = new(RefusalReason.NotFound, "There is no such request.");

    /// <summary>What a plea asks to be lent, or why that can't be asked for, whatever it is to.</summary>
    public static Answer<Lent> Terms(Batch batch, Plea plea, SupportAccessOptions options)
    {
        if (!batch.ClockTrusted)
        {
            return Refusal.Clock;
        }

        return TermsCheck.Window(batch, plea.Duration, until: null, batch.Policy(options).MaxWindow) is { } refusal
            ? refusal
            : TermsCheck.Find(batch.Catalogue, plea.Role ?? options.DefaultRole, plea.Also ?? []);
    }

    private static AccessRequest Make(
        Batch batch, RequestId id, RequestTarget target, AgentRef agent, Plea plea, Entering.Stated stated, Lent wanted, SupportAccessOptions options,
        NamedTarget? byName = null)
    {
        Ending.CloseWhatIsOver(batch, target.Account);
        var duration = plea.Duration ?? batch.Policy(options).RequestWindow;
        batch.Append(target.Account, new RequestMade(
            id, target.App?.Id, Content.New(target.Name, batch.Now), agent.Id, Content.New(agent.Name, batch.Now),
            wanted.Role.Name, wanted.AlsoNames, (int)duration.TotalSeconds, batch.Time + options.RequestLife,
            Content.New(stated.Reason, batch.Now), stated.Ticket is null ? null : Content.New(stated.Ticket, batch.Now), plea.Conversation, byName));
        return batch.Account(target.Account).Find(id)!;
    }

    // What the customer asks among themselves is in nobody's way, and no answer to support.
    private static Refusal? MayAsk(Batch batch, RequestTarget target, DateTimeOffset? lastWord)
    {
        var (view, app) = (batch.Account(target.Account), target.App?.Id);
        if (view.Policy.Refuses)
        {
            return Lending.Refuses;
        }

        if (view.Pending(batch.Now).FirstOrDefault(r => r.App == app && r.Agent is not null) is { } pending)
        {
            return new(RefusalReason.AlreadyPending, $"{pending.AgentName} has asked for this already; the customer has not answered yet. One request at a time.");
        }

        var denied = view.Requests.LastOrDefault(r => r.App == app && r.Agent is not null && r.State == RequestState.Denied);
        return denied?.DecidedAt is { } at && batch.Now - at < Pause && !(lastWord > at)
            ? new(RefusalReason.TooSoon, "The customer declined this less than a day ago. Ask again once they have written, or a day after they declined.", At: at + Pause)
            : null;
    }

    private static string Became(AccessRequest request) => request.State switch
    {
        RequestState.Approved => "This request was approved already.",
        RequestState.Denied => "This request was declined already.",
        RequestState.Withdrawn => request.Agent is null ? $"{request.PersonName} has taken this back." : "Support has taken this request back.",
        RequestState.Superseded => "Something else has answered this request.",
        _ when request.Agent is null => "This request has expired: nobody answered it in time. It can be asked again with the switch.",
        _ => "This request has expired: nobody answered it in time. Support can ask again.",
    };
}

/// <summary>What somebody turned the switch to, for a second person to confirm.</summary>
/// <param name="Lent">The role, and what is lent beside it.</param>
/// <param name="Seconds">For how long from then on, in whole seconds.</param>
/// <param name="Until">And not beyond this instant, where an exact end was named.</param>
/// <param name="Note">What they noted.</param>
internal sealed record Wanted(Lent Lent, int Seconds, DateTimeOffset? Until, string? Note)
{
    /// <summary>Answers whether a request asks for this already. How long it is to an exact end says nothing new.</summary>
    public bool IsAskedBy(AccessRequest request) =>
        Note is null && request.Role == Lent.Role && request.Also.SequenceEqual(Lent.Also) && request.Until == Until
        && (Until is not null || (int)request.Duration.TotalSeconds == Seconds);
}
