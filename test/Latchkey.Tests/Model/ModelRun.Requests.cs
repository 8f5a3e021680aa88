namespace Latchkey.Tests.Model;

/// <content>The steps of a story in which support asks, the customer answers, and an owner rules.</content>
internal sealed partial class ModelRun
{
    private async Task AskAsync(Seeded random)
    {
        var (app, agent, whole) = (random.Pick(_apps), random.Pick(Agents), random.OneIn(3));
        var plea = new Plea(
            random.OneIn(10) ? "no" : "Signing fails",
            Role: random.Below(5) switch { 0 => "viewer", 1 => "titler", 2 when random.OneIn(4) => "owner", _ => null },
            Also: random.OneIn(4) ? ["artifact.read"] : null,
            Duration: random.Below(4) switch
            {
                0 => random.Pick(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(50), TimeSpan.FromHours(13)),
                1 when random.OneIn(4) => random.Pick(TimeSpan.FromSeconds(59), TimeSpan.FromDays(31)),
                _ => null,
            },
            LastWord: random.OneIn(2) ? _model.Now : null);
        if (random.OneIn(3))
        {
            await AskByNameAsync(random, agent, plea);
            return;
        }

        Tell($"{agent.Id} asks for {(whole ? "all" : app.Id)} of {app.Account}: {plea}");
        var answer = await Access.RequestAsync(new RequestTarget(app.Account, whole ? null : app, "Target"), agent, plea);
        AppId? asked = whole ? null : app.Id;
        CheckOutcome(answer.Refusal, WhyNotAsk(app.Account, asked, plea));
        if (answer.Value is { } made)
        {
            _model.Requests.Add(Made(made.Id, app.Account, asked, agent, plea));
        }
    }

    private async Task AskByNameAsync(Seeded random, AgentRef agent, Plea plea)
    {
        var what = random.OneIn(3) ? NamedTarget.Account : NamedTarget.App;
        var name = random.OneIn(4) ? "nobody" : what == NamedTarget.App ? random.Pick(_apps).Id.Value : random.Pick(World.Northwind, World.Contoso).Value;
        var app = what == NamedTarget.App ? Array.Find(_apps, a => a.Id.Value == name) : null;
        var target = app is not null ? new RequestTarget(app.Account, app, name)
            : what == NamedTarget.Account && name != "nobody" ? new RequestTarget(new(name), App: null, name) : null;
        Tell($"{agent.Id} asks by the name {name} of an {what}: {plea}");
        var answer = await Access.RequestByNameAsync(
            what, name, agent, plea, _ => Task.FromResult(target is null ? null : new RequestDelivery(target, LastWord: plea.LastWord)));
        CheckOutcome(answer.Refusal, WhyNotAskByName(what, name, agent, plea));
        if (answer.Value is { } made)
        {
            var isDelivered = target is not null && WhyNotAsk(target.Account, app?.Id, plea) is null;
            _model.Requests.Add(Made(made.Id, AccountId.Vendor, null, agent, plea, (what, name)));
            if (isDelivered)
            {
                _model.Requests.Add(Made(made.Id, target!.Account, app?.Id, agent, plea, (what, name)));
            }
        }
    }

    private ModelRequest Made(RequestId id, AccountId account, AppId? app, AgentRef agent, Plea plea, (NamedTarget, string)? byName = null) => new()
    {
        Id = id,
        Account = account,
        App = app,
        ByName = byName,
        At = ReferenceModel.Ms(_model.Now),
        Agent = agent.Id,
        Role = plea.Role ?? "admin",
        Also = [.. plea.Also ?? []],
        Duration = plea.Duration ?? TimeSpan.FromDays(7),
        Expires = ReferenceModel.Ms(_model.Now).AddDays(4),
    };

    private RefusalReason? WhyNotAskByName(NamedTarget what, string name, AgentRef agent, Plea plea)
    {
        var asked = _model.Requests.Where(r => r.Account == AccountId.Vendor).ToList();
        var same = asked.FindAll(r => r.ByName == (what, name));
        return WhyNotAskForAnything(plea)
            ?? (same.Exists(r => r.State == RequestState.Pending) ? RefusalReason.AlreadyPending
                : same.Exists(r => r.State == RequestState.Denied && _model.Now - r.DecidedAt < TimeSpan.FromDays(1)) ? RefusalReason.TooSoon
                : asked.Count(r => r.Agent == agent.Id && _model.Now - r.At < TimeSpan.FromDays(1)) >= 20 ? RefusalReason.TooMany
                : null);
    }

    private RefusalReason? WhyNotAskForAnything(Plea plea) =>
        plea.Reason == "no" ? RefusalReason.Invalid
        : !_model.Trusted ? RefusalReason.Clock
        : plea.Role == "owner" || plea.Duration < TimeSpan.FromMinutes(1) || plea.Duration > TimeSpan.FromDays(30) ? RefusalReason.Invalid
        : null;

