using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey.Tests;

namespace Buildyard.Builds.Model;

/// <summary>One story of an app: support and members edit, members keep, undo, restore, raise and accept, and after each step builds are started.</summary>
internal sealed class Story
{
    private const string Secret = "pl4nt3d";
    private static readonly string[] s_workflows = ["a", "b"];
    private readonly BuildyardHost _host;
    private readonly HttpClient _owner;
    private readonly HttpClient _support;
    private readonly HttpClient _dana;
    private readonly string _danaId;
    private readonly string _slug;
    private readonly Seeded _random;
    private readonly bool _runs;
    private readonly Naive _naive;
    private readonly List<Dictionary<string, string?>> _versions = [];
    private readonly Dictionary<string, (MemberRole Before, MemberRole After)> _roles = new(StringComparer.Ordinal);
    private readonly List<string> _told = [];
    private (MemberRole Now, MemberRole Accepted) _role = (MemberRole.Developer, MemberRole.Developer);
    private int _values;

    private Story(BuildyardHost host, HttpClient owner, HttpClient support, HttpClient dana, string danaId, string slug, Seeded random, bool runs, Naive naive)
    {
        (_host, _owner, _support, _dana, _danaId, _slug, _random, _runs, _naive) = (host, owner, support, dana, danaId, slug, random, runs, naive);
        _versions.Add(YamlOf(naive.Live));
    }

    private string App => $"/api/apps/{_slug}";

    /// <summary>Plays one.</summary>
    /// <param name="host">Where. Builds are held, unless they run.</param>
    /// <param name="seed">Which.</param>
    /// <param name="runs">Whether builds are run, and their logs read as support reads them.</param>
    public static async Task PlayAsync(BuildyardHost host, ulong seed, bool runs)
    {
        var owner = await host.CallAsAsync("olivia@northwind.test");
        var naive = new Naive(new Dictionary<string, string?>
        {
            ["yml a"] = "1",
            ["yml b"] = "1",
            ["yml E1"] = "1",
            ["yml E2"] = null,
            ["title"] = $"Story {seed}",
            ["branch"] = "main",
            ["secret"] = "0",
            ["added"] = null,
        });
        var made = await (await owner.PostAsJsonAsync("/api/apps", new { title = naive.Live["title"], bitrise_yml = Text(naive.Live) })).JsonAsync();
        var slug = made.GetProperty("slug").GetString()!;
        var members = (await (await owner.GetAsync("/api/apps/northwind-ios/team")).JsonAsync()).GetProperty("members").EnumerateArray();
        var danaId = members.Single(m => m.GetProperty("name").GetString() == "Dana Kim").GetProperty("person").GetString()!;
        (await owner.PostAsJsonAsync($"/api/apps/{slug}/team/{danaId}", new { role = "developer" })).EnsureSuccessStatusCode();
        (await owner.PutAsJsonAsync($"/api/apps/{slug}/secrets/S", new { value = Secret })).EnsureSuccessStatusCode();
        var support = await host.CallAsSupportAsync(slug, "olivia@northwind.test");
        var story = new Story(host, owner, support, await host.CallAsAsync("dana@northwind.test"), danaId, slug, new Seeded(seed), runs, naive);
        try
        {
            for (var step = 0; step < 10; step++)
            {
                await story.StepAsync();
                await story.CheckAsync();
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"LATCHKEY_SEED={seed}: {e.Message}\n{string.Join('\n', story._told)}", e);
        }
    }

    private Task StepAsync() => _random.Below(12) switch
    {
        < 4 => WriteAsync(_support),
        < 7 => WriteAsync(_owner),
        < 8 => RestoreAsync(),
        < 9 => KeepAsync(),
        < 10 => UndoAsync(),
        < 11 => RaiseAsync(),
        _ => AcceptAsync(),
    };

