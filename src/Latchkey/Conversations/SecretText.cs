namespace Latchkey;

/// <summary>Takes secrets out of texts before somebody else reads them.</summary>
public static class SecretText
{
    /// <summary>What stands where a secret was.</summary>
    public const string Mark = SecretNames.Removed;

    /// <summary>
    /// The text without tokens and keys that are known by their shape, without what is assigned to a name that says it is secret
    /// (password, token, secret, api_key …), and without user names and passwords in addresses. References such as
    /// <c>$TOKEN</c> stay. It finds what gives itself away: whoever shares a text looks at it first.
    /// </summary>
    public static string Mask(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TextSecrets.Mask(text, (_, _) => { });
    }

    /// <summary>Whether a field of this name holds a secret whatever its value is.</summary>
    public static bool IsSecretName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return SecretNames.IsSecret(name);
    }

    /// <summary>Whether the user of an SSH address is the name of an account, such as <c>git</c>, and no secret: up to 32 letters, digits, dots, dashes and underlines that don't look like a token.</summary>
    public static bool IsAccountName(string user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return TextSecrets.IsAccount(user);
    }

    /// <summary>Whether a value is too long and too mixed for a word, a name or a number, and so likely made by a machine: a key, a token, a hash.</summary>
    public static bool IsOpaque(string value) => SecretNames.IsOpaque(value);
}
