using System.Diagnostics;
using System.Globalization;
using Latchkey.Storage.Contract;
using Latchkey.Testing;

namespace Latchkey.Sqlite.Tests;

public sealed class OpeningTests : IDisposable
{
    // The shapes are numbered files in the assembly, named by their number.
    private static readonly int s_newest = typeof(SqliteStore).Assembly.GetManifestResourceNames().Max(name => int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture));

    private readonly ManualClock _clock = new();
    private readonly Place _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task DirectoryAndFiles_AreForTheirUserAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var store = await OpenAsync();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_place.Directory));
            foreach (var file in (string[])["latchkey.db", "latchkey.db-wal", "latchkey.db-shm"])
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_place.Directory, file)));
            }
        }
    }

    /// <summary>An earlier version kept the bytes of files in the ledger's own database: they are moved, and readable as they were.</summary>
    [Fact]
    public async Task BytesOfFilesInAnEarlierLedger_AreMoved()
    {
        var facts = new Facts(_clock);
        var (record, salt, bytes, _) = facts.Attach(facts.Open("Signing fails"), "build.log", "all of it"u8.ToArray());
        await using (var store = await OpenAsync())
        {
            Assert.True(await store.Attachments.KeepAsync(record, salt, bytes, long.MaxValue, CancellationToken.None));
        }

        _place.Run($"""
            CREATE TABLE attachment_bytes (id TEXT NOT NULL PRIMARY KEY, salt BLOB NOT NULL, bytes BLOB NOT NULL);
            ATTACH DATABASE '{Path.Combine(_place.Directory, "files.db")}' AS files;
            INSERT INTO attachment_bytes (id, salt, bytes) SELECT id, salt, bytes FROM files.file;
            DELETE FROM files.file;
            """);
        await using (var store = await OpenAsync())
        {
            var moved = await store.Attachments.ReadAsync(record.Id, CancellationToken.None);
            Assert.Equal(salt, moved!.Salt);
            Assert.Equal(bytes, moved.Bytes);
        }

        Assert.Empty(_place.Run("SELECT name FROM sqlite_schema WHERE name = 'attachment_bytes'"));
        await using var again = await OpenAsync();
        Assert.Equal(bytes, (await again.Attachments.ReadAsync(record.Id, CancellationToken.None))!.Bytes);
    }

    [Fact]
    public async Task Reserve_IsReallyTaken()
    {
        await using var store = await OpenAsync();
        Assert.Equal(8 * 1024 * 1024, new FileInfo(_place.Reserve).Length);
        Assert.Equal("8192", (await ShellAsync($"du -k '{_place.Reserve}' | cut -f1")).Trim());
    }

    [Fact]
    public async Task SpentReserve_LetsOnlyEndsBeWritten_UntilTheCheckRestoresIt()
    {
        var facts = new Facts(_clock);
        var scribe = new Scribe(_clock);
        var grant = facts.Lend();
        await using var store = await OpenAsync();
        await scribe.WriteAsync(store, [(Facts.Account, grant)]);
        await using (var ending = await store.BeginAsync(spendReserve: true, CancellationToken.None))
        {
            Assert.False(File.Exists(_place.Reserve));
            await ending.CommitAsync(await scribe.SealAsync(ending, (Facts.Account, facts.End(grant))), CancellationToken.None);
        }

        var refusal = await Assert.ThrowsAsync<LedgerStoreException>(() => store.BeginAsync(spendReserve: false, CancellationToken.None));
        Assert.True(refusal.IsTransient);
        await (await store.BeginAsync(spendReserve: true, CancellationToken.None)).DisposeAsync();
        await store.CheckWritableAsync(CancellationToken.None);
        await scribe.WriteAsync(store, [(Facts.Account, facts.Lend())]);
        Assert.True(File.Exists(_place.Reserve));
    }

    [Fact]
    public async Task NewDatabase_IsOfTheNewestVersion_AndOpensAgain()
    {
        await (await OpenAsync()).DisposeAsync();
        Assert.Equal([$"user_version={s_newest}"], _place.Run("PRAGMA user_version"));
        Assert.Equal(["journal_mode=wal"], _place.Run("PRAGMA journal_mode"));
        await (await OpenAsync()).DisposeAsync();
        Assert.Equal(["integrity_check=ok"], _place.Run("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task OlderDatabase_IsBroughtForward_WithWhatIsInIt()
    {
        await (await OpenAsync()).DisposeAsync();
        File.Delete(_place.Database);
        using (var resource = typeof(SqliteStore).Assembly.GetManifestResourceStream("0002_ledger")!)
        using (var reader = new StreamReader(resource))
        {
            _place.Run(await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        }

        _place.Run(
            """
            PRAGMA user_version = 2;
            INSERT INTO grant_ (position, id, account, app, role, also, may_end, starts, until, lent_by, lent_entry)
            VALUES (7, 'grt_1', 'northwind', 'app_ios', 'viewer', '["x.y"]', '["adam"]', 1000, 9000, 'adam', 7)
            """);
        await using var store = await OpenAsync();
        var grant = Assert.Single((await store.OpenAsync(DateTimeOffset.UnixEpoch, CancellationToken.None)).Grants);
        Assert.Equal(
            ("grt_1", "northwind", "app_ios", "viewer", 9000L, null),
            (grant.Id.Value, grant.Account.Value, grant.App?.Value, grant.Role, grant.Until.ToUnixTimeMilliseconds(), grant.Request));
        Assert.Equal([new PersonId("adam")], grant.MayEnd);
    }

    [Fact]
    public async Task NewerDatabase_IsRefused_AndLeftAlone()
    {
        await (await OpenAsync()).DisposeAsync();
        _place.Run("PRAGMA user_version = 99");
        var before = await File.ReadAllBytesAsync(_place.Database, TestContext.Current.CancellationToken);
        var refusal = await RefusedAsync();
        Assert.Contains("version 99", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"up to {s_newest}.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_place.Database, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task DatabaseFromBeforeTheFirstRelease_IsRefused_AndLeftAlone()
    {
        await (await OpenAsync()).DisposeAsync();
        _place.Run("PRAGMA user_version = 1");
        Assert.Contains("empty directory", (await RefusedAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(["user_version=1"], _place.Run("PRAGMA user_version"));
    }

    [Fact]
    public async Task DatabaseOfSomethingElse_IsRefused()
    {
        Directory.CreateDirectory(_place.Directory);
        _place.Run("CREATE TABLE recipe (name TEXT)");
        Assert.Contains("of something else", (await RefusedAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(["name=recipe"], _place.Run("SELECT name FROM sqlite_schema"));
    }

    [Fact]
    public async Task FileThatIsNoDatabase_IsRefused_AndLeftAlone()
    {
        Directory.CreateDirectory(_place.Directory);
        var letter = string.Concat(Enumerable.Repeat("Dear diary, ", 1000));
        await File.WriteAllTextAsync(_place.Database, letter, TestContext.Current.CancellationToken);
        Assert.Contains("is not a database", (await RefusedAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(letter, await File.ReadAllTextAsync(_place.Database, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task DamagedDatabase_IsRefused()
    {
        await (await OpenAsync()).DisposeAsync();
        await using (var file = File.OpenWrite(_place.Database))
        {
            file.Position = 4096;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray(), TestContext.Current.CancellationToken);
        }

        Assert.Contains("damaged", (await RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileInPlaceOfTheDirectory_IsRefused()
    {
        await File.WriteAllTextAsync(_place.Directory, "", TestContext.Current.CancellationToken);
        Assert.Contains(_place.Directory, (await RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DirectoryThatMayNotBeMade_IsRefused_SayingWhichAndAsWhom()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux's /sys takes no directory from anybody, root included.");
        await using var store = new SqliteStore("/sys/latchkey-test", _clock);
        var refusal = await Assert.ThrowsAsync<LedgerStoreException>(() => store.OpenAsync(_clock.GetUtcNow(), CancellationToken.None));
        Assert.False(refusal.IsTransient);
        Assert.Contains("/sys/latchkey-test", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.UserName, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondStoreOnTheSameDirectory_IsRefused_SayingWhoHasIt()
    {
        await using (await OpenAsync())
        {
            var refusal = await RefusedAsync();
            Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} since 2026-11-21 12:00:00Z"), refusal.Message, StringComparison.Ordinal);
        }

        await (await OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task DirectoryOfAnotherProcess_IsRefused_UntilThatProcessEnds()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "flock(1) is Linux's.");
        Directory.CreateDirectory(_place.Directory);
        using var holder = Start($"exec flock -x '{_place.Directory}/lock' sh -c 'echo held; read line'");
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Contains("in use by another process", (await RefusedAsync()).Message, StringComparison.Ordinal);
        holder.StandardInput.Close();
        await holder.WaitForExitAsync(TestContext.Current.CancellationToken);
        await (await OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task OpenStore_IsLockedAgainstOtherProcesses()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "flock(1) is Linux's.");
        var tryLock = $"flock -n -x '{_place.Directory}/lock' echo free || echo taken";
        await using (await OpenAsync())
        {
            Assert.Equal("taken", (await ShellAsync(tryLock)).Trim());
        }

        Assert.Equal("free", (await ShellAsync(tryLock)).Trim());
    }

    [Fact]
    public async Task StoreThatIsNotOpen_SaysSo()
    {
        await using var store = new SqliteStore(_place.Directory, _clock);
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.BeginAsync(spendReserve: false, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.ReadEdgeAsync(Facts.Account, CancellationToken.None));
        Assert.False(Directory.Exists(_place.Directory));
    }

    private async Task<SqliteStore> OpenAsync()
    {
        var store = new SqliteStore(_place.Directory, _clock);
        await store.OpenAsync(_clock.GetUtcNow(), CancellationToken.None);
        return store;
    }

    private async Task<LedgerStoreException> RefusedAsync()
    {
        await using var store = new SqliteStore(_place.Directory, _clock);
        var refusal = await Assert.ThrowsAsync<LedgerStoreException>(() => store.OpenAsync(_clock.GetUtcNow(), CancellationToken.None));
        Assert.False(refusal.IsTransient);
        return refusal;
    }

    private static Process Start(string script) => Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        UseShellExecute = false,
    })!;

    private static async Task<string> ShellAsync(string script)
    {
        using var process = Start(script);
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }
}
