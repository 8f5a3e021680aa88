using System.Globalization;
using System.Security.Cryptography;
using Latchkey;
using Latchkey.AspNetCore.Tests;
using Latchkey.Sqlite;

namespace Buildyard.Process.Tests.Kills;

/// <summary>
/// A real Buildyard is killed under load again and again, on one directory. <c>LATCHKEY_KILLS</c> says how often (5 where it is unset),
/// <c>LATCHKEY_SEED</c> repeats the moments of a run, as far as moments can be.
/// </summary>
public sealed class KillTests : IAsyncDisposable
{
    private static readonly string[] s_people = ["olivia@northwind.test", "adam@northwind.test", "piet@northwind.test", "carla@contoso.test", "sam@support.test", "sue@support.test"];
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildyard-kill-");
    private readonly Acknowledged _acknowledged = new();
    private readonly MailSink _mail = new();
    private Dictionary<string, string> _tokens = [];
    private Dictionary<string, string> _members = [];
    private Dictionary<string, AppId> _apps = [];

    private string Data => Path.Combine(_directory.FullName, "data");

    public async ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        await _mail.DisposeAsync();
    }

    [Fact]
    public async Task KeepsWhatItAcknowledged_HoweverOftenItIsKilled()
    {
        var kills = Number("LATCHKEY_KILLS", 5);
        var seed = Number("LATCHKEY_SEED", RandomNumberGenerator.GetInt32(int.MaxValue));
        TestContext.Current.TestOutputHelper?.WriteLine($"LATCHKEY_SEED={seed}");
        var seeded = new Seeded((ulong)seed);
        await MeetAsync();
        var load = new Load(_acknowledged, seeded, _tokens, _members);
        for (var kill = 1; kill <= kills; kill++)
        {
            await using var server = await StartAsync(_mail);
            if (kill > 1)
            {
                await DecidesAsBeforeAsync(server);
            }

            await KillUnderLoadAsync(server, load, seeded.Below(150));
            using var left = new Leftover(Data);
            await using var store = new SqliteStore(left.Ledger, TimeProvider.System);
            await store.OpenAsync(DateTimeOffset.MinValue, CancellationToken.None);
            await LeftoverChecks.IsWholeAsync(left, store);
            await LeftoverChecks.HoldsAsync(left, store, _acknowledged, _apps, _members["dana"]);
            await SpokenChecks.HoldsAsync(left, store, _acknowledged.Spoken);
        }

        // Mails go one by one: a kill finds at most one that the server took and nobody noted.
        var mails = _mail.Taken.Select(m => (m.To, m.Header("Message-ID"))).ToList();
        Assert.InRange(mails.Count - mails.Distinct().Count(), 0, kills);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{kills} kills, {_acknowledged.Count} answers, {_acknowledged.Entered.Count} sessions, {_acknowledged.Deeds.Count} changes by support, {_acknowledged.Yaml.Count} versions, {_acknowledged.Spoken.Messages.Count} messages, {_acknowledged.Spoken.Files.Count} files, {_acknowledged.Spoken.Requests.Count} requests, {mails.Count} mails");
    }

    private Task<BuildyardProcess> StartAsync(MailSink mail) => BuildyardProcess.StartAsync(
        Data, "--Smtp:Host", "127.0.0.1", "--Smtp:Port", mail.Port.ToString(CultureInfo.InvariantCulture), "--Smtp:From", "support@buildyard.test");

    private static async Task KillUnderLoadAsync(BuildyardProcess server, Load load, int more)
    {
        using var gone = new CancellationTokenSource();
        var work = load.RunAsync(server, gone);
        await load.Acknowledged.WaitForAsync(more, work);
        // Said before it is done: whoever is cut off from here on knows why.
        await gone.CancelAsync();
        await server.KillAsync();
        try
        {
            await work;
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException($"A request broke before the kill. The server had said:\n{server.Said}", e);
        }
    }

    /// <summary>The first start: signs everybody in, for good, and learns who and what there is.</summary>
    private async Task MeetAsync()
    {
        await using var server = await BuildyardProcess.StartAsync(Data);
        using var http = server.Connect();
        foreach (var person in s_people)
        {
            _tokens[person.Split('@')[0]] = await Caller.LoginAsync(http, person);
        }

        await server.KillAsync();
        using var left = new Leftover(Data);
        _members = left.Own("SELECT email, id FROM people").ToDictionary(row => row[0].Split('@')[0], row => row[1]);
        _apps = left.Own("SELECT slug, id FROM apps").ToDictionary(row => row[0], row => new AppId(row[1]));
        foreach (var app in _apps.Keys)
        {
            _acknowledged.Titles[app] = new(left.Own($"SELECT title FROM apps WHERE slug = '{app}'")[0][0]);
        }

        foreach (var app in (string[])[Load.Ios, Load.Android])
        {
            _acknowledged.Switches[app] = new(default);
            _acknowledged.Roles[app] = new("developer");
        }
    }

    /// <summary>A restarted server lets in whom the ledger lets in, and nobody else; it says of each app what the customer was told last.</summary>
    private async Task DecidesAsBeforeAsync(BuildyardProcess server)
    {
        using var http = server.Connect();
        var olivia = new Caller(http, _tokens["olivia"]);
        foreach (var (app, latest) in _acknowledged.Switches)
        {
            var until = Assert.Single(latest.Possible).Until;
            var access = (await olivia.GetAsync($"/support-access/v1/apps/{app}/access")).Json;
            Assert.Equal(until is null ? "off" : "on", access["state"]!.GetValue<string>());
            Assert.Equal(until, access["grant"]?["until"]?.GetValue<DateTimeOffset>());

            var open = access["sessions"]!.AsArray().Select(s => s!["id"]!.GetValue<string>()).ToHashSet();
            foreach (var entered in _acknowledged.Entered.Where(e => e.App == app).TakeLast(3))
            {
                var answer = await new Caller(http, entered.Token).GetAsync($"/api/apps/{app}");
                int[] expected = open.Contains(entered.Session) ? [200] : [404, 410];
                Assert.Contains(answer.Status, expected);
            }
        }
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
