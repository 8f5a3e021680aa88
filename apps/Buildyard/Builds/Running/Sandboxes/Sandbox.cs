using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Buildyard;

/// <summary>The sandbox ended, or its process no longer answers as it should: a step did that, or the machine.</summary>
internal sealed class SandboxGoneException(string message) : Exception(message);

/// <summary>
/// One build's sandbox: a process inside that carries out commands, and the pumps of its answers and of what steps print.
/// Everything in it ends with it, and it ends with this process, however that one ends.
/// </summary>
internal sealed class Sandbox : IAsyncDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(5);
    private const int Frame = 256 * 1024;

    private readonly SandboxProcess _process;
    private readonly LogWriter _log;
    private readonly TimeProvider _clock;
    private readonly MarkFinder _answerMarks;
    private readonly MarkFinder _logMarks;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<int>> _answers = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _swept = new(0);
    private readonly Task _pumps;
    private Stream? _payload;
    private long _payloadRoom;
    private int _last;

    private Sandbox(SandboxProcess process, LogWriter log, TimeProvider clock)
    {
        _process = process;
        _log = log;
        _clock = clock;
        _answerMarks = new MarkFinder(process.Mark);
        _logMarks = new MarkFinder(process.Mark);
        _pumps = Task.WhenAll(PumpAnswersAsync(), PumpLogAsync());
    }

    /// <summary>The directory of the build, as its steps see it; <c>src</c>, <c>deploy</c> and the rest lie in it.</summary>
    public string Root => _process.Root;

    /// <summary>Starts a sandbox and waits until it answers.</summary>
    /// <exception cref="SandboxGoneException">It can't be had; the message says why.</exception>
    public static async Task<Sandbox> StartAsync(SandboxPlan plan, SpareSandbox spare, LogWriter log, TimeProvider clock, CancellationToken cancellation)
    {
        var process = await spare.TakeAsync(plan, cancellation);
        var sandbox = new Sandbox(process, log, clock);
        try
        {
            var setup = $"""
                cd {Bash.Quote(process.Root)} && mkdir -p src deploy home cache tmp .tools/bin &&
                printf %s {Bash.Quote(SandboxScripts.Envman)} > .tools/bin/envman &&
                printf %s {Bash.Quote(SandboxScripts.Bitrise)} > .tools/bin/bitrise &&
                chmod 755 .tools/bin/* && : > .tools/envstore
                tell "$id" $?
                """;
            if (!process.IsFurnished && await sandbox.AskAsync(setup, cancellation) != 0) throw new SandboxGoneException("The sandbox's workspace can't be written.");
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <summary>Carries out a command of bash that ends with <c>tell "$id" STATUS</c>, and gives that status.</summary>
    /// <exception cref="SandboxGoneException">There is no one to carry it out.</exception>
    public async Task<int> AskAsync(string command, CancellationToken cancellation)
    {
        var answer = await TellAsync(command, pieces: null, cancellation);
        return await answer.WaitAsync(cancellation);
    }

    /// <summary>As <see cref="AskAsync"/>, and what the command prints goes to <paramref name="to"/>, at most <paramref name="most"/> bytes.</summary>
    public async Task<int> ReadAsync(string command, Stream to, long most, CancellationToken cancellation)
    {
        _payloadRoom = most;
        _payload = to;
        try
        {
            return await AskAsync(command, cancellation);
        }
        finally
        {
            _payload = null;
        }
    }

    /// <summary>As <see cref="AskAsync"/>, with bytes that the command takes with <c>receive</c>.</summary>
    public async Task<int> WriteAsync(string command, Func<Stream, Task> pieces, CancellationToken cancellation)
    {
        var answer = await TellAsync(command, pieces, cancellation);
        return await answer.WaitAsync(cancellation);
    }

    /// <summary>Begins a command as a step (<c>begin …</c>); the task ends with its status, when the step itself has ended.</summary>
    public Task<Task<int>> BeginAsync(string command, CancellationToken cancellation) => TellAsync(command, pieces: null, cancellation);

    /// <summary>Whether a process of the build was killed for memory since this was asked last.</summary>
    public bool RanOutOfMemory() => _process.RanOutOfMemory();

    /// <summary>Whether the workspace has no room left.</summary>
    public async Task<bool> IsFullAsync(CancellationToken cancellation) =>
        await AskAsync($"[ \"$(stat -f -c %a {Bash.Quote(Root)})\" -lt 16 ] || [ \"$(stat -f -c %d {Bash.Quote(Root)})\" -lt 4 ]\ntell \"$id\" $?", cancellation) == 0;

    /// <summary>Asks every process of the running step to end.</summary>
    public Task TermAsync(CancellationToken cancellation) => SoonAsync(AskAsync("hit TERM\ntell \"$id\" 0", cancellation));

    /// <summary>Where <c>envman</c> leaves what a step puts out.</summary>
    public string EnvStore => $"{Root}/.tools/envstore";

    /// <summary>Where the tools lie that steps find beside the machine's own.</summary>
    public string Tools => $"{Root}/.tools/bin";

    /// <summary>Kills every process of the running step, reads the last of its output, and gives what it left for later steps.</summary>
    public async Task<byte[]> SweepAsync(int most, CancellationToken cancellation)
    {
        var left = new MemoryStream();
        var file = Bash.Quote(EnvStore);
        var swept = ReadAsync($"sweep\nhead -c {most} -- {file} 2> /dev/null\n: 2> /dev/null > {file}\ntell \"$id\" 0", left, most, cancellation);
        await SoonAsync(swept);
        // The mark on the log follows the last byte a step printed; it is on its way.
        await Task.WhenAny(_swept.WaitAsync(cancellation), _pumps);
        _log.Flush();
        return left.ToArray();
    }

    /// <summary>Kills everything in it, and waits until all of it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        try
        {
            await _pumps.WaitAsync(s_grace, _clock);
        }
        catch (TimeoutException)
        {
            // Someone outside its reach holds the pipe, as may happen without isolation; closing our end is all that is left.
        }
        await _process.DisposeAsync();
        _log.Flush();
    }

    /// <summary>Waits for an answer that takes no time: a sandbox whose process was stopped by a step never gives one.</summary>
    private async Task SoonAsync(Task<int> answer)
    {
        try
        {
            await answer.WaitAsync(s_answerTime, _clock);
        }
        catch (TimeoutException)
        {
            throw new SandboxGoneException("The sandbox no longer answers: a step stopped it.");
        }
    }

    private async Task<Task<int>> TellAsync(string command, Func<Stream, Task>? pieces, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            var id = ++_last;
            var answer = _answers[id] = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_pumps.IsCompleted) throw new SandboxGoneException("The sandbox ended before its build did.");
            if (_process.HasLostNetwork) throw new SandboxGoneException("The sandbox's network ended before its build did.");
            var text = Encoding.UTF8.GetBytes(command);
            var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length} {id}\n"));
            await _process.Input.WriteAsync((byte[])[.. head, .. text], cancellation);
            await _process.Input.FlushAsync(cancellation);
            if (pieces is not null)
            {
                var framed = new BufferedStream(new PieceStream(_process.Input), Frame);
                await pieces(framed);
                await framed.FlushAsync(cancellation);
                await _process.Input.WriteAsync("0\n"u8.ToArray(), cancellation);
                await _process.Input.FlushAsync(cancellation);
            }
            return answer.Task;
        }
        catch (IOException)
        {
            throw new SandboxGoneException("The sandbox ended before its build did.");
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task PumpAnswersAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await _process.Answers.ReadAsync(buffer)) > 0)
                _answerMarks.Write(buffer.AsSpan(0, read), Payload, Answer);
        }
        catch (IOException)
        {
            // Closed by us after the grace ran out.
        }
        foreach (var answer in _answers.Values) answer.TrySetException(new SandboxGoneException("The sandbox ended before its build did."));
    }

    private void Payload(ReadOnlySpan<byte> bytes)
    {
        var kept = (int)Math.Min(bytes.Length, _payloadRoom);
        _payloadRoom -= kept;
        _payload?.Write(bytes[..kept]);
    }

    private void Answer(string line)
    {
        _process.Stands = true;
        var parts = line.Split(' ');
        if (parts.Length == 2 && int.TryParse(parts[0], out var id) && int.TryParse(parts[1], out var status) && _answers.TryRemove(id, out var answer))
            answer.TrySetResult(status);
    }

    private async Task PumpLogAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await _process.Log.ReadAsync(buffer)) > 0)
                _logMarks.Write(buffer.AsSpan(0, read), _log.Print, _ => _swept.Release());
        }
        catch (IOException)
        {
            // As above.
        }
    }

    /// <summary>Writes each piece after a line with its length.</summary>
    private sealed class PieceStream(Stream to) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.IsEmpty) return;
            to.Write(Head(buffer.Length));
            to.Write(buffer);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty) return;
            await to.WriteAsync(Head(buffer.Length), cancellationToken);
            await to.WriteAsync(buffer, cancellationToken);
        }

        public override void Flush() => to.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => to.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private static byte[] Head(int length) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length}\n"));
    }
}
