using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Latchkey;

/// <summary>
/// Turns what happened into notices, and notices into inbox lines and deliveries. Each round goes on where the last one ended,
/// whichever process ran it; one process at a time runs rounds.
/// </summary>
/// <param name="access">Whose entries are told, and what is on now.</param>
/// <param name="logger">Where it is said which notices are set aside. Default: nowhere.</param>
public sealed partial class Teller(SupportAccess access, ILogger<Teller>? logger = null)
{
    private const int Batch = 200;
    private const int SideBySide = 8;
    private readonly ILogger _logger = logger ?? NullLogger<Teller>.Instance;

    private INoticeStore Store => access.Notices;

    /// <summary>Turns every entry that nobody was told of into notices.</summary>
    /// <exception cref="LedgerStoreException">The store can't be read or written; the next round goes on from here.</exception>
    public async Task PlanAsync(CancellationToken cancellation)
    {
        while (await Store.ReadNewAsync(Batch, cancellation) is { Count: > 0 } entries)
        {
            var notices = new List<Notice>();
            foreach (var entry in entries)
            {
                var entered = entry.Fact is SessionOpened opened && await IsEnteredAsync(notices, opened.Grant, cancellation);
                notices.AddRange(NoticeRules.Of(entry, _ => entered));
            }

            await Store.PlanAsync(notices, entries[^1].Position, cancellation);
        }
    }

