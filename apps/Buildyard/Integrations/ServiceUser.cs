using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>The member who answers for what an app is connected to: told when a connection stops working. Never somebody of support.</summary>
public sealed class ServiceUser : Setting
{
    public required string PersonId { get; set; }

    public override string Called => "the service credential user";
    public Person Person { get; init; } = null!;
}

/// <summary>A key of an account's to Apple's App Store Connect API. Apps choose from these.</summary>
public sealed class AppleKey
{
    internal const string Purpose = "apple api key";

    public required string Id { get; init; }
    public required string AccountId { get; init; }
    public required string Name { get; init; }

    /// <summary>A UUID, as App Store Connect shows it.</summary>
    public required string IssuerId { get; init; }

    /// <summary>Ten letters and digits.</summary>
    public required string KeyId { get; init; }

    /// <summary>The <c>.p8</c>, sealed.</summary>
    public required byte[] PrivateKey { get; init; }
    public required DateTimeOffset AddedAt { get; init; }
    public required string AddedBy { get; init; }
}

/// <summary>Which of its account's keys an app uses.</summary>
public sealed class AppleChoice : Setting
{
    public required string AppleKeyId { get; set; }

    public override string Called => "the choice of an Apple Developer account";
    public AppleKey AppleKey { get; init; } = null!;
}

internal sealed class IntegrationMapping : IEntityTypeConfiguration<ServiceUser>, IEntityTypeConfiguration<AppleKey>, IEntityTypeConfiguration<AppleChoice>
{
    public void Configure(EntityTypeBuilder<ServiceUser> builder)
    {
        builder.IsOfAnApp();
        builder.HasIndex(u => u.AppId).IsUnique();
        builder.HasOne(u => u.Person).WithMany().HasForeignKey(u => u.PersonId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<AppleKey> builder) =>
        builder.HasOne<Account>().WithMany().HasForeignKey(k => k.AccountId).OnDelete(DeleteBehavior.Cascade);

    public void Configure(EntityTypeBuilder<AppleChoice> builder)
    {
        builder.IsOfAnApp();
        builder.HasIndex(c => c.AppId).IsUnique();
        builder.HasOne(c => c.AppleKey).WithMany().HasForeignKey(c => c.AppleKeyId).OnDelete(DeleteBehavior.Cascade);
    }
}