    private RefusalReason? WhyNotAsk(AccountId account, AppId? app, Plea plea)
    {
        if (WhyNotAskForAnything(plea) is { } refused)
        {
            return refused;
        }

        if (_model.Policy(account).Refuses)
        {
            return RefusalReason.AccountRefuses;
        }

        var same = _model.Requests.Where(r => r.Account == account && r.App == app).ToList();
        if (same.Exists(r => r.State == RequestState.Pending))
        {
            return RefusalReason.AlreadyPending;
        }

        var denied = same.LastOrDefault(r => r.State == RequestState.Denied)?.DecidedAt;
        return _model.Now - denied < TimeSpan.FromDays(1) && !(plea.LastWord > denied) ? RefusalReason.TooSoon : null;
    }

    private async Task AnswerAsync(Seeded random)
    {
        // What is on the vendor's ledger is answered where it was delivered.
        var asked = _model.Requests.FindAll(r => r.Account != AccountId.Vendor);
        if (asked.Count == 0)
        {
            return;
        }

        var request = random.Pick(asked.TakeLast(4).ToList());
        var by = Person(random);
        if (random.OneIn(4))
        {
            Tell($"{by.Person} declines {request.Id}, {by}");
            var denied = await Access.DenyAsync(request.Account, request.Id, by, note: null);
            CheckOutcome(denied.Refusal, WhyDecided(request) ?? (by is { IsAgent: false, MayTurn: true } ? null : RefusalReason.NotAllowed), either: false);
            if (denied.Refusal is null)
            {
                _model.Decide(request, RequestState.Denied);
            }

            return;
        }

        var terms = new ApprovalTerms(
            Duration: random.OneIn(3) ? random.Pick(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(50), TimeSpan.FromHours(13), TimeSpan.FromDays(8)) : null,
            Until: random.OneIn(6) ? _model.Now + random.Pick(TimeSpan.FromMinutes(5), TimeSpan.FromTicks(123_456_789), TimeSpan.FromSeconds(-1), TimeSpan.FromDays(20)) : null,
            Role: random.Below(6) switch { 0 => "viewer", 1 => "titler", 2 => "admin", _ => null },
            Also: random.OneIn(5) ? ["app.title.update"] : null);
        var apps = request.App is { } one ? _apps.Where(a => a.Id == one).ToArray() : [.. _apps.Where(a => a.Account == request.Account)];
        Tell($"{by.Person} approves {request.Id}: {terms}, {by}");
        var answer = await Access.ApproveAsync(request.Account, request.Id, by, terms, apps);
        CheckOutcome(answer.Refusal, WhyNotApprove(request, by, terms, apps));
        if (answer.Value is { } approved)
        {
            Approve(request, by, terms, apps, approved.Grant);
        }
    }

    private RefusalReason? WhyDecided(ModelRequest request) =>
        request.State == RequestState.Pending ? null
        : Access.Find(request.Account).Find(request.Id) is null ? RefusalReason.NotFound
        : RefusalReason.AlreadyDecided;

    private RefusalReason? WhyNotApprove(ModelRequest request, Lender by, ApprovalTerms terms, AppRef[] apps)
    {
        var policy = _model.Policy(request.Account);
        if (WhyDecided(request) is { } decided)
        {
            return decided;
        }

        if (request.App is not null && !apps.Any(a => a.Account == request.Account))
        {
            return RefusalReason.NotFound;
        }

        if (by.IsAgent)
        {
            return RefusalReason.SupportInDisguise;
        }

        if (!by.MayTurn)
        {
            return RefusalReason.NotAllowed;
        }

        if (by.PromotedBySupport)
        {
            return RefusalReason.PromotedBySupport;
        }

        if (!_model.Trusted)
        {
            return RefusalReason.Clock;
        }

        if (policy.Refuses)
        {
            return RefusalReason.AccountRefuses;
        }

        if ((policy.Named.Length > 0 && !policy.Named.Contains(by.Person)) || request.Approvals.Exists(a => a.By == by.Person))
        {
            return RefusalReason.NotAllowed;
        }

        var (role, also, longest, farthest) = Most(request);
        var lendsRole = terms.Role ?? role;
        var lendsAlso = terms.Also ?? (lendsRole == role ? [.. also] : []);
        var beyond = ReferenceModel.RoleOf(lendsRole).Concat(lendsAlso).Any(p => !ReferenceModel.RoleOf(role).Contains(p) && !also.Contains(p));
        return beyond || (terms.Duration is not null && terms.Until is not null) || terms.Duration > longest
            || terms.Until > farthest || (terms.Until is { } until && ReferenceModel.Ms(until) <= _model.Now)
                ? RefusalReason.Invalid
                : null;
    }

    private (string Role, SortedSet<string> Also, TimeSpan Longest, DateTimeOffset Farthest) Most(ModelRequest request)
    {
        if (request.Approvals is [.., var last])
        {
            var end = _model.Now + last.Duration;
            return (last.Role, last.Also, last.Duration, last.Until < end ? last.Until.Value : end);
        }

        return (request.Role, request.Also, request.Duration, _model.Now + request.Duration);
    }

