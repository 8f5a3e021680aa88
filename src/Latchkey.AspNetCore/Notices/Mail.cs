using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;

namespace Latchkey.AspNetCore;

/// <summary>What a mail says: one clear sentence and one link. Nothing in it can break a header or a line.</summary>
/// <param name="Id">What its Message-ID is made of: the same for each attempt, so that a second one is recognised.</param>
/// <param name="To">Whom it is for.</param>
/// <param name="Subject">On one line.</param>
/// <param name="Sentence">The sentence.</param>
/// <param name="Link">Where it leads. It shows something, and does nothing by itself.</param>
/// <param name="Details">Short lines below the link. Default: none.</param>
internal sealed record Mail(string Id, Recipient To, string Subject, string Sentence, Uri Link, IReadOnlyList<string> Details)
{
    private string Footer => To.Reader.IsAgent
        ? "You get this as one of the support team; which mails you get, you choose beside your notices."
        : "Who is told of support access, and how, is chosen by the owners of your account; which of it is mailed to you, you choose beside your notices.";

    /// <summary>As SMTP sends it; words outside ASCII in headers are encoded (RFC 2047).</summary>
    public MailMessage ToMessage(string from, string team)
    {
        var sender = new MailAddress(from, NoticeWords.Plain(team), Encoding.UTF8);
        var message = new MailMessage(sender, new MailAddress(To.VerifiedEmail!, NoticeWords.Plain(To.Name), Encoding.UTF8))
        {
            Subject = Subject,
            SubjectEncoding = Encoding.UTF8,
            Body = string.Concat(Text().Select(line => line + "\r\n")),
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = TransferEncoding.Base64,
        };
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(Html(), Encoding.UTF8, MediaTypeNames.Text.Html));
        message.AlternateViews[0].TransferEncoding = TransferEncoding.Base64;
        message.Headers.Add("Message-ID", $"<{Id}@{sender.Host}>");
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private IEnumerable<string> Text() => [Sentence, "", Link.AbsoluteUri, "", .. Details, .. Details.Count > 0 ? [""] : Array.Empty<string>(), Footer];

    private string Html()
    {
        var html = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><body style=\"font-family:system-ui,sans-serif;line-height:1.5\">");
        html.Append("<p>").Append(WebUtility.HtmlEncode(Sentence)).Append("</p>");
        html.Append("<p><a href=\"").Append(WebUtility.HtmlEncode(Link.AbsoluteUri)).Append("\">See it</a></p>");
        if (Details.Count > 0)
        {
            html.Append("<p>").AppendJoin("<br>", Details.Select(WebUtility.HtmlEncode)).Append("</p>");
        }

        return html.Append("<p style=\"color:#566072\">").Append(Footer).Append("</p></body></html>").ToString();
    }
}
