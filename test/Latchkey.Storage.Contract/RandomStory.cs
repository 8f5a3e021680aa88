using Latchkey.Testing;

namespace Latchkey.Storage.Contract;

/// <summary>
/// A long, well-formed history made from a seed, beside the plainest model of the state that it leaves: what a store must
/// answer when it is opened.
/// </summary>
public sealed class RandomStory(ulong seed, ManualClock clock, Facts facts)
{
    private readonly Seeded _random = new(seed);
    private readonly Dictionary<AppId, StoredGrant> _grants = [];
    private readonly Dictionary<SessionId, (SessionOpened Fact, DateTimeOffset Opened, DateTimeOffset Seen)> _sessions = [];
    private readonly List<(AppId App, ClosedSession Session)> _closed = [];
    private readonly Dictionary<AppId, (AccountId Account, AppName Name)> _names = [];
    private readonly List<Credential> _credentials = [];
    private readonly List<ActBegun> _begun = [];
    private readonly List<ActBegun> _finished = [];
    private readonly Dictionary<GrantId, GrantStarted> _started = [];
    private readonly List<(AccountId Account, ConversationOpened Fact)> _conversations = [];
    private readonly Dictionary<AccountId, StoredGrant> _wide = [];
    private readonly Dictionary<(GrantId Grant, AppId App), (bool TakenOut, PersonId[] MayEnd)> _covers = [];
    private readonly List<StoredRequest> _requests = [];
    private readonly Dictionary<AccountId, AccountPolicy> _policies = [];
    private VendorPolicyChanged? _vendor;
    private readonly List<ProposalMade> _proposals = [];
    private readonly List<ScreenshotsAsked> _screenshots = [];
    private long _position = -1;
    private DateTimeOffset? _newest;

    public StoredState State(DateTimeOffset closedSince)
    {
        var closed = _closed.Where(c => c.Session.ClosedAt >= closedSince).ToList();
        var covers = _covers.Where(c => _wide.Values.Any(g => g.Id == c.Key.Grant)).Select(c => new StoredCover(c.Key.Grant, c.Key.App, c.Value.TakenOut, c.Value.MayEnd)).ToList();
        var apps = _grants.Keys.Concat(covers.Select(c => c.App)).Concat(_sessions.Values.Select(s => s.Fact.App)).Concat(closed.Select(c => c.App)).ToHashSet();
        return new StoredState(
            _position,
            _newest,
            [.. _grants.Values, .. _wide.Values],
            covers,
            [.. _sessions.Values.Select(s => new Session(s.Fact.Session, s.Fact.App, s.Fact.Agent, s.Fact.AgentName.Text!, s.Fact.Reason.Text!, s.Opened, s.Seen))],
            closed,
            [.. _requests.Where(r => r.DecidedAt is null || r.DecidedAt >= closedSince)],
            _policies,
            apps.ToDictionary(a => a, a => _names[a]),
            [.. _credentials.Where(c => _sessions.ContainsKey(c.Session) || closed.Exists(s => s.Session.Id == c.Session))],
            _vendor);
    }

    /// <summary>The facts of the next transaction, with what is written beside them.</summary>
    public (List<(AccountId Account, Fact Fact)> Facts, Action<LedgerWrites> Also) Next()
    {
        clock.Advance(TimeSpan.FromMilliseconds(_random.Below(3_600_000)));
        var batch = new List<(AccountId, Fact)>();
        var writes = new LedgerWrites();
        for (var count = 1 + _random.Below(8); count > 0; count--)
        {
            var (account, fact) = Fact(writes);
            batch.Add((account, fact));
        }

        _position += batch.Count;
        _newest = Ledger.LedgerEntry.WholeMilliseconds(clock.GetUtcNow());
        return (batch, into => Add(writes, into));
    }

    private static void Add(LedgerWrites writes, LedgerWrites into)
    {
        into.NewCredentials.AddRange(writes.NewCredentials);
        into.SpentCredentials.AddRange(writes.SpentCredentials);
        foreach (var (app, name) in writes.Names)
        {
            into.Names[app] = name;
        }
    }

