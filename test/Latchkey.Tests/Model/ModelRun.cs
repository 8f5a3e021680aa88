namespace Latchkey.Tests.Model;

/// <summary>Plays a story on both, and compares every outcome and, after each step, every decision.</summary>
internal sealed partial class ModelRun
{
    private static readonly AgentRef[] Agents =
        [World.Sam, World.Sue, World.Sam with { SignIn = "signin_sam_2" }, new(new("agt_lee"), "Lee", "signin_lee")];

    private static readonly string?[] Permissions = [null, .. World.Catalogue.Permissions.Select(p => p.Name)];
    private readonly AppRef[] _apps = [World.Ios, World.Android, World.Web];
    private readonly ReferenceModel _model = new();
    private readonly List<RunningAct> _acts = [];
    private readonly List<string> _told = [];
    private readonly World _world;
    private DateTimeOffset _expected;
    private DateTimeOffset _latest;
    private DateTimeOffset _vouched;
    private bool _held;

    /// <summary>The people whose word this step has, and who may give it now; null where nobody's is asked: an account's key opens a new app.</summary>
    private HashSet<PersonId>? _deciders = [];
    private int _reads;
    private int _begun;
    private int _ended;

    private ModelRun(World world)
    {
        _world = world;
        _expected = _latest = _model.Now = world.Clock.GetUtcNow();
    }

    private SupportAccess Access => _world.Access;

    public static async Task<Failure?> PlayAsync(IReadOnlyList<Step> story, bool ofLending)
    {
        await using var world = await World.StartAsync(configure: o => o.StopWait = TimeSpan.Zero);
        var run = new ModelRun(world);
        var played = 0;
        try
        {
            foreach (var step in story)
            {
                played++;
                (run._deciders, var before) = ([], run.Lent());
                await (ofLending ? run.LendAsync(step.Random()) : run.PlayAsync(step.Random()));
                run.CheckDoors(before);
                await run.ObserveAsync();
                run.CompareDecisions();
                await run.CompareStopsAsync();
            }

            await run.CompareHistoryAsync();
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new Failure(e is DisagreementException ? e.Message : e.ToString(), played, string.Join("\n", run._told));
        }
    }

    /// <summary>
    /// Takes the instant of the next question from the product and holds it against what the design allows: the clock itself,
    /// or where that was set back, nothing before the newest entry and nothing after what was ever shown.
    /// </summary>
    private async Task ObserveAsync()
    {
        await _world.SettleAsync();
        var (wall, now, newest) = (_world.Clock.GetUtcNow(), Access.Now, await _world.Ledgers.NewestAsync());
        var health = Access.Health.Reason;
        if (_held)
        {
            Check(health == DecisionReason.Clock, $"The clock jumped ahead, and health is {health}");
            (_model.Trusted, _model.Now) = (false, _expected > newest ? _expected : newest);
            _latest = _model.Now > _latest ? _model.Now : _latest;
        }
        else
        {
            var mustTrust = _latest - wall <= TimeSpan.FromSeconds(5);
            var mustDoubt = newest - wall > TimeSpan.FromSeconds(5);
            _model.Trusted = health == DecisionReason.Allowed;
            Check(!mustTrust || _model.Trusted, $"The clock is right ({wall:O}), and health is {health}");
            Check(!mustDoubt || !_model.Trusted, $"The clock ({wall:O}) is behind the newest entry ({newest:O}), and health is {health}");
            Check(now >= wall && now >= newest, $"Now is {now:O}, behind the clock ({wall:O}) or the newest entry ({newest:O})");
            Check(now <= wall || now <= _latest, $"Now is {now:O}, which neither the clock ({wall:O}) nor anything before showed");
            _model.Now = now;
            _latest = now > _latest ? now : _latest;
            if (_model.Trusted)
            {
                _expected = wall;
            }
            else if (newest - _expected > TimeSpan.FromSeconds(5))
            {
                // Started with a clock that is behind: time is at least what the ledger says.
                _expected = newest;
            }
        }

        _model.SeeEnds();
    }

    /// <summary>Until when each permission is lent on each app, as far as the ledger goes.</summary>
    private Dictionary<(AppRef App, Permission Permission), DateTimeOffset> Lent() => (
        from app in _apps
        from grant in Access.Find(app.Id)?.Grants ?? []
        where grant.Account == app.Account
        from permission in World.Catalogue.Permissions
        where grant.Lends(permission)
        group grant.Until by (app, permission) into lent
        select lent).ToDictionary(lent => lent.Key, lent => lent.Max());

