using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>How an attempt to send a mail came out.</summary>
/// <param name="Problem">Why the server did not take it; null where it did.</param>
/// <param name="IsServerDown">Whether the next mail would fare no better: the server can't be reached, is busy, or stopped talking.</param>
internal readonly record struct MailOutcome(string? Problem, bool IsServerDown);

/// <summary>Hands mails to the operator's server, each within 30 seconds.</summary>
internal sealed class MailSender(IOptions<LatchkeyOptions> options, TimeProvider time)
{
    private const int LongestProblem = 300;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private MailOptions Settings => options.Value.Mail;

    public bool IsSetUp => Settings.IsSetUp;

    public async Task<MailOutcome> SendAsync(Mail mail, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(Longest, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            // On a thread of its own and given up from outside: its own cancelling does not reach a server that took the
            // connection and says nothing.
            await Task.Run(() => HandOverAsync(mail, stop.Token), CancellationToken.None).WaitAsync(stop.Token);
            return default;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new MailOutcome("The mail server didn't take it within 30 seconds.", IsServerDown: true);
        }
        catch (SmtpException e)
        {
            return new MailOutcome(Short(e), e.StatusCode is SmtpStatusCode.GeneralFailure or SmtpStatusCode.ServiceNotAvailable or SmtpStatusCode.MustIssueStartTlsFirst);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // An address that the host verified and that SMTP can't say.
            return new MailOutcome(Short(e), IsServerDown: false);
        }
    }

    private async Task HandOverAsync(Mail mail, CancellationToken cancellation)
    {
        using var client = new SmtpClient(Settings.Host, Settings.Port) { EnableSsl = Settings.StartTls, Timeout = (int)Longest.TotalMilliseconds };
        if (!string.IsNullOrEmpty(Settings.User))
        {
            client.Credentials = new NetworkCredential(Settings.User, Settings.Password);
        }

        using var message = mail.ToMessage(Settings.From!, options.Value.Team);
        await client.SendMailAsync(message, cancellation);
    }

    private static string Short(Exception e) => NoticeWords.Plain(e.Message, LongestProblem) ?? e.GetType().Name;
}