    private (AccountId Account, Fact Fact) Fact(LedgerWrites writes)
    {
        var app = new AppId($"{_random.One(["app", "APP"])}_{_random.Below(5)}");
        var account = new AccountId($"account-{app.Value[^1] % 3}");
        var grant = _grants.GetValueOrDefault(app);
        var open = _sessions.Values.Where(s => s.Fact.App == app).Select(s => s.Fact).ToList();
        return (_random.Below(14), grant, open) switch
        {
            (10, _, _) => (account, Ask(account, app)),
            (11, _, _) when _requests.LastOrDefault(r => r.Account == account && r.State == RequestState.Pending) is { } pending => (account, Answer(pending)),
            (11 or 12, _, _) when _wide.TryGetValue(account, out var wide) => (account, Widen(wide, app, writes)),
            (11 or 12, _, _) => (account, LendAll(account)),
            (13, _, _) => (account, Rule(account)),
            (0, null, _) or (1, null, _) => (account, Lend(account, app, writes)),
            (0, not null, _) => (account, Change(grant)),
            (1, not null, _) => (account, End(grant)),
            (2 or 3, not null, _) => (account, Enter(grant, writes)),
            (4, _, [var session, ..]) => (account, Leave(session)),
            (5 or 6, _, [.., var session]) => (account, Read(session)),
            (7, _, [.., var session]) => (account, Begin(session)),
            (8, _, _) when _begun.Count > 0 => Finish(),
            (5 or 6, _, _) when _finished.Count > 0 => Settle(),
            (2 or 3, null, _) => Talk(account, app),
            (9, _, _) when _random.Below(3) == 0 => (AccountId.Vendor, OfVendor()),
            (9, _, _) => (AccountId.Vendor, new Refused(Agent(), DecisionReason.NoGrant, "app.read", facts.Text("asked"), 1 + _random.Below(3))),
            _ => (AccountId.Vendor, new ClockAccepted(Agent(), clock.GetUtcNow(), clock.GetUtcNow())),
        };
    }

    private AgentId Agent() => new(_random.One(["sam", "sue", "Sam"]));

    private GrantStarted Lend(AccountId account, AppId app, LedgerWrites writes)
    {
        var fact = facts.Lend(app, note: _random.Below(2) == 0 ? "note" : null) with { Also = _random.Below(2) == 0 ? [] : ["x.y", "a.b"] };
        _grants[app] = new StoredGrant(fact.Grant, account, app, fact.Role, fact.Also, Now(), fact.Until, fact.By, fact.MayEnd);
        _started[fact.Grant] = fact;
        writes.Names[app] = _names[app] = (account, new AppName($"slug-{_random.Below(9)}", app.Value, account.Value));
        return fact;
    }

    private GrantStarted LendAll(AccountId account)
    {
        var fact = facts.Lend() with { App = null, Request = RequestId.New(clock.GetUtcNow()) };
        _wide[account] = new StoredGrant(fact.Grant, account, App: null, fact.Role, fact.Also, Now(), fact.Until, fact.By, fact.MayEnd, fact.Request);
        return fact;
    }

    private Fact Widen(StoredGrant wide, AppId app, LedgerWrites writes)
    {
        if (_random.Below(5) == 0)
        {
            _wide.Remove(wide.Account);
            return new GrantEnded(wide.Id, App: null, clock.GetUtcNow(), GrantEnd.Off, Facts.Adam, ByAgent: null, facts.Text("Adam"));
        }

        var isOut = _covers.TryGetValue((wide.Id, app), out var before) && !before.TakenOut;
        _covers[(wide.Id, app)] = (isOut, isOut ? before.MayEnd : _random.Below(2) == 0 ? [Facts.Adam] : []);
        writes.Names[app] = _names[app] = (wide.Account, new AppName(app.Value, app.Value, wide.Account.Value));
        return isOut
            ? new GrantUncovers(wide.Id, app, GrantEnd.Off, Facts.Adam, facts.Text("Adam"))
            : new GrantCovers(wide.Id, app, [.. _covers[(wide.Id, app)].MayEnd]);
    }