    /// <summary>
    /// Spreads every notice that is due to whom it is for now: accounts side by side, each account's in their order. One for which the host throws
    /// holds up nothing else: it is set aside, and tried again after <see cref="NoticeRules.WaitAfter"/>, for as long as it is news.
    /// </summary>
    /// <param name="host">Says who that is. It is asked about several accounts at the same time.</param>
    /// <param name="mail">Whether mails can be sent at all.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="LedgerStoreException">The store can't be read or written; the next round goes on from here.</exception>
    public async Task SpreadAsync(INoticeHost host, bool mail, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        var options = new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellation };
        while (await Store.ReadDueAsync(access.Now, Batch, cancellation) is { Count: > 0 } due)
        {
            await Parallel.ForEachAsync(due.GroupBy(source => source.Notice.Account), options, async (account, stop) =>
            {
                foreach (var source in account)
                {
                    if (!await TrySpreadAsync(host, mail, source, stop))
                    {
                        // The others of this account come with what is due next, so that a host that is slow about it holds up no other account.
                        break;
                    }
                }
            });
        }
    }

    /// <summary>Notes what somebody has seen of a conversation, and tells the pages that show their notices of it.</summary>
    /// <exception cref="LedgerStoreException">The store can't be written.</exception>
    public async Task SeeAsync(AccountId account, ReaderId reader, ConversationId conversation, long position, CancellationToken cancellation)
    {
        if (await access.Conversations.MarkSeenAsync(conversation, reader.SpeakerKey, position, cancellation))
        {
            access.Feed.Tell(account, reader);
        }
    }

    /// <summary>Marks lines of an inbox as seen, up to and including a number, and tells the pages that show it.</summary>
    public async Task SeeAsync(AccountId account, ReaderId reader, long upTo, CancellationToken cancellation)
    {
        await Store.SeeAsync(reader, upTo, cancellation);
        access.Feed.Tell(account, reader);
    }

    /// <summary>The person that a mail waits for, as the host knows them now; null where they are no longer to be told.</summary>
    public async Task<Recipient?> FindRecipientAsync(INoticeHost host, NoticeDelivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        var notice = delivery.Notice;
        var audience = new NoticeAudience(host, access);
        if (!await IsStillNewsAsync(notice, cancellation) || !await WantsMailAsync(delivery.Reader, notice.Kind, cancellation))
        {
            return null;
        }

        if (delivery.Reader.IsAgent)
        {
            var support = await audience.OfSupportAsync(notice, isOfCustomer: false, cancellation);
            return support.Mail ? support.People.FirstOrDefault(IsTheirs) : null;
        }

        var choice = await ChoiceAsync(notice, cancellation);
        return choice.Email ? (await audience.OfCustomerAsync(notice, choice, cancellation)).FirstOrDefault(IsTheirs) : null;

        bool IsTheirs(Recipient who) => who.Reader == delivery.Reader && who.VerifiedEmail is not null;
    }

    /// <summary>Spreads one notice, or sets it aside. False where it was set aside.</summary>
    private async Task<bool> TrySpreadAsync(INoticeHost host, bool mail, NoticeSource source, CancellationToken cancellation)
    {
        try
        {
            await SpreadAsync(host, mail, source, cancellation);
            return true;
        }
#pragma warning disable CA1031 // The host's own code runs here; whatever it throws must not hold up what others are told.
        catch (Exception e) when (e is not LedgerStoreException && !cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var until = access.Now + NoticeRules.WaitAfter(source.Tries);
            await Store.SetAsideAsync(source.Notice.Key, until, cancellation);
            LogSetAside(_logger, source.Notice.Key, source.Notice.Account, source.Tries + 1, until, e);
            return false;
        }
    }

    private async Task SpreadAsync(INoticeHost host, bool mail, NoticeSource source, CancellationToken cancellation)
    {
        var notice = source.Notice;
        if (!await IsStillNewsAsync(notice, cancellation))
        {
            await Store.SpreadAsync(notice.Key, access.Now, [], [], cancellation);
            return;
        }

        var audience = new NoticeAudience(host, access);
        var choice = await ChoiceAsync(notice, cancellation);
        var by = (source.Fact as ConversationFact)?.By;
        ReaderId? author = by is null ? null : ReaderId.OfSpeaker(notice.Account, by.Key);
        var isForCustomers = await IsForCustomersAsync(source, cancellation);
        var customers = (isForCustomers ? await audience.OfCustomerAsync(notice, choice, cancellation) : []).Where(p => p.Reader != author).ToList();
        var support = await audience.OfSupportAsync(notice, isOfCustomer: by?.Person is not null, cancellation);
        var agents = support.People.Where(p => p.Reader != author).ToList();
        ReaderId[] inboxes = [.. customers.Where(_ => choice.InApp).Concat(agents).Select(p => p.Reader)];
        var deliveries = new List<(ReaderId, NoticeChannel)>();
        foreach (var person in customers.Where(_ => choice.Email).Concat(agents.Where(_ => support.Mail)))
        {
            if (mail && person.VerifiedEmail is not null && await WantsMailAsync(person.Reader, notice.Kind, cancellation))
            {
                deliveries.Add((person.Reader, NoticeChannel.Email));
            }
        }

        // A customer's own messages are no news to its webhook.
        if (choice.Webhook && isForCustomers && by?.Person is null && await Store.FindHookAsync(notice.Account, cancellation) is not null)
        {
            deliveries.Add((ReaderId.HookOf(notice.Account), NoticeChannel.Webhook));
        }

        await Store.SpreadAsync(notice.Key, access.Now, inboxes, deliveries, cancellation);
        foreach (var inbox in inboxes)
        {
            access.Feed.Tell(notice.Account, inbox);
        }
    }

    private async Task<bool> WantsMailAsync(ReaderId reader, NoticeKind kind, CancellationToken cancellation) =>
        NoticeChoices.WantsMail(reader, kind, await Store.ReadMailChoicesAsync(reader, cancellation));

    private async Task<bool> IsEnteredAsync(List<Notice> planned, GrantId grant, CancellationToken cancellation)
    {
        var key = NoticeRules.KeyOfFirstEntry(grant);
        return planned.Exists(n => n.Key == key) || await Store.IsPlannedAsync(key, cancellation);
    }

    private async Task<NoticeChoice> ChoiceAsync(Notice notice, CancellationToken cancellation) =>
        NoticeChoices.Of(notice.Kind, await Store.ReadChoicesAsync(notice.Account, cancellation));

    // Who answered a request needs no word of it; that it was taken back or lapsed is news to them. What the customer asked among
    // themselves is theirs to hear, and that it was allowed they hear as access that is on.
    private async Task<bool> IsForCustomersAsync(NoticeSource source, CancellationToken cancellation) =>
        source.Notice.Account != AccountId.Vendor
        && (source.Notice.Kind != NoticeKind.RequestAnswered
            || source.Fact is RequestEnded { State: RequestState.Withdrawn or RequestState.Expired }
            || (source.Fact is RequestEnded
                && await access.History.ReadRequestsAsync(
                    new RequestQuery(source.Notice.Account, Request: new RequestId(source.Notice.Subject), Limit: 1), cancellation) is [{ Person: not null }]));

    // A request is news while it can be answered.
    private async Task<bool> IsStillNewsAsync(Notice notice, CancellationToken cancellation) =>
        notice.Kind == NoticeKind.Request
            ? await access.History.ReadRequestsAsync(new RequestQuery(notice.Account, Request: new RequestId(notice.Subject), Limit: 1), cancellation)
                is [{ State: RequestState.Pending } request] && access.Now < request.Expires
            : IsStillNews(notice);

    // That an end is near is news only while that very end still stands, and only the nearest warning is.
    private bool IsStillNews(Notice notice)
    {
        if (notice.Kind != NoticeKind.Ending)
        {
            return true;
        }

        var now = access.Now;
        var grants = notice.App is { } app ? access.Find(app)?.Grants : access.Find(notice.Account).Grants;
        return grants?.FirstOrDefault(g => g.Id.Value == notice.Subject) is { } grant
            && grant.Until == notice.At
            && grant.IsLive(now)
            && !NoticeRules.Warnings.Any(w => notice.At - w > notice.Due && notice.At - w <= now);
    }

    [LoggerMessage(1303, LogLevel.Error,
        "The host could not say whom the notice '{Notice}' of account {Account} is for: it is set aside, after {Tries} tries, until {Until}. Others go on.")]
    private static partial void LogSetAside(ILogger logger, string notice, AccountId account, int tries, DateTimeOffset until, Exception exception);
}
