namespace Latchkey;

/// <summary>
/// Where notices, inboxes and deliveries are kept: ordinary tables beside the ledger, which no entry stands behind. Specified here
/// in prose and tested by one contract suite that every store passes.
/// <para><b>Nothing is lost and nothing told twice.</b> A cursor says up to which position entries were turned into notices; it moves
/// in the transaction that keeps these notices, and never back. A notice is known by its key for ever: planned again, it stays as it
/// is. Spreading keeps inbox lines and deliveries in the transaction that marks the notice as spread, so that a process killed
/// anywhere goes on where it was. A store made from a ledger with a past begins behind that past.</para>
/// <para><b>One holds up no other.</b> A notice that is set aside is due again at its own time; the others keep theirs.</para>
/// <para><b>What was acknowledged is durable.</b> A failure is a <see cref="LedgerStoreException"/> that says whether trying again
/// can help; a store that is not open yet fails as transient.</para>
/// </summary>
public interface INoticeStore
{
    /// <summary>The most lines kept in one inbox: older ones make room.</summary>
    const int MaxInbox = 500;

    /// <summary>The oldest entries behind the cursor.</summary>
    Task<IReadOnlyList<NewEntry>> ReadNewAsync(int limit, CancellationToken cancellation);

    /// <summary>Answers whether a notice of this key was planned ever.</summary>
    Task<bool> IsPlannedAsync(string key, CancellationToken cancellation);

    /// <summary>Keeps notices whose keys are new and moves the cursor to <paramref name="through"/>, all at once. A cursor that is there or further stays.</summary>
    Task PlanAsync(IReadOnlyList<Notice> notices, long through, CancellationToken cancellation);

    /// <summary>The oldest notices that are due, were not spread and are not set aside, with what their words are made of.</summary>
    Task<IReadOnlyList<NoticeSource>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>
    /// Marks a notice as spread, puts it into inboxes and queues deliveries, due now, all at once. One that was spread already
    /// stays as it is. The oldest lines of an inbox beyond <see cref="MaxInbox"/> are forgotten.
    /// <para>Messages are bundled: a line that was not seen, and a delivery that was not tried, make room for one that stands for
    /// the conversation's new message too. Mails on them are due <see cref="NoticeRules.MessagesWait"/> after the first. Whoever has
    /// seen the conversation up to the message is not told of it.</para>
    /// </summary>
    /// <returns>Whether this spread it.</returns>
    Task<bool> SpreadAsync(
        string key, DateTimeOffset now, IReadOnlyCollection<ReaderId> inboxes, IReadOnlyCollection<(ReaderId Reader, NoticeChannel Channel)> deliveries, CancellationToken cancellation);

    /// <summary>Sets a notice aside that could not be spread: it is due at <paramref name="until"/>, and counts one try more. One that was spread stays as it is.</summary>
    Task SetAsideAsync(string key, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>How much could not be told so far and is tried again.</summary>
    Task<NoticeTrouble> CountTroubleAsync(CancellationToken cancellation);

    /// <summary>When the next notice is due, those that are set aside included; null where none waits.</summary>
    Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellation);

    /// <summary>A reader's lines, newest first, below a number.</summary>
    Task<IReadOnlyList<InboxLine>> ReadInboxAsync(ReaderId reader, long before, int limit, CancellationToken cancellation);

    /// <summary>How many lines a reader has not seen.</summary>
    Task<int> CountUnseenAsync(ReaderId reader, CancellationToken cancellation);

    /// <summary>Marks a reader's lines up to and including a number as seen.</summary>
    Task SeeAsync(ReaderId reader, long upTo, CancellationToken cancellation);

    /// <summary>Deliveries of a channel that wait and are due, the longest waiting first.</summary>
    Task<IReadOnlyList<(NoticeDelivery Delivery, NoticeSource Source)>> ReadDeliveriesAsync(NoticeChannel channel, DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>When the next delivery of a channel is due; null where none waits.</summary>
    Task<DateTimeOffset?> NextDeliveryAsync(NoticeChannel channel, CancellationToken cancellation);

    /// <summary>When things were sent to a reader since an instant: one time for each mail or call, oldest first.</summary>
    Task<IReadOnlyList<DateTimeOffset>> ReadSentAsync(ReaderId reader, NoticeChannel channel, DateTimeOffset since, CancellationToken cancellation);

    /// <summary>Keeps what came of deliveries that wait. Those that no longer wait stay as they are.</summary>
    Task SettleAsync(DeliveryOutcome outcome, CancellationToken cancellation);

    /// <summary>The newest deliveries of an account that were given up.</summary>
    Task<IReadOnlyList<LostDelivery>> ReadLostAsync(AccountId account, int limit, CancellationToken cancellation);

    /// <summary>What an account's owner chose, by kind; kinds left at their default are absent.</summary>
    Task<IReadOnlyDictionary<NoticeKind, NoticeChoice>> ReadChoicesAsync(AccountId account, CancellationToken cancellation);

    /// <summary>Keeps what an account's owner chose, in place of what was kept for these kinds.</summary>
    Task WriteChoicesAsync(AccountId account, IReadOnlyDictionary<NoticeKind, NoticeChoice> choices, CancellationToken cancellation);

    /// <summary>For which kinds somebody chose whether they are mailed; kinds left at their default are absent.</summary>
    Task<IReadOnlyDictionary<NoticeKind, bool>> ReadMailChoicesAsync(ReaderId reader, CancellationToken cancellation);

    /// <summary>Keeps what somebody chose, in place of what was kept for these kinds.</summary>
    Task WriteMailChoicesAsync(ReaderId reader, IReadOnlyDictionary<NoticeKind, bool> choices, CancellationToken cancellation);

    /// <summary>An account's webhook; null where there is none.</summary>
    Task<NoticeHook?> FindHookAsync(AccountId account, CancellationToken cancellation);

    /// <summary>Sets an account's webhook, or removes it; what waits for one that is removed is dropped.</summary>
    Task WriteHookAsync(AccountId account, NoticeHook? hook, CancellationToken cancellation);
}
