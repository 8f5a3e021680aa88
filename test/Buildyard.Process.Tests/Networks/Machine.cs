namespace Buildyard.Process.Tests.Networks;

/// <summary>
/// This machine with another <c>/dev/net/tun</c>, in a mount namespace of its own, for one process and what it starts. Takes root:
/// without it the test is skipped by name, or fails where <c>CI=true</c> says that nothing may be skipped unseen.
/// </summary>
internal static class Machine
{
    /// <summary>In place of a mode: there is no node.</summary>
    public const string Absent = "absent";

    // Arguments: the node's mode, or "absent"; whom to become; the project; then the command.
    private const string Script = """
        set -eu
        node=$1 user=$2 project=$3
        shift 3
        mount --bind /dev/shm /mnt
        mount -t tmpfs -o mode=755 devices /dev
        mkdir /dev/net /dev/shm
        mount --bind /mnt /dev/shm && umount /mnt
        while read -r name major minor; do mknod -m 666 "/dev/$name" c "$major" "$minor"; done <<< $'null 1 3\nzero 1 5\nfull 1 7\nrandom 1 8\nurandom 1 9\ntty 5 0'
        ln -s /proc/self/fd /dev/fd
        [ "$node" = absent ] || mknod -m "$node" /dev/net/tun c 10 200
        become=(setpriv --reuid "$user" --regid "$user" --clear-groups --)
        if ! "${become[@]}" test -r "$project/Latchkey.slnx"; then
          # The project lies in a home that is closed to others: here it is open.
          mkdir /dev/project && mount --bind "$project" /dev/project
          mount -t tmpfs -o mode=755 open "/$(cut -d / -f 2 <<< "$project")"
          mkdir -p "$project" && mount --bind /dev/project "$project"
        fi
        cd "$project/apps/Buildyard"
        exec "${become[@]}" "$@"
        """;

    /// <summary>The words before a command that is to run there.</summary>
    public static string[] With(string node, string user, string project)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "Only root can give a process another /dev.");
            Assert.Fail("CI has to be root, so that a process can be given another /dev.");
        }

        // It is not bound to the thread that starts it, which goes when the pool has nothing to do: whoever started the server ends it.
        return ["unshare", "--mount", "--", "/bin/bash", "-c", Script, "machine", node, user, project];
    }

    /// <summary>Gives the node another mode, makes it or takes it away, there alone.</summary>
    public static Task ChangeAsync(int process, string node) =>
        Command.RunAsync("nsenter", ["--target", $"{process}", "--mount", "--", "/bin/bash", "-c", "rm -f /dev/net/tun; [ \"$1\" = absent ] || mknod -m \"$1\" /dev/net/tun c 10 200", "change", node]);

    /// <summary>The node's mode there, or <see cref="Absent"/>.</summary>
    public static string Node(int process)
    {
        var path = $"/proc/{process}/root/dev/net/tun";
        return OperatingSystem.IsLinux() && File.Exists(path) ? $"0{Convert.ToString((int)File.GetUnixFileMode(path), 8)}" : Absent;
    }
}
