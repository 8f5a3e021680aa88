using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Latchkey.AspNetCore;

/// <summary>Calls webhooks for what waits, accounts side by side and each account's in its order; a slow one holds up nobody else for long.</summary>
internal sealed class HookRounds(
    SupportAccess access, HookSender sender, HookSecrets secrets, NoticeLinks links, TimeProvider time, ILogger<HookRounds> logger)
    : Rounds(time, logger)
{
    /// <summary>The wait after the first attempt, the second, and so on; after the last of them it is given up. From the specification's recommendation.</summary>
    public static readonly IReadOnlyList<TimeSpan> Backoff =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14),
    ];

    private const int Batch = 200;
    private const int SideBySide = 8;

    protected override async Task<DateTimeOffset?> RunAsync(CancellationToken cancellation)
    {
        var due = await access.Notices.ReadDeliveriesAsync(NoticeChannel.Webhook, Time.GetUtcNow(), Batch, cancellation);
        await Parallel.ForEachAsync(
            due.GroupBy(d => d.Delivery.Reader),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellation },
            async (account, stop) =>
            {
                foreach (var (delivery, source) in account)
                {
                    var goesOn = false;
                    if (await TryOneAsync(async () => goesOn = await DeliverAsync(delivery, source, stop), stop) is { } fault)
                    {
                        SayPutOff(delivery, await TryLaterAsync(delivery, "The call could not be made."), fault);
                    }

                    if (!goesOn)
                    {
                        // The others of this account come with the next round, so that a slow one holds up no other account.
                        break;
                    }
                }
            });
        return await access.Notices.NextDeliveryAsync(NoticeChannel.Webhook, cancellation);
    }

    private async Task<bool> DeliverAsync(NoticeDelivery delivery, NoticeSource source, CancellationToken cancellation)
    {
        if (await access.Notices.FindHookAsync(delivery.Notice.Account, cancellation) is not { } hook || secrets.Open(hook.Secret) is not { } secret)
        {
            await SettleAsync(delivery, DeliveryState.GivenUp, "The webhook's secret can't be read any more: set the webhook anew.");
            return true;
        }

        var (problem, isGone) = await sender.SendAsync(hook.Url, $"msg_{delivery.Id}", BodyOf(source), secret, cancellation);
        if (problem is not null && !isGone)
        {
            await TryLaterAsync(delivery, problem);
            return IsLastTry(delivery);
        }

        await SettleAsync(delivery, problem is null ? DeliveryState.Sent : DeliveryState.GivenUp, problem);
        return true;
    }

    private static bool IsLastTry(NoticeDelivery delivery) => delivery.Attempts >= Backoff.Count;

    private Task<DateTimeOffset> TryLaterAsync(NoticeDelivery delivery, string problem) =>
        SettleAsync(delivery, IsLastTry(delivery) ? DeliveryState.GivenUp : DeliveryState.Waiting, problem);

    private async Task<DateTimeOffset> SettleAsync(NoticeDelivery delivery, DeliveryState state, string? problem)
    {
        var now = Time.GetUtcNow();
        var next = now + Backoff[Math.Min(delivery.Attempts, Backoff.Count - 1)];
        await access.Notices.SettleAsync(new DeliveryOutcome([delivery.Id], state, now, next, Attempted: true, problem), CancellationToken.None);
        return next;
    }

    /// <summary>Ids, names and times, and what a conversation is about: no message, and no secret.</summary>
    private string BodyOf(NoticeSource source)
    {
        var notice = source.Notice;
        return JsonSerializer.Serialize(
            new HookBody(
                $"support_access.{AccessReader.Slug(notice.Kind)}",
                notice.Due,
                new HookData(
                    notice.Account.Value, notice.App?.Value, source.Name?.Slug, notice.Subject, notice.At, links.TextOf(source).Subject)),
            Wire.Json);
    }
}

/// <summary>What a webhook is told.</summary>
internal sealed record HookBody(string Type, DateTimeOffset Timestamp, HookData Data);

/// <summary>What happened: ids and names.</summary>
internal sealed record HookData(string Account, string? App, string? AppSlug, string Subject, DateTimeOffset At, string Title);

/// <summary>Protects webhooks' secrets with the host's data protection keys: the store alone can't read them.</summary>
internal sealed class HookSecrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Latchkey.Notices.WebhookSecret");

    public byte[] Seal(string secret) => _protector.Protect(System.Text.Encoding.UTF8.GetBytes(secret));

    /// <summary>The secret; null where the keys that protected it are gone.</summary>
    public string? Open(byte[] secret)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(_protector.Unprotect(secret));
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }
}
