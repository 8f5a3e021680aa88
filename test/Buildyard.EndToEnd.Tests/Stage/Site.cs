using System.Globalization;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.EndToEnd;

/// <summary>Buildyard's demo with a clock to turn, that can stop and start again over its data.</summary>
public sealed class Site : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("buildyard-e2e-").FullName;
    private BuildyardHost? _host;

    private Site()
    {
        // Browsers judge cookies by their own clock: a day ahead of it none has expired, and stories begin at the same hour.
        var tomorrow = TimeProvider.System.GetUtcNow().Date.AddDays(1);
        Clock = new ManualClock(new DateTimeOffset(tomorrow, TimeSpan.Zero).AddHours(12));
    }

    public ManualClock Clock { get; }

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public static async Task<Site> OpenAsync()
    {
        var site = new Site();
        await site.StartAsync();
        return site;
    }

    /// <summary>Starts over the data that is there, at the address it had.</summary>
    public async Task StartAsync()
    {
        _host = await BuildyardHost.StartAsync(Clock, _directory, ["--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Address.Port}")]);
        Address = _host.Address;
    }

    public async Task StopAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        _host = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
