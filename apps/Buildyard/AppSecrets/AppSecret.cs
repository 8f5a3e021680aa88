using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>An environment variable of every build whose value nobody sees in passing.</summary>
public sealed class AppSecret : Setting
{
    /// <summary>What the value is sealed for.</summary>
    internal const string Purpose = "secret value";

    /// <summary>Unique in the app.</summary>
    public required string Name { get; init; }

    public override string Called => $"the secret {Name}";

    /// <summary>Sealed.</summary>
    public required byte[] Value { get; set; }

    /// <summary>Never shown to anybody again. One-way.</summary>
    public bool IsProtected { get; set; }

    /// <summary>Whether <c>$NAME</c> in the value is replaced when a build starts.</summary>
    public bool IsExpand { get; set; }

    /// <summary>Whether builds of pull requests get it, whose code somebody from outside may have written.</summary>
    public bool IsExposedToPullRequests { get; set; }
}

internal sealed class AppSecretMapping : IEntityTypeConfiguration<AppSecret>
{
    public void Configure(EntityTypeBuilder<AppSecret> builder)
    {
        builder.IsOfAnApp();
        builder.HasIndex(s => new { s.AppId, s.Name }).IsUnique();
    }
}
