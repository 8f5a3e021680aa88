namespace Buildyard;

/// <summary>A customer organisation. It owns apps and has members.</summary>
public sealed class Account
{
    public required string Id { get; init; }
    public required string Name { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public Billing Billing { get; set; } = null!;
}

/// <summary>What an account pays for. Seen and changed by owners alone.</summary>
public sealed class Billing
{
    public required string AccountId { get; init; }
    public required string Plan { get; set; }
    public required int Seats { get; set; }

    /// <summary>The last four digits of the card; null when none is on file.</summary>
    public string? CardLastFour { get; set; }

    /// <summary>Where invoices are sent.</summary>
    public required string InvoiceEmail { get; set; }
}

/// <summary>One invoice of an account, amounts in cents.</summary>
public sealed class Invoice
{
    public required string Number { get; init; }
    public required string AccountId { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }
    public required long AmountCents { get; init; }
    public required string Currency { get; init; }
    public required bool Paid { get; set; }
}