    /// <summary>
    /// Through whatever door: nothing more is lent, and nothing longer, without as many different people as the account's policy demands
    /// at that instant, each of whom may lend at that instant.
    /// </summary>
    private void CheckDoors(Dictionary<(AppRef App, Permission Permission), DateTimeOffset> before)
    {
        foreach (var ((app, permission), until) in Lent().Where(l => _deciders is not null && !(before.TryGetValue(l.Key, out var old) && l.Value <= old)))
        {
            Check(
                _deciders!.Count >= Access.Find(app.Account).Policy.Approvers,
                $"{permission} on {app.Id} is lent until {until:O} on the word of {_deciders.Count}");
        }
    }

    private void CompareDecisions()
    {
        var sessions = _model.Sessions.TakeLast(10).Select(s => (SessionId?)s.Id).Append(null).Append(new SessionId("ses_never")).ToList();
        foreach (var app in _apps)
        {
            foreach (var agent in Agents)
            {
                foreach (var session in _model.MayTellOrNot(agent.Id, app.Id) ? [] : sessions)
                {
                    foreach (var permission in Permissions)
                    {
                        Compare(agent.Id, app.Id, session, permission);
                    }
                }
            }

            ComparePicture(app);
        }

        CompareAccount(World.Northwind);
        CompareAccount(World.Contoso);
        CompareAccount(AccountId.Vendor);
    }

    /// <summary>An act is told to stop once it would no longer be allowed: at once by whoever ended it, within a millisecond by the clock.</summary>
    private async Task CompareStopsAsync()
    {
        foreach (var act in _acts)
        {
            var asked = _model.Ask(act.Act.Agent, act.Act.App, act.Act.Session, act.Act.Permission.Name).Reason;
            if (asked != DecisionReason.Allowed)
            {
                act.MustStopSince ??= _world.Clock.GetTimestamp();
            }

            if (act.MustStopSince is null)
            {
                Check(!act.Act.Stopping.IsCancellationRequested, $"{act.Act.Permission} of {act.Act.Agent} is told to stop, and allowed");
            }
            else if (_world.Clock.GetElapsedTime(act.MustStopSince.Value) >= TimeSpan.FromMilliseconds(1))
            {
                Check(await Eventually.HoldsAsync(() => act.Act.Stopping.IsCancellationRequested), $"{act.Act.Permission} of {act.Act.Agent} is {asked}, and not told to stop");
            }
        }
    }

    private void Compare(AgentId agent, AppId app, SessionId? session, string? permission)
    {
        var decision = Access.Decide(agent, app, session, permission is null ? null : World.Catalogue.Find(permission));
        var (reason, endedAt) = _model.Ask(agent, app, session, permission);
        var agrees = decision.Reason == reason && decision.EndedAt == endedAt
            && (reason != DecisionReason.Allowed || (decision.Grant!.Id == _model.Lender(app, permission!)!.Id && decision.Session!.Id == session));
        Check(agrees, $"{agent} in {session} asks for {permission} on {app} at {_model.Now:O}: {decision.Reason} {decision.EndedAt:O}; the design says {reason} {endedAt:O}");
    }

    private void ComparePicture(AppRef app)
    {
        var live = _model.Live(app.Id);
        var view = Access.Find(app.Id);
        if (!_model.Trusted)
        {
            return;
        }

        Check((live.Count > 0) == (view?.IsOpen(_model.Now) == true), $"{app.Id} is open: {live.Count == 0}; the design says {live.Count > 0}");
        Check((live.Count > 0) == Access.OpenApps().Any(v => v.App == app.Id), $"{app.Id} is among the open apps: {live.Count == 0}");
        var lent = view?.Grants.Where(g => g.IsLive(_model.Now)).Select(g => Describe(
            g.Id, g.App, g.Account, g.Request, g.Role.Name, g.Also.Select(p => p.Name), g.From, g.Until, g.MayEnd)) ?? [];
        var meant = live.Select(g => Describe(g.Id, g.App, g.Account, g.Request, g.Role, g.Also, g.From, g.Until, g.MayEndOn(app.Id)));
        CheckSame(meant, lent, "grants on " + app.Id);
    }

    private void CompareAccount(AccountId account)
    {
        if (!_model.Trusted)
        {
            return;
        }

        var view = Access.Find(account);
        Check(view.Policy == _model.Policy(account), $"{account} rules {view.Policy}; the design says {_model.Policy(account)}");
        CheckSame(
            _model.Grants.Where(g => g.App is null && g.Account == account && g.EndedAt is null && _model.Now < g.Until).Select(g => $"{g.Id} {g.Until:O}"),
            view.Grants.Where(g => g.IsLive(_model.Now)).Select(g => $"{g.Id} {g.Until:O}"),
            "grants to all of " + account);
        CheckSame(
            _model.Requests.Where(r => r.Account == account && r.State == RequestState.Pending).Select(r => $"{r.Id} {r.App} {r.Role} {r.Expires:O} {r.Approvals.Count}"),
            view.Pending(_model.Now).Select(r => $"{r.Id} {r.App} {r.Role} {r.Expires:O} {r.Approvals.Length}"),
            "pending requests of " + account);
    }

