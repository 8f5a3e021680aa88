namespace Latchkey.AspNetCore;

/// <summary>What pages say of conversations.</summary>
internal static class ConversationWords
{
    /// <summary>Whose turn it is, as the reader is told it.</summary>
    public static string Turn(ConversationState state, bool forSupport, string team) => (state, forSupport) switch
    {
        (ConversationState.Solved, _) => "Solved",
        (ConversationState.WaitingOnSupport, true) => "Waiting on us",
        (ConversationState.WaitingOnSupport, false) => $"Waiting on {team}",
        (_, true) => "Waiting on the customer",
        _ => "Waiting on you",
    };

    /// <summary>Whether it is the reader's turn.</summary>
    public static bool IsOurs(ConversationState state, bool forSupport) =>
        state == (forSupport ? ConversationState.WaitingOnSupport : ConversationState.WaitingOnCustomer);

    public static string IconOf(ConversationState state, bool forSupport) =>
        state == ConversationState.Solved ? "on" : IsOurs(state, forSupport) ? "warning" : "clock";

    public static string ClassOf(ConversationState state, bool forSupport) =>
        state == ConversationState.Solved ? "lk-is-on" : IsOurs(state, forSupport) ? "lk-is-ending" : "lk-is-off";

    /// <summary>What a conversation is about, in words.</summary>
    public static string About(ConversationRecord c, bool forSupport) =>
        c.App is null ? (forSupport ? $"{c.AccountTitle ?? c.Account.Value}, the account" : "the account")
        : forSupport ? $"{c.AppTitle ?? c.App.Value.Value} · {c.AccountTitle ?? c.Account.Value}"
        : c.AppTitle ?? c.App.Value.Value;

    /// <summary>The subject; one that was erased says so.</summary>
    public static string Subject(ConversationRecord c) => c.Subject ?? "(erased)";
}
