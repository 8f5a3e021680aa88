namespace Latchkey.AspNetCore;

/// <summary>Which conversations somebody wants to see.</summary>
internal sealed record ConversationFilter(string State, bool Mine, string? App, string? Words, long Before, int Limit)
{
    public const string Any = "any";
    public const string Open = "open";

    private static readonly string[] s_states = [Any, Open, "waiting_on_support", "waiting_on_customer", "solved"];

    /// <summary>Reads the query. <paramref name="usual"/> is the state where none is named.</summary>
    public static Refusal? Read(HttpContext context, string usual, out ConversationFilter filter)
    {
        var query = context.Request.Query;
        var (state, assigned, app, words) = (query["state"].ToString(), query["assigned"].ToString(), query["app"].ToString(), query["q"].ToString().Trim());
        var refusal = Cursor.Read(context, out var before, out var limit);
        state = state.Length == 0 ? usual : state;
        filter = new ConversationFilter(state, assigned == "me", app.Length == 0 ? null : app, words.Length == 0 ? null : words, before, limit);
        return refusal
            ?? (s_states.Contains(state) ? null : Invalid("state", $"'state' takes {string.Join(", ", s_states.Select(s => $"'{s}'"))}."))
            ?? (assigned is "" or "me" ? null : Invalid("assigned", "'assigned' takes 'me'."))
            ?? (words.Length <= 200 ? null : Invalid("q", $"'q' has {words.Length} characters; it takes up to 200."));
    }

    /// <summary>The question to the store, but for what the caller may see.</summary>
    public ConversationQuery Query(AgentId? me) => new(
        State: State switch
        {
            "waiting_on_support" => ConversationState.WaitingOnSupport,
            "waiting_on_customer" => ConversationState.WaitingOnCustomer,
            "solved" => ConversationState.Solved,
            _ => null,
        },
        OpenOnly: State == Open,
        Assigned: Mine ? me : null,
        Words: Words,
        Before: Before,
        Limit: Limit);

    /// <summary>The same view's query, elsewhere in it.</summary>
    public string Address(string? cursor = null) => QueryString.Create(
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["state"] = State,
            ["assigned"] = Mine ? "me" : null,
            ["app"] = App,
            ["q"] = Words,
            ["cursor"] = cursor ?? (Before == long.MaxValue ? null : Cursor.Encode(Before)),
        }.Where(pair => pair.Value is not null)).ToUriComponent();

    private static Refusal Invalid(string field, string message) => new(RefusalReason.Invalid, message, field);
}
