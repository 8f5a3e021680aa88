using System.Diagnostics;

namespace Latchkey.AspNetCore;

/// <summary>Where requests are made and answered, for the API and the pages alike: finds what is meant, and lets the core decide.</summary>
internal sealed class RequestDesk(SupportAccess access, ISupportHost host, AccessReader reader, BorderLog border)
{
    private const int WordsLookedAt = 50;

    /// <summary>What is asked by name is answered after a whole number of these: longer than it takes to find a name and to ask whoever has it.</summary>
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Asks for access: to what a conversation is about, to an app that is open, or by a name that the agent knows from elsewhere: of that they
    /// learn nothing.
    /// </summary>
    /// <param name="agent">Who asks.</param>
    /// <param name="conversation">The conversation's id; null for the newest open one about the app, if there is one.</param>
    /// <param name="app">An app's name or id; null for the one that the conversation is about.</param>
    /// <param name="account">The id of the account of which every app is asked for; null for an app.</param>
    /// <param name="plea">The rest.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Answer<AccessRequest>> AskAsync(
        Agent agent, string? conversation, string? app, string? account, Plea plea, CancellationToken cancellation)
    {
        if (conversation is null && (account is not null || Open(agent, app) is null))
        {
            return account is null
                ? await AskByNameAsync(NamedTarget.App, app ?? "", agent, plea, AppOfAsync, cancellation)
                : await AskByNameAsync(NamedTarget.Account, account, agent, plea, AccountOfAsync, cancellation);
        }

        if (access.MayPlead(plea) is { } refusal)
        {
            return refusal;
        }

        var target = conversation is not null ? await InConversationAsync(agent, conversation, app, account, cancellation) : Open(agent, app);
        if (target is null)
        {
            access.NoteRefused(agent.Id, DecisionReason.NoGrant, "", $"a request for access to {account ?? app ?? conversation}");
            return NotFound;
        }

        return await access.RequestAsync(target, agent.Ref, await PutAsync(plea, target, conversation, cancellation), cancellation);
    }

    /// <summary>
    /// Asks by a name, so that neither how long it takes nor what becomes of it says whether anybody has the name: what began is done though the
    /// agent has hung up.
    /// </summary>
    private async Task<Answer<AccessRequest>> AskByNameAsync(
        NamedTarget what, string name, Agent agent, Plea plea, Func<string, CancellationToken, Task<RequestTarget?>> find, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            return await access.RequestByNameAsync(what, name, agent.Ref, plea, FoundAsync, CancellationToken.None);
        }
        finally
        {
            await Task.Delay(s_beat - new TimeSpan(Stopwatch.GetElapsedTime(began).Ticks % s_beat.Ticks), TimeProvider.System, cancellation);
        }

        async Task<RequestTarget?> FoundAsync(CancellationToken ct)
        {
            try
            {
                return await find(name, ct);
            }
            catch (HostAnswerException e)
            {
                // As if nobody had the name: another answer would say that somebody has.
                border.Refused(e);
                return null;
            }
        }
    }

    /// <summary>What an agent could ask for; null where there is nothing of that name for them.</summary>
    public async Task<Asking?> AskingAsync(Agent agent, string? conversation, string? app, CancellationToken cancellation)
    {
        if (conversation is null)
        {
            // Whether there is an app of the name that an agent gives, they are told once they have asked its customer.
            return Open(agent, app) is { App: { } open }
                ? new Asking(null, open.Name.Slug, open.Name.Title, open.Account, open.Name.AccountTitle, "")
                : new Asking(null, app, null, null, "", "");
        }

        if (!IdText.IsId(conversation) || await access.Conversations.FindAsync(new ConversationId(conversation), reader: null, cancellation) is not { } found)
        {
            return null;
        }

        var about = await InConversationAsync(agent, conversation, app, account: null, cancellation);
        return new Asking(conversation, about?.App?.Name.Slug, about?.App?.Name.Title, found.Account, found.AccountTitle ?? found.Account.Value, found.Subject ?? "");
    }

    public async Task<Answer<AccessRequest>> ApproveAsync(Member member, string id, ApprovalTerms terms, CancellationToken cancellation)
    {
        var found = await FindAsync(member, id, cancellation);
        if (found.Value is not { } asked)
        {
            return found.Refusal!;
        }

        HostApp[] apps = asked.App is { } one ? [one] : [.. await host.GetAppsAsync(asked.Account, cancellation)];
        var earlier = access.Find(asked.Account).Find(asked.Id) is { } pending ? await reader.ApproversAsync(pending, cancellation) : [];
        var refs = asked.App is null ? await WithWhoMayEndAsync(member, apps, cancellation) : [.. apps.Select(a => a.Ref)];
        var answer = await access.ApproveAsync(asked.Account, asked.Id, asked.By, terms, refs, earlier, cancellation);
        if (answer.Value is { App: null, Grant: not null })
        {
            // An app that was made while this was answered is one of the account's too.
            var made = (await host.GetAppsAsync(asked.Account, CancellationToken.None)).ExceptBy(apps.Select(a => a.Id), a => a.Id);
            foreach (var app in await WithWhoMayEndAsync(member, made, CancellationToken.None))
            {
                await access.AppAddedAsync(app);
            }
        }

        return answer;
    }

    public async Task<Answer<AccessRequest>> DenyAsync(Member member, string id, string? note, CancellationToken cancellation)
    {
        var found = await FindAsync(member, id, cancellation);
        return found.Value is { } asked ? await access.DenyAsync(asked.Account, asked.Id, asked.By, note, cancellation) : found.Refusal!;
    }

    public async Task<Answer<AccessRequest>> WithdrawAsync(Agent agent, string id)
    {
        if (!IdText.IsId(id))
        {
            return NotFound;
        }

        return access.Find(new RequestId(id)) is { } request
            ? await access.WithdrawAsync(request.Account, request.Id, agent.Ref, agent.Lead)
            : await AlreadyDecidedAsync(new RequestQuery(Request: new RequestId(id), ForSupport: true, Limit: 1), CancellationToken.None);
    }

    /// <summary>Takes back what a member asked a second person for.</summary>
    public async Task<Answer<AccessRequest>> WithdrawAsync(Member member, string id) =>
        IdText.IsId(id) && access.Find(new RequestId(id)) is { } request
            ? await access.WithdrawAsync(request.Account, request.Id, member.Person, member.Name)
            : NotFound;

    /// <summary>How a pending request stands for a member.</summary>
    public async Task<Standing> LookAsync(Member member, AccessRequest request, CancellationToken cancellation)
    {
        var found = await FindAsync(member, request.Id.Value, cancellation);
        var approvers = await reader.ApproversAsync(request, cancellation);
        return new Standing(
            (found.Value is { } asked ? access.MayApprove(request, asked.By, approvers) : found.Refusal)?.Message,
            await reader.StandingAsync(request, approvers, cancellation), request.Person == member.Person);
    }

    /// <summary>The request as it is now, with the names of whoever decided it; for the customer with whose approval counts.</summary>
    public async Task<RequestStory> ReadAsync(AccountId account, RequestId id, bool forSupport, CancellationToken cancellation)
    {
        var story = AccessReader.StoryOf((await access.History.ReadRequestsAsync(new RequestQuery(account, Request: id, Limit: 1), cancellation))[0], access.Now);
        return !forSupport && access.Find(account).Find(id) is { } request && request.IsPending(access.Now)
            ? story with { Approvals = await reader.StandingAsync(request, await reader.ApproversAsync(request, cancellation), cancellation) }
            : story;
    }

    /// <summary>Apps with whoever may turn support access off on each, as a key to every app of the account opens them.</summary>
    private async Task<IReadOnlyList<AppRef>> WithWhoMayEndAsync(Member member, IEnumerable<HostApp> apps, CancellationToken cancellation)
    {
        var refs = new List<AppRef>();
        foreach (var app in apps)
        {
            refs.Add(app.Ref with { WhoMayEnd = [.. (await host.GetRightsAsync(member, app, cancellation)).WhoMayEnd] });
        }

        return refs;
    }

    /// <summary>What a member is asked, with their rights on it; as if it were not there for whoever has no part in it.</summary>
    private async Task<Answer<Asked>> FindAsync(Member member, string id, CancellationToken cancellation)
    {
        if (!IdText.IsId(id)
            || await access.History.ReadRequestsAsync(new RequestQuery(member.Account, Request: new RequestId(id), Limit: 1), cancellation) is not [var request])
        {
            return NotFound;
        }

        var app = request.App is { } asked ? await host.FindAppAsync(member, asked.Value, cancellation) : null;
        var by = app is not null ? await reader.LenderAsync(member, app, cancellation) : await reader.AccountLenderAsync(member, cancellation);
        if (request.App is null ? !by.MayTurn : app is null || app.Account != request.Account)
        {
            return NotFound;
        }

        return access.Find(request.Account).Find(request.Id) is null
            ? await AlreadyDecidedAsync(new RequestQuery(request.Account, Request: request.Id, Limit: 1), cancellation)
            : new Asked(request.Id, request.Account, app, by);
    }

    private async Task<Refusal> AlreadyDecidedAsync(RequestQuery query, CancellationToken cancellation) =>
        await access.History.ReadRequestsAsync(query, cancellation) is [var old]
            ? new(RefusalReason.AlreadyDecided, "This request was answered, or has expired.", At: old.DecidedAt ?? old.Expires)
            : NotFound;

    private RequestTarget? Open(Agent agent, string? app)
    {
        var view = app is null ? null : access.FindForAgent(agent.Id, app);
        return view is null || !view.IsOpen(access.Now) ? null : new RequestTarget(view.Account, new AppRef(view.App, view.Account, view.Name), view.Name.Title);
    }

    /// <summary>Puts a plea into the newest open conversation about its app, unless it was made in one.</summary>
    private async Task<Plea> PutAsync(Plea plea, RequestTarget target, string? conversation, CancellationToken cancellation)
    {
        if (conversation is null && target.App is { } about
            && await access.Conversations.ReadAsync(new ConversationQuery(about.Account, App: about.Id, OpenOnly: true, Limit: 1), cancellation) is [var open])
        {
            conversation = open.Id.Value;
        }

        if (conversation is null)
        {
            return plea;
        }

        var items = await access.Conversations.ReadItemsAsync(new ConversationId(conversation), long.MaxValue, WordsLookedAt, cancellation);
        return plea with { Conversation = conversation, LastWord = items.FirstOrDefault(item => item is MessageItem or ShareItem && item.Person is not null)?.At };
    }

    private async Task<RequestTarget?> AppOfAsync(string name, CancellationToken cancellation) =>
        await host.FindAppToAskForAsync(name, cancellation) is { } app ? new RequestTarget(app.Account, app.Ref, name) : null;

    private async Task<RequestTarget?> AccountOfAsync(string account, CancellationToken cancellation) =>
        await host.GetAppsAsync(new AccountId(account), cancellation) is [var any, ..] ? new RequestTarget(any.Account, App: null, account) : null;

    private async Task<RequestTarget?> InConversationAsync(
        Agent agent, string conversation, string? app, string? account, CancellationToken cancellation)
    {
        if (!IdText.IsId(conversation) || await access.Conversations.FindAsync(new ConversationId(conversation), reader: null, cancellation) is not { } found)
        {
            return null;
        }

        if (account is not null)
        {
            return account == found.Account.Value ? new RequestTarget(found.Account, App: null, found.AccountTitle ?? account) : null;
        }

        // The one that they speak about. Whoever speaks for the account may read of any app of it that is open already.
        var about = found.App is { } id ? await host.GetAppAsync(id, cancellation) : null;
        return about is not null && about.Account == found.Account && (app is null || app == about.Slug || app == about.Id.Value)
            ? new RequestTarget(about.Account, about.Ref, about.Title)
            : found.App is null && Open(agent, app) is { } open && open.Account == found.Account ? open : null;
    }

    private static Refusal NotFound { get; } = new(RefusalReason.NotFound, Refuser.NotFoundDetail);

    private sealed record Asked(RequestId Id, AccountId Account, HostApp? App, Lender By);
}

/// <summary>How a pending request stands for whoever reads it.</summary>
/// <param name="WhyNot">Why they can't allow it; null where they can.</param>
/// <param name="Approvals">Who approved it so far, and whether that counts.</param>
/// <param name="IsOwn">Whether they asked for it themselves.</param>
internal sealed record Standing(string? WhyNot, IReadOnlyList<ApprovalState> Approvals, bool IsOwn);
