namespace Buildyard.Process.Tests.Disks;

/// <summary>
/// A file system of its own, of a few MiB, that a test can fill up or make read-only. Mounting takes root: without it the test is
/// skipped by name, or fails where <c>CI=true</c> says that nothing may be skipped unseen.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("buildyard-disk-");

    private SmallDisk()
    {
    }

    /// <summary>Where Buildyard's data goes.</summary>
    public string Data => Path.Combine(Mount, "data");

    private string Mount => Path.Combine(_place.FullName, "mount");

    private string Ballast => Path.Combine(Mount, "ballast");

    private string Image => Path.Combine(_place.FullName, "image");

    /// <summary>A disk in memory, to be filled up.</summary>
    public static async Task<SmallDisk> InMemoryAsync(int mebibytes)
    {
        var disk = new SmallDisk();
        Directory.CreateDirectory(disk.Mount);
        return await disk.MountedAsync("-t", "tmpfs", "-o", $"size={mebibytes}m,mode=0700", "buildyard-test", disk.Mount);
    }

    /// <summary>A disk in a file, of the kind that the kernel makes read-only when it fails.</summary>
    public static async Task<SmallDisk> InFileAsync(int mebibytes)
    {
        var disk = new SmallDisk();
        Directory.CreateDirectory(disk.Mount);
        await using (var image = File.Create(disk.Image))
        {
            image.SetLength(mebibytes * 1024L * 1024);
        }

        await Command.RunAsync("mkfs.ext4", "-q", "-F", disk.Image);
        return await disk.MountedAsync("-o", "loop,errors=remount-ro", disk.Image, disk.Mount);
    }

    /// <summary>Takes all the room there is.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        // Smaller and smaller pieces, so that not even a page is left.
        for (var piece = 1 << 20; piece > 0; piece /= 8)
        {
            try
            {
                while (true)
                {
                    ballast.Write(new byte[piece]);
                }
            }
            catch (IOException)
            {
                // No room for a piece of this size.
            }
        }
    }

    /// <summary>Takes the room that Buildyard keeps back for ends, as another program on the disk can, and all that is left beside it.</summary>
    public void FillWithoutReserve()
    {
        File.Delete(Path.Combine(Data, "latchkey", "reserve"));
        Fill();
    }

    /// <summary>Makes room again.</summary>
    public void Empty() => File.Delete(Ballast);

    /// <summary>Fails, so that the kernel stops every write until it is mounted anew.</summary>
    public async Task BreakAsync()
    {
        var device = (await File.ReadAllLinesAsync("/proc/self/mounts")).Single(line => line.Split(' ')[1] == Mount).Split(' ')[0];
        await File.WriteAllTextAsync($"/sys/fs/ext4/{Path.GetFileName(device)}/trigger_fs_error", "1");
    }

    /// <summary>Mounts it anew, repaired. Nobody may have a file of it open.</summary>
    public async Task MendAsync()
    {
        await Command.RunAsync("umount", Mount);
        // A sandbox that another test is making at this moment holds a copy of every mount for an instant; until it lets go, the failed disk would be the one that is mounted again.
        for (var wait = 0; wait < 300 && (await Command.TryAsync("losetup", "-j", Image)).Said.Length > 0; wait++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        await Command.TryAsync("e2fsck", "-f", "-y", Image);
        await Command.RunAsync("mount", "-o", "loop,errors=remount-ro", Image, Mount);
    }

    public async ValueTask DisposeAsync()
    {
        await Command.TryAsync("umount", "--lazy", Mount);
        _place.Delete(recursive: true);
    }

    private async Task<SmallDisk> MountedAsync(params string[] arguments)
    {
        var (code, said) = await Command.TryAsync("mount", arguments);
        if (code == 0)
        {
            return this;
        }

        _place.Delete(recursive: true);
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"A small disk can't be mounted: {said}");
        Assert.Skip($"A small disk can't be mounted: {said}");
        return this;
    }
}
