using Latchkey.Testing;
using Microsoft.Extensions.Logging;

namespace Latchkey.Tests.Storage;

/// <summary>A clock that a test lets throw. Whatever decides, folds, publishes or listens reads it at some place.</summary>
internal sealed class FaultyClock(ManualClock inner) : TimeProvider
{
    /// <summary>Where set, is called before it is read, and may throw.</summary>
    public Action? At { get; set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        At?.Invoke();
        return inner.GetUtcNow();
    }

    public override long GetTimestamp()
    {
        At?.Invoke();
        return inner.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}

/// <summary>A log that can't be written either.</summary>
internal sealed class FaultyLog : ILogger<SupportAccess>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        throw new InvalidOperationException("The test's log is full.");
}
