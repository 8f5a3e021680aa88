namespace Buildyard.EndToEnd;

/// <summary>One site that builds, for stories with an app of their own each. Who signed in once stays signed in for the next.</summary>
public sealed class SharedYard : IAsyncLifetime
{
    private Site? _site;

    public Site Site => _site ?? throw new InvalidOperationException("The yard is closed.");

    /// <summary>The cookies of those who have signed in, by name.</summary>
    public Dictionary<string, string> SignedIn { get; } = new(StringComparer.Ordinal);

    public async ValueTask InitializeAsync() => _site = await Site.OpenYardAsync();

    public async ValueTask DisposeAsync()
    {
        if (_site is not null) await _site.DisposeAsync();
    }
}
