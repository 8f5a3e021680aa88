using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Buildyard.Notifications;

/// <summary>A mail as the server took it: from the envelope whom it is for, and the whole text.</summary>
internal sealed record TakenMail(string To, string Text);

/// <summary>A real SMTP server (RFC 5321, its smallest part) that takes mails, or refuses them for a while.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<TakenMail> _taken = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _refused = new(0);
    private readonly Task _serving;

    public MailServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether mails are refused for now (451).</summary>
    public bool Refuses { get; set; }

    /// <summary>The next mail with this subject; others on the way to it are let go.</summary>
    public async Task<TakenMail> NextAsync(string subject)
    {
        while (true)
        {
            Assert.True(await _arrived.WaitAsync(TimeSpan.FromMinutes(2)), "No mail came.");
            Assert.True(_taken.TryDequeue(out var mail));
            if (mail.Text.Contains($"\nSubject: {subject}\n", StringComparison.Ordinal)) return mail;
        }
    }

    public async Task RefusedOneAsync() => Assert.True(await _refused.WaitAsync(TimeSpan.FromMinutes(2)), "No mail was tried.");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
        _arrived.Dispose();
        _refused.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await TalkAsync(client.GetStream());
                }
                catch (IOException)
                {
                    // A host that stops hangs up in the middle.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test ready");
        var to = "";
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO" or "HELO" or "RSET" or "NOOP":
                    await writer.WriteLineAsync("250 test");
                    break;
                case "MAIL":
                    await writer.WriteLineAsync(Refuses ? "451 try again later" : "250 fine");
                    if (Refuses) _refused.Release();
                    break;
                case "RCPT":
                    to = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
                    await writer.WriteLineAsync("250 fine");
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    var text = new List<string>();
                    while (await reader.ReadLineAsync(_stop.Token) is { } part && part != ".") text.Add(part.StartsWith('.') ? part[1..] : part);
                    _taken.Enqueue(new TakenMail(to, string.Join('\n', text)));
                    _arrived.Release();
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
}
