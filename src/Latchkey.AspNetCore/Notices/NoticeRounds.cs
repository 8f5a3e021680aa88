namespace Latchkey.AspNetCore;

/// <summary>Turns what happens into notices and spreads them, right after it happened and when warnings are due.</summary>
internal sealed class NoticeRounds(
    SupportAccess access, Teller teller, MailSender sender, MailRounds mails, HookRounds hooks, HostInBackground host, TimeProvider time, ILogger<NoticeRounds> logger)
    : Rounds(time, logger)
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // It listens before it looks for the first time: nothing falls between.
        var listening = ListenAsync(stoppingToken);
        await base.ExecuteAsync(stoppingToken);
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task<DateTimeOffset?> RunAsync(CancellationToken cancellation)
    {
        await teller.PlanAsync(cancellation);
        await teller.SpreadAsync(host, sender.IsSetUp, cancellation);
        mails.Ring();
        hooks.Ring();
        return await access.Notices.NextDueAsync(cancellation);
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        await foreach (var item in access.Feed.ListenAsync(stop))
        {
            // What its own rounds tell is no news to it.
            if (item.Kind != FeedKind.Inbox)
            {
                Ring();
            }
        }
    }
}
