using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Builds;

/// <summary>What builds leave is kept for so long, and up to so much per account. The oldest go; it is said before and after.</summary>
public sealed class StorageTests
{
    private const string OneMegabyte = "--Builds:FilesOfAccount=1048576";
    private static readonly string s_yaml = Yard.Yaml("head -c \"$SIZE\" /dev/zero > \"$BITRISE_DEPLOY_DIR/app.bin\"; echo made it") + "    - deploy-to-bitrise-io@2: {}\n";

    [Fact]
    public async Task AboveTheQuota_TheOldestArtifactsGo_AndNothingElse_OfNobodyElse()
    {
        await using var yard = await OpenAsync(args: OneMegabyte);
        var carla = await yard.Host.CallAsAsync("carla@contoso.test");
        await yard.Host.AddAppAsync(carla, "theirs", "Theirs", s_yaml);
        const string Theirs = "/api/apps/theirs/builds";
        (await carla.PostAsJsonAsync(Theirs, Sized(900_000))).EnsureSuccessStatusCode();
        await Yard.UntilAsync(async () => await (await carla.GetAsync($"{Theirs}/1")).JsonAsync(), b => b.GetProperty("status").GetString() == "success");

        for (var i = 0; i < 3; i++) await BuildAsync(yard, 400_000);

        var oldest = await yard.ReadAsync(1);
        Assert.Equal(("success", 2), (oldest.GetProperty("status").GetString(), oldest.GetProperty("steps").GetArrayLength()));
        Assert.Equal($"Its artifacts were removed on {TimeProvider.System.GetUtcNow():d MMM yyyy} to keep the account within 1 MB.", oldest.GetProperty("files_note").GetString());
        Assert.Contains("to keep the account within 1 MB", await PageAsync(yard, 1), StringComparison.Ordinal);
        Assert.Contains("made it", await yard.LogAsync(1), StringComparison.Ordinal);
        Assert.Equal("0 1 1", await CountsAsync(yard));
        Assert.Equal(HttpStatusCode.NotFound, (await yard.Owner.GetAsync($"{Yard.Path}/1/artifacts/app.bin")).StatusCode);
        await GoneAsync(await FileAsync(yard, 1, "artifacts/app.bin"));
        Assert.Equal(900_000, (await carla.GetByteArrayAsync($"{Theirs}/1/artifacts/app.bin")).Length);
        Assert.Equal(900_000, (await StorageAsync(carla)).GetProperty("artifacts").GetInt64());
    }

