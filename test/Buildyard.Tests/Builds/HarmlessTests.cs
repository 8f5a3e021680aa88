using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Builds;

/// <summary>N5: what support can set guards builds, unless it is declared harmless. The lists below are what a reviewer has agreed to.</summary>
public sealed class HarmlessTests
{
    // What tells rows apart, and who changed them last: nothing that anybody sets.
    private static readonly string[] s_notSet = ["Id", "AppId", "AccountId", "Slug", "CreatedAt", "ChangedAt", "ChangedBy", "BySupport", "AcceptedRole", "ChangedBySupport"];

    [Fact]
    public async Task EveryValueThatSupportCanSet_GuardsOrIsDeclaredHarmless()
    {
        await using var host = await BuildyardHost.StartAsync();
        await using var scope = host.App.Services.CreateAsyncScope();
        var values = scope.ServiceProvider.GetRequiredService<BuildyardDb>().Model.GetEntityTypes()
            .Where(type => typeof(IUndoable).IsAssignableFrom(type.ClrType) && type.ClrType != typeof(YamlVersion))
            .SelectMany(type => type.GetProperties().Where(p => !p.IsPrimaryKey() && !s_notSet.Contains(p.Name)).Select(p => $"{type.ClrType.Name}.{p.Name}")).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(
            [
                "App.DefaultBranch", "App.RepositoryUrl", "App.Title",
                "AppSecret.IsExpand", "AppSecret.IsExposedToPullRequests", "AppSecret.IsProtected", "AppSecret.Name", "AppSecret.Value",
                "AppleChoice.AppleKeyId",
                "BuildSettings.ManualApproval",
                "IncomingHook.RotatedAt", "IncomingHook.RotatedBy", "IncomingHook.Secret", "IncomingHook.Token", "IncomingHook.TokenHash",
                "SigningFile.Alias", "SigningFile.Content", "SigningFile.Detail", "SigningFile.Digest", "SigningFile.ExpiresAt", "SigningFile.KeyPassword",
                "SigningFile.Kind", "SigningFile.Name", "SigningFile.Password", "SigningFile.Size", "SigningFile.Subject",
                "SshKey.Fingerprint", "SshKey.Kind", "SshKey.PrivateKey", "SshKey.PublicKey",
            ],
            values.Where(value => !Harmless.IsHarmless(value)));
        Assert.All(Harmless.Kinds, kind => Assert.Contains(values.Concat(values.Select(value => value.Split('.')[0])), value => value == kind.Key));
        Assert.All(Harmless.Kinds.Values, reason => Assert.NotEmpty(reason));
    }

    [Fact]
    public void EveryPartOfAFile_IsCarriedOver() => Assert.Equal(
        typeof(BitriseConfig).GetProperties().Where(p => p.PropertyType != typeof(Place) && p.PropertyType != typeof(IReadOnlyList<Place>) && p.Name != "EqualityContract").Select(p => p.Name).Order(StringComparer.Ordinal),
        ConfigSections.Names.Order(StringComparer.Ordinal));
}
