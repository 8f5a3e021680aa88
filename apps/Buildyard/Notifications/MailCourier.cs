using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Sends mails through the operator's SMTP server: configuration <c>Smtp:Host</c>, <c>Smtp:Port</c> (default 25), <c>Smtp:From</c>,
/// <c>Smtp:User</c> and <c>Smtp:Password</c> where it asks for them, <c>Smtp:Tls</c> (default false: plain; true: STARTTLS, or nothing is sent).
/// Without a host and a sender no mail is sent.
/// </summary>
internal sealed class MailCourier(IServiceScopeFactory scopes, IConfiguration configuration, PublicUrl url, TimeProvider clock, ILogger<MailCourier> logger)
    : Courier(scopes, clock, logger)
{
    /// <summary>The wait after the first attempt, the second, and so on; after the last of them it is given up.</summary>
    private static readonly IReadOnlyList<TimeSpan> s_backoff = [TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(12)];
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    /// <summary>Whether the operator has said how to send.</summary>
    public bool IsSetUp => configuration["Smtp:Host"] is { Length: > 0 } && MailAddress.TryCreate(configuration["Smtp:From"], out _);

    protected override int Lanes => 4;

    protected override IQueryable<Waiting> Waits(BuildyardDb db) =>
        db.Mails.Where(m => m.State == DeliveryState.Waiting).Select(m => new Waiting { Id = m.Id, Lane = m.Id, At = m.NextAt });

    protected override async Task CarryOutAsync(IServiceProvider services, string id, CancellationToken cancellation)
    {
        var db = services.GetRequiredService<BuildyardDb>();
        if (await db.Mails.Include(m => m.Person).SingleOrDefaultAsync(m => m.Id == id && m.State == DeliveryState.Waiting, cancellation) is not { } mail) return;
        var last = mail.Attempts >= s_backoff.Count;
        mail.NextAt = Clock.Now() + s_backoff[Math.Min(mail.Attempts, s_backoff.Count - 1)];
        mail.Attempts++;
        await db.SaveChangesAsync(cancellation);

        mail.Problem = IsSetUp ? await SendAsync(mail, cancellation) : "No mail server is set up.";
        mail.State = mail.Problem is null ? DeliveryState.Delivered : last ? DeliveryState.Failed : DeliveryState.Waiting;
        await db.SaveChangesAsync(CancellationToken.None);
        // What was sent is in the inbox too; the queue keeps only what waits or was given up.
        await db.Mails.Where(m => m.State == DeliveryState.Delivered).ExecuteDeleteAsync(CancellationToken.None);
    }

    /// <returns>Why it was not sent; null when the server has taken it.</returns>
    private async Task<string?> SendAsync(Mail mail, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(s_longest, Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var client = new SmtpClient(configuration["Smtp:Host"], configuration.GetValue("Smtp:Port", 25)) { EnableSsl = configuration.GetValue("Smtp:Tls", false) };
            if (configuration["Smtp:User"] is { Length: > 0 } user) client.Credentials = new NetworkCredential(user, configuration["Smtp:Password"]);
            using var message = Write(mail);
            await client.SendMailAsync(message, stop.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "The mail server didn't take it within 30 seconds.";
        }
        catch (Exception e) when (e is SmtpException or InvalidOperationException or FormatException)
        {
            return e.Message.Length > 300 ? e.Message[..300] : e.Message;
        }
    }

    /// <summary>One sentence and one link, plain and as HTML.</summary>
    private MailMessage Write(Mail mail)
    {
        var link = url.To(mail.Path);
        var message = new MailMessage(new MailAddress(configuration["Smtp:From"]!, "Buildyard"), new MailAddress(mail.Person.Email!, mail.Person.Name))
        {
            Subject = mail.Subject,
            Body = $"{mail.Sentence}\n\n{link}\n\nWho is told of what is set in the app's settings, under Notifications.\n",
        };
        var html = $"<p>{WebUtility.HtmlEncode(mail.Sentence)}</p><p><a href=\"{WebUtility.HtmlEncode(link)}\">Open it in Buildyard</a></p><p>Who is told of what is set in the app's settings, under Notifications.</p>";
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(html, System.Text.Encoding.UTF8, MediaTypeNames.Text.Html));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }
}
