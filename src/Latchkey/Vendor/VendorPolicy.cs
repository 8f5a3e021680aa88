namespace Latchkey;

/// <summary>
/// What the vendor's leads rule for all support access: how long it may be lent, and what agents must state. Before they have
/// ruled anything it is what <see cref="SupportAccessOptions"/> say, which also stay the ceiling for windows.
/// </summary>
/// <param name="MaxWindow">The longest window that can be lent or asked for: 1 minute to <see cref="SupportAccessOptions.MaxWindow"/>. What is open already is not shortened.</param>
/// <param name="DefaultWindow">The window where the customer says nothing: 1 minute to <paramref name="MaxWindow"/>.</param>
/// <param name="RequestWindow">The window that an agent asks for where they say nothing: 1 minute to <paramref name="MaxWindow"/>.</param>
/// <param name="MinReason">How many characters a reason has at least: 3 to 200. Default 3.</param>
/// <param name="Reason">What a reason must look like; null for anything.</param>
/// <param name="TicketRequired">Whether agents must name a ticket to enter and to ask.</param>
/// <param name="Ticket">What a ticket must look like where one is named; null for anything.</param>
public sealed record VendorPolicy(
    TimeSpan MaxWindow,
    TimeSpan DefaultWindow,
    TimeSpan RequestWindow,
    int MinReason,
    TextRule? Reason,
    bool TicketRequired,
    TextRule? Ticket)
{
    /// <summary>The same, with no window longer than <paramref name="ceiling"/>.</summary>
    internal VendorPolicy Under(TimeSpan ceiling) => this with
    {
        MaxWindow = Shorter(MaxWindow, ceiling),
        DefaultWindow = Shorter(DefaultWindow, ceiling),
        RequestWindow = Shorter(RequestWindow, ceiling),
    };

    internal static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
