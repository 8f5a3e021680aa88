using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Undo;

/// <summary>N5: what support can set that is sealed is not kept, unless something tells it apart that is shown. The list is what a reviewer has agreed to.</summary>
public sealed class ToldApartTests
{
    [Fact]
    public async Task EverySealedValue_IsToldApart_OrNotKept()
    {
        await using var host = await BuildyardHost.StartAsync();
        await using var scope = host.App.Services.CreateAsyncScope();
        var values = scope.ServiceProvider.GetRequiredService<BuildyardDb>().Model.GetEntityTypes().Where(type => typeof(IUndoable).IsAssignableFrom(type.ClrType))
            .SelectMany(type => type.GetProperties().Where(p => p.ClrType == typeof(byte[])).Select(p => $"{type.ClrType.Name}.{p.Name}")).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(["AppSecret.Value", "BuildSettings.ChecksToken", "IncomingHook.Secret", "Webhook.Headers"], values.Where(value => !ToldApart.Kinds.ContainsKey(value)));
        Assert.All(ToldApart.Kinds, kind => Assert.Contains(kind.Key, values));
        Assert.All(ToldApart.Kinds.Values, reason => Assert.NotEmpty(reason));
    }
}