    private RequestMade Ask(AccountId account, AppId app)
    {
        if (_random.Below(4) == 0)
        {
            var second = facts.AskSecond(app);
            _requests.Add(new StoredRequest(account, Now(), second, [], RequestState.Pending, Because: null, DecidedAt: null));
            return second;
        }

        var fact = facts.Ask(_random.Below(3) == 0 ? null : app, Agent(), _random.Below(2) == 0 ? "ZD-2" : null);
        if (_random.Below(3) == 0)
        {
            // One that was asked by name has one id on two ledgers.
            var other = _requests.FindLast(r => r.Account != account && r.Made.Person is null && !_requests.Exists(o => o.Account == account && o.Made.Request == r.Made.Request));
            fact = fact with { AskedByName = _random.One(Enum.GetValues<NamedTarget>()), Request = other?.Made.Request ?? fact.Request };
        }

        _requests.Add(new StoredRequest(account, Now(), fact, [], RequestState.Pending, Because: null, DecidedAt: null));
        return fact;
    }

    private Fact Answer(StoredRequest pending)
    {
        var place = _requests.IndexOf(pending);
        if (_random.Below(2) == 0)
        {
            var approved = facts.Approve(pending.Made, _random.Below(2) == 0 ? GrantId.New(clock.GetUtcNow()) : null);
            _requests[place] = pending with
            {
                Approvals = [.. pending.Approvals, approved],
                State = approved.Grant is null ? RequestState.Pending : RequestState.Approved,
                DecidedAt = approved.Grant is null ? null : Now(),
            };
            return approved;
        }

        var ended = facts.EndRequest(
            pending.Made, _random.One([RequestState.Denied, RequestState.Withdrawn, RequestState.Expired, RequestState.Superseded]),
            _random.Below(2) == 0 ? _random.One(Enum.GetValues<Supersession>()) : null);
        _requests[place] = pending with { State = ended.State, Because = ended.Because, DecidedAt = Ledger.LedgerEntry.WholeMilliseconds(ended.At) };
        return ended;
    }

    private PolicyChanged Rule(AccountId account)
    {
        var policy = new AccountPolicy(_random.Below(2) == 0, 1 + _random.Below(2), _random.Below(2) == 0 ? [] : [Facts.Adam, new("olivia")]);
        _policies[account] = policy;
        return new PolicyChanged(policy, Facts.Adam, facts.Text("Adam"));
    }

    private VendorFact OfVendor()
    {
        if (_random.Below(2) == 0)
        {
            return new TeamChanged(_random.One(Enum.GetValues<TeamChange>()), Agent(), facts.Text("Sam"), _random.Below(2) == 0 ? null : Agent(), null);
        }

        _vendor = new VendorPolicyChanged(
            600 * (1 + _random.Below(9)), 600, 600, 3 + _random.Below(9),
            _random.Below(2) == 0 ? null : new RuleContents(facts.Text("[a-z]+"), facts.Text("abc"), null),
            _random.Below(2) == 0, new RuleContents(facts.Text("SUP-[0-9]+"), facts.Text("SUP-1"), facts.Text("The number of the case.")), Agent(), facts.Text("Lee"));
        return _vendor;
    }

    private GrantChanged Change(StoredGrant grant)
    {
        var fact = new GrantChanged(grant.Id, grant.App!.Value, "viewer", [], grant.Until.AddMinutes(_random.Below(999)), new("olivia"), facts.Text("Olivia"), [new("olivia")], null);
        _grants[grant.App!.Value] = grant with { Role = fact.Role, Also = fact.Also, Until = fact.Until, LentBy = fact.By, MayEnd = fact.MayEnd };
        return fact;
    }

    private GrantEnded End(StoredGrant grant)
    {
        _grants.Remove(grant.App!.Value);
        return facts.End(_started[grant.Id], _random.One(Enum.GetValues<GrantEnd>()));
    }

    private SessionOpened Enter(StoredGrant grant, LedgerWrites writes)
    {
        var fact = facts.Enter(_started[grant.Id], Agent(), $"reason {_random.Below(999)} ü", _random.Below(2) == 0 ? "ZD-1" : null);
        _sessions[fact.Session] = (fact, Now(), Now());
        var (code, key) = (facts.Key(fact, CredentialKind.Code), facts.Key(fact));
        writes.NewCredentials.AddRange([code, key]);
        _credentials.Add(key);
        if (_random.Below(2) == 0)
        {
            writes.SpentCredentials.Add(code.Key);
        }
        else
        {
            _credentials.Add(code);
        }

        return fact;
    }

