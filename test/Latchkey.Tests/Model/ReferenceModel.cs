using Latchkey.Ledger;

namespace Latchkey.Tests.Model;

internal sealed class ModelGrant
{
    public GrantId Id { get; init; }
    public required AppId? App { get; init; }
    public required AccountId Account { get; init; }
    public RequestId? Request { get; init; }
    public HashSet<AppId> Covers { get; } = [];
    public HashSet<AppId> TakenOut { get; } = [];
    public required string Role { get; set; }
    public required SortedSet<string> Also { get; set; }
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset Until { get; set; }
    public HashSet<PersonId> MayEnd { get; } = [];
    public Dictionary<AppId, IReadOnlyList<PersonId>> MayEndOnApp { get; } = [];
    public DateTimeOffset? EndedAt { get; set; }
    public GrantEnd? Cause { get; set; }

    public IEnumerable<PersonId> MayEndOn(AppId app) => MayEnd.Union(MayEndOnApp.GetValueOrDefault(app, []));

    public bool Opens(AppId app) => App == app || (Covers.Contains(app) && !TakenOut.Contains(app));
}

internal sealed class ModelRequest
{
    public required RequestId Id { get; init; }
    public required AccountId Account { get; init; }
    public required AppId? App { get; init; }

    /// <summary>What an agent typed, who asked by name: on the vendor's ledger, and where it was delivered.</summary>
    public (NamedTarget What, string Name)? ByName { get; init; }
    public DateTimeOffset At { get; init; }
    public AgentId? Agent { get; init; }
    public PersonId? Person { get; init; }
    public DateTimeOffset? Until { get; init; }
    public required string Role { get; init; }
    public required SortedSet<string> Also { get; init; }
    public required TimeSpan Duration { get; init; }
    public required DateTimeOffset Expires { get; init; }
    public List<(PersonId By, string Role, SortedSet<string> Also, TimeSpan Duration, DateTimeOffset? Until)> Approvals { get; } = [];
    public RequestState State { get; set; }
    public Supersession? Because { get; set; }
    public DateTimeOffset? DecidedAt { get; set; }
}

internal sealed class ModelSession
{
    public required SessionId Id { get; init; }
    public required AppId App { get; init; }
    public required AgentRef Agent { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public required DateTimeOffset LastSeen { get; set; }
    public required DateTimeOffset LastRecorded { get; set; }
    public required string Code { get; init; }
    public required string Token { get; init; }
    public DateTimeOffset CodeExpires { get; init; }
    public bool CodeSpent { get; set; }
    public DateTimeOffset? ClosedAt { get; set; }
    public SessionClose? Cause { get; set; }
    public bool Forgotten { get; set; }
    public Dictionary<(string, string?), DateTimeOffset> Reads { get; } = [];
}

/// <summary>
/// What the design says, in the plainest way: a list of all grants there ever were and one of all sessions,
/// searched from scratch for each question. Written from the design's words; it shares no code with what it judges.
/// </summary>
internal sealed class ReferenceModel
{
    private static readonly string[] Viewer = ["app.title.read", "build.log.follow"];
    private static readonly string[] Admin = ["app.title.read", "artifact.read", "app.title.update", "build.log.follow"];
    private static readonly string[] Titler = ["app.title.read", "app.title.update"];

    public List<ModelGrant> Grants { get; } = [];

    public List<ModelSession> Sessions { get; } = [];

    public List<ModelRequest> Requests { get; } = [];

    public Dictionary<AccountId, AccountPolicy> Policies { get; } = [];

    /// <summary>The instant of questions and commands.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>Whether the clock can be believed.</summary>
    public bool Trusted { get; set; } = true;

    /// <summary>The live grants that open an app, oldest first.</summary>
    public List<ModelGrant> Live(AppId app) =>
        [.. Grants.Where(g => g.Opens(app) && g.EndedAt is null && g.From <= Now && Now < g.Until).OrderBy(g => g.Id.Value, StringComparer.Ordinal)];

    public ModelGrant? Toggle(AppId app) => Live(app).SingleOrDefault(g => g.Request is null);

    public AccountPolicy Policy(AccountId account) => Policies.GetValueOrDefault(account, AccountPolicy.Default);

