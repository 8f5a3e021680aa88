namespace Latchkey;

/// <summary>The vendor's rules for grants and sessions, as the host sets them up. Leads can change some of them later: see <see cref="VendorPolicy"/>.</summary>
public sealed class SupportAccessOptions
{
    /// <summary>The shortest window that a customer can lend.</summary>
    public static readonly TimeSpan MinWindow = TimeSpan.FromMinutes(1);

    /// <summary>The window where the customer says nothing. 14 days; from 1 minute to <see cref="MaxWindow"/>.</summary>
    public TimeSpan DefaultWindow { get; set; } = TimeSpan.FromDays(14);

    /// <summary>The longest window that a customer can lend. 30 days; at most that.</summary>
    public TimeSpan MaxWindow { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The window that an agent asks for where they say nothing, counted from the approval. 7 days; no more than <see cref="MaxWindow"/>.</summary>
    public TimeSpan RequestWindow { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a request waits for an answer before it expires. 4 days; from 1 hour to 30 days.</summary>
    public TimeSpan RequestLife { get; set; } = TimeSpan.FromDays(4);

    /// <summary>The role where the customer says nothing: <c>admin</c>.</summary>
    public string DefaultRole { get; set; } = Catalogue.Admin;

    /// <summary>What a ticket must look like for an agent to enter; null (the default) leaves it to the agent. Matched against the whole text, within 100 ms.</summary>
    public string? TicketPattern { get; set; }

    /// <summary>A ticket that fits <see cref="TicketPattern"/>, shown where one is refused. Required beside a pattern.</summary>
    public string? TicketExample { get; set; }

    /// <summary>How long an end waits for acts that were begun before it, after telling them to stop. 2 seconds.</summary>
    public TimeSpan StopWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How large the files of conversations may be, each.</summary>
    public AttachmentLimits Attachments { get; set; } = new();

    /// <summary>How many bytes all files of one account's conversations may have together; default 2 GB.</summary>
    public long AttachmentBytesOfAccount { get; set; } = 2_000_000_000;

    /// <summary>What holds where leads have ruled nothing: what these options say.</summary>
    public VendorPolicy InForceAtStart => InForce(null);

    /// <summary>What leads ruled, or what these options say where they have ruled nothing; no window longer than <see cref="MaxWindow"/>.</summary>
    internal VendorPolicy InForce(VendorPolicy? ruled) => (ruled ?? new VendorPolicy(
        MaxWindow, DefaultWindow, RequestWindow, Entering.MinReason, Reason: null,
        TicketPattern is not null, TicketPattern is null ? null : new TextRule(TicketPattern, TicketExample ?? ""))).Under(MaxWindow);

    /// <summary>Every fault of these options, for one message at start; empty where there is none.</summary>
    public IReadOnlyList<string> Check(Catalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        var errors = new List<string>();
        if (MaxWindow < MinWindow || MaxWindow > TimeSpan.FromDays(30))
        {
            errors.Add($"{nameof(MaxWindow)} is {MaxWindow}; it takes 1 minute to 30 days.");
        }

        if (DefaultWindow < MinWindow || DefaultWindow > MaxWindow)
        {
            errors.Add($"{nameof(DefaultWindow)} is {DefaultWindow}; it takes 1 minute to {nameof(MaxWindow)} ({MaxWindow}).");
        }

        if (catalogue.FindRole(DefaultRole) is null)
        {
            errors.Add($"{nameof(DefaultRole)} is '{DefaultRole}', which the catalogue has not.");
        }

        if (RequestWindow < MinWindow)
        {
            errors.Add($"{nameof(RequestWindow)} is {RequestWindow}; it takes 1 minute or more.");
        }

        if (RequestLife < TimeSpan.FromHours(1) || RequestLife > TimeSpan.FromDays(30))
        {
            errors.Add($"{nameof(RequestLife)} is {RequestLife}; it takes 1 hour to 30 days.");
        }

        if (StopWait < TimeSpan.Zero || StopWait > TimeSpan.FromSeconds(30))
        {
            errors.Add($"{nameof(StopWait)} is {StopWait}; it takes 0 to 30 seconds.");
        }

        CheckTicket(errors);
        return errors;
    }

    private void CheckTicket(List<string> errors)
    {
        if (TicketPattern is null)
        {
            return;
        }

        if (new TextRule(TicketPattern, TicketExample ?? "").Fault(nameof(TicketPattern), nameof(TicketExample)) is { } fault)
        {
            errors.Add(fault.Message);
        }
    }
}
