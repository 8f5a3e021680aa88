using System.Collections.Immutable;

namespace Latchkey;

/// <summary>What an act changed, as the host reports it.</summary>
/// <param name="What">What was changed: "title". Up to 200 characters; longer text is cut.</param>
/// <param name="Before">Its value before; null where there was none.</param>
/// <param name="After">Its value after; null where there is none.</param>
/// <param name="Secret">Whether it holds a secret. Then the values are never taken: the ledger says only that it changed.</param>
public sealed record Change(string What, string? Before, string? After, bool Secret);

/// <summary>
/// One act of support that was allowed and is under way. The host's handler runs inside it: it stops when
/// <see cref="Stopping"/> is cancelled, and <see cref="EndAsync"/> records how it came out.
/// </summary>
public sealed class Act : IDisposable
{
    /// <summary>The most changes one act reports; further ones are counted in a last line.</summary>
    public const int MaxChanges = 100;

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SupportAccess _access;
    private readonly List<Change> _changes = [];
    private readonly Lock _gate = new();
    private string? _target;
    private bool _ended;
    private int _unlisted;

    internal Act(SupportAccess access, AppId app, AgentId agent, SessionId session, Permission permission)
    {
        (_access, App, Agent, Session, Permission) = (access, app, agent, session, permission);
        Stopping = _stopping.Token;
    }

    /// <summary>The app it happens in.</summary>
    public AppId App { get; }

    /// <summary>Who does it.</summary>
    public AgentId Agent { get; }

    /// <summary>In which session.</summary>
    public SessionId Session { get; }

    /// <summary>What is used.</summary>
    public Permission Permission { get; }

    /// <summary>Cancelled when access ends while this is under way.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Completes when the act has ended and its outcome is recorded, as far as it can be.</summary>
    public Task Done => _done.Task;

    internal Decision Decision { get; set; }

    /// <summary>The act on the ledger; null for a read that was recorded within the minute before.</summary>
    public ActId? Recorded { get; internal set; }

    /// <summary>Names what is read or changed: "webhook ci-alerts". The last one said counts.</summary>
    public void Target(string what)
    {
        ArgumentNullException.ThrowIfNull(what);
        lock (_gate)
        {
            _target = Cut(what);
        }
    }

    /// <summary>Reports a change with its values before and after. Never pass a secret: see <see cref="ChangedSecret"/>.</summary>
    public void Changed(string what, string? before, string? after) => Report(new Change(Cut(what), before, after, Secret: false));

    /// <summary>Reports that a secret changed. Its values are not taken, so they can't be kept.</summary>
    public void ChangedSecret(string what) => Report(new Change(Cut(what), Before: null, After: null, Secret: true));

    /// <summary>
    /// Records how the act came out and lets an end that waits for it go on. Called once, when the handler has returned or failed.
    /// A ledger that can't be written leaves the outcome unknown; that is not an error of the act.
    /// </summary>
    /// <param name="outcome">How it came out; an act that was told to stop and did not finish is <see cref="ActOutcome.Cancelled"/>.</param>
    /// <param name="status">The HTTP status answered, where there was one.</param>
    public async Task EndAsync(ActOutcome outcome, int? status = null)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
        }

        try
        {
            await _access.RecordEndAsync(this, outcome, status);
        }
        finally
        {
            _done.TrySetResult();
            _access.Acts.Remove(this);
        }
    }

    internal (string? Target, ImmutableArray<Change> Changes) Reported()
    {
        lock (_gate)
        {
            return (_target, _unlisted == 0
                ? [.. _changes]
                : [.. _changes, new Change($"{_unlisted} further changes", null, null, Secret: false)]);
        }
    }

    /// <summary>Frees what <see cref="Stopping"/> holds. An act that is disposed without an end stays "outcome unknown" on the ledger.</summary>
    public void Dispose()
    {
        Abandon();
        _stopping.Dispose();
    }

    internal async Task StopAsync()
    {
        try
        {
            await _stopping.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself a moment before.
        }
    }

    /// <summary>Takes an act that never began off the list.</summary>
    internal void Abandon()
    {
        _done.TrySetResult();
        _access.Acts.Remove(this);
    }

    private static string Cut(string text) => text.Length <= 200 ? text : text[..199] + "…";

    private void Report(Change change)
    {
        lock (_gate)
        {
            if (_changes.Count < MaxChanges)
            {
                _changes.Add(change);
            }
            else
            {
                _unlisted++;
            }
        }
    }
}

/// <summary>The answer to "may this begin": the decision, and the act where it is allowed.</summary>
/// <param name="Decision">What was decided.</param>
/// <param name="Act">The act, begun and recorded; null where it was not allowed.</param>
public readonly record struct ActAnswer(Decision Decision, Act? Act);
