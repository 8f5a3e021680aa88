using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Latchkey.AspNetCore.Tests;

/// <summary>How a mail server behaves.</summary>
internal enum Mood
{
    /// <summary>Takes everything.</summary>
    Takes,

    /// <summary>Answers each mail with 451: later, perhaps.</summary>
    Refuses,

    /// <summary>Answers each recipient with 550: no such mailbox.</summary>
    KnowsNobody,

    /// <summary>Takes the connection and says nothing.</summary>
    Hangs,

    /// <summary>Goes away in the middle of a mail.</summary>
    Drops,
}

/// <summary>A mail as the server took it: from the envelope whom it is for, and the whole text.</summary>
internal sealed record SunkMail(string To, string Text)
{
    /// <summary>A header, unfolded.</summary>
    public string Header(string name) =>
        Text.Split("\n\n")[0].Replace("\n ", "", StringComparison.Ordinal).Split('\n').Single(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();

    /// <summary>What its parts say, the plain one first.</summary>
    public string Body => string.Concat(Text.Split("\n--").Where(part => part.Contains("Content-Transfer-Encoding: base64", StringComparison.Ordinal))
        .Select(part => Encoding.UTF8.GetString(Convert.FromBase64String(part[(part.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]))));
}

/// <summary>A real SMTP server (RFC 5321, its smallest part) on loopback, in a mood that a test sets.</summary>
internal sealed class MailSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private int _tries;

    public MailSink()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public int Port { get; }

    public Mood Mood { get; set; }

    /// <summary>How often a connection was made.</summary>
    public int Tries => Volatile.Read(ref _tries);

    public ConcurrentQueue<SunkMail> Taken { get; } = new();

    /// <summary>The lines that began mails of which the rest was not heard.</summary>
    public ConcurrentQueue<string> Broken { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                talks.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }

        await Task.WhenAll(talks);
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Interlocked.Increment(ref _tries);
                await TalkAsync(client.GetStream());
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        if (Mood == Mood.Hangs)
        {
            await reader.ReadLineAsync(_stop.Token);
            return;
        }

        await writer.WriteLineAsync("220 sink ready");
        var to = "";
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO" or "HELO" or "RSET" or "NOOP":
                    await writer.WriteLineAsync("250 sink");
                    break;
                case "MAIL":
                    await writer.WriteLineAsync(Mood == Mood.Refuses ? "451 try again later" : "250 fine");
                    break;
                case "RCPT":
                    to = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
                    await writer.WriteLineAsync(Mood == Mood.KnowsNobody ? "550 no such mailbox" : "250 fine");
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    if (!await TakeAsync(reader, to))
                    {
                        return;
                    }

                    await writer.WriteLineAsync("250 taken");
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return;
                default:
                    await writer.WriteLineAsync("502 not known");
                    break;
            }
        }
    }

    private async Task<bool> TakeAsync(StreamReader reader, string to)
    {
        var text = new List<string>();
        while (true)
        {
            // Only the dot ends a mail: one whose sender dies before it was never taken.
            if (await reader.ReadLineAsync(_stop.Token) is not { } part) return false;
            if (part == ".") break;
            text.Add(part.StartsWith('.') ? part[1..] : part);
            if (Mood == Mood.Drops && part.Length == 0)
            {
                Broken.Enqueue(string.Join('\n', text));
                return false;
            }
        }

        Taken.Enqueue(new SunkMail(to, string.Join('\n', text)));
        return true;
    }
}
