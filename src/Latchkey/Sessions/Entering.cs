using Latchkey.Ledger;

namespace Latchkey;

/// <summary>An agent at this moment, as the host says.</summary>
/// <param name="Id">Who.</param>
/// <param name="Name">Their name now; what the customer will read.</param>
/// <param name="SignIn">The id of this sign-in. Sessions are bound to it and end with it.</param>
/// <exception cref="ArgumentNullException">The name or the sign-in is null: no store keeps it, and what is on its way with it would fail too.</exception>
public sealed record AgentRef(AgentId Id, string Name, string SignIn)
{
    /// <summary>Their name now; what the customer will read.</summary>
    public string Name { get; init; } = Name ?? throw new ArgumentNullException(nameof(Name));

    /// <summary>The id of this sign-in.</summary>
    public string SignIn { get; init; } = SignIn ?? throw new ArgumentNullException(nameof(SignIn));
}

/// <summary>A session that was opened, with the two secrets that lead into it. They are told once and never kept.</summary>
/// <param name="Session">The session.</param>
/// <param name="View">The app it is in.</param>
/// <param name="Code">Redeemed once within 60 seconds for the session's cookie.</param>
/// <param name="Token">The session's bearer token for API calls.</param>
public sealed record Entered(Session Session, AppView View, string Code, string Token);

/// <summary>A code that was redeemed.</summary>
/// <param name="View">The app that is now open to this browser.</param>
/// <param name="Session">The session.</param>
/// <param name="Cookie">The secret for the session's cookie.</param>
public sealed record Redeemed(AppView View, Session Session, string Cookie);

/// <summary>The rules of entering and leaving an app. Run inside a batch: decide first, append second.</summary>
internal static class Entering
{
    public const int MinReason = 3;
    public const int MaxReason = 500;
    public const int MaxTicket = 64;
    public static readonly TimeSpan CodeLife = TimeSpan.FromSeconds(60);

    /// <summary>Checks what the agent states. Not part of a batch: a slow pattern is the asker's own time.</summary>
    public static Answer<Stated> State(string? reason, string? ticket, VendorPolicy policy)
    {
        var refusal = TypedText.Check(reason, "reason", policy.MinReason, MaxReason, out var keptReason)
            ?? policy.Reason?.Refuse(keptReason!, "reason")
            ?? TypedText.Check(ticket, "ticket", policy.TicketRequired ? 1 : 0, MaxTicket, out ticket)
            ?? (ticket is null ? null : policy.Ticket?.Refuse(ticket, "ticket"));
        return refusal is not null ? refusal : new Stated(keptReason!, ticket);
    }

    public static Answer<Entered> Enter(Batch batch, AppId app, AgentRef agent, Stated stated)
    {
        if (batch.View(app) is not { } view || !view.IsOpen(batch.Now))
        {
            return NotOpen;
        }

        if (!batch.ClockTrusted)
        {
            return Refusal.Clock;
        }

        if (view.SessionOf(agent.Id) is { } old)
        {
            Close(batch, view, old, SessionClose.Replaced);
        }

        var id = SessionId.New(batch.Now);
        batch.Append(view.Account, new SessionOpened(
            id, app, agent.Id, view.Widest(batch.Now)!.Id, Content.New(agent.Name, batch.Now), Content.New(stated.Reason, batch.Now),
            stated.Ticket is null ? null : Content.New(stated.Ticket, batch.Now)));
        var after = batch.View(app)!;
        var session = after.SessionOf(agent.Id)!;

        var (code, codeCredential) = Credential.New(CredentialKind.Code, id, app, agent.Id, agent.SignIn, batch.Now + CodeLife);
        var (token, tokenCredential) = Credential.New(CredentialKind.Bearer, id, app, agent.Id, agent.SignIn, session.ExpiresAt);
        batch.Keep(codeCredential);
        batch.Keep(tokenCredential);
        return new Entered(session, after, code, token);
    }

    public static Answer<Redeemed> Redeem(Batch batch, string code, AgentRef agent)
    {
        if (batch.FindCredential(Credential.KeyOf(code)) is not { Kind: CredentialKind.Code } credential
            || credential.Agent != agent.Id
            || credential.SignIn != agent.SignIn)
        {
            return CodeSpent;
        }

        batch.Spend(credential);
        var view = batch.View(credential.App);
        var session = view?.Sessions.FirstOrDefault(s => s.Id == credential.Session);
        if (view is null || session is null || !view.IsOpen(batch.Now) || !session.IsOpen(batch.Now) || batch.Now >= credential.Expires)
        {
            return CodeSpent;
        }

        var (cookie, kept) = Credential.New(CredentialKind.Cookie, session.Id, view.App, agent.Id, agent.SignIn, session.ExpiresAt);
        batch.Keep(kept);
        return new Redeemed(view, session, cookie);
    }

    /// <summary>Closes a session now, or when the clock closed it if that was before.</summary>
    public static void Close(Batch batch, AppView view, Session session, SessionClose cause, PersonId? by = null)
    {
        var end = view.EndOf(session);
        var closed = end.At <= batch.Now
            ? new SessionClosed(session.Id, view.App, session.Agent, LedgerEntry.WholeMilliseconds(end.At), end.Cause, By: null)
            : new SessionClosed(session.Id, view.App, session.Agent, batch.Time, cause, by);
        batch.Append(view.Account, closed);
    }

    private static readonly Refusal NotOpen = new(RefusalReason.NotFound, "No app of this name is open to support.");

    private static readonly Refusal CodeSpent =
        new(RefusalReason.CodeSpent, "This way in was used already, is older than 60 seconds, or was made for another sign-in. Enter the app again from the console.");

    /// <summary>Why an agent enters, as it is kept.</summary>
    public sealed record Stated(string Reason, string? Ticket);
}
