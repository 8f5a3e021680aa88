using System.Buffers;
using System.Text;

namespace Buildyard;

/// <summary>
/// Writes a build's log: redacted, and bounded for what steps print. The engine's own lines are written beyond the bound too.
/// Safe to be called by the pump of the sandbox's output and by the run at one time.
/// </summary>
internal sealed class LogWriter(BuildOutput output, Redactor redactor, long bound, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _ready = new(64 * 1024);
    private Redactor _redactor = redactor;
    private long _printed;
    private long _heard = clock.GetTimestamp();
    private bool _isLineOpen;

    /// <summary>The byte that the next line of the engine begins at.</summary>
    public long Position => output.View.Length;

    /// <summary>How long nothing was printed by a step.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref _heard));

    /// <summary>Starts counting silence anew.</summary>
    public void Listen() => Volatile.Write(ref _heard, clock.GetTimestamp());

    /// <summary>From here on these values are hidden too.</summary>
    public void Hide(Redactor redactor)
    {
        lock (_gate)
        {
            FlushHeld();
            _redactor = redactor;
        }
    }

    /// <summary>What a step printed.</summary>
    public void Print(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return;
        Listen();
        lock (_gate)
        {
            if (_printed > bound) return;
            _redactor.Write(text, _ready);
            Pass();
        }
    }

    /// <summary>A line of the engine itself.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            FlushHeld();
            if (_isLineOpen) _ready.Write("\n"u8);
            _redactor.Write(Encoding.UTF8.GetBytes(line), _ready);
            _redactor.Flush(_ready);
            _ready.Write("\n"u8);
            Append();
        }
    }

    /// <summary>Passes on what was held back: whoever printed it prints no more.</summary>
    public void Flush()
    {
        lock (_gate) FlushHeld();
    }

    private void FlushHeld()
    {
        _redactor.Flush(_ready);
        if (_printed <= bound) Pass();
        else _ready.ResetWrittenCount();
    }

    /// <summary>Appends what is ready as far as the bound allows, and says so where it ends.</summary>
    private void Pass()
    {
        var room = bound - _printed;
        _printed += _ready.WrittenCount;
        if (_ready.WrittenCount > room)
        {
            var kept = _ready.WrittenSpan[..(int)room].ToArray();
            _ready.ResetWrittenCount();
            _ready.Write(kept);
            _ready.Write(Encoding.UTF8.GetBytes($"\n{Ansi.Yellow}Output stopped at {Sizes.InWords(bound)}: what the steps print from here on is not kept.{Ansi.Plain}\n"));
        }
        Append();
    }

    private void Append()
    {
        if (_ready.WrittenCount == 0) return;
        _isLineOpen = _ready.WrittenSpan[^1] != (byte)'\n';
        output.Append(_ready.WrittenSpan);
        _ready.ResetWrittenCount();
    }
}

/// <summary>The few colours that the engine's own lines use.</summary>
internal static class Ansi
{
    public const string Plain = "\u001b[0m";
    public const string Bold = "\u001b[1m";
    public const string Red = "\u001b[31m";
    public const string Green = "\u001b[32m";
    public const string Yellow = "\u001b[33m";
    public const string Blue = "\u001b[34m";
}

/// <summary>Amounts in the words that logs and messages use.</summary>
internal static class Sizes
{
    public static string InWords(long bytes) => bytes switch
    {
        >= 1024L * 1024 * 1024 when bytes % (1024L * 1024 * 1024) == 0 => $"{bytes / (1024L * 1024 * 1024)} GB",
        >= 1024 * 1024 => $"{bytes / (1024 * 1024)} MB",
        >= 1024 => $"{bytes / 1024} KB",
        _ => $"{bytes} bytes",
    };

    public static string InWords(TimeSpan time) => time switch
    {
        { TotalMinutes: >= 1 } when time.Seconds == 0 => $"{time.TotalMinutes:0} min",
        { TotalMinutes: >= 1 } => $"{(int)time.TotalMinutes} min {time.Seconds} s",
        { TotalSeconds: >= 10 } => $"{time.TotalSeconds:0} s",
        _ => $"{time.TotalSeconds:0.0} s",
    };
}