    public ModelSession? Open(SessionId id) => Sessions.SingleOrDefault(s => s.Id == id && s.ClosedAt is null);

    /// <summary>Whatever the clock has ended by now is seen as ended, for ever.</summary>
    public void SeeEnds()
    {
        foreach (var session in Sessions.Where(s => s.ClosedAt is null))
        {
            var (idle, limit, until) = (session.LastSeen.AddMinutes(30), session.OpenedAt.AddHours(12), RestsUntil(session.App));
            var first = new[] { idle, limit, until }.Min();
            if (first <= Now)
            {
                Close(session, first, first == until ? SessionClose.AccessEnded : first == limit ? SessionClose.Expired : SessionClose.Idle);
            }
        }

        foreach (var session in Sessions.Where(s => Now - s.ClosedAt >= TimeSpan.FromDays(1)))
        {
            session.Forgotten = true;
        }

        foreach (var grant in Grants.Where(g => g.EndedAt is null && g.Until <= Now))
        {
            (grant.EndedAt, grant.Cause) = (grant.Until, GrantEnd.Expired);
        }

        foreach (var request in Requests.Where(r => r.State == RequestState.Pending && r.Expires <= Now))
        {
            (request.State, request.DecidedAt) = (RequestState.Expired, request.Expires);
        }
    }

    /// <summary>Until when something is lent that a session on an app can rest on.</summary>
    public DateTimeOffset RestsUntil(AppId app) => Grants.Where(g => g.EndedAt is null && g.Opens(app)).Select(g => g.Until).Max();

    public (DecisionReason Reason, DateTimeOffset? EndedAt) Ask(AgentId agent, AppId app, SessionId? session, string? permission)
    {
        if (!Trusted)
        {
            return (DecisionReason.Clock, null);
        }

        var live = Live(app);
        var mine = Sessions.Where(s => s.Agent.Id == agent && s.App == app).ToList();
        if (live.Count > 0 && mine.Exists(s => s.Id == session && s.ClosedAt is null))
        {
            return permission switch
            {
                null => (DecisionReason.UnknownPermission, null),
                "app.delete" or ['s', 'u', 'p', 'p', 'o', 'r', 't', '_', ..] => (DecisionReason.OffLimits, null),
                _ when Lender(app, permission) is not null => (DecisionReason.Allowed, null),
                _ => (DecisionReason.NotInRole, null),
            };
        }

        // Of sessions that ended in one millisecond the one that opened last ended last: an agent has one at a time.
        var ended = mine.Where(s => s.ClosedAt is not null && (session is null || s.Id == session)).OrderBy(s => s.ClosedAt).LastOrDefault();
        var told = ended is not null && Now - ended.ClosedAt < TimeSpan.FromDays(1);
        if (told && (session is not null || live.Count == 0))
        {
            return (ended!.Cause == SessionClose.AccessEnded ? DecisionReason.Ended : DecisionReason.SessionClosed, ended.ClosedAt);
        }

        return (live.Count == 0 ? DecisionReason.NoGrant : DecisionReason.NoSession, null);
    }

    /// <summary>The grant that an act is done on: the oldest live one that lends it.</summary>
    public ModelGrant? Lender(AppId app, string permission) => Live(app).Find(g => RoleLends(g.Role, permission) || g.Also.Contains(permission));

    /// <summary>The day for which an end is told was over, and then the clock went back into it: to tell and not to tell are both right.</summary>
    public bool MayTellOrNot(AgentId agent, AppId app) =>
        Sessions.Exists(s => s.Forgotten && s.App == app && s.Agent.Id == agent && Now - s.ClosedAt < TimeSpan.FromDays(1));

    /// <summary>The owner lets a person lend, alone or with another.</summary>
    public bool LetsLend(AccountId account, PersonId person) => Policy(account).Named is { Length: 0 } || Policy(account).Named.Contains(person);

