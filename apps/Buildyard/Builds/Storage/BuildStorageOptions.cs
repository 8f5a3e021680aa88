namespace Buildyard;

/// <summary>How much of what builds leave is kept, and for how long; configuration section <c>Builds</c>.</summary>
public sealed record BuildStorageOptions
{
    private const long Least = 1024 * 1024;
    private static readonly TimeSpan s_shortest = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3650);

    /// <summary>How many bytes of artifacts and logs an account's ended builds may keep. Default 10 GB; 1 MB at least. Above that the oldest go.</summary>
    public long FilesOfAccount { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>How long a build's artifacts and log are kept. Default 90 days; 1 to 3650 days. Each app's newest build keeps them for longer.</summary>
    public TimeSpan KeptFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>From how many bytes on an account is nearly full, and its owners are told: 80 % of what it may keep.</summary>
    public long NearlyFull => FilesOfAccount / 5 * 4;

    /// <summary>Reads the section.</summary>
    /// <exception cref="StartRefusedException">A value is out of range.</exception>
    public static BuildStorageOptions Read(IConfiguration configuration)
    {
        var defaults = new BuildStorageOptions();
        BuildStorageOptions options;
        try
        {
            var section = configuration.GetSection("Builds");
            options = new BuildStorageOptions
            {
                FilesOfAccount = section.GetValue(nameof(FilesOfAccount), defaults.FilesOfAccount),
                KeptFor = section.GetValue(nameof(KeptFor), defaults.KeptFor),
            };
        }
        catch (InvalidOperationException e)
        {
            throw new StartRefusedException($"The settings of builds can't be read: {e.Message}", e);
        }
        if (options.FilesOfAccount < Least) throw new StartRefusedException($"Builds:FilesOfAccount is {options.FilesOfAccount}; an account keeps {Least} bytes or more.");
        if (options.KeptFor < s_shortest || options.KeptFor > s_longest) throw new StartRefusedException($"Builds:KeptFor is {options.KeptFor}; files are kept for 1 to 3650 days.");
        return options;
    }
}
