using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>The rows of proposals and of asks for screenshots, for <see cref="ConversationProjector"/>.</summary>
internal sealed class HelpProjector(SqliteConnection connection) : IDisposable
{
    private readonly Statement _propose = new(
        connection, "INSERT INTO proposal (position, id, account, conversation, state) VALUES (?1, ?2, ?3, ?4, 'Open')");

    // What ended stays ended: of two answers the first one stands, here and below. Only what was applied can be undone.
    private readonly Statement _endProposal = new(
        connection,
        """
        UPDATE proposal SET state = ?2, ended_at = ?3, ended_entry = ?4
        WHERE id = ?1 AND state = iif(?2 = 'Reverted', 'Applied', 'Open')
        """);

    private readonly Statement _ask = new(
        connection, "INSERT INTO screenshots (position, id, account, conversation, state) VALUES (?1, ?2, ?3, ?4, 'Open')");

    private readonly Statement _endAsk = new(
        connection, "UPDATE screenshots SET state = ?2, ended_at = ?3, ended_entry = ?4 WHERE id = ?1 AND state = 'Open'");

    public void Clear() => connection.Execute("DELETE FROM proposal; DELETE FROM screenshots;");

    public void Project(long position, AccountId account, long at, ConversationFact fact)
    {
        switch (fact)
        {
            case ProposalMade f:
                _propose.Run(position, f.Proposal.Value, account.Value, f.Conversation.Value);
                break;
            case ProposalEnded f:
                _endProposal.Run(f.Proposal.Value, f.State.ToString(), at, position);
                break;
            case ScreenshotsAsked f:
                _ask.Run(position, f.Screenshots.Value, account.Value, f.Conversation.Value);
                break;
            case ScreenshotsEnded f:
                _endAsk.Run(f.Screenshots.Value, f.State.ToString(), at, position);
                break;
        }
    }

    public void Dispose()
    {
        _propose.Dispose();
        _endProposal.Dispose();
        _ask.Dispose();
        _endAsk.Dispose();
    }
}
