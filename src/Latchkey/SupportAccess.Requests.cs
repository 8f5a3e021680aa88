namespace Latchkey;

/// <content>Support asks, the customer answers; and what a customer rules for the whole account.</content>
public sealed partial class SupportAccess
{
    /// <summary>Asks a customer for access. Nothing opens before an administrator of what is asked for has approved.</summary>
    /// <returns>The pending request, or why there is none.</returns>
    public Task<Answer<AccessRequest>> RequestAsync(RequestTarget target, AgentRef agent, Plea plea, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(plea);
        return StatedAsync(plea.Reason, plea.Ticket, (batch, stated) => Asking.Ask(batch, target, agent, plea, stated, _options), cancellation);
    }

    /// <summary>
    /// Why a plea can't be made, whatever it is for: its reason, ticket, role or length. Null where they are right. Asked before what it is for is
    /// looked for, so that nothing can be tried with a plea that is refused anyway.
    /// </summary>
    public Refusal? MayPlead(Plea plea)
    {
        ArgumentNullException.ThrowIfNull(plea);
        return Entering.State(plea.Reason, plea.Ticket, Policy).Refusal ?? Asking.Terms(Unwritten(), plea, _options).Refusal;
    }

    /// <summary>The most requests that one agent can make by name within 24 hours, whether anybody has the names or not.</summary>
    public const int MostAskedByName = 20;

    /// <summary>
    /// Asks for access by a name that an agent typed. The answer, and all that agents ever read of the request, is the same whether anybody has
    /// that name; where somebody has it, their account is asked, by a request of the same id. One pending request for a name, none within a day
    /// after that was declined (else <see cref="RefusalReason.AlreadyPending"/>, <see cref="RefusalReason.TooSoon"/>), and at most
    /// <see cref="MostAskedByName"/> a day by one agent, else <see cref="RefusalReason.TooMany"/>: counted before the name is looked for.
    /// </summary>
    /// <param name="what">What the agent takes the name for.</param>
    /// <param name="name">The name as they typed it: an id's characters, compared as they are. Anything else is refused whoever there is.</param>
    /// <param name="agent">Who asks.</param>
    /// <param name="plea">The rest. Its conversation and last word are not looked at: it is delivered outside of conversations, which agents read.</param>
    /// <param name="find">Looks for whom the name belongs to; null where it is nobody's. Asked last, once nothing else stands in the way.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The pending request on the vendor's ledger, or why there is none.</returns>
    public async Task<Answer<AccessRequest>> RequestByNameAsync(
        NamedTarget what, string name, AgentRef agent, Plea plea, Func<CancellationToken, Task<RequestTarget?>> find, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plea);
        ArgumentNullException.ThrowIfNull(find);
        if (!IdText.IsId(name))
        {
            return what == NamedTarget.App
                ? TermsCheck.Invalid("app", $"'app' takes an app's name in addresses, or its id: 1 to {IdText.MaxLength} letters, digits and signs without spaces.")
                : TermsCheck.Invalid("account", $"'account' takes an account's id: 1 to {IdText.MaxLength} letters, digits and signs without spaces.");
        }

        // The host is not asked by somebody who can't ask: no more names are looked for than can be asked by.
        var id = RequestId.New(Now);
        if ((MayPlead(plea) ?? (_appender.Fault is null ? null : Refusal.LedgerUnavailable) ?? _nameAsks.Take(Unwritten(), id, what, name, agent, plea, _options)) is { } refusal)
        {
            return refusal;
        }

