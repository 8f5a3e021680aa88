namespace Latchkey;

/// <summary>
/// Turns what happened into notices, and notices into inbox lines and deliveries. Each round goes on where the last one ended,
/// whichever process ran it; one process at a time runs rounds.
/// </summary>
/// <param name="access">Whose entries are told, and what is on now.</param>
public sealed class Teller(SupportAccess access)
{
    private const int Batch = 200;

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

    /// <summary>Spreads every notice that is due to whom it is for now.</summary>
    /// <param name="host">Says who that is.</param>
    /// <param name="mail">Whether mails can be sent at all.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="LedgerStoreException">The store can't be read or written; the next round goes on from here.</exception>
    public async Task SpreadAsync(INoticeHost host, bool mail, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        var audience = new NoticeAudience(host, access.History);
        while (await Store.ReadDueAsync(access.Now, Batch, cancellation) is { Count: > 0 } due)
        {
            foreach (var source in due)
            {
                var notice = source.Notice;
                if (!await IsStillNewsAsync(notice, cancellation))
                {
                    await Store.SpreadAsync(notice.Key, access.Now, [], [], cancellation);
                    continue;
                }

                var choice = await ChoiceAsync(notice, cancellation);
                var people = IsForCustomers(source) ? await audience.OfCustomerAsync(notice, choice, cancellation) : [];
                var agents = await audience.OfSupportAsync(notice, access.Now, cancellation);
                var hook = choice.Webhook && IsForCustomers(source) ? await Store.FindHookAsync(notice.Account, cancellation) : null;
                ReaderId[] inboxes = [.. people.Where(_ => choice.InApp).Concat(agents).Select(p => p.Reader)];
                await Store.SpreadAsync(
                    notice.Key,
                    access.Now,
                    inboxes,
                    [
                        .. people.Where(p => mail && choice.Email && p.VerifiedEmail is not null).Select(p => (p.Reader, NoticeChannel.Email)),
                        .. hook is null ? [] : new[] { (ReaderId.HookOf(notice.Account), NoticeChannel.Webhook) },
                    ],
                    cancellation);
                foreach (var inbox in inboxes)
                {
                    access.Feed.Tell(notice.Account, inbox);
                }
            }
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
        var choice = await ChoiceAsync(delivery.Notice, cancellation);
        return choice.Email && await IsStillNewsAsync(delivery.Notice, cancellation)
            ? (await new NoticeAudience(host, access.History).OfCustomerAsync(delivery.Notice, choice, cancellation))
                .FirstOrDefault(p => p.Reader == delivery.Reader && p.VerifiedEmail is not null)
            : null;
    }

    private async Task<bool> IsEnteredAsync(List<Notice> planned, GrantId grant, CancellationToken cancellation)
    {
        var key = NoticeRules.KeyOfFirstEntry(grant);
        return planned.Exists(n => n.Key == key) || await Store.IsPlannedAsync(key, cancellation);
    }

    private async Task<NoticeChoice> ChoiceAsync(Notice notice, CancellationToken cancellation) =>
        NoticeChoices.Of(notice.Kind, await Store.ReadChoicesAsync(notice.Account, cancellation));

    // Who answered a request needs no word of it; that it was taken back or lapsed is news to them.
    private static bool IsForCustomers(NoticeSource source) =>
        source.Notice.Kind != NoticeKind.RequestAnswered || source.Fact is RequestEnded { State: RequestState.Withdrawn or RequestState.Expired };

    // A request is news while it can be answered.
    private async Task<bool> IsStillNewsAsync(Notice notice, CancellationToken cancellation) =>
        notice.Kind == NoticeKind.Request
            ? await access.History.ReadRequestsAsync(new RequestQuery(Request: new RequestId(notice.Subject), Limit: 1), cancellation)
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
}
