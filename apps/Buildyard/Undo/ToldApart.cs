namespace Buildyard;

/// <summary>
/// What is sealed and as good as shown to whoever keeps it, each with the reason. Whatever else support can set that is sealed is shown to
/// nobody, and so not kept: a kind that nobody has thought about isn't.
/// </summary>
public static class ToldApart
{
    private const string MadeHere = "Buildyard makes it at random: nobody chooses it.";

    public static IReadOnlyDictionary<string, string> Kinds { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [$"{nameof(SshKey)}.{nameof(SshKey.PrivateKey)}"] = "The fingerprint is this key's alone.",
        [$"{nameof(SigningFile)}.{nameof(SigningFile.Content)}"] = "The SHA-256 is this file's alone.",
        [$"{nameof(SigningFile)}.{nameof(SigningFile.Password)}"] = "It opens that file, or it is not taken.",
        [$"{nameof(SigningFile)}.{nameof(SigningFile.KeyPassword)}"] = "It opens the named key of that file, or it is not taken.",
        [$"{nameof(IncomingHook)}.{nameof(IncomingHook.Token)}"] = MadeHere,
        [$"{nameof(Webhook)}.{nameof(Webhook.SigningSecret)}"] = MadeHere,
    };
}
