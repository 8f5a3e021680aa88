using System.Net.Mail;

namespace Latchkey.AspNetCore;

/// <summary>The mail server through which notices go out (SMTP, RFC 5321). Without a host, no mail is sent and pages say so.</summary>
public sealed class MailOptions
{
    /// <summary>The server's name or address. Default: none, and no mail is sent.</summary>
    public string? Host { get; set; }

    /// <summary>Its port. Default: 25.</summary>
    public int Port { get; set; } = 25;

    /// <summary>Whether the connection must turn to TLS (STARTTLS) before anything is said; where the server can't, nothing is sent. Default: false.</summary>
    public bool StartTls { get; set; }

    /// <summary>The user to sign in as. Default: none, nobody signs in.</summary>
    public string? User { get; set; }

    /// <summary>The user's password.</summary>
    public string? Password { get; set; }

    /// <summary>The address that mails come from. Required beside a host.</summary>
    public string? From { get; set; }

    /// <summary>Whether mails can be sent.</summary>
    internal bool IsSetUp => !string.IsNullOrEmpty(Host);

    internal IEnumerable<string> Check()
    {
        if (IsSetUp && !MailAddress.TryCreate(From, out _))
        {
            yield return $"{nameof(LatchkeyOptions.Mail)}.{nameof(From)} is '{From}'; it takes the address that mails come from.";
        }

        if (Port is < 1 or > 65535)
        {
            yield return $"{nameof(LatchkeyOptions.Mail)}.{nameof(Port)} is {Port}; it takes 1 to 65535.";
        }
    }
}
