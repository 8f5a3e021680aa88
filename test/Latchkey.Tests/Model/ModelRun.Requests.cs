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
            what, name, agent, plea, _ => Task.FromResult(target));
        CheckOutcome(answer.Refusal, WhyNotAskByName(what, name, agent, plea));
        if (answer.Value is { } made)
        {
            // What the customer last wrote is not looked at.
            var isDelivered = target is not null && WhyNotAsk(target.Account, app?.Id, plea with { LastWord = null }) is null;
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

        var same = _model.Requests.Where(r => r.Account == account && r.App == app && r.Agent is not null).ToList();
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
            CheckOutcome(denied.Refusal, WhyDecided(request) ?? WhyMute(by), either: false);
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
        var apps = request.App is { } one ? _apps.Where(a => a.Id == one).ToArray() : [.. _apps.Where(a => a.Account == request.Account).Select(a => WithWhoMayEnd(a, random))];
        // Of whoever approved before the host says something else by now, or nothing.
        Lender[] earlier = [.. request.Approvals.Select(a => a.By).Distinct().Where(_ => !random.OneIn(8)).Select(p => p == by.Person ? by : Person(p, random))];
        Tell($"{by.Person} approves {request.Id}: {terms}, {by}, after {string.Join(", ", earlier.Select(e => e.ToString()))}");
        var counting = Counting(request, earlier);
        _deciders = [.. counting.Select(a => a.By), .. MayLend(request.Account, by) ? new[] { by.Person } : []];
        var answer = await Access.ApproveAsync(request.Account, request.Id, by, terms, apps, earlier);
        CheckOutcome(answer.Refusal, WhyNotApprove(request, by, counting, terms, apps));
        if (answer.Value is { } approved)
        {
            Approve(request, by, counting, terms, apps, approved.Grant);
        }
    }

    private bool MayLend(AccountId account, Lender lender) =>
        lender is { MayTurn: true, IsAgent: false, PromotedBySupport: false } && _model.LetsLend(account, lender.Person);

    /// <summary>The approvals that count: the newest of each person who may give it now, and whose end is not over.</summary>
    private List<(PersonId By, string Role, SortedSet<string> Also, TimeSpan Duration, DateTimeOffset? Until)> Counting(ModelRequest request, Lender[] earlier) =>
    [
        .. request.Approvals.Where((a, i) =>
            !request.Approvals.Skip(i + 1).Any(later => later.By == a.By)
            && (a.Until is null || a.Until > _model.Now)
            && earlier.Any(l => l.Person == a.By && MayLend(request.Account, l))),
    ];

    private RefusalReason? WhyDecided(ModelRequest request) =>
        request.State == RequestState.Pending ? null
        : Access.Find(request.Account).Find(request.Id) is null ? RefusalReason.NotFound
        : RefusalReason.AlreadyDecided;

    /// <summary>Why a person doesn't speak for the customer.</summary>
    private static RefusalReason? WhyMute(Lender by) =>
        by.IsAgent ? RefusalReason.SupportInDisguise
        : !by.MayTurn ? RefusalReason.NotAllowed
        : by.PromotedBySupport ? RefusalReason.PromotedBySupport : null;

    private RefusalReason? WhyNotApprove(
        ModelRequest request, Lender by, List<(PersonId By, string Role, SortedSet<string> Also, TimeSpan Duration, DateTimeOffset? Until)> counting,
        ApprovalTerms terms, AppRef[] apps)
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

        if (WhyMute(by) is { } mute)
        {
            return mute;
        }

        if (!_model.Trusted)
        {
            return RefusalReason.Clock;
        }

        if (policy.Refuses)
        {
            return RefusalReason.AccountRefuses;
        }

        if (!_model.LetsLend(request.Account, by.Person) || (counting.Exists(a => a.By == by.Person) && counting.Count < policy.Approvers))
        {
            return RefusalReason.NotAllowed;
        }

        var (role, also, longest, farthest, _) = Most(request, by, counting);
        var lendsRole = terms.Role ?? role;
        var lendsAlso = terms.Also ?? (lendsRole == role ? [.. also] : []);
        var beyond = ReferenceModel.RoleOf(lendsRole).Concat(lendsAlso).Any(p => !ReferenceModel.RoleOf(role).Contains(p) && !also.Contains(p));
        return beyond || (terms.Duration is not null && terms.Until is not null) || terms.Duration > longest
            || terms.Until > farthest || (terms.Until is { } until && ReferenceModel.Ms(until) <= _model.Now)
                ? RefusalReason.Invalid
                : null;
    }

    private (string Role, SortedSet<string> Also, TimeSpan Longest, DateTimeOffset Farthest, DateTimeOffset? Until) Most(
        ModelRequest request, Lender by, List<(PersonId By, string Role, SortedSet<string> Also, TimeSpan Duration, DateTimeOffset? Until)> counting)
    {
        var (role, also, duration, until) = counting.FindLast(a => a.By != by.Person) is { Role: not null } last
            ? (last.Role, last.Also, last.Duration, last.Until)
            : (request.Role, request.Also, request.Duration, request.Until);
        var end = _model.Now + duration;
        return (role, also, duration, until < end ? until.Value : end, until);
    }

    private void Approve(
        ModelRequest request, Lender by, List<(PersonId By, string Role, SortedSet<string> Also, TimeSpan Duration, DateTimeOffset? Until)> counting,
        ApprovalTerms terms, AppRef[] apps, GrantId? grant)
    {
        var (role, also, longest, _, most) = Most(request, by, counting);
        var lendsRole = terms.Role ?? role;
        SortedSet<string> lendsAlso = terms.Also is { } named ? new(named, StringComparer.Ordinal) : lendsRole == role ? also : [];
        var until = terms.Until is { } end ? ReferenceModel.Ms(end) : most;
        foreach (var side in _model.Sides(request))
        {
            side.Approvals.Add((by.Person, lendsRole, lendsAlso, terms.Duration ?? longest, until));
        }

        var people = counting.Select(a => a.By).Append(by.Person).Distinct().ToArray();
        Check((grant is not null) == (people.Length >= _model.Policy(request.Account).Approvers), $"{people.Length} who may have approved, and the grant is {grant}");
        if (grant is not { } started)
        {
            return;
        }

        _model.Decide(request, RequestState.Approved);
        var after = ReferenceModel.Ms(_model.Now) + (terms.Duration ?? longest);
        if (request.Person is not null)
        {
            Switch(request, apps.Single(), started, lendsRole, lendsAlso, until < after ? until.Value : after, [.. people, .. by.WhoMayEnd]);
            return;
        }

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
        lent.MayEnd.UnionWith([.. people, .. by.WhoMayEnd]);
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

    /// <summary>What two people turned the switch to is the switch's one grant.</summary>
    private void Switch(ModelRequest request, AppRef app, GrantId grant, string role, SortedSet<string> also, DateTimeOffset until, PersonId[] mayEnd)
    {
        _model.EndWhatAnotherLent(app);
        var current = _model.Toggle(app.Id);
        Check(current is null || current.Id == grant, $"The switch's grant is {current?.Id}, and {grant} was lent");
        if (current is null)
        {
            current = new ModelGrant
            {
                Id = grant,
                App = app.Id,
                Account = app.Account,
                Role = role,
                Also = also,
                From = ReferenceModel.Ms(_model.Now),
                Until = until,
            };
            _model.Grants.Add(current);
        }

        (current.Role, current.Also, current.Until) = (role, also, until);
        current.MayEnd.UnionWith(mayEnd);
        _model.TakeIn(app, role, also, until, mayEnd);
    }

    private async Task WithdrawAsync(Seeded random)
    {
        if (_model.Requests.Count == 0)
        {
            return;
        }

        if (random.OneIn(3))
        {
            var (asked, person) = (random.Pick(_model.Requests.TakeLast(4).ToList()), new PersonId(random.Pick(People)));
            Tell($"{person} takes {asked.Id} back");
            var taken = await Access.WithdrawAsync(asked.Account, asked.Id, person, "A Name");
            CheckOutcome(taken.Refusal, asked.Person == person ? WhyDecided(asked) : RefusalReason.NotFound);
            if (taken.Refusal is null)
            {
                (asked.State, asked.DecidedAt) = (RequestState.Withdrawn, ReferenceModel.Ms(_model.Now));
            }

            return;
        }

        var (request, agent, isLead) = (random.Pick(_model.Requests.TakeLast(4).ToList()), random.Pick(Agents), random.OneIn(3));
        Tell($"{agent.Id} takes {request.Id} back");
        var answer = await Access.WithdrawAsync(request.Account, request.Id, agent, isLead);
        CheckOutcome(answer.Refusal, request.Agent is null ? RefusalReason.NotFound : WhyDecided(request) ?? (isLead || request.Agent == agent.Id ? null : RefusalReason.NotAllowed));
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
        var mine = wide.FindAll(g => MayEndAll(owner) || g.MayEnd.Contains(owner.Person));
        var held = Access.Find(account).Grants.Any(g => g.MayEnd.Contains(owner.Person));
        var answer = await Access.EndAccountAccessAsync(account, owner);
        CheckOutcome(answer.Refusal, MayEndAll(owner) || mine.Count > 0 || held ? null : RefusalReason.NotAllowed);
        mine.ForEach(g => _model.End(g, GrantEnd.Off));
    }

    private async Task RuleAsync(Seeded random)
    {
        var (account, owner) = (random.Pick(World.Northwind, World.Contoso), Person(random));
        PersonId[] named = random.Below(4) switch { 0 => [new("adam"), new("olivia")], 1 => [new("adam")], _ => [] };
        var policy = new AccountPolicy(random.OneIn(8), random.OneIn(20) ? 3 : 1 + random.Below(2), [.. named]);
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
