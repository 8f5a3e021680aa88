using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Latchkey.Sqlite.Tests;

/// <summary>A real ext4 file system of 48 MiB in a file, to be filled up and broken. Mounting takes root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _root;
    private readonly string _image;
    private readonly string _filler;

    private SmallDisk(DirectoryInfo root)
    {
        _root = root;
        _image = Path.Combine(root.FullName, "image");
        Mount = root.CreateSubdirectory("mount").FullName;
        _filler = Path.Combine(Mount, "filler");
    }

    public string Mount { get; }

    public static SmallDisk Make([CallerMemberName] string test = "")
    {
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("latchkey-disk-"));
        if (!disk.TryMake(out var error))
        {
            disk._root.Delete(recursive: true);
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{test} needs to mount a small disk: {error}");
            Assert.Skip($"{test} needs to mount a small disk: {error}");
        }

        return disk;
    }

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        var block = new byte[64 * 1024];
        using var file = new FileStream(_filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = block.Length; size >= 512;)
        {
            try
            {
                file.Write(block, 0, size);
                file.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void Empty() => File.Delete(_filler);

    public void Remount(string options) => Must("mount", "-o", "remount," + options, Mount);

    /// <summary>Has the kernel find an error in the file system: it goes read-only under whoever has files open.</summary>
    public void Break()
    {
        var device = Path.GetFileName(Run("findmnt", "-no", "SOURCE", Mount).Output.Trim());
        File.WriteAllText($"/sys/fs/ext4/{device}/trigger_fs_error", "1");
    }

    /// <summary>Unmounts, checks and mounts it, as an operator would.</summary>
    public void Repair()
    {
        Must("umount", Mount);
        // A sandbox that starts elsewhere on this machine holds a copy of all mounts for a moment, this one's among them:
        // mounted again before that is let go, it would be the same broken file system.
        while (Run("losetup", "-j", _image).Output.Length > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        Run("e2fsck", "-fy", _image);
        Must("mount", "-o", "loop,errors=remount-ro", _image, Mount);
    }

    public void Dispose()
    {
        Run("umount", Mount);
        _root.Delete(recursive: true);
    }

    private bool TryMake(out string error)
    {
        error = "it takes root on Linux";
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return false;
        }

        using (var image = new FileStream(_image, FileMode.CreateNew))
        {
            image.SetLength(48 * 1024 * 1024);
        }

        foreach (var (program, arguments) in (IEnumerable<(string, string[])>)
            [("mkfs.ext4", ["-q", "-m", "0", _image]), ("mount", ["-o", "loop,errors=remount-ro", _image, Mount])])
        {
            var (code, output) = Run(program, arguments);
            if (code != 0)
            {
                error = output;
                return false;
            }
        }

        return true;
    }

    private static void Must(string program, params string[] arguments)
    {
        var (code, output) = Run(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {output}");
    }

    private static (int Code, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "\"$0\" \"$@\" 2>&1", program, .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
