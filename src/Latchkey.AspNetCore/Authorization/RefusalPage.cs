using System.Net;

namespace Latchkey.AspNetCore;

/// <summary>The page that people see in place of what is refused. It stands alone: nothing of the host's or a customer's is on it.</summary>
internal static class RefusalPage
{
    public static string Html(int status, string type, string detail, DateTimeOffset? endedAt, Paths paths, string start)
    {
        var ended = type is "access_ended" or "session_closed";
        var title = ended ? "Access has ended" : Refuser.TitleOf(status);
        var (back, label) = ended || type is "code_spent"
            ? (paths.Console, "Back to the support console")
            : (start, "Back to the start page");
        var text = WebUtility.HtmlEncode(detail);
        if (endedAt is { } at)
        {
            // The page's script says the instant in the reader's zone.
            var said = Instant(at);
            text = text.Replace(said, $"<time datetime=\"{Parts.Moment.Iso(at)}\" title=\"{said}\" data-lk-time=\"clock\">{said}</time>", StringComparison.Ordinal);
        }

        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>{title}</title>
              <meta name="color-scheme" content="light dark">
              <link rel="stylesheet" href="{paths.Asset("latchkey.css")}">
              <script type="module" src="{paths.Asset("latchkey.js")}"></script>
            </head>
            <body class="lk-page">
              <main class="lk lk-refusal">
                <h1>{title}</h1>
                <p>{text}</p>
                <p><a class="lk-button" href="{back}">{label}</a></p>
              </main>
            </body>
            </html>

            """;
    }

    /// <summary>An instant as refusals name it.</summary>
    public static string Instant(DateTimeOffset at) => $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC";
}
