using System.Net;

namespace Latchkey.AspNetCore;

/// <summary>The page that people see in place of what is refused. It stands alone: nothing of the host's or a customer's is on it.</summary>
internal static class RefusalPage
{
    public static string Html(int status, string type, string detail, LatchkeyOptions options, string basePath)
    {
        var ended = type is "access_ended" or "session_closed";
        var title = ended ? "Access has ended" : Refuser.TitleOf(status);
        var (back, label) = ended || type is "code_spent"
            ? ($"{basePath}{options.Prefix}/console", "Back to the support console")
            : ($"{basePath}/", "Back to the start page");
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>{title}</title>
              <link rel="stylesheet" href="{basePath}{options.Prefix}/assets/latchkey.css?{Assets.Version}">
            </head>
            <body class="lk-page">
              <main class="lk-refusal">
                <h1>{title}</h1>
                <p>{WebUtility.HtmlEncode(detail)}</p>
                <p><a class="lk-button" href="{back}">{label}</a></p>
              </main>
            </body>
            </html>

            """;
    }
}