    private void Approve(ModelRequest request, Lender by, ApprovalTerms terms, AppRef[] apps, GrantId? grant)
    {
        var (role, also, longest, _) = Most(request);
        var lendsRole = terms.Role ?? role;
        SortedSet<string> lendsAlso = terms.Also is { } named ? new(named, StringComparer.Ordinal) : lendsRole == role ? also : [];
        var until = terms.Until is { } end ? ReferenceModel.Ms(end) : request.Approvals.LastOrDefault().Until;
        foreach (var side in _model.Sides(request))
        {
            side.Approvals.Add((by.Person, lendsRole, lendsAlso, terms.Duration ?? longest, until));
        }

        Check((grant is not null) == (request.Approvals.Count >= _model.Policy(request.Account).Approvers), $"{request.Approvals.Count} approved, and the grant is {grant}");
        if (grant is not { } started)
        {
            return;
        }

        _model.Decide(request, RequestState.Approved);
        var after = ReferenceModel.Ms(_model.Now) + (terms.Duration ?? longest);
        var lent = new ModelGrant
        {
            Id = started,
            App = request.App,
            Account = request.Account,
            Request = request.Id,
            Role = lendsRole,
            Also = lendsAlso,
            From = ReferenceModel.Ms(_model.Now),
            Until = until < after ? until.Value : after,
        };
        lent.MayEnd.UnionWith([by.Person, .. by.Administrators]);
        foreach (var app in request.App is null ? [] : apps)
        {
            _model.EndWhatAnotherLent(app);
        }

        _model.Grants.Add(lent);
        if (request.App is null)
        {
            Array.ForEach(apps, app => _model.Cover(lent, app));
            _model.Supersede(request.Account, Supersession.AccountApproved, r => r.App is not null && ReferenceModel.Meets(r, lendsRole, lendsAlso));
        }
    }

    private async Task WithdrawAsync(Seeded random)
    {
        if (_model.Requests.Count == 0)
        {
            return;
        }

        var (request, agent, isLead) = (random.Pick(_model.Requests.TakeLast(4).ToList()), random.Pick(Agents), random.OneIn(3));
        Tell($"{agent.Id} takes {request.Id} back");
        var answer = await Access.WithdrawAsync(request.Account, request.Id, agent, isLead);
        CheckOutcome(answer.Refusal, WhyDecided(request) ?? (isLead || request.Agent == agent.Id ? null : RefusalReason.NotAllowed));
        if (answer.Refusal is null)
        {
            _model.Decide(request, RequestState.Withdrawn);
        }
    }

    private async Task EndAccountAsync(Seeded random)
    {
        var (account, owner) = (random.Pick(World.Northwind, World.Contoso), Person(random));
        Tell($"{owner.Person} ends access to all of {account}, {owner}");
        var wide = _model.Grants.FindAll(g => g.App is null && g.Account == account && g.EndedAt is null);
        var mine = wide.FindAll(g => owner.MayTurn || g.MayEnd.Contains(owner.Person));
        var held = Access.Find(account).Grants.Any(g => g.MayEnd.Contains(owner.Person));
        var answer = await Access.EndAccountAccessAsync(account, owner);
        CheckOutcome(answer.Refusal, owner.MayTurn || mine.Count > 0 || held ? null : RefusalReason.NotAllowed);
        mine.ForEach(g => _model.End(g, GrantEnd.Off));
    }

    private async Task RuleAsync(Seeded random)
    {
        var (account, owner) = (random.Pick(World.Northwind, World.Contoso), Person(random));
        PersonId[] named = random.Below(4) switch { 0 => [new("adam"), new("olivia")], 1 => [new("adam")], _ => [] };
        var policy = new AccountPolicy(random.OneIn(4), random.OneIn(20) ? 3 : 1 + random.Below(2), [.. named]);
        Tell($"{owner.Person} rules for {account}: {policy.Refuses} {policy.Approvers} [{string.Join(' ', named)}], {owner}");
        var answer = await Access.RuleAsync(account, owner, policy);
        RefusalReason? meant = owner.IsAgent ? RefusalReason.SupportInDisguise
            : !owner.MayTurn || owner.PromotedBySupport ? RefusalReason.NotAllowed
            : policy.Approvers > 2 || (named.Length > 0 && named.Length < policy.Approvers) ? RefusalReason.Invalid : null;
        CheckOutcome(answer.Refusal, meant);
        if (meant is null)
        {
            var changes = _model.Policy(account) != policy;
            _model.Policies[account] = policy;
            if (changes && policy.Refuses)
            {
                EndEverything(account, GrantEnd.AccountRefuses, Supersession.AccountRefuses);
            }
        }
    }

    private void EndEverything(AccountId account, GrantEnd cause, Supersession because)
    {
        _model.Grants.FindAll(g => g.EndedAt is null && g.Account == account).ForEach(g => _model.End(g, cause));
        _model.Supersede(account, because, _ => true);
    }
}
