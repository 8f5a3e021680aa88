namespace Latchkey.Storage.Contract;

public abstract partial class LedgerStoreContract
{
    [Fact]
    public async Task LiveGrant_IsInTheState_AsLastChanged_UntilItEnds()
    {
        var grant = Facts.Lend() with { Also = ["secret.read", "build.run"] };
        await WriteAsync(grant);
        var started = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromMinutes(5));
        var longer = new GrantChanged(
            grant.Grant, Facts.App, "viewer", ["x.y"], Clock.GetUtcNow().AddDays(3), new("olivia"), Facts.Text("Olivia"), [new("olivia")], null);
        await WriteAsync(longer);

        var state = await ReopenAsync();
        var kept = Assert.Single(state.Grants);
        Assert.Equal(
            (grant.Grant, Facts.Account, (AppId?)Facts.App, "viewer", started, longer.Until, new PersonId("olivia")),
            (kept.Id, kept.Account, kept.App, kept.Role, kept.From, kept.Until, kept.LentBy));
        Assert.Equal(["x.y"], kept.Also);
        Assert.Equal([new PersonId("olivia")], kept.MayEnd);
        Assert.Equal(Clock.GetUtcNow(), state.NewestTime);

        await WriteAsync(Facts.End(grant));
        Assert.Empty((await ReopenAsync()).Grants);
    }

    [Fact]
    public async Task ClockHold_IsKeptToTheTick_BesideNoEntry_UntilItIsLifted()
    {
        Assert.Null((await StateAsync()).ClockHeldSince);
        var since = Clock.GetUtcNow().AddTicks(-7);
        await Scribe.WriteAsync(Store, [], writes => writes.KeepClockHold(since.AddHours(-1)));
        await Scribe.WriteAsync(Store, [], writes => writes.KeepClockHold(since));
        await WriteAsync(Facts.Lend());
        await Store.RebuildAsync(CancellationToken.None);
        Assert.Equal(since, (await ReopenAsync()).ClockHeldSince);

        await Scribe.WriteAsync(Store, [], writes => writes.KeepClockHold(null));
        Assert.Null((await ReopenAsync()).ClockHeldSince);
    }

    [Fact]
    public async Task WhatEnded_StaysAsItFirstEnded()
    {
        var grant = Facts.Lend();
        var session = Facts.Enter(grant);
        var act = Facts.Begin(session);
        await WriteAsync(grant, session, act, Facts.Finish(act), Facts.Leave(session), Facts.End(grant));
        var ended = await DumpReadTablesAsync();
        Clock.Advance(TimeSpan.FromHours(1));
        await WriteAsync(
            new GrantChanged(grant.Grant, Facts.App, "viewer", [], Clock.GetUtcNow().AddDays(9), Facts.Adam, Facts.Text("Adam"), [], null),
            Facts.End(grant, GrantEnd.Expired), Facts.Leave(session, SessionClose.Idle), Facts.Finish(act, ActOutcome.Failed));
        Assert.Equal(ended, await DumpReadTablesAsync());
        Assert.Empty((await StateAsync()).Grants);
    }

    [Fact]
    public async Task OpenSession_IsInTheState_LastSeenAtItsLastAct()
    {
        var grant = Facts.Lend();
        var (quiet, busy) = (Facts.Enter(grant, new("sue")), Facts.Enter(grant, reason: "Webhook “hook” fails"));
        await WriteAsync(grant, quiet, busy);
        var opened = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromMinutes(3));
        var act = Facts.Begin(busy);
        await WriteAsync(Facts.Read(busy), act);
        var acted = Clock.GetUtcNow();

        var state = await ReopenAsync();
        Assert.Equal(
            [(quiet.Session, new AgentId("sue"), opened, opened), (busy.Session, Facts.Sam, opened, acted)],
            state.Sessions.OrderBy(s => s.LastSeen).Select(s => (s.Id, s.Agent, s.OpenedAt, s.LastSeen)));
        var kept = state.Sessions.Single(s => s.Id == busy.Session);
        Assert.Equal((Facts.App, "Sam Okafor", "Webhook “hook” fails"), (kept.App, kept.AgentName, kept.Reason));
    }

    [Fact]
    public async Task ClosedSession_IsInTheState_FromTheAskedInstantOn()
    {
        var grant = Facts.Lend();
        var session = Facts.Enter(grant);
        var left = Facts.Leave(session, SessionClose.EndedByCustomer);
        await WriteAsync(grant, session, left);
        var at = await Store.OpenAsync(left.At, CancellationToken.None);
        var (app, closed) = Assert.Single(at.Closed);
        Assert.Equal((Facts.App, new ClosedSession(session.Session, Facts.Sam, left.At, SessionClose.EndedByCustomer)), (app, closed));
        Assert.Empty(at.Sessions);
        Assert.Empty((await Store.OpenAsync(left.At.AddMilliseconds(1), CancellationToken.None)).Closed);
        Assert.Empty((await Store.OpenAsync(left.At.AddTicks(1), CancellationToken.None)).Closed);
    }

    [Fact]
    public async Task Names_AreThoseOfTheStateAlone()
    {
        var (granted, inside, left, gone) = (Facts.Lend(new("granted")), Facts.Lend(new("inside")), Facts.Lend(new("left")), Facts.Lend(new("gone")));
        await WriteAsync(granted, inside, left, gone);
        var (stays, leaves) = (Facts.Enter(inside), Facts.Enter(left));
        await WriteAsync(stays, leaves, Facts.Leave(leaves), Facts.End(inside), Facts.End(left), Facts.End(gone));
        var state = await ReopenAsync();
        Assert.Equal(["granted", "inside", "left"], state.Names.Keys.Select(k => k.Value).Order(StringComparer.Ordinal));
        Assert.Equal((Facts.Account, Facts.Name(new("left"))), state.Names[new("left")]);

        Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(["granted", "inside"], (await StateAsync()).Names.Keys.Select(k => k.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AppThatWasNeverNamed_GoesByItsId()
    {
        await Scribe.WriteAsync(Store, [(Facts.Account, Facts.Lend())]);
        Assert.Equal((Facts.Account, new AppName("app_ios", "app_ios", "northwind")), (await StateAsync()).Names[Facts.App]);
    }

    [Fact]
    public async Task Credentials_LastUntilSpent_AndAsLongAsTheirSessionIsTold()
    {
        var grant = Facts.Lend();
        var (stays, leaves) = (Facts.Enter(grant), Facts.Enter(grant, new("sue")));
        var (code, cookie) = (Facts.Key(stays, CredentialKind.Code), Facts.Key(stays, CredentialKind.Cookie));
        await WriteAsync(grant, stays, leaves);
        var left = Facts.Key(leaves);
        await Scribe.WriteAsync(Store, [], w => w.NewCredentials.AddRange([code, left]));
        Assert.Equal(2, (await ReopenAsync()).Credentials.Count);

        var leave = Facts.Leave(leaves);
        await Scribe.WriteAsync(Store, [(Facts.Account, leave)], w =>
        {
            w.SpentCredentials.Add(code.Key);
            w.NewCredentials.Add(cookie);
        });
        await ReopenAsync();
        Assert.Equal(new[] { cookie, left }.ToHashSet(), (await Store.OpenAsync(leave.At, CancellationToken.None)).Credentials.ToHashSet());
        Assert.Equal([cookie], (await Store.OpenAsync(leave.At.AddMilliseconds(1), CancellationToken.None)).Credentials);
    }

    [Fact]
    public async Task CredentialMadeAndSpentInOneCommit_IsNotKept()
    {
        var grant = Facts.Lend();
        var stays = Facts.Enter(grant);
        var code = Facts.Key(stays, CredentialKind.Code);
        await Scribe.WriteAsync(Store, [(Facts.Account, grant), (Facts.Account, stays)], w =>
        {
            w.NewCredentials.Add(code);
            w.SpentCredentials.Add(code.Key);
        });
        Assert.Empty((await StateAsync()).Credentials);
    }

    [Fact]
    public async Task IdsThatDifferInCase_AreDifferent()
    {
        var (lower, upper) = (Facts.Lend(new("app"), new("grt_a")), Facts.Lend(new("APP"), new("grt_A")));
        await WriteAsync(new AccountId("a"), lower);
        await WriteAsync(new AccountId("A"), upper);
        var session = Facts.Enter(lower, new("Sam")) with { Session = new("ses_a") };
        await WriteAsync(new AccountId("a"), session);
        await WriteAsync(new AccountId("A"), Facts.End(upper));

        Assert.Equal(lower.Grant, Assert.Single((await ReopenAsync()).Grants).Id);
        Assert.Equal(2, (await Store.ReadEdgeAsync(new("a"), CancellationToken.None)).Size);
        Assert.Equal(2, (await Store.ReadEntriesAsync(new("A"), 0, 10, CancellationToken.None)).Count);
        Assert.Equal(upper.Grant, Assert.Single(await Store.ReadGrantsAsync(new GrantQuery(new AppId("APP"), Limit: 10), CancellationToken.None)).Id);
        Assert.Single(await Store.ReadSessionsAsync(new SessionQuery(Agent: new("Sam")), CancellationToken.None));
        Assert.Empty(await Store.ReadSessionsAsync(new SessionQuery(Agent: new("sam")), CancellationToken.None));
        Assert.Empty(await Store.ReadSessionsAsync(new SessionQuery(Session: new("ses_A")), CancellationToken.None));
    }

    [Fact]
    public async Task EveryEndAndEveryOutcome_ComesBack()
    {
        foreach (var end in Enum.GetValues<GrantEnd>())
        {
            var app = new AppId($"app_{end}");
            var grant = Facts.Lend(app);
            await WriteAsync(grant, Facts.End(grant, end));
            Assert.Equal(end, Assert.Single(await Store.ReadGrantsAsync(new GrantQuery(app, Limit: 1), CancellationToken.None)).Cause);
        }

        foreach (var close in Enum.GetValues<SessionClose>())
        {
            var grant = Facts.Lend(new($"app_{close}"));
            var session = Facts.Enter(grant);
            await WriteAsync(grant, session, Facts.Leave(session, close));
            Assert.Equal(close, Assert.Single(await Store.ReadSessionsAsync(new SessionQuery(Session: session.Session), CancellationToken.None)).Cause);
            Assert.Equal(close, (await StateAsync()).Closed.Single(c => c.App == grant.App).Session.Cause);
        }

        foreach (var outcome in Enum.GetValues<ActOutcome>())
        {
            var grant = Facts.Lend(new($"app_{outcome}"));
            var session = Facts.Enter(grant);
            var act = Facts.Begin(session);
            await WriteAsync(grant, session, act, Facts.Finish(act, outcome));
            Assert.Equal(outcome, Assert.Single(await Store.ReadActsAsync(new ActQuery(session.App), CancellationToken.None)).Outcome);
        }
    }
}
