using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>An address that is told what happens in an app.</summary>
public sealed class Webhook : Setting
{
    internal const string HeadersPurpose = "webhook headers";
    internal const string SecretPurpose = "webhook signing secret";

    public required string Url { get; set; }

    public override string Called => $"the webhook to {Url}";

    /// <summary>Names of <see cref="WebhookEvents"/>, separated by spaces.</summary>
    public required string Events { get; set; }

    /// <summary>Names and values as JSON, sealed; null without any.</summary>
    public byte[]? Headers { get; set; }

    /// <summary>The headers' names, separated by spaces.</summary>
    public string HeaderNames { get; set; } = "";

    /// <summary><c>whsec_…</c>, sealed.</summary>
    public required byte[] SigningSecret { get; set; }
    public bool Enabled { get; set; } = true;
}

public enum DeliveryState
{
    /// <summary>To be tried, for the first time or again.</summary>
    Waiting,
    Delivered,

    /// <summary>Given up.</summary>
    Failed,
}

/// <summary>One event on its way to one webhook.</summary>
public sealed class WebhookDelivery
{
    /// <summary><c>webhook-id</c>: the same in every attempt.</summary>
    public required string Id { get; init; }
    public required string WebhookId { get; init; }
    public Webhook Webhook { get; init; } = null!;
    public required string Event { get; init; }

    /// <summary>The body, as it is signed and sent.</summary>
    public required string Payload { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DeliveryState State { get; set; }
    public int Attempts { get; set; }

    /// <summary>When it is tried next.</summary>
    public required DateTimeOffset NextAt { get; set; }
    public DateTimeOffset? LastAt { get; set; }

    /// <summary>What the last attempt was answered; null where there was no answer.</summary>
    public int? Status { get; set; }
    public int? TookMilliseconds { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Problem { get; set; }

    /// <summary>The beginning of the answer's body.</summary>
    public string? Response { get; set; }
}

/// <summary>What webhooks can be told.</summary>
public static class WebhookEvents
{
    public const string BuildStarted = "build.started";
    public const string BuildFinished = "build.finished";
    public const string AppChanged = "app.changed";
    public const string AccessChanged = "support_access.changed";

    /// <summary>Sent by hand, to a webhook that hears whatever events.</summary>
    internal const string Test = "webhook.test";

    public static IReadOnlyList<(string Name, string Label)> All { get; } =
    [
        (BuildStarted, "A build starts"),
        (BuildFinished, "A build ends"),
        (AppChanged, "The app's settings change"),
        (AccessChanged, "Support access is turned on, changed or ends"),
    ];
}

internal sealed class WebhookMapping : IEntityTypeConfiguration<Webhook>, IEntityTypeConfiguration<WebhookDelivery>
{
    public void Configure(EntityTypeBuilder<Webhook> builder) => builder.IsOfAnApp();

    public void Configure(EntityTypeBuilder<WebhookDelivery> builder)
    {
        builder.HasOne(d => d.Webhook).WithMany().HasForeignKey(d => d.WebhookId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(d => d.State).HasConversion<Words<DeliveryState>>();
        builder.HasIndex(d => new { d.State, d.NextAt });
    }
}
