using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// Pages of a conversation's stream. An entry of a further kind comes in with a row in <c>conversation_item</c>, made by its
/// projector, and a line here.
/// </summary>
internal static class ConversationItems
{
    public static IReadOnlyList<ConversationItem> Read(SqliteConnection connection, ConversationId id, long before, int limit) =>
    [
        .. connection.Query(
            """
            SELECT i.position, i.seq, i.at, e.bytes, e.contents
            FROM conversation_item i JOIN entry e ON e.position = i.position
            WHERE i.conversation = $id AND i.position < $before
            ORDER BY i.position DESC LIMIT $limit
            """,
            row => Item(row.GetInt64(0), row.GetInt64(1), row.Time(2), ToldEntry.Read(row.GetFieldValue<byte[]>(3), row.Blob(4))),
            ("$id", id.Value),
            ("$before", before),
            ("$limit", limit)).OfType<ConversationItem>(),
    ];

    private static ConversationItem? Item(long position, long seq, DateTimeOffset at, ToldEntry entry)
    {
        if (entry.Fact is not ConversationFact fact)
        {
            return entry.Fact switch
            {
                RequestMade f => new RequestItem(position, seq, at, f.Person, f.Agent, entry.Text(f.AgentName), f.Request),
                RequestApproved f => new RequestAnsweredItem(
                    position, seq, at, f.By, null, entry.Text(f.ByName), f.Request, f.Grant is null ? RequestState.Pending : RequestState.Approved, null),
                RequestEnded f => new RequestAnsweredItem(position, seq, at, f.By, f.ByAgent, entry.Text(f.ByName), f.Request, f.State, entry.Text(f.Note)),
                _ => null,
            };
        }

        var (person, agent, name) = (fact.By.Person, fact.By.Agent, entry.Text(fact.By.Name));
        return fact switch
        {
            ConversationOpened f => new OpenedItem(position, seq, at, person, agent, name, entry.Text(f.Subject)),
            MessageSent f => new MessageItem(position, seq, at, person, agent, name, f.Message, entry.Text(f.Text), f.Attachments),
            ConversationShared f => new ShareItem(
                position, seq, at, person, agent, name, f.Share, f.Shared, entry.Text(f.Title), entry.Text(f.Body) is { } body ? ShareBody.Read(body) : null),
            ProposalMade f => new ProposalItem(position, seq, at, person, agent, name, f.Proposal),
            ProposalEnded f => new ProposalEndedItem(position, seq, at, person, agent, name, f.Proposal, f.State, entry.Text(f.Note)),
            ScreenshotsAsked f => new ScreenshotsItem(position, seq, at, person, agent, name, f.Screenshots),
            ScreenshotsEnded f => new ScreenshotsEndedItem(position, seq, at, person, agent, name, f.Screenshots, f.State, entry.Text(f.Note), f.Attachments),
            ConversationAssigned f => new AssignedItem(position, seq, at, person, agent, name, f.Agent, entry.Text(f.AgentName)),
            ConversationSolved => new StateItem(position, seq, at, person, agent, name, Solved: true),
            ConversationReopened => new StateItem(position, seq, at, person, agent, name, Solved: false),
            _ => null,
        };
    }
}
