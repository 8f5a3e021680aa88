using System.Text;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Makes the rows of conversations from facts, for <see cref="Projector"/>.</summary>
internal sealed class ConversationProjector(SqliteConnection connection) : IDisposable
{
    private readonly ConversationWords _words = new(connection);
    private readonly HelpProjector _help = new(connection);

    private readonly Statement _open = new(
        connection,
        """
        INSERT INTO conversation (position, id, account, app, opened_by, opened_at, state, state_since, newest, newest_at, words_entry)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?1, ?6, ?1)
        """);

    private readonly Statement _add = new(
        connection,
        """
        INSERT INTO conversation_item (position, conversation, seq, at, author, speaks) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """);

    private readonly Statement _renew = new(
        connection,
        """
        UPDATE conversation SET newest = ?2, newest_at = ?3, words_entry = iif(?4, ?2, words_entry) WHERE id = ?1
        """);

    private readonly Statement _turn = new(
        connection, "UPDATE conversation SET state = ?2, state_since = ?3 WHERE id = ?1 AND state <> ?2");

    // Support's own word leaves what is solved solved.
    private readonly Statement _turnOpen = new(
        connection, "UPDATE conversation SET state = ?2, state_since = ?3 WHERE id = ?1 AND state NOT IN (?2, 'Solved')");

    private readonly Statement _assign = new(
        connection, "UPDATE conversation SET assigned = ?2, assigned_entry = ?3 WHERE id = ?1");

    private readonly Statement _asked = new(connection, "SELECT conversation FROM request WHERE id = ?1 AND account = ?2");

    /// <summary>Empties the rows, to make them anew.</summary>
    public void Clear()
    {
        connection.Execute("DELETE FROM conversation_item; DELETE FROM conversation;");
        _help.Clear();
        _words.Clear();
    }

    /// <summary>Makes the rows of one fact, where it is of a conversation.</summary>
    public void Project(long position, AccountId account, long seq, DateTimeOffset time, Fact fact)
    {
        if (fact is not ConversationFact f)
        {
            return;
        }

        var (id, at) = (f.Conversation.Value, time.ToUnixTimeMilliseconds());
        if (f is ConversationOpened opened)
        {
            _open.Run(position, id, account.Value, opened.App?.Value, opened.By.Person?.Value ?? "", at, nameof(ConversationState.WaitingOnSupport));
        }

        // An end speaks too, but the words that lists show stay those that were said last.
        var (isWord, isEnd) = (f is MessageSent or ConversationShared or ProposalMade or ScreenshotsAsked, f is ProposalEnded or ScreenshotsEnded);
        Add(position, seq, at, id, f.By.Key, isWord || isEnd, isWord);
        _help.Project(position, account, at, f);
        switch (f)
        {
            case MessageSent or ConversationShared or ScreenshotsEnded when f.By.Agent is null:
            case ConversationReopened:
                _turn.Run(id, nameof(ConversationState.WaitingOnSupport), at);
                break;
            case MessageSent or ConversationShared or ProposalMade or ScreenshotsAsked:
                _turnOpen.Run(id, nameof(ConversationState.WaitingOnCustomer), at);
                break;
            case ProposalEnded when f.By.Agent is null:
                _turnOpen.Run(id, nameof(ConversationState.WaitingOnSupport), at);
                break;
            case ConversationSolved:
                _turn.Run(id, nameof(ConversationState.Solved), at);
                break;
            case ConversationAssigned assigned:
                _assign.Run(id, assigned.Agent?.Value, position);
                break;
        }

        _words.Add(position, account, ConversationWords.Of(f, content => content.Text));
    }

    /// <summary>Puts a request and its answer into the stream of the conversation that it was made in, where it was made in one.</summary>
    public void ProjectRequest(long position, AccountId account, long seq, DateTimeOffset time, Fact fact)
    {
        var (request, author, byCustomer) = fact switch
        {
            RequestMade f => (f.Request, Author.KeyOf(f.Person, f.Agent), false),
            RequestApproved f => (f.Request, Author.KeyOf(f.By, null), true),
            RequestEnded { By: { } by } f => (f.Request, Author.KeyOf(by, null), true),
            RequestEnded { ByAgent: { } agent } f => (f.Request, Author.KeyOf(null, agent), false),
            RequestEnded f => (f.Request, "", false),
            _ => default,
        };
        if (request == default || _asked.Value(request.Value, account.Value) is not byte[] found)
        {
            return;
        }

        var (conversation, at) = (Encoding.UTF8.GetString(found), time.ToUnixTimeMilliseconds());
        _add.Run(position, conversation, seq, at, author, 1L);
        _renew.Run(conversation, position, at, 0L);
        if (byCustomer)
        {
            _turn.Run(conversation, nameof(ConversationState.WaitingOnSupport), at);
        }
        else if (fact is RequestMade)
        {
            _turnOpen.Run(conversation, nameof(ConversationState.WaitingOnCustomer), at);
        }
    }

    /// <summary>Puts all words that are left into the emptied search again.</summary>
    public void IndexAgain() => _words.AddAll();

    /// <summary>Takes an entry's words out of the search, and puts those back that are left without one content.</summary>
    public void Erase(long position, AccountId account, ToldEntry entry, string content)
    {
        if (entry.Fact is ConversationFact fact)
        {
            _words.Remove(position, account, ConversationWords.Of(fact, entry.Text));
            _words.Add(position, account, ConversationWords.Of(fact, c => c.Id == content ? null : entry.Text(c)));
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_open, _add, _renew, _turn, _turnOpen, _assign, _asked])
        {
            statement.Dispose();
        }

        _help.Dispose();
        _words.Dispose();
    }

    /// <summary>Puts an entry into a conversation's stream and the conversation on top of the lists.</summary>
    private void Add(long position, long seq, long at, string conversation, string author, bool speaks, bool isWord)
    {
        _add.Run(position, conversation, seq, at, author, speaks ? 1L : 0L);
        _renew.Run(conversation, position, at, isWord ? 1L : 0L);
    }
}
