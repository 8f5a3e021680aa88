namespace Buildyard;

/// <summary>Where mail to an address arrives.</summary>
public static class Mailbox
{
    /// <summary>
    /// The mailbox behind an address, so that one person's addresses can be told: in any case, and without what stands behind a plus
    /// sign (RFC 5233).
    /// </summary>
    public static string Of(string address)
    {
        var at = address.LastIndexOf('@');
        var plus = address.IndexOf('+', StringComparison.Ordinal);
        return (plus > 0 && plus < at ? address[..plus] + address[at..] : address).ToUpperInvariant();
    }
}
