using System.Buffers;

namespace Latchkey;

/// <summary>What tells a secret: the name it goes by, or its own shape.</summary>
internal static class SecretNames
{
    /// <summary>What stands where a secret was.</summary>
    public const string Removed = "[removed]";

    private static readonly SearchValues<string> s_parts = SearchValues.Create(
        [
            "password", "passwd", "passphrase", "passcode", "pwd", "secret", "token", "apikey", "accesskey", "accountkey", "privatekey", "signingkey", "encryptionkey", "licensekey",
            "credential", "authorization", "session", "cookie", "csrf", "xsrf", "antiforgery", "jwt", "bearer", "signature", "assertion", "saml", "recoverycode",
            "backupcode", "verificationcode", "onetimecode", "cardnumber",
        ],
        StringComparison.Ordinal);

    private static readonly HashSet<string> s_words = ["auth", "pass", "pin", "otp", "totp", "mfa", "sid", "sig", "hmac", "cvv", "cvc", "ssn", "iban", "psk"];

    // In an address or a form these carry what signs someone in; in a body they are words like any other.
    private static readonly HashSet<string> s_parameters = ["code", "state", "nonce", "key", "ticket", "invite", "relaystate", "challenge", "verifier", "hint", "t", "k", "s"];

    /// <summary>Whether a field of this name is taken for a secret whatever it holds.</summary>
    public static bool IsSecret(string name)
    {
        Span<char> plain = stackalloc char[Math.Min(name.Length, 256)];
        var length = 0;
        foreach (var c in name.AsSpan(0, plain.Length))
        {
            if (char.IsAsciiLetterOrDigit(c)) plain[length++] = char.ToLowerInvariant(c);
        }

        return name.Length > plain.Length || plain[..length].ContainsAny(s_parts) || s_words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(plain[..length]);
    }

    /// <summary>The same for a parameter of an address or a field of a form.</summary>
    public static bool IsSecretParameter(string name) => IsSecret(name) || s_parameters.Contains(name.ToLowerInvariant());

    /// <summary>
    /// Whether a value without spaces is too long and too mixed for a word, a name or a number: random letters and digits change their
    /// kind at almost every second place, words at the end of each. Identifiers in the form of a UUID are no secrets by themselves.
    /// </summary>
    public static bool IsOpaque(ReadOnlySpan<char> value)
    {
        const int Shortest = 20;
        if (value.Length < Shortest || (value.Length == 36 && Guid.TryParse(value, out _))) return false;
        var (changes, counted, last) = (0, 0, ' ');
        foreach (var c in value)
        {
            var kind = char.IsAsciiDigit(c) ? '0' : char.IsAsciiLetterUpper(c) ? 'A' : char.IsAsciiLetterLower(c) ? 'a' : '-';
            if (kind == '-')
            {
                if (!"+/_=.~%-:|".Contains(c)) return false;
                continue;
            }

            // A capital and the small letters behind it are one word.
            if (last != ' ' && kind != last && !(last == 'A' && kind == 'a')) changes++;
            last = kind;
            counted++;
        }

        return counted >= Shortest - 4 && changes * 100 > counted * 22;
    }
}
