using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Builds.Model;
using Buildyard.Hosting;
using Latchkey.Tests;

namespace Buildyard.Team;

/// <summary>
/// N5: random stories of one member's role, which members set and accept, support changes, and members keep and undo. At no moment has that
/// person more of a voice than a member gave them. LATCHKEY_SEED repeats one story.
/// </summary>
public sealed class RoleStoryTests : IAsyncLifetime
{
    private const string Team = "/api/apps/northwind-ios/team";
    private const string Changes = "/support-access/v1/apps/northwind-ios/changes";
    private static readonly MemberRole[] s_roles = [MemberRole.Tester, MemberRole.Developer, MemberRole.PlatformEngineer, MemberRole.Admin];
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _support = null!;
    private string _dana = "";

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _adam = await _host.CallAsAsync("adam@northwind.test");
        _support = await _host.CallAsSupportAsync("northwind-ios");
        _dana = (await DanaAsync()).GetProperty("person").GetString()!;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task TheVoiceOfWhomSupportRaises_NeverExceedsWhatAMemberGave()
    {
        var first = Environment.GetEnvironmentVariable("LATCHKEY_SEED") is null ? 1 : Seeded.SeedOf("LATCHKEY_SEED");
        for (var story = 0UL; story < (first == 1 ? 20UL : 1); story++) await PlayAsync(first + story);
    }

    private async Task PlayAsync(ulong seed)
    {
        var (random, role, told) = (new Seeded(seed), new NaiveRole(), new List<string>());
        await SetAsync(_adam, "developer");
        for (var step = 0; step < 14; step++)
        {
            told.Add(await StepAsync(random, role));
            var dana = await DanaAsync();
            var now = (dana.GetProperty("role").GetString(), dana.GetProperty("promoted_by_support").ValueKind == JsonValueKind.Null, string.Join(' ', await OpenAsync()));
            Assert.True(now == (Word(role.Now), role.Speaks, string.Join(' ', role.Open)), $"LATCHKEY_SEED={seed}: {now}, not {role.Now}, {role.Speaks}, {string.Join(' ', role.Open)}\n{string.Join('\n', told)}");
        }
    }

    private async Task<string> StepAsync(Seeded random, NaiveRole role)
    {
        var (wanted, change) = (random.Pick(s_roles), role.Open.Count == 0 ? null : random.Pick(role.Open));
        switch (random.Below(9))
        {
            case < 4 when wanted != role.Now:
                await SetAsync(_support, Word(wanted));
                var act = (await OpenAsync())[^1];
                role.BySupport(wanted, act);
                return $"support: {wanted} ({act})";
            case 4:
                await SetAsync(_adam, Word(wanted));
                role.ByMember(wanted);
                return $"member: {wanted}";
            case 5:
                (await _adam.PostAsJsonAsync($"{Team}/{_dana}/accept", new { role = Word(role.Now) })).EnsureSuccessStatusCode();
                role.ByMember(role.Now);
                return "accept";
            case 6 when change is not null:
                (await _adam.PostAsJsonAsync($"{Changes}/{change}/keep", new { with = role.Open.TakeWhile(earlier => earlier != change) })).EnsureSuccessStatusCode();
                role.Keep(change);
                return $"keep {change}";
            case > 6 when change is not null:
                var undone = (await _adam.PostAsync($"{Changes}/{change}/undo", null)).StatusCode;
                if (undone == HttpStatusCode.OK) role.Undo(change);
                return $"undo {change}: {undone}";
            default:
                return "nothing";
        }
    }

    private static string Word(MemberRole role) => role == MemberRole.PlatformEngineer ? "platform_engineer" : role.ToString().ToLowerInvariant();

    private async Task SetAsync(HttpClient by, string role) => (await by.PutAsJsonAsync($"{Team}/{_dana}", new { role })).EnsureSuccessStatusCode();

    private async Task<JsonElement> DanaAsync() =>
        (await (await _adam.GetAsync(Team)).JsonAsync()).GetProperty("members").EnumerateArray().Single(m => m.GetProperty("name").GetString() == "Dana Kim");

    /// <summary>What is undecided, oldest first.</summary>
    private async Task<List<string>> OpenAsync() =>
        [.. (await (await _adam.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray().Select(c => c.GetProperty("activity").GetProperty("id").GetString()!).Reverse()];
}
