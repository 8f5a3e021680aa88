namespace Buildyard;

/// <summary>How builds share this instance; configuration section <c>Builds</c>.</summary>
public sealed record BuildQueueOptions
{
    /// <summary>
    /// How many builds run at one time. Default 2; 0 to 64. 0 holds every build, as for maintenance. Of two or more, one account has all but one at
    /// most while another has none (<see cref="BuildSlots"/>).
    /// </summary>
    public int AtOnce { get; init; } = 2;

    /// <summary>How many builds of one app may wait. Default 200; what is started above that is refused.</summary>
    public int MostWaiting { get; init; } = 200;

    /// <summary>How long one build may take. Default 45 minutes; one minute to a day.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>How many bytes of cache archives an app may keep. Default 2 GB; the oldest go first.</summary>
    public long CacheBytes { get; init; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Runs builds without a sandbox where this machine has none. Default false, in a demo true: such builds can read and change all that Buildyard can.</summary>
    public bool AllowUnsandboxed { get; init; }

    /// <summary>Whether repositories may lie on loopback and private networks; configuration <c>Git:AllowPrivateHosts</c>, default false.</summary>
    public bool AllowPrivateHosts { get; init; }

    /// <summary>Reads the section.</summary>
    /// <exception cref="StartRefusedException">A value is out of range.</exception>
    public static BuildQueueOptions Read(IConfiguration configuration, bool isDemo)
    {
        var defaults = new BuildQueueOptions { AllowUnsandboxed = isDemo };
        BuildQueueOptions options;
        try
        {
            var section = configuration.GetSection("Builds");
            options = defaults with
            {
                AtOnce = section.GetValue(nameof(AtOnce), defaults.AtOnce),
                MostWaiting = section.GetValue(nameof(MostWaiting), defaults.MostWaiting),
                Total = section.GetValue(nameof(Total), defaults.Total),
                CacheBytes = section.GetValue(nameof(CacheBytes), defaults.CacheBytes),
                AllowUnsandboxed = section.GetValue(nameof(AllowUnsandboxed), defaults.AllowUnsandboxed),
                AllowPrivateHosts = configuration.GetValue("Git:AllowPrivateHosts", false),
            };
        }
        catch (InvalidOperationException e)
        {
            throw new StartRefusedException($"The settings of builds can't be read: {e.Message}", e);
        }
        if (options.AtOnce is < 0 or > 64) throw new StartRefusedException($"Builds:AtOnce is {options.AtOnce}; 0 to 64 builds can run at one time.");
        if (options.MostWaiting is < 1 or > 100_000) throw new StartRefusedException($"Builds:MostWaiting is {options.MostWaiting}; 1 to 100000 builds of an app can wait.");
        if (options.Total < TimeSpan.FromMinutes(1) || options.Total > TimeSpan.FromDays(1)) throw new StartRefusedException($"Builds:Total is {options.Total}; a build may take 00:01:00 to 1.00:00:00.");
        if (options.CacheBytes < 0) throw new StartRefusedException("Builds:CacheBytes is negative.");
        return options;
    }
}
