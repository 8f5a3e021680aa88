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
/// <param name="LinkText">What is there.</param>
/// <param name="Details">Short lines below the link. Default: none.</param>
internal sealed record Mail(string Id, Recipient To, string Subject, string Sentence, Uri Link, string LinkText, IReadOnlyList<string> Details)
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

    // Styles stand at their elements, since mail programs drop others. Nothing is fetched from anywhere.
    private string Html()
    {
        var html = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"><title>");
        html.Append(WebUtility.HtmlEncode(Subject)).Append("</title></head><body style=\"margin:0;padding:24px 16px;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5\">");
        html.Append("<div style=\"max-width:560px;margin:0 auto;overflow-wrap:anywhere\"><p style=\"margin:0 0 20px\">").Append(WebUtility.HtmlEncode(Sentence)).Append("</p>");
        html.Append("<p style=\"margin:0 0 24px\"><a style=\"display:inline-block;padding:10px 18px;border-radius:8px;background:#1f5fbf;color:#ffffff;text-decoration:none\" href=\"");
        html.Append(WebUtility.HtmlEncode(Link.AbsoluteUri)).Append("\">").Append(WebUtility.HtmlEncode(LinkText)).Append("</a></p>");
        foreach (var line in Details)
        {
            html.Append("<p style=\"margin:0 0 8px\">").Append(WebUtility.HtmlEncode(line)).Append("</p>");
        }

        return html.Append("<p style=\"margin:24px 0 0;padding-top:16px;border-top:1px solid #8b94a3;font-size:14px\">").Append(Footer).Append("</p></div></body></html>").ToString();
    }
}
