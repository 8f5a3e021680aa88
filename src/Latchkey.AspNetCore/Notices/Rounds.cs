using System.Threading.Channels;

namespace Latchkey.AspNetCore;

/// <summary>Work that is done in rounds: when somebody rings, when something is due, and at least once a minute.</summary>
internal abstract partial class Rounds(TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan AtLeast = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterAFault = TimeSpan.FromSeconds(5);
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected TimeProvider Time => time;

    /// <summary>Says that there is something to do.</summary>
    public void Ring() => _bell.Writer.TryWrite(true);

    /// <summary>Does what there is to do. Answers when something is due next, where that is known.</summary>
    protected abstract Task<DateTimeOffset?> RunAsync(CancellationToken cancellation);

    /// <summary>Does one of the things of a round. What the host's own code throws in it fails that alone.</summary>
    /// <returns>What was thrown; null where it is done.</returns>
    /// <exception cref="LedgerStoreException">The store can't be read or written: nothing of the round can be done.</exception>
    protected static async Task<Exception?> TryOneAsync(Func<Task> one, CancellationToken cancellation)
    {
        try
        {
            await one();
            return null;
        }
#pragma warning disable CA1031 // The host's own code runs here; whatever it throws must not hold up what others are told.
        catch (Exception e) when (e is not LedgerStoreException && !cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    /// <summary>Says that something could not be brought to whom it is for, and when that is tried again.</summary>
    protected void SayPutOff(NoticeDelivery delivery, DateTimeOffset until, Exception fault) =>
        PutOff(logger, delivery.Notice.Key, delivery.Notice.Account, delivery.Id, delivery.Attempts + 1, until, fault);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await RestAsync(await TryAsync(stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not done is done after the next start.
        }
    }

    private async Task<DateTimeOffset> TryAsync(CancellationToken stop)
    {
        try
        {
            var next = await RunAsync(stop);
            var latest = time.GetUtcNow() + AtLeast;
            return next < latest ? next.Value : latest;
        }
        catch (LedgerStoreException e)
        {
            CantTell(logger, e.Message);
        }
#pragma warning disable CA1031 // The host's own code runs in a round; whatever it throws must not end the telling of everything after it.
        catch (Exception e) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Failed(logger, e);
        }

        return time.GetUtcNow() + AfterAFault;
    }

    private async Task RestAsync(DateTimeOffset until, CancellationToken stop)
    {
        var rest = until - time.GetUtcNow();
        using var rested = new CancellationTokenSource(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, time);
        if (time.GetUtcNow() >= until)
        {
            // A clock that moved on before the alarm was set would never set it off.
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(rested.Token, stop);
        try
        {
            await _bell.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The time has come.
        }
    }

    [LoggerMessage(1301, LogLevel.Warning, "People can't be told of support access just now; it is tried again. {Problem}")]
    private static partial void CantTell(ILogger logger, string problem);

    [LoggerMessage(1302, LogLevel.Error, "A round of telling people of support access failed; it is tried again.")]
    private static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(1304, LogLevel.Error,
        "The host failed while the notice '{Notice}' of account {Account} was brought to somebody (delivery {Delivery}): it waits, after {Tries} tries, until {Until}. Others go on.")]
    private static partial void PutOff(ILogger logger, string notice, AccountId account, string delivery, int tries, DateTimeOffset until, Exception exception);
}
