using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>The address at which an app's repository host reports pushes and pull requests. Whoever knows it can start builds.</summary>
public sealed class IncomingHook : Setting
{
    public const string TokenPurpose = "incoming-hook.token";
    public const string SecretPurpose = "incoming-hook.secret";

    public override string Called => "the incoming webhook";

    /// <summary>The last part of the address, sealed; it is found by its hash.</summary>
    public required byte[] Token { get; set; }
    public required string TokenHash { get; set; }

    /// <summary>What the host signs with, sealed; null: unsigned reports are taken.</summary>
    public byte[]? Secret { get; set; }
    public required DateTimeOffset RotatedAt { get; set; }
    public required string RotatedBy { get; set; }
}

/// <summary>One report of a repository host, and what was done with it.</summary>
public sealed class HookDelivery
{
    public required string HookId { get; init; }

    /// <summary>The host's own id of it: one that comes again starts nothing again.</summary>
    public required string DeliveryId { get; init; }
    public required string Event { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required string Outcome { get; init; }
}

internal sealed class IncomingTables : IEntityTypeConfiguration<IncomingHook>, IEntityTypeConfiguration<HookDelivery>
{
    public void Configure(EntityTypeBuilder<IncomingHook> builder)
    {
        builder.ToTable("IncomingHooks");
        builder.HasIndex(h => h.AppId).IsUnique();
        builder.HasIndex(h => h.TokenHash).IsUnique();
        builder.IsOfAnApp();
    }

    public void Configure(EntityTypeBuilder<HookDelivery> builder)
    {
        builder.ToTable("HookDeliveries");
        builder.HasKey(d => new { d.HookId, d.DeliveryId });
        builder.HasOne<IncomingHook>().WithMany().HasForeignKey(d => d.HookId);
    }
}
