using Latchkey;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Buildyard;

internal sealed class BuildTable :
    IEntityTypeConfiguration<Build>, IEntityTypeConfiguration<BuildStep>, IEntityTypeConfiguration<KeptArtifact>,
    IEntityTypeConfiguration<BuildCounter>, IEntityTypeConfiguration<SecretPermit>
{
    public void Configure(EntityTypeBuilder<Build> builder)
    {
        builder.HasIndex(b => new { b.AppId, b.Number }).IsUnique();
        builder.HasIndex(b => b.Status);
        builder.HasIndex(b => b.FilesDue);
        builder.HasOne<App>().WithMany().HasForeignKey(b => b.AppId);
        builder.Property(b => b.Status).HasConversion<Words<BuildState>>();
        builder.Property(b => b.TargetKind).HasConversion<Words<BuildTargetKind>>();
        builder.Property(b => b.Trigger).HasConversion<Words<BuildTrigger>>();
        builder.Property(b => b.SecretsAnswer).HasConversion<Words<SecretsAnswer>>();
        builder.Property(b => b.StepCommits).HasDefaultValue("[]").HasConversion<Masked>();
        builder.Property(b => b.Reason).HasConversion<Masked>();
        builder.Property(b => b.TargetByTrigger).HasDefaultValue(false);
        builder.Property(b => b.EnvBySupport).HasDefaultValue(false);
        builder.Property(b => b.LogSize).HasDefaultValue(0L);
        builder.Property(b => b.LogRemoved).HasDefaultValue(false);
        builder.Property(b => b.FilesDue).HasDefaultValue(false);
        builder.Ignore(b => b.KeepsEnvBack).Ignore(b => b.IsOver).Ignore(b => b.GoesWithoutSecrets).Ignore(b => b.FromFork);
    }

    public void Configure(EntityTypeBuilder<BuildStep> builder)
    {
        builder.HasKey(s => new { s.BuildId, s.Position });
        builder.Property(s => s.Title).HasConversion<Masked>();
        builder.Property(s => s.Reason).HasConversion<Masked>();
        builder.HasOne<Build>().WithMany(b => b.Steps).HasForeignKey(s => s.BuildId);
    }

    public void Configure(EntityTypeBuilder<KeptArtifact> builder)
    {
        builder.HasKey(a => new { a.BuildId, a.Name });
        builder.HasOne<Build>().WithMany(b => b.Artifacts).HasForeignKey(a => a.BuildId);
    }

    public void Configure(EntityTypeBuilder<BuildCounter> builder)
    {
        builder.HasKey(c => c.AppId);
        builder.HasOne<App>().WithMany().HasForeignKey(c => c.AppId);
    }

    public void Configure(EntityTypeBuilder<SecretPermit> builder)
    {
        builder.HasIndex(p => new { p.AppId, p.SupportSession }).IsUnique();
        builder.HasOne<App>().WithMany().HasForeignKey(p => p.AppId);
    }
}

/// <summary>What a build says of itself, without passwords of addresses: rows of before those were refused may hold one.</summary>
internal sealed class Masked() : ValueConverter<string, string>(text => SecretText.Mask(text), text => SecretText.Mask(text));
