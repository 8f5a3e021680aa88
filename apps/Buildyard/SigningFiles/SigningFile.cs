using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>A code signing file of an app: read when it came in, given to builds, and sealed in between.</summary>
public sealed class SigningFile : Setting
{
    internal const string ContentPurpose = "signing file content";
    internal const string PasswordPurpose = "signing file password";
    internal const string KeyPasswordPurpose = "signing file key password";

    public override string Called => $"the signing file {Name}";

    public required SigningFileKind Kind { get; init; }

    /// <summary>Unique in the app.</summary>
    public required string Name { get; set; }

    /// <summary>In bytes.</summary>
    public required int Size { get; set; }

    /// <summary>Sealed.</summary>
    public required byte[] Content { get; set; }

    /// <summary>Of a certificate or a keystore; sealed.</summary>
    public byte[]? Password { get; set; }

    /// <summary>The key's name in a keystore.</summary>
    public string? Alias { get; set; }

    /// <summary>Of the key in a keystore; sealed.</summary>
    public byte[]? KeyPassword { get; set; }

    /// <summary>What it says it is for: a certificate's subject, a profile's name, the keys of a keystore.</summary>
    public required string Subject { get; set; }

    /// <summary>A certificate's issuer, or a profile's team and app.</summary>
    public string? Detail { get; set; }

    /// <summary>When it stops working, where it says so.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>SHA-256 of the content, hexadecimal.</summary>
    public required string Digest { get; set; }
}

internal sealed class SigningFileMapping : IEntityTypeConfiguration<SigningFile>
{
    public void Configure(EntityTypeBuilder<SigningFile> builder)
    {
        builder.IsOfAnApp();
        builder.HasIndex(f => new { f.AppId, f.Name }).IsUnique();
        builder.Property(f => f.Kind).HasConversion<Words<SigningFileKind>>();
    }
}