    private static string Describe(
        GrantId id, AppId? app, AccountId account, RequestId? request, string role, IEnumerable<string> also, DateTimeOffset from, DateTimeOffset until,
        IEnumerable<PersonId> mayEnd) =>
        $"{id} {app} {account} {request} {role} [{string.Join(' ', also.Order(StringComparer.Ordinal))}] {from:O} {until:O} [{string.Join(' ', mayEnd.Select(p => p.Value).Order(StringComparer.Ordinal))}]";

    private async Task CompareHistoryAsync()
    {
        // A restart sees every end that nobody asked about.
        await _world.RestartAsync();
        await StartAgainAsync();
        _acts.Clear();
        _model.Sessions.ForEach(s => s.LastSeen = s.LastRecorded);
        await ObserveAsync();
        CompareDecisions();
        foreach (var app in _apps)
        {
            var grants = await Access.History.ReadGrantsAsync(new GrantQuery(app.Id, Limit: IHistory.MaxPage), CancellationToken.None);
            var told = grants.Reverse().Select(g => $"{g.Id} {g.Role} {g.From:O} {g.Until:O} {g.EndedAt:O} {g.Cause}");
            var meant = _model.Grants.Where(g => g.App == app.Id || g.Covers.Contains(app.Id)).Select(g => $"{g.Id} {g.Role} {g.From:O} {g.Until:O} {g.EndedAt:O} {g.Cause}");
            CheckSame(meant, told, "grants of " + app.Id);

            var sessions = await Access.History.ReadSessionsAsync(new SessionQuery(app.Id, Limit: IHistory.MaxPage), CancellationToken.None);
            var toldSessions = sessions.Reverse().Select(s => $"{s.Id} {s.Agent} {s.OpenedAt:O} {s.ClosedAt:O} {s.Cause}");
            var meantSessions = _model.Sessions.Where(s => s.App == app.Id).Select(s => $"{s.Id} {s.Agent.Id} {s.OpenedAt:O} {s.ClosedAt:O} {s.Cause}");
            CheckSame(meantSessions, toldSessions, "sessions of " + app.Id);
        }

        var ofSupport = await Access.History.ReadRequestsAsync(new RequestQuery(ForSupport: true, Limit: IHistory.MaxPage), CancellationToken.None);
        CheckSame(
            _model.Requests.Where(r => r.Person is null && (r.ByName is null || r.Account == AccountId.Vendor)).Select(r => $"{r.Id} {r.Account} {r.App} {r.State}"),
            ofSupport.Reverse().Select(r => $"{r.Id} {r.Account} {r.App} {r.State}"),
            "requests of support");
        foreach (var account in Ledgers.Accounts)
        {
            var requests = await Access.History.ReadRequestsAsync(new RequestQuery(account, Limit: IHistory.MaxPage), CancellationToken.None);
            CheckSame(
                _model.Requests.Where(r => r.Account == account).Select(r => $"{r.Id} {r.App} {r.State} {r.Because} {r.DecidedAt:O} {r.Approvals.Count}"),
                requests.Reverse().Select(r => $"{r.Id} {r.App} {r.State} {r.Because} {r.DecidedAt:O} {r.Approvals.Length}"),
                "requests of " + account);
        }

        var facts = (await _world.Ledgers.ReadAsync(World.Northwind)).Concat(await _world.Ledgers.ReadAsync(World.Contoso)).Select(e => e.Fact).ToList();
        Check(facts.OfType<ActRead>().Count() == _reads, $"{facts.OfType<ActRead>().Count()} reads are recorded; the design says {_reads}");
        Check(facts.OfType<ActBegun>().Count() == _begun, $"{facts.OfType<ActBegun>().Count()} begun acts are recorded; the design says {_begun}");
        Check(facts.OfType<ActEnded>().Count() == _ended, $"{facts.OfType<ActEnded>().Count()} outcomes are recorded; the design says {_ended}");

        await _world.Ledgers.AssertVerifiesAsync();
        await _world.Ledgers.AssertStoryHoldsAsync();
        var before = await _world.Ledgers.DumpAsync();
        await _world.Store.RebuildAsync(CancellationToken.None);
        CheckSame([before], [await _world.Ledgers.DumpAsync()], "history made anew from the entries");
    }

    private static void CheckSame(IEnumerable<string> meant, IEnumerable<string> told, string what)
    {
        var (design, product) = (string.Join("\n", meant), string.Join("\n", told));
        Check(design == product, $"The {what} differ. Told:\n{product}\nThe design says:\n{design}");
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new DisagreementException(message);
        }
    }

    private sealed class RunningAct(Act act, bool recorded)
    {
        public Act Act => act;

        public bool Recorded => recorded;

        /// <summary>When it was no longer allowed, on the monotonic clock.</summary>
        public long? MustStopSince { get; set; }
    }

    private sealed class DisagreementException(string message) : Exception(message);
}