    private SessionClosed Leave(SessionOpened session)
    {
        var fact = facts.Leave(session, _random.One(Enum.GetValues<SessionClose>()));
        _sessions.Remove(session.Session);
        _closed.Add((session.App, new ClosedSession(session.Session, session.Agent, Ledger.LedgerEntry.WholeMilliseconds(fact.At), fact.Cause)));
        return fact;
    }

    private ActRead Read(SessionOpened session)
    {
        See(session);
        return facts.Read(session, target: _random.Below(2) == 0 ? "page" : null);
    }

    private ActBegun Begin(SessionOpened session)
    {
        See(session);
        _begun.Add(facts.Begin(session, target: "hook", stream: _random.Below(4) == 0));
        return _begun[^1];
    }

    private (AccountId Account, Fact Fact) Finish()
    {
        var act = _random.One(_begun);
        _begun.Remove(act);
        _finished.Add(act);
        var changes = Enumerable.Range(0, _random.Below(3)).Select(i => new ActChange(facts.Text($"field {i}"), i == 0 ? null : facts.Text("old"), facts.Text("new"), Secret: false));
        return (_names[act.App].Account, Facts.Finish(act, _random.One(Enum.GetValues<ActOutcome>()), _random.Below(2) == 0 ? facts.Text("hook 2") : null, [.. changes]));
    }

    private (AccountId Account, Fact Fact) Settle()
    {
        var act = _random.One(_finished);
        return (_names[act.App].Account, new ChangeSettled(act.Act, act.App, _random.One(Enum.GetValues<Settlement>()), new("adam"), facts.Text("Adam Reyes")));
    }

    private (AccountId Account, Fact Fact) Talk(AccountId account, AppId app)
    {
        if (_conversations.Count == 0 || _random.Below(4) == 0)
        {
            _conversations.Add((account, facts.Open($"subject {_random.Below(99)}", app)));
            return _conversations[^1];
        }

        var (owner, opened) = _random.One(_conversations);
        return (owner, _random.Below(11) switch
        {
            0 => new ConversationSolved(opened.Conversation, opened.App, facts.Support),
            1 => new ConversationReopened(opened.Conversation, opened.App, opened.By),
            2 => new ConversationAssigned(opened.Conversation, opened.App, facts.Support, Agent(), facts.Text("An agent")),
            3 => facts.Show(opened, "Settings"),
            5 => facts.Attach(opened, "a.log", []).Fact,
            7 => Propose(opened),
            8 when _proposals.Count > 0 && _random.One(_proposals) is var proposed && proposed.Conversation == opened.Conversation => new ProposalEnded(
                proposed.Proposal, opened.Conversation, opened.App, opened.By, _random.One(Enum.GetValues<ProposalState>()), facts.Text("word")),
            9 => AskForScreenshots(opened),
            10 when _screenshots.Count > 0 && _random.One(_screenshots) is var asked && asked.Conversation == opened.Conversation => new ScreenshotsEnded(
                asked.Screenshots, opened.Conversation, opened.App, opened.By, _random.One(Enum.GetValues<ScreenshotsState>()), facts.Text("word"), []),
            var side => facts.Say(opened, $"word {_random.Below(99)}", bySupport: side == 4),
        });
    }

    private ProposalMade Propose(ConversationOpened opened)
    {
        _proposals.Add(facts.Propose(opened, $"word {_random.Below(99)}"));
        return _proposals[^1];
    }

    private ScreenshotsAsked AskForScreenshots(ConversationOpened opened)
    {
        _screenshots.Add(new ScreenshotsAsked(ScreenshotsId.New(clock.GetUtcNow()), opened.Conversation, opened.App, facts.Support, facts.Text("word one\nword two")));
        return _screenshots[^1];
    }

    private void See(SessionOpened session) => _sessions[session.Session] = _sessions[session.Session] with { Seen = Now() };

    private DateTimeOffset Now() => Ledger.LedgerEntry.WholeMilliseconds(clock.GetUtcNow());
}