    /// <summary>Turns on, or asks a second person; answers why not, or null.</summary>
    public RefusalReason? TurnOn(AppRef app, Lender lender, Terms terms, Func<GrantId> newId, Func<RequestId> newRequest)
    {
        if (lender.IsAgent)
        {
            return RefusalReason.SupportInDisguise;
        }

        if (!lender.MayTurn)
        {
            return RefusalReason.NotAllowed;
        }

        if (lender.PromotedBySupport)
        {
            return RefusalReason.PromotedBySupport;
        }

        if (!Trusted)
        {
            return RefusalReason.Clock;
        }

        if (Policy(app.Account).Refuses)
        {
            return RefusalReason.AccountRefuses;
        }

        if (!IsSound(terms))
        {
            return RefusalReason.Invalid;
        }

        var current = Toggle(app.Id) is { } toggle && toggle.Account == app.Account ? toggle : null;
        var exact = terms.Until is not null;
        var until = terms.Until is { } end ? Ms(end) : Ms(Now + (terms.Duration ?? TimeSpan.FromDays(14)));
        if (terms.Until is null && terms.Duration is null && current?.Until > until)
        {
            (until, exact) = (current.Until, true);
        }

        var role = terms.Role ?? current?.Role ?? "admin";
        var also = terms.Also is null ? current?.Also ?? [] : new SortedSet<string>(terms.Also, StringComparer.Ordinal);
        var alone = LetsLend(app.Account, lender.Person) && Policy(app.Account).Approvers == 1;
        var more = current is null || until > current.Until
            || RoleOf(role).Concat(also).Any(p => !RoleLends(current.Role, p) && !current.Also.Contains(p));
        if (more && !alone)
        {
            return AskSecond(app, lender, terms, role, also, exact ? until : null, newRequest);
        }

        EndWhatAnotherLent(app);
        if (alone)
        {
            TakeIn(app, role, also, until, [lender.Person, .. lender.WhoMayEnd]);
        }

        if (current is not null && current.Until == until && current.Role == role && current.Also.SetEquals(also) && terms.Note is null)
        {
            return null;
        }

        if (current is null)
        {
            current = new ModelGrant { Id = newId(), App = app.Id, Account = app.Account, Role = role, Also = also, From = Ms(Now), Until = until };
            Grants.Add(current);
        }

        (current.Role, current.Also, current.Until) = (role, also, until);
        current.MayEnd.UnionWith([lender.Person, .. lender.WhoMayEnd]);
        return null;
    }

    /// <summary>What turning on brings with it: the account's keys open the app again that lend no more than was said, and what it meets is answered.</summary>
    public void TakeIn(AppRef app, string role, SortedSet<string> also, DateTimeOffset until, IReadOnlyList<PersonId> mayEnd)
    {
        foreach (var wide in Grants.Where(g => g.App is null && g.Account == app.Account && g.EndedAt is null))
        {
            if (wide.Until <= until && RoleOf(wide.Role).Concat(wide.Also).All(p => RoleLends(role, p) || also.Contains(p)) && wide.TakenOut.Remove(app.Id))
            {
                wide.Covers.Add(app.Id);
                wide.MayEndOnApp[app.Id] = [.. wide.MayEndOnApp[app.Id], .. mayEnd];
            }
        }

        Supersede(app.Account, Supersession.TurnedOn, r => r.App == app.Id && Meets(r, role, also));
    }

    private RefusalReason? AskSecond(AppRef app, Lender lender, Terms terms, string role, SortedSet<string> also, DateTimeOffset? until, Func<RequestId> newRequest)
    {
        var before = Requests.Find(r => r.State == RequestState.Pending && r.Account == app.Account && r.App == app.Id && r.Person is not null);
        if (before is not null && before.Person != lender.Person)
        {
            return RefusalReason.AlreadyPending;
        }

        var length = until is { } end
            ? TimeSpan.FromSeconds(Math.Ceiling((end - Now).TotalSeconds))
            : TimeSpan.FromSeconds(Math.Floor((terms.Duration ?? TimeSpan.FromDays(14)).TotalSeconds));
        if (before is not null && terms.Note is null && before.Role == role && before.Also.SetEquals(also) && before.Until == until
            && (until is not null || before.Duration == length))
        {
            return null;
        }

        if (before is not null)
        {
            (before.State, before.DecidedAt) = (RequestState.Withdrawn, Ms(Now));
        }

        var lapses = Ms(Now).AddDays(4);
        var asked = new ModelRequest
        {
            Id = newRequest(),
            Account = app.Account,
            App = app.Id,
            Person = lender.Person,
            Role = role,
            Also = also,
            Duration = length,
            Until = until,
            Expires = until < lapses ? until.Value : lapses,
        };
        if (LetsLend(app.Account, lender.Person))
        {
            asked.Approvals.Add((lender.Person, role, also, length, until));
        }

        Requests.Add(asked);
        return null;
    }

