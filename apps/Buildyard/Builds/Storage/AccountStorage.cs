using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>What is known of an account's storage beside the rows of its builds.</summary>
public sealed class AccountStorage
{
    public required string AccountId { get; init; }

    /// <summary>Bytes of its apps' caches when they were last measured: within the hour, and after each build.</summary>
    public long Caches { get; set; }

    /// <summary>Since when it is nearly full, and its owners were told; null: it is not.</summary>
    public DateTimeOffset? NearlyFullSince { get; set; }
}

internal sealed class AccountStorageTable : IEntityTypeConfiguration<AccountStorage>
{
    public void Configure(EntityTypeBuilder<AccountStorage> builder)
    {
        builder.ToTable(nameof(AccountStorage)).HasKey(s => s.AccountId);
        builder.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
