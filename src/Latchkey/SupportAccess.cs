using Microsoft.Extensions.Logging;

namespace Latchkey;

/// <summary>
/// Support access of one instance: who may be where, what they do there, and its end. Thread-safe; one per store.
/// Questions (<see cref="Decide"/>, <see cref="Find(AppId)"/>) are answered from memory at once; everything that changes something
/// answers when it is durable.
/// </summary>
public sealed partial class SupportAccess : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    private readonly AccessIndex _index = new();
    private readonly Refusals _refusals = new();
    private readonly NameAsks _nameAsks = new();
    private readonly LedgerClock _clock;
    private readonly Appender _appender;
    private readonly EndWatch _ends;
    private readonly ILedgerStore _store;
    private readonly SupportAccessOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _probe;
    private readonly ITimer _forget;
    private int _probing;

    /// <summary>Makes it; nothing is opened before <see cref="StartAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">An option can't be used; the message lists every fault.</exception>
    public SupportAccess(ILedgerStore store, Catalogue catalogue, SupportAccessOptions options, TimeProvider time, ILogger<SupportAccess> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var errors = options.Check(catalogue);
        if (errors.Count > 0)
        {
            throw new InvalidOperationException("Latchkey's options can't be used:" + string.Concat(errors.Select(e => "\n- " + e)));
        }

        (_store, Catalogue, _options, _time) = (store, catalogue, options, time);
        _clock = new LedgerClock(time);
        _appender = new Appender(store, _index, _clock, catalogue, logger);
        _appender.Published += OnPublished;
        _appender.Loaded += OnLoaded;
        _ends = new EndWatch(_clock, over => _ = over.App is { } app ? CloseWhatIsOverAsync(app) : CloseWhatIsOverAsync(over.Account));
        _probe = time.CreateTimer(_ => Look(), null, ProbeInterval, ProbeInterval);
        _forget = time.CreateTimer(_ => _ = ForgetAsync(), null, ForgetInterval, ForgetInterval);
    }

    /// <summary>What can be lent.</summary>
    public Catalogue Catalogue { get; }

    /// <summary>The vendor's rules.</summary>
    public SupportAccessOptions Options => _options;

    /// <summary>What happened, for people to read.</summary>
    public IHistory History => _store;

    /// <summary>What people are told.</summary>
    public INoticeStore Notices => _store.Notices;

    /// <summary>Tells what happens.</summary>
    public Feed Feed { get; } = new();

    /// <summary>The instant that a question asked now is decided at: the clock, never behind the ledger.</summary>
    public DateTimeOffset Now
    {
        get
        {
            _clock.TryRead(out var now);
            return now;
        }
    }

    /// <summary>Whether support can work at all now, and if not, why.</summary>
    public SupportAccessHealth Health
    {
        get
        {
            if (_appender.Fault is { } fault)
            {
                return new(DecisionReason.LedgerUnavailable, fault);
            }

            if (_clock.IsHeld)
            {
                return new(
                    DecisionReason.Clock,
                    $"The clock jumped ahead at {_clock.HeldSince:u}. Support is out and nothing new is recorded until a support lead accepts the time it shows, or it is set right while this runs; a restart accepts nothing.",
                    MayAcceptClock: true);
            }

            return _clock.TryRead(out _)
                ? new(DecisionReason.Allowed, "Support access works.")
                : new(DecisionReason.Clock, $"The clock is behind the newest entry on the ledger ({_clock.Newest:u}). Support is out until it is right again.");
        }
    }

    internal RunningActs Acts { get; } = new();

    /// <summary>Opens the store and starts. A store that is only unavailable for now leaves support out until it is back.</summary>
    /// <exception cref="LedgerStoreException">The store can't be opened without somebody changing the set-up; the message says what.</exception>
    public Task StartAsync() => _appender.StartAsync();

    /// <summary>Decides whether an agent may use a permission on an app now, in a session. From memory, without allocation; records nothing.</summary>
    public Decision Decide(AgentId agent, AppId app, SessionId? session, Permission? permission)
    {
        if (!_clock.TryRead(out var now))
        {
            return new Decision(DecisionReason.Clock);
        }

        if (_appender.Fault is not null)
        {
            return new Decision(DecisionReason.LedgerUnavailable);
        }

        var view = _index.Find(app);
        var decision = Decider.Decide(view, agent, session, permission, now);
        return decision.IsAllowed || view?.HasEnded(now) != true || _clock.TrySee() ? decision : new Decision(DecisionReason.Clock);
    }

    /// <summary>The app as decisions see it; null where support has, and lately had, nothing to do with it.</summary>
    public AppView? Find(AppId app) => _index.Find(app);

    /// <summary>What concerns an account as a whole: its policy, grants to all of its apps, requests. An empty picture where nothing does.</summary>
    public AccountView Find(AccountId account) => _index.Find(account) ?? new AccountView { Account = account };

    /// <summary>
    /// A request that is pending, or was decided within a day, as the support team knows it; null where there is no such request. What a customer
    /// was asked is in <see cref="Find(AccountId)"/>.
    /// </summary>
    public AccessRequest? Find(RequestId request) =>
        _index.Accounts.Select(view => view.Find(request)).FirstOrDefault(found => found is { IsDelivery: false });

    /// <summary>Every request of the support team that can be answered now, soonest end first; one that was asked by name once.</summary>
    public IEnumerable<AccessRequest> PendingRequests()
    {
        var now = Now;
        return _index.Accounts.SelectMany(view => view.Pending(now)).Where(request => request is { IsDelivery: false, Agent: not null }).OrderBy(request => request.Expires);
    }

    /// <summary>
    /// The app that an agent means by its id or a slug: one that is open to support, or that they were in within the last day.
    /// Whatever else there is, is unknown: the host is not asked. Customers may give one slug to several apps: it means the one that the agent is
    /// in, and where that is none of them, or more than one, none; see <see cref="AddressOf"/>.
    /// </summary>
    /// <param name="agent">Who asks.</param>
    /// <param name="name">The id or slug.</param>
    /// <param name="inside">The app that the agent's session is in, where one is shown: only it can be meant.</param>
    public AppView? FindForAgent(AgentId agent, string name, AppId? inside = null)
    {
        var now = Now;
        if (IdText.IsId(name) && _index.Find(new AppId(name)) is { } exact && IsKnown(exact))
        {
            return exact;
        }

        AppView[] known = [.. _index.FindBySlug(name).Where(IsKnown)];
        return known is [var only] ? only : Only([.. known.Where(view => view.SessionOf(agent) is not null)]) ?? Only([.. known.Where(view => view.IsOpen(now))]);

        bool IsKnown(AppView view) => (inside is null || view.App == inside)
            && Decider.Decide(view, agent, sessionId: null, permission: null, now).Reason != DecisionReason.NoGrant;

        static AppView? Only(AppView[] views) => views is [var one] ? one : null;
    }

    /// <summary>What an app is called in addresses that agents follow: its slug, or its id while another app of that slug is open too.</summary>
    public string AddressOf(AppView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var now = Now;
        return _index.FindBySlug(view.Name.Slug).Any(other => other.App != view.App && other.IsOpen(now)) ? view.App.Value : view.Name.Slug;
    }

    /// <summary>
    /// The app that a person means by an id or a slug, where something is lent that they could end when it began: they can until it ends,
    /// whatever the host says of them since. Null for everybody else, and once it has ended.
    /// </summary>
    public AppView? FindToEnd(PersonId person, string app)
    {
        var now = Now;
        IEnumerable<AppView> named = IdText.IsId(app) && _index.Find(new AppId(app)) is { } exact ? [exact] : [];
        return named.Concat(_index.FindBySlug(app)).FirstOrDefault(view => view.Grants.Any(g => g.IsLive(now) && g.MayEnd.Contains(person)));
    }

    /// <summary>
    /// Every live grant that a person could end when it began, of whatever app and account, soonest end first; each with the app that they could
    /// turn it off on, null where they could end it on every app of the account.
    /// </summary>
    public IEnumerable<(Grant Grant, AppId? App)> FindToEnd(PersonId person)
    {
        var now = Now;
        var whole = _index.Accounts.SelectMany(view => view.Grants).Where(MayEnd).ToDictionary(grant => grant.Id);
        return _index.Apps.SelectMany(view => view.Grants.Where(MayEnd).Select(grant => (grant, App: (AppId?)view.App)))
            .Where(found => !whole.ContainsKey(found.grant.Id)).Concat(whole.Values.Select(grant => (grant, App: (AppId?)null))).OrderBy(found => found.grant.Until);

        bool MayEnd(Grant grant) => grant.IsLive(now) && grant.MayEnd.Contains(person);
    }

    /// <summary>The apps open to support now, in no order.</summary>
    public IEnumerable<AppView> OpenApps()
    {
        var now = Now;
        return _index.Apps.Where(view => view.IsOpen(now));
    }

    /// <summary>
    /// What a session's secret stands for; null where it is none. It is still recognised for a day after its session ended:
    /// whether it opens anything is for <see cref="Decide"/> to say.
    /// </summary>
    public Credential? Recognise(string secret, CredentialKind kind)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return _index.TryFind(Credential.KeyOf(secret), out var credential) && credential.Kind == kind
            ? credential
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _probe.DisposeAsync();
        await _forget.DisposeAsync();
        _ends.Dispose();
        await _appender.DisposeAsync();
        await _store.DisposeAsync();
        _cleaning.Dispose();
    }

    private void OnPublished(Batch batch)
    {
        foreach (var view in batch.Views.Values)
        {
            StopWhatEnded(view.App);
            _ends.Note(view);
        }

        foreach (var view in batch.Accounts.Values)
        {
            _ends.Note(view);
        }

        Feed.Tell(batch);
    }

    /// <summary>The store was read anew, at the start or after a write of unknown outcome: anything may have changed.</summary>
    private void OnLoaded()
    {
        foreach (var view in _index.Apps)
        {
            StopWhatEnded(view.App);
            _ends.Note(view);
            Feed.Tell(view, Now);
        }

        foreach (var view in _index.Accounts)
        {
            _ends.Note(view);
        }
    }

    /// <summary>Notices a clock that jumped, and one that was set right; while support is out, tries whether it must be.</summary>
    private void Look()
    {
        var (_, trusted) = _clock.ReadForBatch();
        if ((!trusted || _appender.Fault is not null || !_appender.IsSaved) && Interlocked.Exchange(ref _probing, 1) == 0)
        {
            _ = ProbeAsync();
        }
    }

    private async Task ProbeAsync()
    {
        try
        {
            foreach (var app in Acts.Apps())
            {
                StopWhatEnded(app);
            }

            if (_appender.Fault is not null)
            {
                await _appender.ProbeAsync();
            }
            else if (!_appender.IsSaved)
            {
                // Whatever is committed brings it along.
                await _appender.AppendAsync(_ => true);
            }
        }
        finally
        {
            Interlocked.Exchange(ref _probing, 0);
        }
    }

    // Pictures change on the appender's turn only.
    private async Task ForgetAsync()
    {
        await _appender.AppendAsync(batch =>
        {
            _index.Forget(batch.Now);
            return true;
        });
        await ForgetUploadsAsync();
    }

    private async Task CloseWhatIsOverAsync(AppId app)
    {
        if (_index.Find(app)?.HasEnded(Now) == true)
        {
            _clock.TrySee();
        }

        await _appender.AppendAsync(
            batch =>
            {
                Ending.CloseWhatIsOver(batch, app);
                if (batch.View(app) is { } view)
                {
                    _ends.Note(view);
                }

                return true;
            },
            isEnd: true);
    }

    private async Task CloseWhatIsOverAsync(AccountId account)
    {
        _clock.TrySee();
        await _appender.AppendAsync(
            batch =>
            {
                Ending.CloseWhatIsOver(batch, account);
                _ends.Note(batch.Account(account));
                return true;
            },
            isEnd: true);
    }

    private static Answer<T> Saved<T>((Saved Saved, Answer<T> Answer) appended)
        where T : class => appended.Saved switch
        {
            Latchkey.Saved.No => Refusal.LedgerUnavailable,
            Latchkey.Saved.EndedNotSaved when appended.Answer.Refusal is null => Refusal.EndedNotSaved,
            _ => appended.Answer,
        };
}

/// <summary>Whether support can work now.</summary>
/// <param name="Reason"><see cref="DecisionReason.Allowed"/>, or why not.</param>
/// <param name="Message">For the operator: what is wrong and what to do.</param>
/// <param name="MayAcceptClock">Whether the clock jumped ahead, and a lead can accept it.</param>
public readonly record struct SupportAccessHealth(DecisionReason Reason, string Message, bool MayAcceptClock = false)
{
    /// <summary>Whether support can work.</summary>
    public bool IsWorking => Reason == DecisionReason.Allowed;
}
