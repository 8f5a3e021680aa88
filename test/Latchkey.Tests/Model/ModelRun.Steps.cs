using System.Collections.Immutable;
using System.Globalization;

namespace Latchkey.Tests.Model;

/// <content>The steps a story can take: what people do, and what the host reports.</content>
internal sealed partial class ModelRun
{
    private static readonly string[] People = ["adam", "olivia", "piet", "dana"];

    private Task PlayAsync(Seeded random) => random.Below(58) switch
    {
        < 6 => TurnOnAsync(random),
        < 9 => TurnOffAsync(random),
        < 15 => EnterAsync(random),
        < 18 => RedeemAsync(random),
        < 19 => LeaveAsync(random),
        < 20 => EndSessionAsync(random),
        < 21 => ForfeitAsync(random),
        < 22 => SignOutAsync(random),
        < 23 => ReportAsync(random),
        < 29 => BeginAsync(random),
        < 31 => EndActAsync(random),
        < 37 => PassTimeAsync(random),
        < 38 => SetClockAsync(random),
        < 39 => AcceptClockAsync(random),
        < 43 => AskAsync(random),
        < 49 => AnswerAsync(random),
        < 51 => WithdrawAsync(random),
        < 52 => EndAccountAsync(random),
        < 57 => RuleAsync(random),
        _ => RestartAsync(random),
    };

    private Task LendAsync(Seeded random) => random.Below(20) switch
    {
        < 4 => TurnOnAsync(random),
        < 5 => TurnOffAsync(random),
        < 8 => AskAsync(random),
        < 15 => AnswerAsync(random),
        < 16 => WithdrawAsync(random),
        < 18 => RuleAsync(random),
        < 19 => PassTimeAsync(random),
        _ => RestartAsync(random),
    };

    private async Task TurnOnAsync(Seeded random)
    {
        var (app, lender, terms) = (random.Pick(_apps), Person(random), SomeTerms(random));
        Tell($"{lender.Person} turns {app.Id} of {app.Account} on: {terms}, {lender}");
        _deciders = [.. MayLend(app.Account, lender) ? new[] { lender.Person } : []];
        var answer = await Access.TurnOnAsync(app, lender, terms);
        var meant = _model.TurnOn(
            app, lender, terms, () => answer.Value?.App.Toggle?.Id ?? new GrantId("grt_none"), () => answer.Value?.Waits?.Id ?? new RequestId("req_none"));
        CheckOutcome(answer.Refusal, meant);
    }

    private async Task TurnOffAsync(Seeded random)
    {
        var (app, lender) = (random.Pick(_apps), Person(random));
        Tell($"{lender.Person} turns {app.Id} of {app.Account} off, {lender}");
        var isAnothers = Access.Find(app.Id) is { } view && view.Account != app.Account;
        var may = MayEndAll(lender) || (!isAnothers && MayEnd(lender, app.Id));
        var answer = await Access.TurnOffAsync(app, lender);
        if (may && isAnothers)
        {
            _model.EndWhatAnotherLent(app);
        }
        else if (may)
        {
            _model.EndAll(app.Id, GrantEnd.Off, g => MayEndAll(lender) || g.MayEndOn(app.Id).Contains(lender.Person));
        }

        foreach (var own in _model.Requests.Where(r => may && r.App == app.Id && r.Account == app.Account && r.Person == lender.Person && r.State == RequestState.Pending).ToList())
        {
            _model.Decide(own, RequestState.Withdrawn);
        }

        CheckOutcome(answer.Refusal, may ? null : RefusalReason.NotAllowed);
        CheckStillRunning(answer, app.Id);
    }

