using System.Globalization;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.EndToEnd;

/// <summary>Buildyard's demo, that can stop and start again over its data. It has a clock to turn, or it builds.</summary>
public sealed class Site : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("buildyard-e2e-").FullName;
    private readonly ManualClock? _clock;
    private BuildyardHost? _host;

    private Site(ManualClock? clock) => _clock = clock;

    public ManualClock Clock => _clock ?? throw new InvalidOperationException("This site keeps the system's time.");

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    public BuildyardHost Host => _host ?? throw new InvalidOperationException("The site is closed.");

    public static Task<Site> OpenAsync()
    {
        // Browsers judge cookies by their own clock: a day ahead of it none has expired, and stories begin at the same hour.
        var tomorrow = TimeProvider.System.GetUtcNow().Date.AddDays(1);
        return OpenAsync(new ManualClock(new DateTimeOffset(tomorrow, TimeSpan.Zero).AddHours(12)));
    }

    /// <summary>Opens one that runs builds, which take the time that they take.</summary>
    public static Task<Site> OpenYardAsync() => OpenAsync(null);

    /// <summary>Starts over the data that is there, at the address it had.</summary>
    public async Task StartAsync()
    {
        string[] args = ["--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Address.Port}"), .. _clock is null ? ["--Builds:AtOnce=3"] : Array.Empty<string>()];
        _host = await BuildyardHost.StartAsync(_clock, _directory, args);
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

    private static async Task<Site> OpenAsync(ManualClock? clock)
    {
        var site = new Site(clock);
        await DemoDirectory.CopyAsync(clock, site._directory);
        await site.StartAsync();
        return site;
    }
}
