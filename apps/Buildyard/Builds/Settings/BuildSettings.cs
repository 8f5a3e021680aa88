using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>How an app's builds are treated. An app whose builds nobody has set anything for has no row, and the defaults.</summary>
public sealed class BuildSettings : Setting
{
    /// <summary>What the token of checks is sealed for.</summary>
    public const string ChecksPurpose = "build-settings.checks-token";

    /// <summary>GitHub's own API.</summary>
    public const string GitHub = "https://api.github.com";

    public override string Called => "the build settings";

    /// <summary>Pull requests from forks wait until somebody who may run builds approves.</summary>
    public bool ManualApproval { get; set; }

    /// <summary>A push aborts waiting builds of the same branch and workflow.</summary>
    public bool RollingPushes { get; set; }

    /// <summary>A new commit of a pull request aborts its waiting builds of the same workflow.</summary>
    public bool RollingPullRequests { get; set; }

    /// <summary>Rolling aborts running builds too.</summary>
    public bool RollingOfRunning { get; set; }

    /// <summary>Patterns of paths, one a line; a push that changes none of them builds nothing. Empty: every push builds.</summary>
    public string SelectivePaths { get; set; } = "";
    public bool Checks { get; set; }
    public string ChecksAddress { get; set; } = GitHub;

    /// <summary>The token that checks are posted with, sealed.</summary>
    public byte[]? ChecksToken { get; set; }
}

internal sealed class BuildSettingsTable : IEntityTypeConfiguration<BuildSettings>
{
    public void Configure(EntityTypeBuilder<BuildSettings> builder)
    {
        builder.ToTable("BuildSettings");
        builder.HasIndex(s => s.AppId).IsUnique();
        builder.IsOfAnApp();
    }
}