    private async Task EnterAsync(Seeded random)
    {
        var (app, agent) = (random.Pick(_apps), random.Pick(Agents));
        var reason = random.OneIn(8) ? random.Pick("", "no", new string('x', 501), "a\u202Eb\u202Cc") : "Build 7 hangs";
        Tell($"{agent.Id} by {agent.SignIn} enters {app.Id} for '{reason}'");
        var answer = await Access.EnterAsync(app.Id, agent, reason, ticket: null);
        var grant = _model.Live(app.Id);
        RefusalReason? meant = !_model.Trusted ? RefusalReason.Clock
            : reason != "Build 7 hangs" ? RefusalReason.Invalid
            : grant.Count == 0 ? RefusalReason.NotFound : null;
        CheckOutcome(answer.Refusal, meant);
        if (meant is null)
        {
            foreach (var old in _model.Sessions.Where(s => s.Agent.Id == agent.Id && s.App == app.Id && s.ClosedAt is null))
            {
                ReferenceModel.Close(old, _model.Now, SessionClose.Replaced);
            }

            var at = ReferenceModel.Ms(_model.Now);
            _model.Sessions.Add(new ModelSession
            {
                Id = answer.Value!.Session.Id,
                App = app.Id,
                Agent = agent,
                OpenedAt = at,
                LastSeen = at,
                LastRecorded = at,
                Code = answer.Value.Code,
                Token = answer.Value.Token,
                CodeExpires = _model.Now.AddSeconds(60),
            });
            Check(Access.Recognise(answer.Value.Token, CredentialKind.Bearer)?.Session == answer.Value.Session.Id, "The new token is not recognised");
        }
    }

    private async Task RedeemAsync(Seeded random)
    {
        if (_model.Sessions.Count == 0)
        {
            return;
        }

        var session = random.Pick(_model.Sessions.TakeLast(3).ToList());
        var agent = random.OneIn(3) ? random.Pick(Agents) : session.Agent;
        Tell($"{agent.Id} by {agent.SignIn} redeems the code of {session.Id}");
        var answer = await Access.RedeemAsync(session.Code, agent);
        var mine = agent.Id == session.Agent.Id && agent.SignIn == session.Agent.SignIn;
        var works = mine && !session.CodeSpent && _model.Now < session.CodeExpires && session.ClosedAt is null;
        CheckOutcome(answer.Refusal, !_model.Trusted ? RefusalReason.Clock : works ? null : RefusalReason.CodeSpent);
        session.CodeSpent |= mine && _model.Trusted;
        if (answer.Value is { } redeemed)
        {
            Check(Access.Recognise(redeemed.Cookie, CredentialKind.Cookie)?.Session == session.Id, "The new cookie is not recognised");
        }
    }

    private Task LeaveAsync(Seeded random) => CloseAsync(random, (session, agent) =>
    {
        Tell($"{agent} leaves {session.Id}");
        return (Access.LeaveAsync(session.Id, agent), session.Agent.Id == agent ? null : RefusalReason.NotFound, SessionClose.Left);
    });

    private Task EndSessionAsync(Seeded random) => CloseAsync(random, (session, _) =>
    {
        var (lender, app) = (Person(random), random.Pick(_apps));
        Tell($"{lender.Person} ends {session.Id} on {app.Id}, {lender}");
        var may = MayEndAll(lender) || MayEnd(lender, app.Id);
        return (
            Access.EndSessionAsync(app, session.Id, lender),
            !may ? RefusalReason.NotAllowed : session.App == app.Id ? null : RefusalReason.NotFound,
            SessionClose.EndedByCustomer);
    });

    private async Task CloseAsync(Seeded random, Func<ModelSession, AgentId, (Task<Answer<Ended>>, RefusalReason?, SessionClose)> close)
    {
        if (_model.Sessions.Count == 0)
        {
            return;
        }

        var session = random.Pick(_model.Sessions.TakeLast(4).ToList());
        var byClock = session.Cause is SessionClose.Idle or SessionClose.Expired or SessionClose.AccessEnded;
        var (asked, meant, cause) = close(session, random.OneIn(4) ? random.Pick(Agents).Id : session.Agent.Id);
        var answer = await asked;
        CheckOutcome(answer.Refusal, meant ?? (session.ClosedAt is null ? null : RefusalReason.NotFound), either: byClock);
        if (meant is null && session.ClosedAt is null)
        {
            ReferenceModel.Close(session, _model.Now, cause);
        }

        CheckStillRunning(answer, session.App);
    }

    private async Task ForfeitAsync(Seeded random)
    {
        if (_model.Grants.Count == 0)
        {
            return;
        }

        var (grant, agent) = (random.Pick(_model.Grants.TakeLast(3).ToList()), random.Pick(Agents));
        Tell($"{agent.Id} gives {grant.Id} back");
        var answer = await Access.ForfeitAsync(grant.Id, agent);
        CheckOutcome(answer.Refusal, grant.EndedAt is null ? null : RefusalReason.NotFound, either: grant.Cause == GrantEnd.Expired);
        if (grant.EndedAt is null)
        {
            _model.End(grant, GrantEnd.Forfeited);
        }

        if (grant.App is { } app)
        {
            CheckStillRunning(answer, app);
        }
    }