    public void End(ModelGrant grant, GrantEnd cause)
    {
        (grant.EndedAt, grant.Cause) = (Ms(Now), cause);
        CloseWhereNothingIsLent();
    }

    /// <summary>Ends all that opens an app; a grant of the whole account goes on for the other apps.</summary>
    public void EndAll(AppId app, GrantEnd cause, Predicate<ModelGrant>? which = null)
    {
        foreach (var grant in Grants.Where(g => g.EndedAt is null && g.Opens(app) && which?.Invoke(g) != false).ToList())
        {
            if (grant.App is null)
            {
                grant.TakenOut.Add(app);
            }
            else
            {
                (grant.EndedAt, grant.Cause) = (Ms(Now), cause);
            }
        }

        CloseWhereNothingIsLent();
    }

    public void EndWhatAnotherLent(AppRef app) => EndAll(app.Id, GrantEnd.AppTransferred, g => g.Account != app.Account);

    public void Supersede(AccountId? account, Supersession because, Predicate<ModelRequest> which)
    {
        foreach (var request in Requests.Where(r => r.State == RequestState.Pending && (account is null || r.Account == account) && which(r)).ToList())
        {
            Decide(request, RequestState.Superseded, because);
        }
    }

    /// <summary>
    /// What an agent or a customer does themselves is told on both sides of a request by name; what else becomes of its target is the customer's.
    /// </summary>
    public void Decide(ModelRequest request, RequestState state, Supersession? because = null)
    {
        var isTold = because is null or Supersession.TurnedOn or Supersession.AccountApproved or Supersession.AgentRemoved;
        foreach (var side in Sides(request).Where(r => r == request || isTold).ToList())
        {
            (side.State, side.Because, side.DecidedAt) = (state, because, Ms(Now));
        }
    }

    /// <summary>A pending request, and what is pending of the same one on another ledger.</summary>
    public IEnumerable<ModelRequest> Sides(ModelRequest request) => Requests.Where(r => r.Id == request.Id && r.State == RequestState.Pending);

    /// <summary>A grant of the whole account opens an app that it has not seen.</summary>
    public void Cover(ModelGrant wide, AppRef app)
    {
        if (wide.EndedAt is null && wide.Account == app.Account && !wide.Covers.Contains(app.Id) && !wide.TakenOut.Contains(app.Id))
        {
            EndWhatAnotherLent(app);
            wide.Covers.Add(app.Id);
            wide.MayEndOnApp[app.Id] = app.WhoMayEnd;
        }
    }

    public static bool Meets(ModelRequest request, string role, IEnumerable<string> also) =>
        RoleOf(request.Role).Concat(request.Also).All(p => RoleOf(role).Contains(p) || also.Contains(p));

    public static string[] RoleOf(string role) => role switch { "admin" => Admin, "viewer" => Viewer, _ => Titler };

    private void CloseWhereNothingIsLent()
    {
        foreach (var session in Sessions.Where(s => s.ClosedAt is null && Live(s.App).Count == 0))
        {
            Close(session, Now, SessionClose.AccessEnded);
        }
    }

    public static void Close(ModelSession session, DateTimeOffset at, SessionClose cause) => (session.ClosedAt, session.Cause) = (Ms(at), cause);

    public static DateTimeOffset Ms(DateTimeOffset time) => LedgerEntry.WholeMilliseconds(time);

    private bool IsSound(Terms terms)
    {
        var (minute, month) = (TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        return !(terms.Duration is not null && terms.Until is not null)
            && !(terms.Duration < minute) && !(terms.Duration > month)
            && !(terms.Until is { } until && (Ms(until) <= Now || until - Now > month))
            && terms.Role is null or "admin" or "viewer" or "titler"
            && (terms.Also ?? []).All(a => Admin.Contains(a))
            && !(terms.Note?.Length > 500);
    }

    private static bool RoleLends(string role, string permission) =>
        RoleOf(role).Contains(permission);
}
