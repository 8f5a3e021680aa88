using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>What a credential opens.</summary>
public enum CredentialKind
{
    /// <summary>Redeemed once, within a minute, for a cookie: the code in <c>enter_url</c>.</summary>
    Code,

    /// <summary>The session's cookie in the agent's browser; works only beside that agent's own sign-in.</summary>
    Cookie,

    /// <summary>The session's token for API calls; works by itself.</summary>
    Bearer,
}

/// <summary>
/// A secret that stands for a session. Only its SHA-256 is ever kept. It opens nothing once the session is closed,
/// and is kept for a day after that, so that who shows it is told when access ended.
/// </summary>
/// <param name="Key">SHA-256 of the secret.</param>
/// <param name="Kind">What it opens.</param>
/// <param name="Session">The session it stands for.</param>
/// <param name="App">The session's app.</param>
/// <param name="Agent">The session's agent.</param>
/// <param name="SignIn">The agent's sign-in that it is bound to.</param>
/// <param name="Expires">The first instant at which it no longer works, whatever the session does.</param>
public sealed record Credential(
    Hash Key,
    CredentialKind Kind,
    SessionId Session,
    AppId App,
    AgentId Agent,
    string SignIn,
    DateTimeOffset Expires)
{
    /// <summary>What every session token begins with, so that a host tells it from its own.</summary>
    public const string BearerPrefix = "lks_";

    /// <summary>Makes a secret of 256 random bits and the credential that recognises it.</summary>
    public static (string Secret, Credential Credential) New(
        CredentialKind kind, SessionId session, AppId app, AgentId agent, string signIn, DateTimeOffset expires)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        if (kind == CredentialKind.Bearer)
        {
            secret = BearerPrefix + secret;
        }

        return (secret, new Credential(KeyOf(secret), kind, session, app, agent, signIn, expires));
    }

    /// <summary>The key under which a secret is kept.</summary>
    public static Hash KeyOf(string secret) => new(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
