using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// Makes the rows of the read tables from facts, and nothing else does. It takes from a fact only what an entry's hashed part
/// holds, so that the rows are the same whether the fact was just appended or is read back.
/// </summary>
internal sealed class Projector(SqliteConnection connection) : IDisposable
{
    private readonly Statement _startGrant = new(
        connection,
        """
        INSERT INTO grant_ (position, id, account, app, role, also, may_end, starts, until, lent_by, lent_entry, request)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?1, ?11)
        """);

    private readonly Statement _changeGrant = new(
        connection,
        """
        UPDATE grant_ SET role = ?2, also = ?3, may_end = ?4, until = ?5, lent_by = ?6, lent_entry = ?7
        WHERE id = ?1 AND ended_at IS NULL
        """);

    // What ended stays ended: of two ends the first one stands, here and below.
    private readonly Statement _endGrant = new(
        connection, "UPDATE grant_ SET ended_at = ?2, cause = ?3, ended_entry = ?4 WHERE id = ?1 AND ended_at IS NULL");

    private readonly Statement _openSession = new(
        connection,
        """
        INSERT INTO session (position, id, account, app, agent, opened_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """);

    private readonly Statement _countSession = new(connection, "UPDATE grant_ SET sessions = sessions + 1 WHERE id = ?1");

    private readonly Statement _closeSession = new(
        connection, "UPDATE session SET closed_at = ?2, cause = ?3 WHERE id = ?1 AND closed_at IS NULL");

    private readonly Statement _beginAct = new(
        connection,
        """
        INSERT INTO act (position, id, seq, session, app, permission, form, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """);

    private readonly Statement _countActs = new(
        connection, "UPDATE session SET acts = acts + ?2, changes = changes + ?3, last_act_at = ?4, last_act = ?5 WHERE id = ?1");

    private readonly Statement _endAct = new(
        connection,
        "UPDATE act SET ended_at = ?2, outcome = ?3, status = ?4, ended_entry = ?5 WHERE id = ?1 AND ended_at IS NULL");

    private readonly Statement _settle = new(
        connection, "UPDATE act SET settled = ?2, settled_at = ?3, settled_entry = ?4 WHERE id = ?1 AND settled IS NULL");

    // Of two messages that took the same file along, the first one's entry stands.
    private readonly Statement _attach = new(
        connection, "INSERT INTO attachment (position, id, account, seq, conversation, name_content) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING");

    private readonly ConversationProjector _conversations = new(connection);
    private readonly RequestProjector _requests = new(connection);

    // Many acts of a batch are of few sessions: their rows are written once, at its end.
    private readonly Dictionary<SessionId, (long Acts, long Changes, long LastAt, long Last)> _counts = [];

    /// <summary>Empties the read tables, to make them anew.</summary>
    public void Clear()
    {
        connection.Execute("DELETE FROM act; DELETE FROM session; DELETE FROM grant_; DELETE FROM grant_cover; DELETE FROM request; DELETE FROM request_approval; DELETE FROM account_policy; DELETE FROM vendor_change; DELETE FROM attachment;");
        _conversations.Clear();
    }

    /// <summary>Conversations, whose words are searched for and erased.</summary>
    public ConversationProjector Conversations => _conversations;

    /// <summary>Makes the rows of one fact. Facts come in the order of their positions, and <see cref="Finish"/> after the last one.</summary>
    public void Project(long position, AccountId account, long seq, DateTimeOffset time, Fact fact)
    {
        switch (fact)
        {
            case GrantStarted f:
                _startGrant.Run(
                    position, f.Grant.Value, account.Value, f.App?.Value, f.Role, Json(f.Also), Json(f.MayEnd.Select(p => p.Value)),
                    Ms(time), Ms(f.Until), f.By.Value, f.Request?.Value);
                break;
            case GrantChanged f:
                _changeGrant.Run(
                    f.Grant.Value, f.Role, Json(f.Also), Json(f.MayEnd.Select(p => p.Value)), Ms(f.Until), f.By.Value, position);
                break;
            case GrantEnded f:
                _endGrant.Run(f.Grant.Value, Ms(f.At), f.Cause.ToString(), position);
                break;
            case GrantCovers or GrantUncovers or RequestMade or RequestApproved or RequestEnded or PolicyChanged:
                _requests.Project(position, account, time, fact);
                _conversations.ProjectRequest(position, account, seq, time, fact);
                break;
            case VendorFact:
                _requests.Project(position, account, time, fact);
                break;
            case SessionOpened f:
                _openSession.Run(position, f.Session.Value, account.Value, f.App.Value, f.Agent.Value, Ms(time));
                _countSession.Run(f.Grant.Value);
                break;
            case SessionClosed f:
                _closeSession.Run(f.Session.Value, Ms(f.At), f.Cause.ToString());
                break;
            case ActRead f:
                BeginAct(position, seq, time, f.Act, f.Session, f.App, f.Permission, "read");
                break;
            case ActBegun f:
                BeginAct(position, seq, time, f.Act, f.Session, f.App, f.Permission, f.Stream ? "stream" : "change");
                break;
            case ActEnded f:
                _endAct.Run(f.Act.Value, Ms(time), f.Outcome.ToString(), f.Status is { } status ? (long)status : null, position);
                break;
            case ChangeSettled f:
                _settle.Run(f.Act.Value, f.Decision.ToString(), Ms(time), position);
                break;
            case AttachmentAdded f:
                _attach.Run(position, f.Attachment.Value, account.Value, seq, f.Conversation.Value, f.Name.Id);
                break;
            default:
                _conversations.Project(position, account, seq, time, fact);
                break;
        }
    }

    /// <summary>Writes what was counted since the last time.</summary>
    /// <exception cref="LedgerStoreException">An act is of a session that the ledger does not have.</exception>
    public void Finish()
    {
        foreach (var (session, (acts, changes, lastAt, last)) in _counts)
        {
            if (_countActs.Run(session.Value, acts, changes, lastAt, last) == 0)
            {
                throw new LedgerStoreException(
                    string.Create(CultureInfo.InvariantCulture, $"The act at position {last} is of the session {session}, which the ledger does not have."),
                    isTransient: false);
            }
        }

        _counts.Clear();
    }

    /// <summary>Forgets what was counted in a transaction that is given up.</summary>
    public void Forget() => _counts.Clear();

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)
            [_startGrant, _changeGrant, _endGrant, _openSession, _countSession, _closeSession, _beginAct, _countActs, _endAct, _settle, _attach])
        {
            statement.Dispose();
        }

        _conversations.Dispose();
        _requests.Dispose();
    }

    private void BeginAct(
        long position, long seq, DateTimeOffset time, ActId act, SessionId session, AppId app, string permission, string form)
    {
        _beginAct.Run(position, act.Value, seq, session.Value, app.Value, permission, form, Ms(time));
        var counted = _counts.GetValueOrDefault(session);
        _counts[session] = (counted.Acts + 1, form == "change" ? counted.Changes + 1 : counted.Changes, Ms(time), position);
    }

    internal static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    internal static string Json(IEnumerable<string> values) => JsonSerializer.Serialize(values);
}