    private async Task SignOutAsync(Seeded random)
    {
        var (agent, removed) = (random.Pick(Agents), random.OneIn(3));
        Tell(removed ? $"{agent.Id} leaves the team" : $"{agent.Id} signs {agent.SignIn} out");
        await (removed ? Access.AgentRemovedAsync(agent.Id) : Access.SignedOutAsync(agent.Id, agent.SignIn));
        foreach (var session in _model.Sessions.Where(s => s.ClosedAt is null && s.Agent.Id == agent.Id && (removed || s.Agent.SignIn == agent.SignIn)))
        {
            ReferenceModel.Close(session, _model.Now, removed ? SessionClose.AgentRemoved : SessionClose.SignedOut);
        }

        if (removed)
        {
            _model.Supersede(account: null, Supersession.AgentRemoved, r => r.Agent == agent.Id);
        }
    }

    private async Task ReportAsync(Seeded random)
    {
        var place = random.Below(_apps.Length);
        var app = _apps[place];
        _deciders = null;
        switch (random.Below(7))
        {
            case 0:
                Tell($"{app.Id} is deleted");
                await Access.AppDeletedAsync(app.Id);
                _model.EndAll(app.Id, GrantEnd.AppDeleted);
                _model.Supersede(account: null, Supersession.AppDeleted, r => r.App == app.Id);
                break;
            case 1:
                Tell($"{app.Account} is closed");
                await Access.AccountClosedAsync(app.Account);
                EndEverything(app.Account, GrantEnd.AccountClosed, Supersession.AccountClosed);
                break;
            case 2 or 3:
                _apps[place] = app with { Account = app.Account == World.Contoso ? World.Northwind : World.Contoso };
                Tell($"{app.Id} goes to {_apps[place].Account}");
                if (random.OneIn(2))
                {
                    await Access.AppTransferredAsync(app.Id);
                    _model.EndAll(app.Id, GrantEnd.AppTransferred);
                    _model.Supersede(account: null, Supersession.AppTransferred, r => r.App == app.Id);
                }

                break;
            case 4:
                Tell($"{app.Id} is new in {app.Account}");
                app = WithWhoMayEnd(app, random);
                await Access.AppAddedAsync(app);
                _model.Grants.FindAll(g => g.App is null).ForEach(g => _model.Cover(g, app));
                break;
            default:
                _apps[place] = app with { Name = app.Name with { Slug = string.Create(CultureInfo.InvariantCulture, $"{app.Id}-{random.Below(3)}") } };
                Tell($"{app.Id} is called {_apps[place].Name.Slug} now");
                await Access.AppChangedAsync(_apps[place]);
                break;
        }
    }

    private async Task BeginAsync(Seeded random)
    {
        if (_model.Sessions.Count == 0)
        {
            return;
        }

        var session = random.Pick(_model.Sessions.TakeLast(4).ToList());
        var agent = random.OneIn(6) ? random.Pick(Agents).Id : session.Agent.Id;
        var app = random.OneIn(8) ? random.Pick(_apps).Id : session.App;
        var (permission, target) = (random.Pick(Permissions), random.Pick<string?>(null, "page 1", "page 2"));
        Tell($"{agent} in {session.Id} begins {permission} of '{target}' on {app}");
        var (decision, act) = await Access.BeginAsync(agent, app, session.Id, permission is null ? null : World.Catalogue.Find(permission), target);
        var (reason, _) = _model.Ask(agent, app, session.Id, permission);
        Check(decision.Reason == reason || (act is null && _model.MayTellOrNot(agent, app)), $"It was decided {decision.Reason}; the design says {reason}");
        if (act is null)
        {
            return;
        }

        session.LastSeen = _model.Now;
        var isRead = act.Permission.Kind == PermissionKind.Read;
        var fresh = isRead && session.Reads.TryGetValue((permission!, target), out var read) && _model.Now - read < TimeSpan.FromMinutes(1);
        if (!fresh)
        {
            session.LastRecorded = ReferenceModel.Ms(_model.Now);
            session.Reads[(permission!, target)] = _model.Now;
            (_reads, _begun) = isRead ? (_reads + 1, _begun) : (_reads, _begun + 1);
        }

        _acts.Add(new RunningAct(act, recorded: !isRead));
    }

