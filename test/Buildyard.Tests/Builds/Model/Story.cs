using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey.Tests;

namespace Buildyard.Builds.Model;

/// <summary>One story of an app: support and members edit, members keep, undo, restore, raise, accept and allow, and after each step builds are started.</summary>
internal sealed partial class Story
{
    private const string Secret = "pl4nt3d";
    private readonly HttpClient _owner;
    private readonly HttpClient _support;
    private readonly HttpClient _dana;
    private readonly string _danaId;
    private readonly string _slug;
    private readonly Seeded _random;
    private readonly Gate? _gate;
    private readonly Naive _naive;
    private readonly List<Dictionary<string, string?>> _versions = [];
    private readonly List<string> _told = [];
    private readonly NaiveRole _role = new();
    private int _values;

    private Story(HttpClient owner, HttpClient support, HttpClient dana, string danaId, string slug, Seeded random, Gate? gate, Naive naive)
    {
        (_owner, _support, _dana, _danaId, _slug, _random, _gate, _naive) = (owner, support, dana, danaId, slug, random, gate, naive);
        _versions.Add(Yml.Of(naive.Live));
    }

    private string App => $"/api/apps/{_slug}";

    /// <summary>Plays one.</summary>
    /// <param name="host">Where.</param>
    /// <param name="seed">Which.</param>
    /// <param name="gate">Lets builds run, whose logs are then read as support reads them; null: they are held.</param>
    public static async Task PlayAsync(BuildyardHost host, ulong seed, Gate? gate)
    {
        var owner = await host.CallAsAsync("olivia@northwind.test");
        var values = new Dictionary<string, string?>
        {
            ["yml a"] = "1",
            ["yml copy"] = null,
            ["yml b"] = "1",
            ["yml bundle"] = "1",
            ["yml P"] = "a,b",
            ["yml S"] = "b",
            ["yml E1"] = "1",
            ["yml E2"] = null,
            ["title"] = $"Story {seed}",
            ["branch"] = "main",
            ["secret"] = "0",
            ["added"] = null,
            ["repository"] = null,
        };
        // Builds that run have nothing to fetch.
        if (gate is not null) values.Remove("repository");
        var naive = new Naive(values);
        var made = await (await owner.PostAsJsonAsync("/api/apps", new { title = naive.Live["title"], bitrise_yml = Yml.Text(naive.Live) })).JsonAsync();
        var slug = made.GetProperty("slug").GetString()!;
        var members = (await (await owner.GetAsync("/api/apps/northwind-ios/team")).JsonAsync()).GetProperty("members").EnumerateArray();
        var danaId = members.Single(m => m.GetProperty("name").GetString() == "Dana Kim").GetProperty("person").GetString()!;
        (await owner.PostAsJsonAsync($"/api/apps/{slug}/team/{danaId}", new { role = "developer" })).EnsureSuccessStatusCode();
        (await owner.PutAsJsonAsync($"/api/apps/{slug}/secrets/S", new { value = Secret })).EnsureSuccessStatusCode();
        var support = await host.CallAsSupportAsync(slug, "olivia@northwind.test");
        var story = new Story(owner, support, await host.CallAsAsync("dana@northwind.test"), danaId, slug, new Seeded(seed), gate, naive);
        try
        {
            for (var step = 0; step < 8; step++)
            {
                await story.StepAsync();
                await story.CheckAsync();
            }
            await story.RunAsync();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"LATCHKEY_SEED={seed}: {e.Message}\n{string.Join('\n', story._told)}", e);
        }
    }

    private Task StepAsync() => _random.Below(13) switch
    {
        < 5 => WriteAsync(_support),
        < 8 => WriteAsync(_owner),
        < 9 => RestoreAsync(),
        < 10 => KeepAsync(),
        < 11 => UndoAsync(),
        < 12 => RaiseAsync(),
        _ => AcceptAsync(),
    };

    /// <summary>One value is set anew: something that leaks, something that doesn't, by a member what the customer had, or by support what it once was.</summary>
    private async Task WriteAsync(HttpClient by)
    {
        var isSupport = by == _support;
        var slot = _random.Pick(_naive.Live.Keys.Order(StringComparer.Ordinal).ToList());
        if (slot == "added" && !isSupport && _naive.Live[slot] is null) slot = "yml a";
        var was = _naive.Live[slot];
        var value = !isSupport && Yml.Holds(slot) && _random.OneIn(2) ? _naive.Accepted(slot)
            : isSupport && slot is not "secret" && _random.OneIn(3) ? _random.Pick(_naive.Ever(slot))
            : slot is "yml copy" or "yml E1" or "yml E2" or "yml P" or "added" or "repository" && was is not null && _random.OneIn(3) ? null
            : NewValue(slot, isSupport);
        if (value == was) return;
        var before = await OpenAsync();
        var changed = new Dictionary<string, string?>(_naive.Live) { [slot] = value };
        var answer = slot switch
        {
            "title" => await by.PatchAsJsonAsync(App, new { title = value }),
            "repository" => await by.PatchAsJsonAsync(App, new { repository_url = value is null ? "" : $"https://git.test/{value}.git" }),
            "branch" => await by.PatchAsJsonAsync(App, new { default_branch = value == "main" ? value : $"b{value}" }),
            "secret" => await by.PutAsJsonAsync($"{App}/secrets/S", new { value = Secret }),
            "added" when value is null => await by.DeleteAsync($"{App}/secrets/ADDED"),
            "added" => await by.PutAsJsonAsync($"{App}/secrets/ADDED", new { value = $"added {value}" }),
            _ => await by.PutAsync($"{App}/bitrise-yml", new StringContent(Yml.Text(changed), MediaTypeHeaderValue.Parse("application/yaml"))),
        };
        Tell($"{(isSupport ? "support" : "member")} sets {slot} to {value ?? "nothing"}");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        _naive.Write(slot, value, isSupport ? (await OpenAsync()).Select(Act).Except(before.Select(Act), StringComparer.Ordinal).Single() : null);
        if (Yml.Holds(slot)) _versions.Add(Yml.Of(_naive.Live));
    }

    private string NewValue(string slot, bool isSupport) => slot switch
    {
        "yml copy" when !isSupport => _naive.Live["yml a"] + (_random.OneIn(2) ? "+" : ""),
        "yml copy" when _random.OneIn(2) => _naive.Live["yml a"]!,
        "yml S" => _random.Pick(Yml.Orders),
        "yml P" => _random.Pick([.. Yml.Orders, "S", "S"]) + (_random.OneIn(3) ? $"#{NextNumber()}" : ""),
        "yml bundle" when _random.OneIn(3) => NextNumber() + "?",
        "yml a" or "yml copy" or "yml b" or "yml bundle" when isSupport && _random.OneIn(2) => NextNumber() + "!",
        _ => NextNumber(),
    };

    private string NextNumber() => (++_values + 1).ToString(CultureInfo.InvariantCulture);

    private async Task RestoreAsync()
    {
        var number = _random.Below(_versions.Count) + 1;
        Tell($"member restores version {number}");
        (await _owner.PostAsync($"{App}/bitrise-yml/versions/{number}/restore", null)).EnsureSuccessStatusCode();
        await ReadYamlAsync(isUndo: false, _versions[number - 1]);
    }

    /// <summary>A change is kept: at times alone, which is refused where it rests on others and keeps nothing.</summary>
    private async Task KeepAsync()
    {
        var open = await OpenAsync();
        if (open.Count == 0) return;
        var change = open[_random.Below(open.Count)];
        var below = change.GetProperty("rests_on").EnumerateArray().Select(a => a.GetProperty("id").GetString()!).ToList();
        var earlier = open.Select(Act).SkipWhile(act => act != Act(change)).Skip(1).Where(act => _naive.AboutWhat(act) == _naive.AboutWhat(Act(change)));
        Assert.Equal(earlier.ToHashSet(), below.ToHashSet());
        var named = _random.OneIn(3) ? [] : below;
        Tell($"member keeps {Act(change)} with {string.Join(", ", named)}");
        var answer = await _owner.PostAsJsonAsync($"{Changes}/{Act(change)}/keep", new { with = named });
        Assert.Equal(named.Count == below.Count ? HttpStatusCode.OK : HttpStatusCode.Conflict, answer.StatusCode);
        if (!answer.IsSuccessStatusCode) return;
        _naive.Kept.UnionWith([.. below, Act(change)]);
        if (_role.Open.Contains(Act(change))) _role.Keep(Act(change));
    }

    private async Task UndoAsync()
    {
        var open = await OpenAsync();
        if (open.Count == 0) return;
        var change = open[_random.Below(open.Count)];
        Tell($"member undoes {Act(change)}");
        if ((await _owner.PostAsync($"{Changes}/{Act(change)}/undo", null)).StatusCode == HttpStatusCode.Conflict) return;
        if (_role.Open.Contains(Act(change))) _role.Undo(Act(change));
        else if (_naive.Of(Act(change)) is { } written && !Yml.Holds(written.Slot)) _naive.Write(written.Slot, written.Before, null, isUndo: true);
        else await UndoneAsync();
    }

    /// <summary>The file goes back to a text in which all is the customer's.</summary>
    private async Task UndoneAsync()
    {
        await ReadYamlAsync(isUndo: true, null);
        Assert.All(_naive.Live.Keys.Where(Yml.Holds), slot => Assert.True(_naive.WasOwn(slot), $"{slot} is {_naive.Live[slot]} by an undo, and was never the customer's."));
    }

    private async Task RaiseAsync()
    {
        var role = _random.Pick(MemberRole.Tester, MemberRole.Developer, MemberRole.PlatformEngineer, MemberRole.Admin);
        var isSupport = !_random.OneIn(3);
        Tell($"{(isSupport ? "support" : "member")} makes Dana {role}");
        var before = await OpenAsync();
        (await (isSupport ? _support : _owner).PutAsJsonAsync($"{App}/team/{_danaId}", new { role = Word(role) })).EnsureSuccessStatusCode();
        if (!isSupport) _role.ByMember(role);
        else if (role != _role.Now) _role.BySupport(role, (await OpenAsync()).Select(Act).Except(before.Select(Act), StringComparer.Ordinal).Single());
    }

    private static string Word(MemberRole role) => role == MemberRole.PlatformEngineer ? "platform_engineer" : role.ToString().ToLowerInvariant();

    private async Task AcceptAsync()
    {
        Tell("member accepts Dana's role");
        (await _owner.PostAsJsonAsync($"{App}/team/{_danaId}/accept", new { role = Word(_role.Now) })).EnsureSuccessStatusCode();
        _role.ByMember(_role.Now);
    }

    private async Task ReadYamlAsync(bool isUndo, Dictionary<string, string?>? known)
    {
        var versions = (await (await _owner.GetAsync($"{App}/bitrise-yml/versions")).JsonAsync()).GetProperty("versions");
        if (versions[0].GetProperty("number").GetInt32() == _versions.Count) return;
        var text = await _owner.GetStringAsync($"{App}/bitrise-yml");
        var now = known ?? _versions.Last(version => Yml.Text(version) == text);
        foreach (var (slot, value) in now) _naive.Write(slot, value, null, isUndo);
        _versions.Add(now);
    }

    private async Task<List<JsonElement>> OpenAsync() => [.. (await (await _owner.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray()];

    private string Changes => $"/support-access/v1/apps/{_slug}/changes";

    /// <summary>What a change of support set; null: a role.</summary>
    private void Tell(string what) => _told.Add(what);

    private static string Act(JsonElement change) => change.GetProperty("activity").GetProperty("id").GetString()!;
}
