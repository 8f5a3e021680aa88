using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>What people are told. Of support access, Latchkey's notices tell them.</summary>
public enum NotificationEvent
{
    BuildFailed,
    BuildSucceeded,

    /// <summary>A webhook was tried for the last time.</summary>
    WebhookFailed,
}

/// <summary>Who is told.</summary>
public enum NotificationAudience
{
    Nobody,

    /// <summary>The app's admins, but for whom support raised and nobody has accepted, and the account's owners.</summary>
    Admins,

    /// <summary>Everyone with a role in the app.</summary>
    Team,

    /// <summary>Those who are named.</summary>
    Chosen,
}

/// <summary>Who is told of one event in one app, and how. Where there is no row, <see cref="Default"/> holds.</summary>
public sealed class NotificationRule : Setting
{
    public required NotificationEvent Event { get; init; }

    public override string Called => $"the notification “{Notifier.Labels.Of(Event)}”";
    public required NotificationAudience Audience { get; set; }

    /// <summary>Person ids separated by spaces, for <see cref="NotificationAudience.Chosen"/>.</summary>
    public string People { get; set; } = "";

    /// <summary>Whether they are also sent a mail. In the inbox it is in any case.</summary>
    public bool Email { get; set; }

    /// <summary>What holds where nobody has said otherwise.</summary>
    internal static NotificationAudience Default(NotificationEvent what) => what == NotificationEvent.BuildSucceeded ? NotificationAudience.Nobody : NotificationAudience.Admins;
}

/// <summary>A line in somebody's inbox.</summary>
public sealed class InboxItem
{
    public required string Id { get; init; }
    public required string PersonId { get; init; }
    public required string AppId { get; init; }
    public required string Sentence { get; init; }

    /// <summary>The page that it is about.</summary>
    public required string Path { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ReadAt { get; set; }
}

/// <summary>A mail on its way.</summary>
public sealed class Mail
{
    public required string Id { get; init; }
    public required string PersonId { get; init; }
    public Person Person { get; init; } = null!;
    public required string Subject { get; init; }
    public required string Sentence { get; init; }
    public required string Path { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DeliveryState State { get; set; }
    public int Attempts { get; set; }
    public required DateTimeOffset NextAt { get; set; }
    public string? Problem { get; set; }
}

/// <summary>What webhooks were last told of an app's support access, so that a restart repeats nothing and misses nothing.</summary>
public sealed class AccessNotice
{
    public required string AppId { get; init; }
    public required string GrantId { get; set; }
    public required string Role { get; set; }
    public required DateTimeOffset Until { get; set; }
}

internal sealed class NotificationMapping :
    IEntityTypeConfiguration<NotificationRule>, IEntityTypeConfiguration<InboxItem>, IEntityTypeConfiguration<Mail>, IEntityTypeConfiguration<AccessNotice>
{
    public void Configure(EntityTypeBuilder<NotificationRule> builder)
    {
        builder.IsOfAnApp();
        builder.HasIndex(r => new { r.AppId, r.Event }).IsUnique();
        builder.Property(r => r.Event).HasConversion<Words<NotificationEvent>>();
        builder.Property(r => r.Audience).HasConversion<Words<NotificationAudience>>();
    }

    public void Configure(EntityTypeBuilder<InboxItem> builder)
    {
        builder.HasOne<App>().WithMany().HasForeignKey(i => i.AppId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Person>().WithMany().HasForeignKey(i => i.PersonId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<Mail> builder)
    {
        builder.HasOne(m => m.Person).WithMany().HasForeignKey(m => m.PersonId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(m => m.State).HasConversion<Words<DeliveryState>>();
        builder.HasIndex(m => new { m.State, m.NextAt });
    }

    public void Configure(EntityTypeBuilder<AccessNotice> builder)
    {
        builder.HasKey(n => n.AppId);
        builder.HasOne<App>().WithMany().HasForeignKey(n => n.AppId).OnDelete(DeleteBehavior.Cascade);
    }
}
