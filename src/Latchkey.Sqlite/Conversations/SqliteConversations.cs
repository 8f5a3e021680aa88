namespace Latchkey.Sqlite;

/// <summary>Conversations as they lie in the store.</summary>
internal sealed class SqliteConversations(SqliteStore store) : IConversations
{
    public async Task<ConversationRecord?> FindAsync(ConversationId id, string? reader, CancellationToken cancellation) =>
        await store.ReadAsync(connection => ConversationSql.Find(connection, id, reader), cancellation);

    public Task<IReadOnlyList<ConversationRecord>> ReadAsync(ConversationQuery query, CancellationToken cancellation)
    {
        CheckLimit(query.Limit);
        return store.ReadAsync(connection => ConversationSql.Read(connection, query), cancellation);
    }

    public Task<IReadOnlyList<ConversationItem>> ReadItemsAsync(ConversationId id, long before, int limit, CancellationToken cancellation)
    {
        CheckLimit(limit);
        return store.ReadAsync(connection => ConversationItems.Read(connection, id, before, limit), cancellation);
    }

    public Task<IReadOnlyList<ProposalRecord>> ReadProposalsAsync(ProposalQuery query, CancellationToken cancellation)
    {
        CheckLimit(query.Limit);
        return store.ReadAsync(connection => ProposalSql.Read(connection, query), cancellation);
    }

    public Task<IReadOnlyList<ScreenshotsRecord>> ReadScreenshotsAsync(ScreenshotsQuery query, CancellationToken cancellation)
    {
        CheckLimit(query.Limit);
        return store.ReadAsync(connection => ScreenshotsSql.Read(connection, query), cancellation);
    }

    public Task<IReadOnlyList<string>> ReadSpeakersAsync(ConversationId id, CancellationToken cancellation) =>
        store.ReadAsync<IReadOnlyList<string>>(connection => ConversationSql.Speakers(connection, id), cancellation);

    // Most pages are looked at more than once, and what is noted already needs no disk.
    public async Task<bool> MarkSeenAsync(ConversationId id, string reader, long position, CancellationToken cancellation) =>
        await store.ReadAsync(connection => ConversationSql.SeenUpTo(connection, id, reader), cancellation) < position
        && await store.WriteAsync(connection => ConversationSql.MarkSeen(connection, id, reader, position), cancellation);

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, IHistory.MaxPage);
    }
}
