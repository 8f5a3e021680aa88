using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>What GitHub has been told of a build, and when it is told more.</summary>
public sealed class CheckRun
{
    public required string BuildId { get; init; }

    /// <summary>GitHub's id of the check run; null until it has made one.</summary>
    public long? RemoteId { get; set; }

    /// <summary>The status that GitHub knows: <c>queued</c>, <c>in_progress</c>, <c>completed</c>; empty: none.</summary>
    public required string Told { get; set; }
    public int Attempts { get; set; }
    public required DateTimeOffset NextAt { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Problem { get; set; }

    /// <summary>It was given up: GitHub refused it, or could not be reached for too long.</summary>
    public bool GivenUp { get; set; }
}

internal sealed class CheckRunTable : IEntityTypeConfiguration<CheckRun>
{
    public void Configure(EntityTypeBuilder<CheckRun> builder)
    {
        builder.ToTable("CheckRuns");
        builder.HasKey(c => c.BuildId);
        builder.HasOne<Build>().WithOne().HasForeignKey<CheckRun>(c => c.BuildId);
    }
}