    private async Task EndActAsync(Seeded random)
    {
        if (_acts.Count == 0)
        {
            return;
        }

        var act = random.Pick(_acts);
        Tell($"{act.Act.Permission} of {act.Act.Agent} ends");
        act.Act.Changed("title", "old", "new \uD83D\uDD11");
        act.Act.ChangedSecret("token");
        await act.Act.EndAsync(ActOutcome.Done, 200);
        act.Act.Dispose();
        _acts.Remove(act);
        _ended += act.Recorded ? 1 : 0;
    }

    /// <summary>Whoever might end a key may do so until it has ended, which for a window that is over means until that is on the ledger.</summary>
    private bool MayEnd(Lender lender, AppId app) =>
        _model.Live(app).Exists(g => g.MayEndOn(app).Contains(lender.Person))
        || _model.Grants.Exists(g => g.Cause == GrantEnd.Expired && g.MayEndOn(app).Contains(lender.Person) && Access.Find(app)?.Grants.Any(held => held.Id == g.Id) == true);

    private void CheckStillRunning(Answer<Ended> answer, AppId app)
    {
        if (answer.Value is { } ended)
        {
            var meant = _acts.Count(a => a.Act.App == app && _model.Ask(a.Act.Agent, app, a.Act.Session, a.Act.Permission.Name).Reason != DecisionReason.Allowed);
            Check(ended.StillRunning == meant, $"{ended.StillRunning} acts are said to be still running; the design says {meant}");
        }
    }

    private static void CheckOutcome(Refusal? refusal, RefusalReason? meant, bool either = false) =>
        Check(refusal?.Reason == meant || (either && refusal is null), $"It came out as {refusal?.ToString() ?? "done"}; the design says {meant?.ToString() ?? "done"}");

    private static bool MayEndAll(Lender lender) => lender.MayTurn || lender.MayTurnOff;

    private static Lender Person(Seeded random) => Person(new(random.Pick(People)), random);

    private static AppRef WithWhoMayEnd(AppRef app, Seeded random) => app with { WhoMayEnd = WhoMayEnd(random) };

    private static ImmutableArray<PersonId> WhoMayEnd(Seeded random) => random.OneIn(3) ? [new(random.Pick(People)), new(random.Pick(People))] : [];

    private static Lender Person(PersonId person, Seeded random)
    {
        var administrators = WhoMayEnd(random);
        return new Lender(person, "A Name", MayTurn: !random.OneIn(4), IsAgent: random.OneIn(10), PromotedBySupport: random.OneIn(10), administrators)
        {
            MayTurnOff = random.OneIn(6),
        };
    }

    private Terms SomeTerms(Seeded random)
    {
        TimeSpan? duration = random.Below(5) switch
        {
            0 or 1 => null,
            2 => random.Pick(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(45)),
            3 => random.Pick(TimeSpan.FromHours(2), TimeSpan.FromHours(13), TimeSpan.FromDays(14), TimeSpan.FromDays(30)),
            _ => random.Pick(TimeSpan.FromHours(1), TimeSpan.FromTicks(TimeSpan.TicksPerMinute - 1), TimeSpan.FromDays(30) + TimeSpan.FromTicks(1), TimeSpan.FromHours(-1)),
        };
        DateTimeOffset? until = random.OneIn(4)
            ? _model.Now + random.Pick(TimeSpan.FromMinutes(5), TimeSpan.FromTicks(123_456_789), TimeSpan.Zero, TimeSpan.FromSeconds(-1), TimeSpan.FromDays(30), TimeSpan.FromDays(31))
            : null;
        var role = random.Below(6) switch { 0 => "viewer", 1 => "titler", 2 => "admin", 3 when random.OneIn(3) => "owner", _ => null };
        string[]? also = random.Below(5) switch { 0 => [], 1 => ["artifact.read", "app.title.update", "artifact.read"], 2 when random.OneIn(3) => ["app.delete"], _ => null };
        return new Terms(duration, duration is null || random.OneIn(8) ? until : null, role, also, random.OneIn(6) ? random.Pick("please look", new string('n', 501)) : null);
    }

    private void Tell(string step) => _told.Add(string.Create(CultureInfo.InvariantCulture, $"{_model.Now:HH:mm:ss.fffffff} {step}"));
}
