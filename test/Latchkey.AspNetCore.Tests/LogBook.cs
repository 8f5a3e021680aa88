using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Latchkey.AspNetCore.Tests;

/// <summary>What a host's engineer reads: each line of Latchkey's log with the number of its event.</summary>
internal sealed class LogBook : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(int Event, LogLevel Level, string Text)> _lines = new();

    public IReadOnlyList<(int Event, LogLevel Level, string Text)> Lines => [.. _lines];

    /// <summary>The lines of one event.</summary>
    public IReadOnlyList<string> Of(int number) => [.. _lines.Where(line => line.Event == number).Select(line => line.Text)];

    public void Clear() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