    [Fact]
    public async Task ArtifactsThatFitNowhere_AreNotKept_AndNobodysOlderOnesGoForThem()
    {
        await using var yard = await OpenAsync(args: OneMegabyte);
        await BuildAsync(yard, 400_000);

        var large = await BuildAsync(yard, 2_000_000);
        var next = await BuildAsync(yard, 300_000);

        Assert.Equal("success", large.GetProperty("status").GetString());
        Assert.Equal("Its artifacts were not kept: with them the account would have more than 1 MB, and each app's newest build keeps its files.", large.GetProperty("files_note").GetString());
        Assert.Equal(JsonValueKind.Null, next.GetProperty("files_note").ValueKind);
        Assert.Equal("1 0 1", await CountsAsync(yard));
        await GoneAsync(await FileAsync(yard, 2, "artifacts/app.bin"));
        Assert.Contains("made it", await yard.LogAsync(2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatSupportBuilds_PressesNothingOfTheCustomersOut_AndGoesFirst()
    {
        await using var yard = await OpenAsync(args: OneMegabyte);
        var support = await yard.Host.CallAsSupportAsync(Yard.App, admin: "olivia@northwind.test");
        await BuildAsync(yard, 400_000);
        await BuildAsync(yard, 400_000, by: support);

        var pressed = await BuildAsync(yard, 400_000, by: support);
        Assert.Equal("1 1 0", await CountsAsync(yard));
        await BuildAsync(yard, 400_000);

        Assert.EndsWith("and nothing of the customer's goes for a build that support or a fork had a hand in.", pressed.GetProperty("files_note").GetString(), StringComparison.Ordinal);
        Assert.Equal("1 0 0 1", await CountsAsync(yard, builds: 4));
    }

    [Fact]
    public async Task AfterTheirDays_LogAndArtifactsGoWithinTheHour_TheNewestBuildKeepsItsOwn()
    {
        var directory = Directory.CreateTempSubdirectory("buildyard-storage-").FullName;
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        try
        {
            await using (var before = await OpenAsync(directory, clock, "--Builds:KeptFor=30"))
            {
                await BuildAsync(before, 1000);
                await BuildAsync(before, 1000);
            }
            clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(30));
            await using var yard = await Yard.OpenAsync(directory: directory, clock: clock, args: "--Builds:KeptFor=30");
            Assert.Contains("made it", await yard.LogAsync(1), StringComparison.Ordinal);

            clock.Advance(TimeSpan.FromHours(1));

            var old = await Yard.UntilAsync(() => yard.ReadAsync(1), b => b.GetProperty("files_note").ValueKind != JsonValueKind.Null);
            Assert.Equal($"Its log and artifacts were removed on {clock.GetUtcNow():d MMM yyyy} after 30 days.", old.GetProperty("files_note").GetString());
            var log = await yard.Owner.GetAsync($"{Yard.Path}/1/log");
            Assert.Equal((HttpStatusCode.NotFound, "log_removed"), (log.StatusCode, Last((await log.JsonAsync()).GetProperty("type"))));
            Assert.DoesNotContain("id=\"log-title\"", await PageAsync(yard, 1), StringComparison.Ordinal);
            await GoneAsync(await FileAsync(yard, 1, "log"));
            await GoneAsync(await FileAsync(yard, 1, "artifacts/app.bin"));
            Assert.Equal("0 1", await CountsAsync(yard, builds: 2));
            Assert.Contains("made it", await yard.LogAsync(2), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task AProcessThatDies_LeavesNothingUncounted_AndNoPageThatFails()
    {
        var directory = Directory.CreateTempSubdirectory("buildyard-storage-").FullName;
        try
        {
            string rowAlone, fileAlone, part;
            await using (var before = await OpenAsync(directory))
            {
                for (var i = 0; i < 3; i++) await BuildAsync(before, 1000);
                rowAlone = await FileAsync(before, 1, "artifacts/app.bin");
                fileAlone = await FileAsync(before, 2, "artifacts/app.bin");
                part = Path.Combine(directory, "caches", await AppAsync(before), "own", "0123.part");
                // It died after the rows were written, before the files went.
                await ChangeAsync(before, db => db.BuildArtifacts.Where(a => a.BuildId == db.Builds.Single(b => b.Number == 2).Id).ExecuteDeleteAsync());
                await ChangeAsync(before, db => db.Builds.Where(b => b.Number == 2).ExecuteUpdateAsync(b => b.SetProperty(x => x.LogRemoved, true).SetProperty(x => x.FilesNote, "Gone.").SetProperty(x => x.FilesDue, true)));
                // One before it measured.
                await ChangeAsync(before, db => db.Builds.Where(b => b.Number == 3).ExecuteUpdateAsync(b => b.SetProperty(x => x.LogSize, 0).SetProperty(x => x.FilesDue, true)));
            }
            File.Delete(rowAlone);
            File.Delete(Path.Combine(Path.GetDirectoryName(rowAlone)!, "..", "log"));
            Directory.CreateDirectory(Path.GetDirectoryName(part)!);
            await File.WriteAllBytesAsync(part, new byte[1000]);

            await using var yard = await Yard.OpenAsync(directory: directory);

            await GoneAsync(fileAlone);
            await GoneAsync(part);
            await PageAsync(yard, 1);
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), ((await yard.Owner.GetAsync($"{Yard.Path}/1/artifacts/app.bin")).StatusCode, (await yard.Owner.GetAsync($"{Yard.Path}/1/log")).StatusCode));
            await PageAsync(yard, 2);
            Assert.Equal(HttpStatusCode.NotFound, (await yard.Owner.GetAsync($"{Yard.Path}/2/log")).StatusCode);
            var third = new FileInfo(await FileAsync(yard, 3, "log")).Length;
            await Yard.UntilAsync(() => ReadAsync(yard, db => db.Builds.Where(b => b.Number == 3).Select(b => b.LogSize).SingleAsync()), size => size == third);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task TheOwner_SeesWhatIsUsed_AndIsToldOnceBeforeAnythingGoes()
    {
        await using var yard = await OpenAsync(args: OneMegabyte);
        await BuildAsync(yard, 450_000);
        var calm = await PageAsync(yard, "/account");
        Assert.Contains("Storage", calm, StringComparison.Ordinal);
        Assert.DoesNotContain("Storage is nearly full", calm, StringComparison.Ordinal);

        await BuildAsync(yard, 450_000);
        await Yard.UntilAsync(() => InboxAsync(yard.Owner), inbox => inbox.Length == 1);
        await BuildAsync(yard, 450_000);

        var storage = await StorageAsync(yard.Owner);
        Assert.Equal((1048576, 900_000, true), (storage.GetProperty("allowed").GetInt64(), storage.GetProperty("artifacts").GetInt64(), storage.GetProperty("nearly_full").GetBoolean()));
        Assert.Equal(storage.GetProperty("used").GetInt64(), 900_000 + storage.GetProperty("logs").GetInt64());
        Assert.True(storage.GetProperty("logs").GetInt64() > 0);
        // The first build has a log left, and so goes next.
        Assert.Equal(("yard", 1), (storage.GetProperty("next").GetProperty("app").GetString(), storage.GetProperty("next").GetProperty("number").GetInt32()));
        var page = await PageAsync(yard, "/account");
        Assert.Contains("of 1 MB", page, StringComparison.Ordinal);
        Assert.Contains("Storage is nearly full. Above 1 MB the artifacts of the oldest builds are removed, then their logs.", page, StringComparison.Ordinal);
        Assert.Contains("""<a href="/apps/yard/builds/1"><span dir="auto">Yard</span> #1</a>""", page, StringComparison.Ordinal);
        Assert.StartsWith("Artifacts and logs of your builds take ", Assert.Single(await InboxAsync(yard.Owner)), StringComparison.Ordinal);
        Assert.Empty(await InboxAsync(await yard.Host.CallAsAsync("adam@northwind.test")));
        Assert.Empty(await InboxAsync(await yard.Host.CallAsAsync("carla@contoso.test")));
    }

    [Theory]
    [InlineData("--Builds:FilesOfAccount=1000", "Builds:FilesOfAccount is 1000; an account keeps 1048576 bytes or more.")]
    [InlineData("--Builds:KeptFor=0", "Builds:KeptFor is 00:00:00; files are kept for 1 to 3650 days.")]
    [InlineData("--Builds:KeptFor=soon", "Builds:KeptFor")]
    public async Task ABoundThatCannotBe_IsRefusedAtTheStart_ByName(string arg, string says)
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardHost.StartAsync(args: [arg]));

        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    private static async Task<Yard> OpenAsync(string? directory = null, TimeProvider? clock = null, params string[] args)
    {
        var yard = await Yard.OpenAsync(directory: directory, clock: clock, args: args);
        await yard.SaveAsync(s_yaml);
        return yard;
    }

    private static object Sized(int bytes) => new { env = new[] { new { name = "SIZE", value = bytes.ToString(CultureInfo.InvariantCulture) } } };

    private static async Task<JsonElement> BuildAsync(Yard yard, int bytes, HttpClient? by = null)
    {
        var build = await yard.RunAsync(Sized(bytes), by);
        Assert.True(build.GetProperty("status").GetString() == "success", await yard.LogAsync(build.GetProperty("number").GetInt32()));
        return build;
    }

    /// <summary>How many artifacts each build has.</summary>
    private static async Task<string> CountsAsync(Yard yard, int builds = 3)
    {
        var counts = new List<int>();
        for (var number = 1; number <= builds; number++)
            counts.Add((await (await yard.Owner.GetAsync($"{Yard.Path}/{number}/artifacts")).JsonAsync()).GetProperty("artifacts").GetArrayLength());
        return string.Join(' ', counts);
    }

    private static Task<string> PageAsync(Yard yard, int number) => PageAsync(yard, $"/apps/{Yard.App}/builds/{number}");

    private static async Task<string> PageAsync(Yard yard, string path)
    {
        var answer = await (await yard.Host.BrowseAsAsync("olivia@northwind.test")).GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<JsonElement> StorageAsync(HttpClient owner) => (await (await owner.GetAsync("/api/account")).JsonAsync()).GetProperty("storage");

    private static async Task<string[]> InboxAsync(HttpClient who) =>
        [.. (await (await who.GetAsync("/api/inbox")).JsonAsync()).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("sentence").GetString()!)];

    private static Task<string> AppAsync(Yard yard) => ReadAsync(yard, db => db.Apps.Where(a => a.Slug == Yard.App).Select(a => a.Id).SingleAsync());

    private static async Task<string> FileAsync(Yard yard, int number, string name) =>
        Path.Combine(yard.Host.Directory, "builds", await AppAsync(yard), number.ToString(CultureInfo.InvariantCulture), name);

    private static Task<bool> GoneAsync(string file) => Yard.UntilAsync(() => Task.FromResult(File.Exists(file)), exists => !exists);

    private static Task<int> ChangeAsync(Yard yard, Func<BuildyardDb, Task<int>> change) => ReadAsync(yard, change);

    private static async Task<T> ReadAsync<T>(Yard yard, Func<BuildyardDb, Task<T>> read)
    {
        await using var scope = yard.Host.App.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<BuildyardDb>());
    }

    private static string Last(JsonElement type) => type.GetString()!.Split('/', ':')[^1];
}
