using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Where mail to an address arrives.</summary>
public static class Mailbox
{
    /// <summary>
    /// The mailbox behind an address, so that one person's addresses can be told: in any case, without what stands behind a plus sign
    /// (RFC 5233), and without the dot of the root that a domain may end with (RFC 1034, section 3.1).
    /// </summary>
    public static string Of(string address)
    {
        var at = address.LastIndexOf('@');
        var plus = address.IndexOf('+', StringComparison.Ordinal);
        return (plus > 0 && plus < at ? address[..plus] + address[at..] : address).TrimEnd('.').ToUpperInvariant();
    }
}

/// <summary>The mailboxes of the support team. Whoever reads mail in one of them is none of a customer's people, whatever an older directory says.</summary>
internal sealed class SupportMailboxes
{
    private readonly HashSet<string> _mailboxes;

    private SupportMailboxes(HashSet<string> mailboxes) => _mailboxes = mailboxes;

    public static async Task<SupportMailboxes> ReadAsync(BuildyardDb db, CancellationToken cancellation) => new(
        [.. (await db.People.Where(p => p.Kind == PersonKind.Agent).Select(p => p.Email!).ToListAsync(cancellation)).Select(Mailbox.Of)]);

    /// <summary>Whether somebody is of the support team, by kind or by a confirmed address.</summary>
    public bool Has(Person person) => person.Kind == PersonKind.Agent || Has(person.EmailConfirmed ? person.Email : null);

    /// <summary>Whether mail to a confirmed address arrives there.</summary>
    public bool Has(string? address) => address is not null && _mailboxes.Contains(Mailbox.Of(address));
}
