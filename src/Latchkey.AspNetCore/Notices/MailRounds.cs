namespace Latchkey.AspNetCore;

/// <summary>
/// Sends the mails that wait. A server that is down delays them and holds up nothing else, and a host that fails over one delays that one; what could
/// not be sent within three days is given up. Nobody gets more than 20 mails an hour: what is beyond waits, and goes as one mail that says how many.
/// </summary>
internal sealed class MailRounds(
    SupportAccess access, Teller teller, MailSender sender, NoticeLinks links, HostInBackground host, TimeProvider time, ILogger<MailRounds> logger)
    : Rounds(time, logger)
{
    /// <summary>The most mails to one person in an hour.</summary>
    public const int MostPerHour = 20;

    /// <summary>How long a mail is tried.</summary>
    public static readonly TimeSpan TriedFor = TimeSpan.FromDays(3);

    private const int Batch = 500;
    private const string SeeNotices = "See your notices";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private DateTimeOffset _downUntil;
    private int _downs;

    protected override async Task<DateTimeOffset?> RunAsync(CancellationToken cancellation)
    {
        if (!sender.IsSetUp)
        {
            return null;
        }

        if (Time.GetUtcNow() < _downUntil)
        {
            return _downUntil;
        }

        var due = await access.Notices.ReadDeliveriesAsync(NoticeChannel.Email, Time.GetUtcNow(), Batch, cancellation);
        // What is left of an account for which the host fails comes with the next round, so that a host that is slow about it holds up no other account.
        var failing = new HashSet<AccountId>();
        foreach (var person in due.GroupBy(d => d.Delivery.Reader))
        {
            if (!await SendAsync([.. person], failing, cancellation))
            {
                await GiveUpAsync(due, cancellation);
                return _downUntil;
            }
        }

        _downs = 0;
        return await access.Notices.NextDeliveryAsync(NoticeChannel.Email, cancellation);
    }

    /// <summary>Sends to one person what waits for them. False where the server is down.</summary>
    private async Task<bool> SendAsync(
        IReadOnlyList<(NoticeDelivery Delivery, NoticeSource Source)> waiting, HashSet<AccountId> failing, CancellationToken cancellation)
    {
        var (to, left) = await SortAsync(waiting, failing, cancellation);
        if (to is null)
        {
            return true;
        }

        // What was sent a whole hour ago counts no more.
        var since = Time.GetUtcNow() - Hour + TimeSpan.FromMilliseconds(1);
        var sent = await access.Notices.ReadSentAsync(to.Reader, NoticeChannel.Email, since, cancellation);
        var free = MostPerHour - sent.Count;
        if (free <= 0)
        {
            // All of them at once, so that they go as one.
            await SettleAsync([.. left.SelectMany(m => m.Deliveries)], DeliveryState.Waiting, sent[^MostPerHour] + Hour + TimeSpan.FromMilliseconds(1), attempted: false, null, cancellation);
            return true;
        }

        var single = left.Count <= free ? left.Count : free - 1;
        foreach (var one in left.Take(single))
        {
            if (!await SendAsync(one.Deliveries, (services, stop) => WriteAsync(services, to, one, stop), failing, cancellation))
            {
                return false;
            }
        }

        NoticeDelivery[] rest = [.. left.Skip(single).SelectMany(m => m.Deliveries)];
        return rest.Length == 0 || await SendAsync(rest, (services, _) => Task.FromResult(WriteMany(services, to, rest)), failing, cancellation);
    }

    /// <summary>What is still to be told, as mails: messages of one conversation make one. Drops the rest, and puts off that of which the host can't say it.</summary>
    private async Task<(Recipient? To, IReadOnlyList<WaitingMail> Left)> SortAsync(
        IReadOnlyList<(NoticeDelivery Delivery, NoticeSource Source)> waiting, HashSet<AccountId> failing, CancellationToken cancellation)
    {
        Recipient? to = null;
        var left = new List<WaitingMail>();
        foreach (var (delivery, source) in waiting.Where(one => !failing.Contains(one.Delivery.Notice.Account)))
        {
            Recipient? found = null;
            if (await TryOneAsync(async () => found = await teller.FindRecipientAsync(host, delivery, cancellation), cancellation) is { } fault)
            {
                await PutOffAsync([delivery], failing, fault, cancellation);
                continue;
            }

            if (found is null)
            {
                await SettleAsync([delivery], DeliveryState.Dropped, Time.GetUtcNow(), attempted: false, null, cancellation);
                continue;
            }

            to = found;
            var same = left.FindIndex(m => m.Source is { Messages: not null, Notice: var of } && source.Messages is not null && of.Subject == source.Notice.Subject);
            if (same < 0)
            {
                left.Add(new([delivery], source));
            }
            else
            {
                left[same] = left[same].With(delivery, source);
            }
        }

        return (to, left);
    }

    private async Task<bool> SendAsync(
        IReadOnlyList<NoticeDelivery> deliveries, Func<IServiceProvider, CancellationToken, Task<Mail>> write, HashSet<AccountId> failing, CancellationToken cancellation)
    {
        Mail? mail = null;
        if (await TryOneAsync(async () => mail = await host.AskAsync(write, cancellation), cancellation) is { } fault)
        {
            await PutOffAsync(deliveries, failing, fault, cancellation);
            return true;
        }

        var outcome = await sender.SendAsync(mail!, cancellation);
        if (outcome.Problem is null)
        {
            // Not given up when the host stops now: the server has taken it.
            await SettleAsync(deliveries, DeliveryState.Sent, Time.GetUtcNow(), attempted: true, null, CancellationToken.None);
            return true;
        }

        _downUntil = outcome.IsServerDown ? Time.GetUtcNow() + NoticeRules.WaitAfter(_downs++) : _downUntil;
        foreach (var one in deliveries)
        {
            await TryLaterAsync(one, outcome.Problem, cancellation);
        }

        return !outcome.IsServerDown;
    }

    /// <summary>Tries mails again later for which the host fails. What it threw is for its log, and not for the customer.</summary>
    private async Task PutOffAsync(IReadOnlyList<NoticeDelivery> deliveries, HashSet<AccountId> failing, Exception fault, CancellationToken cancellation)
    {
        foreach (var one in deliveries)
        {
            failing.Add(one.Notice.Account);
            SayPutOff(one, await TryLaterAsync(one, "The mail could not be written.", cancellation), fault);
        }
    }

    private async Task<DateTimeOffset> TryLaterAsync(NoticeDelivery delivery, string problem, CancellationToken cancellation)
    {
        var next = Time.GetUtcNow() + NoticeRules.WaitAfter(delivery.Attempts);
        await SettleAsync([delivery], next > delivery.CreatedAt + TriedFor ? DeliveryState.GivenUp : DeliveryState.Waiting, next, attempted: true, problem, cancellation);
        return next;
    }

    /// <summary>A server that is down is not asked for each mail; those that waited too long are given up all the same.</summary>
    private async Task GiveUpAsync(IReadOnlyList<(NoticeDelivery Delivery, NoticeSource Source)> due, CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        NoticeDelivery[] old = [.. due.Select(d => d.Delivery).Where(d => d.CreatedAt + TriedFor <= now)];
        if (old.Length > 0)
        {
            await SettleAsync(old, DeliveryState.GivenUp, now, attempted: false, "The mail server was down for three days.", cancellation);
        }
    }

    private Task SettleAsync(
        IReadOnlyList<NoticeDelivery> deliveries, DeliveryState state, DateTimeOffset next, bool attempted, string? problem, CancellationToken cancellation) =>
        access.Notices.SettleAsync(new DeliveryOutcome([.. deliveries.Select(d => d.Id)], state, Time.GetUtcNow(), next, attempted, problem), cancellation);

    private async Task<Mail> WriteAsync(IServiceProvider services, Recipient to, WaitingMail mail, CancellationToken cancellation)
    {
        var reader = to.Reader.IsAgent ? null : new Member(new PersonId(to.Id), mail.Source.Notice.Account, to.Name, to.VerifiedEmail);
        var (source, text, path) = await services.GetRequiredService<NoticeDoors>().ReadAsync(mail.Source, reader, cancellation);
        var details = source.Notice.Kind == NoticeKind.Report
            ? await services.GetRequiredService<ReportSummary>().LinesAsync(source.Notice, cancellation)
            : [];
        return new Mail(
            IdOf(mail.Deliveries[0]), to, text.Subject, text.Sentence, LinkTo(services, path ?? links.Inbox),
            path is null ? SeeNotices : SeeWhat(text.Place, to.Reader.IsAgent), details);
    }

    private Mail WriteMany(IServiceProvider services, Recipient to, NoticeDelivery[] deliveries) => new(
        IdOf(deliveries[0]), to, $"{deliveries.Length} more notices about support access",
        $"{deliveries.Length} more things happened around support access than are mailed one by one; they are listed in your notices.",
        LinkTo(services, links.Inbox), SeeNotices, []);

    private static string SeeWhat(NoticePlace place, bool isAgent) => place switch
    {
        NoticePlace.Conversation => "Open the conversation",
        _ when isAgent => "Open the console",
        NoticePlace.Report => "Read the report",
        NoticePlace.Activity => "See what was done",
        _ => "See support access",
    };

    private static Uri LinkTo(IServiceProvider services, string path) => SitePath.Of(services.GetRequiredService<INoticeHost>().BaseAddress, path);

    private static string IdOf(NoticeDelivery delivery) => $"notice-{delivery.Id}";
}

/// <summary>One mail to be: the deliveries that it settles, and what the newest of them tells.</summary>
internal sealed record WaitingMail(IReadOnlyList<NoticeDelivery> Deliveries, NoticeSource Source)
{
    /// <summary>The same mail, standing for further messages of the same conversation.</summary>
    public WaitingMail With(NoticeDelivery delivery, NoticeSource source)
    {
        var (one, other) = (Source.Messages!, source.Messages!);
        var newest = source.Notice.Entry > Source.Notice.Entry ? source : Source;
        var several = one.OfSeveral || other.OfSeveral || (Source.Fact as ConversationFact)?.By.Key != (source.Fact as ConversationFact)?.By.Key;
        return new([.. Deliveries, delivery], newest with { Messages = new(one.Subject, one.Count + other.Count, several) });
    }
}
