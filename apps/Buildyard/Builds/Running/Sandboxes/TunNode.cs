namespace Buildyard;

/// <summary>
/// The device that a sandbox's network is made from. The network runs as nobody in particular, and on many machines only root may open
/// the node: started as root, Buildyard brings that process a node of its own; started as anybody else it depends on the machine's.
/// </summary>
internal static class TunNode
{
    private const string Machine = "/dev/net/tun";
    private const UnixFileMode Open = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>What an administrator does where a network can't be made.</summary>
    public const string Advice = $"An administrator sees to it that {Machine} is there (modprobe tun, or a container's --device) and open to everybody (chmod 0666 {Machine}).";

    /// <summary>Whether a node of its own is brought to the network's process.</summary>
    public static bool IsBrought =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && !(File.Exists(Machine) && (File.GetUnixFileMode(Machine) & Open) == Open);

    /// <summary>Why no network can be made from the machine's node, and what an administrator does; null where it can, or where it isn't needed.</summary>
    public static string? Obstacle()
    {
        if (Environment.IsPrivilegedProcess) return null;
        try
        {
            File.OpenHandle(Machine, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return $"The user that Buildyard runs as may not open {Machine}. {Advice} Started as root, Buildyard needs neither.";
        }
        catch (IOException)
        {
            return $"This machine has no {Machine}. {Advice}";
        }
    }
}