        try
        {
            var target = await find(cancellation);
            return await StatedAsync(
                plea.Reason, plea.Ticket, (batch, stated) => Asking.AskByName(batch, id, what, name, target, agent, plea, stated, _options), cancellation);
        }
        finally
        {
            _nameAsks.Done(id);
        }
    }

    /// <summary>What a command would see now: to ask it beforehand whether it would refuse. Nothing is written.</summary>
    private Batch Unwritten()
    {
        var (now, trusted) = _clock.ReadForBatch();
        return new Batch(_index, Catalogue, now, trusted);
    }

    /// <summary>
    /// Approves a request: access begins now, or where the account wants two approvers with the second one. When this answers with a
    /// grant, the window has begun.
    /// </summary>
    /// <param name="account">The account that is asked.</param>
    /// <param name="request">The request.</param>
    /// <param name="by">Who approves, with their rights at this moment on what is asked for.</param>
    /// <param name="terms">What they lend: all of it, or less.</param>
    /// <param name="apps">The app that is asked for, or every app of the account, as the host knows them at this moment.</param>
    /// <param name="earlier">
    /// Who approved before (<see cref="AccessRequest.Approvals"/>), with their rights at this moment, whoever approves now among them where they
    /// did before. An approval of anybody else, or of one who may not give it any more, doesn't count. Default: none does.
    /// </param>
    /// <param name="cancellation">Stops waiting, never an approval half way.</param>
    public async Task<Answer<AccessRequest>> ApproveAsync(
        AccountId account, RequestId request, Lender by, ApprovalTerms terms, IReadOnlyList<AppRef> apps, IReadOnlyList<Lender>? earlier = null,
        CancellationToken cancellation = default) =>
        Saved(await _appender.AppendAsync(batch => Approving.Approve(batch, account, request, by, terms, apps, earlier ?? [], _options), cancellation: cancellation));

    /// <summary>Why a person may not approve a pending request now, whatever the terms; null where they may.</summary>
    /// <param name="request">The request.</param>
    /// <param name="by">Who would approve, with their rights at this moment on what is asked for.</param>
    /// <param name="earlier">Who approved before, with their rights at this moment.</param>
    public Refusal? MayApprove(AccessRequest request, Lender by, IReadOnlyList<Lender> earlier)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(by);
        ArgumentNullException.ThrowIfNull(earlier);
        return Approving.MayApprove(request, by, earlier, Find(request.Account).Policy, Now, clockTrusted: !_clock.IsHeld);
    }

    /// <summary>Whose approvals of a pending request count now.</summary>
    /// <param name="request">The request.</param>
    /// <param name="approvers">Who approved it, with their rights at this moment.</param>
    public IReadOnlyList<PersonId> Counting(AccessRequest request, IReadOnlyList<Lender> approvers)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(approvers);
        return [.. Approving.Counting(request, approvers, Find(request.Account).Policy, Now).Select(a => a.By)];
    }

    /// <summary>Declines a request. Help goes on without access.</summary>
    /// <param name="account">The account that is asked.</param>
    /// <param name="request">The request.</param>
    /// <param name="by">Who declines, with their rights at this moment on what is asked for.</param>
    /// <param name="note">What they want support to know, up to 500 characters.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Answer<AccessRequest>> DenyAsync(
        AccountId account, RequestId request, Lender by, string? note, CancellationToken cancellation = default) =>
        Saved(await _appender.AppendAsync(batch => Approving.Deny(batch, account, request, by, note), isEnd: true, cancellation: cancellation));

    /// <summary>Takes a request back.</summary>
    /// <param name="account">The account that is asked.</param>
    /// <param name="request">The request.</param>
    /// <param name="agent">Who asked, or a lead.</param>
    /// <param name="isLead">Whether the agent leads the team.</param>
    public async Task<Answer<AccessRequest>> WithdrawAsync(AccountId account, RequestId request, AgentRef agent, bool isLead) =>
        Saved(await _appender.AppendAsync(batch => Asking.Withdraw(batch, account, request, agent, isLead), isEnd: true));

    /// <summary>Takes back what a person turned the switch to while a second one was asked for it.</summary>
    /// <param name="account">Their account.</param>
    /// <param name="request">The request.</param>
    /// <param name="person">Who asked: nobody else finds it.</param>
    /// <param name="name">Their name now.</param>
    public async Task<Answer<AccessRequest>> WithdrawAsync(AccountId account, RequestId request, PersonId person, string name) =>
        Saved(await _appender.AppendAsync(batch => Asking.Withdraw(batch, account, request, person, name), isEnd: true));

    /// <summary>Ends support access to the account as a whole; what an app's own switch or request lent goes on.</summary>
    /// <param name="account">The account.</param>
    /// <param name="by">The owner, or whoever could end it when it was lent.</param>
    public Task<Answer<Ended>> EndAccountAccessAsync(AccountId account, Lender by) =>
        EndAsync(AppsUnderAccountGrants(account), batch => Lending.EndAccount(batch, account, by));

    /// <summary>
    /// Changes what an account allows support. Refusing ends every grant and session in its apps before this answers, and nothing can
    /// be turned on, asked for or approved from then on.
    /// </summary>
    public async Task<Answer<AccountView>> RuleAsync(AccountId account, Lender owner, AccountPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        AppId[] apps = [.. _index.Apps.Where(v => v.Account == account).Select(v => v.App)];
        var answer = Saved(await _appender.AppendAsync(batch => Ruling.Rule(batch, account, owner, policy), isEnd: policy.Refuses));
        if (policy.Refuses && answer.Refusal is null or { Reason: RefusalReason.EndedNotSaved })
        {
            await Task.WhenAll(apps.Select(WaitForStoppedAsync));
        }

        return answer;
    }

    /// <summary>
    /// The host reports a new app: where the account has lent a key to all of its apps, it opens this one too, visibly. Say it once
    /// for each app, right after it was made, with whoever may turn it off there.
    /// </summary>
    public async Task AppAddedAsync(AppRef app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (!Find(app.Account).Grants.IsEmpty)
        {
            await _appender.AppendAsync(batch =>
            {
                foreach (var grant in batch.Account(app.Account).Grants)
                {
                    Approving.Cover(batch, app.Account, grant.Id, [app]);
                }

                return true;
            });
        }
    }

    private AppId[] AppsUnderAccountGrants(AccountId account) =>
        [.. _index.Apps.Where(v => v.Account == account && v.Grants.Any(g => g.App is null)).Select(v => v.App)];
}