    /// <summary>One value is set anew: something that leaks, something that doesn't, or by a member what the customer had.</summary>
    private async Task WriteAsync(HttpClient by)
    {
        var isSupport = by == _support;
        var slot = _random.Pick(_naive.Live.Keys.Order(StringComparer.Ordinal).ToList());
        if (slot == "added" && !isSupport && _naive.Live[slot] is null) slot = "yml a";
        var was = _naive.Live[slot];
        var value = !isSupport && slot.StartsWith("yml ", StringComparison.Ordinal) && _random.OneIn(2) ? _naive.Accepted(slot)
            : slot is "yml E1" or "yml E2" or "added" && was is not null && _random.OneIn(3) ? null
            : string.Create(CultureInfo.InvariantCulture, $"{++_values + 1}{(isSupport && slot is "yml a" or "yml b" && _random.OneIn(2) ? "!" : "")}");
        if (value == was) return;
        var before = await OpenAsync();
        var changed = new Dictionary<string, string?>(_naive.Live) { [slot] = value };
        var answer = slot switch
        {
            "title" => await by.PatchAsJsonAsync(App, new { title = value }),
            "branch" => await by.PatchAsJsonAsync(App, new { default_branch = $"b{value}" }),
            "secret" => await by.PutAsJsonAsync($"{App}/secrets/S", new { value = Secret }),
            "added" when value is null => await by.DeleteAsync($"{App}/secrets/ADDED"),
            "added" => await by.PutAsJsonAsync($"{App}/secrets/ADDED", new { value }),
            _ => await by.PutAsync($"{App}/bitrise-yml", new StringContent(Text(changed), MediaTypeHeaderValue.Parse("application/yaml"))),
        };
        Tell($"{(isSupport ? "support" : "member")} sets {slot} to {value ?? "nothing"}");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        _naive.Write(slot, value, isSupport ? (await OpenAsync()).Select(Act).Except(before.Select(Act), StringComparer.Ordinal).Single() : null);
        if (slot.StartsWith("yml ", StringComparison.Ordinal)) _versions.Add(YamlOf(_naive.Live));
    }

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
        var named = _random.OneIn(3) ? [] : below;
        Tell($"member keeps {Act(change)} with {string.Join(", ", named)}");
        var answer = await _owner.PostAsJsonAsync($"{Changes}/{Act(change)}/keep", new { with = named });
        Assert.Equal(named.Count == below.Count ? HttpStatusCode.OK : HttpStatusCode.Conflict, answer.StatusCode);
        if (!answer.IsSuccessStatusCode) return;
        _naive.Kept.UnionWith([.. below, Act(change)]);
        if (_roles.TryGetValue(Act(change), out var role) && role.After == _role.Now) _role.Accepted = role.After;
    }

    private async Task UndoAsync()
    {
        var open = await OpenAsync();
        if (open.Count == 0) return;
        var change = open[_random.Below(open.Count)];
        Tell($"member undoes {Act(change)}");
        if ((await _owner.PostAsync($"{Changes}/{Act(change)}/undo", null)).StatusCode == HttpStatusCode.Conflict) return;
        if (_roles.TryGetValue(Act(change), out var role)) _role.Now = role.Before;
        else if (_naive.Of(Act(change)) is { } written && !written.Slot.StartsWith("yml ", StringComparison.Ordinal)) _naive.Write(written.Slot, written.Before, null, isUndo: true);
        else await ReadYamlAsync(isUndo: true, null);
    }

    private async Task RaiseAsync()
    {
        var role = _random.Pick(MemberRole.Tester, MemberRole.Developer, MemberRole.PlatformEngineer, MemberRole.Admin);
        var isSupport = !_random.OneIn(3);
        Tell($"{(isSupport ? "support" : "member")} makes Dana {role}");
        var before = await OpenAsync();
        (await (isSupport ? _support : _owner).PutAsJsonAsync($"{App}/team/{_danaId}", new { role = role == MemberRole.PlatformEngineer ? "platform_engineer" : role.ToString().ToLowerInvariant() })).EnsureSuccessStatusCode();
        if (isSupport && role != _role.Now) _roles[(await OpenAsync()).Select(Act).Except(before.Select(Act), StringComparer.Ordinal).Single()] = (_role.Now, role);
        _role = (role, isSupport ? _role.Accepted : role);
    }

    private async Task AcceptAsync()
    {
        Tell("member accepts Dana's role");
        (await _owner.PostAsync($"{App}/team/{_danaId}/accept", null)).EnsureSuccessStatusCode();
        _role = (_role.Now, _role.Now);
    }

    /// <summary>Who may see the secret sees it, who was raised doesn't; builds are guarded where the naive reading says so, and no log that support reads holds it otherwise.</summary>
    private async Task CheckAsync()
    {
        var speaks = _role.Now <= _role.Accepted;
        var revealed = (await _dana.PostAsync($"{App}/secrets/S/reveal", null)).StatusCode;
        Assert.Equal(speaks && _role.Now >= MemberRole.PlatformEngineer ? HttpStatusCode.OK : HttpStatusCode.Forbidden, revealed);
        foreach (var workflow in s_workflows)
        {
            var by = speaks && _role.Now >= MemberRole.Developer && _random.OneIn(2) ? _dana : _owner;
            var answer = await by.PostAsJsonAsync($"{App}/builds", new { workflow });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            var build = await answer.JsonAsync();
            var expected = ((string[])[$"yml {workflow}", "yml E1", "yml E2", "title", "branch", "secret", "added"]).Where(_naive.Differs).ToList();
            var because = build.GetProperty("guarded_because").GetString();
            Tell($"  {workflow}: {because ?? "not guarded"}");
            Assert.True(because is null == (expected.Count == 0), $"{workflow} is {because ?? "not guarded"}; what differs: {string.Join(", ", expected)}");
            Assert.True(because is null || (await OpenAsync()).Count > 0, "A guarded build, and nothing to decide.");
            if (_runs) await ReadLogAsync(build.GetProperty("number").GetInt32(), because is null);
        }
    }

    private async Task ReadLogAsync(int number, bool mayHold)
    {
        await Yard.UntilAsync(async () => await (await _owner.GetAsync($"{App}/builds/{number}")).JsonAsync(), b => b.GetProperty("ended_at").ValueKind != JsonValueKind.Null);
        var log = await _support.GetStringAsync($"{App}/builds/{number}/log");
        Assert.True(mayHold || !log.Contains(string.Concat(Secret.Reverse()), StringComparison.Ordinal), log);
    }

    private async Task ReadYamlAsync(bool isUndo, Dictionary<string, string?>? known)
    {
        var versions = (await (await _owner.GetAsync($"{App}/bitrise-yml/versions")).JsonAsync()).GetProperty("versions");
        if (versions[0].GetProperty("number").GetInt32() == _versions.Count) return;
        var text = await _owner.GetStringAsync($"{App}/bitrise-yml");
        var now = known ?? _versions.Last(version => Text(version) == text);
        foreach (var (slot, value) in now) _naive.Write(slot, value, null, isUndo);
        _versions.Add(now);
    }

    private async Task<List<JsonElement>> OpenAsync() => [.. (await (await _owner.GetAsync(Changes)).JsonAsync()).GetProperty("items").EnumerateArray()];

    private string Changes => $"/support-access/v1/apps/{_slug}/changes";

    private void Tell(string what) => _told.Add(what);

    private static string Act(JsonElement change) => change.GetProperty("activity").GetProperty("id").GetString()!;

    private static Dictionary<string, string?> YamlOf(Dictionary<string, string?> live) =>
        live.Where(slot => slot.Key.StartsWith("yml ", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);

    /// <summary>A file that says these values. A mark of exclamation prints the secret, backwards.</summary>
    private static string Text(Dictionary<string, string?> live)
    {
        var envs = string.Concat(((string[])["E1", "E2"]).Where(name => live[$"yml {name}"] is not null).Select(name => $"  - {name}: \"{live[$"yml {name}"]}\"\n"));
        return $"format_version: \"23\"\napp:\n  envs:\n  - FIRST: x\n{envs}workflows:\n{Workflow("a")}{Workflow("b")}";

        string Workflow(string id) =>
            $"  {id}:\n    steps:\n    - script@1:\n        inputs:\n        - content: |\n            echo {live[$"yml {id}"]!.TrimEnd('!')}\n{(live[$"yml {id}"]!.EndsWith('!') ? "            echo \"$S\" | rev\n" : "")}";
    }
}
