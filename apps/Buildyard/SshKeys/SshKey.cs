using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>The key that an app's repository is cloned with. One per app; the private half is never shown again.</summary>
public sealed class SshKey : Setting
{
    /// <summary>What the private half is sealed for.</summary>
    internal const string Purpose = "ssh private key";

    public override string Called => "the SSH key";

    /// <summary>Sealed; OpenSSH or PEM form, without a passphrase.</summary>
    public required byte[] PrivateKey { get; set; }

    /// <summary>A line for a git host's list of keys.</summary>
    public required string PublicKey { get; set; }

    /// <summary><c>SHA256:…</c>, as <c>ssh-keygen -l</c> writes it.</summary>
    public required string Fingerprint { get; set; }

    /// <summary>Such as <c>ED25519</c> or <c>RSA 3072</c>.</summary>
    public required string Kind { get; set; }
}

internal sealed class SshKeyMapping : IEntityTypeConfiguration<SshKey>
{
    public void Configure(EntityTypeBuilder<SshKey> builder)
    {
        builder.IsOfAnApp();
        builder.HasIndex(k => k.AppId).IsUnique();
    }
}
