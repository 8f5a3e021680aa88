using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds.Model;

/// <summary>The builds of a story: started, repeated, allowed, run; and what becomes of them by the rules.</summary>
internal sealed partial class Story
{
    private static readonly IReadOnlyDictionary<string, string> s_words = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["title"] = "the title",
        ["branch"] = "the default branch",
        ["repository"] = "the repository URL",
        ["secret"] = "a secret",
        ["added"] = "a secret",
    };

    private readonly List<Began> _builds = [];

    /// <summary>Whose archive builds of a kind find in the cache: those of the customer's own, and those that go without secrets.</summary>
    private readonly Dictionary<bool, int> _left = new() { [true] = 0, [false] = 0 };
    private bool _session;

    private bool DanaSpeaks => _role.Speaks;

    /// <summary>Who may see the secret sees it, who was raised doesn't; builds are guarded where the naive reading says so, and no log that support reads holds it otherwise.</summary>
    private async Task CheckAsync()
    {
        Assert.True(DanaSpeaks || _role.Open.Count > 0, "Dana's role waits, and there is nothing to decide.");
        var revealed = (await _dana.PostAsync($"{App}/secrets/S/reveal", null)).StatusCode;
        Assert.Equal(DanaSpeaks && _role.Now >= MemberRole.PlatformEngineer ? HttpStatusCode.OK : HttpStatusCode.Forbidden, revealed);
        await StartAsync(_builds.Count == 0 ? "a" : _random.Pick("a", "copy", "P"));
        await StartAsync(_random.Pick("b", "P"));
        if (_random.OneIn(4)) await RebuildAsync(_random.Pick(_builds));
        var guarded = _builds.FindAll(b => b.IsGuarded);
        if (_gate is not null || _random.OneIn(3)) await AllowAsync(_random.Pick(guarded.Count > 0 && !_random.OneIn(4) ? guarded : _builds));
        if (_random.OneIn(4)) await RunAsync();
    }

    private async Task StartAsync(string target)
    {
        var by = _random.OneIn(6) ? _support : DanaSpeaks && _role.Now >= MemberRole.Developer && _random.OneIn(2) ? _dana : _owner;
        var env = new[] { new { name = "V", value = NextNumber() } };
        var answer = await (target == "P" ? by.PostAsJsonAsync($"{App}/builds", new { pipeline = target, env }) : by.PostAsJsonAsync($"{App}/builds", new { workflow = target, env }));
        Tell($"  {(by == _support ? "support" : "member")} starts {target}");
        var bySupport = by == _support;
        if (IsThere(target))
            await AddAsync(answer, number => new Began(number, target, _versions.Count, env[0].value, _naive.Count) { BySupport = bySupport, SetUpBySupport = bySupport, VariableBySupport = bySupport });
        else
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    private async Task RebuildAsync(Began earlier)
    {
        var bySupport = _random.OneIn(4);
        var answer = await (bySupport ? _support : _owner).PostAsync($"{App}/builds/{earlier.Number}/rebuild", null);
        Tell($"  {(bySupport ? "support" : "member")} rebuilds {earlier.Number}");
        if (IsThere(earlier.Target))
        {
            await AddAsync(answer, number => new Began(number, earlier.Target, _versions.Count, earlier.Variable, _naive.Count)
            {
                BySupport = bySupport,
                SetUpBySupport = bySupport || earlier.SetUpBySupport,
                VariableBySupport = earlier.VariableBySupport,
            });
        }
        else
        {
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        }
    }

    private async Task AddAsync(HttpResponseMessage answer, Func<int, Began> make)
    {
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var queued = await answer.JsonAsync();
        var build = make(queued.GetProperty("number").GetInt32());
        var differs = _naive.Guards(build.Target, strictly: false).ToList();
        var because = queued.GetProperty("guarded_because").GetString();
        Tell($"  {build.Number} of {build.Target}: {because ?? "not guarded"}");
        var expected = because is null ? !build.SetUpBySupport && differs.Count == 0 : build.SetUpBySupport || _naive.Guards(build.Target, strictly: true).Any();
        Assert.True(expected, $"{build.Target} is {because ?? "not guarded"}; what differs: {string.Join(", ", differs)}");
        Assert.True(because is null || build.SetUpBySupport || (await OpenAsync()).Count > 0, "A guarded build, and nothing to decide.");
        build.IsGuarded = because is not null;
        build.LookAtSource(_naive);
        _builds.Add(build);
    }

    /// <summary>Somebody says whether a build may have secrets: what they looked at runs with them, or nothing does and it is said why.</summary>
    private async Task AllowAsync(Began build)
    {
        var (by, word) = (_random.Pick(_owner, _owner, _owner, _dana, _dana, _support), _random.Pick("build", "build", "build", "session", "not"));
        var changed = _naive.SetBySupport(build.Written).ToList();
        var answer = await by.PostAsJsonAsync($"{App}/builds/{build.Number}/secrets", new { allow = word });
        Tell($"  {(by == _owner ? "Olivia" : by == _dana ? "Dana" : "support")} allows {word} for {build.Number}: {answer.StatusCode}");
        var told = await answer.JsonAsync();
        var (status, type) = word switch
        {
            _ when by == _support => (HttpStatusCode.NotFound, null),
            _ when by == _dana && !(DanaSpeaks && _role.Now >= MemberRole.PlatformEngineer) => (HttpStatusCode.Forbidden, null),
            _ when !build.IsGuarded => (HttpStatusCode.Conflict, "not_guarded"),
            "session" when !build.BySupport => (HttpStatusCode.UnprocessableEntity, null),
            not "not" when changed.Count > 0 => (HttpStatusCode.Conflict, "changed_since"),
            not "not" when _naive.Live.GetValueOrDefault("repository") is not null => (HttpStatusCode.Conflict, "commit_unknown"),
            _ => (HttpStatusCode.OK, null as string),
        };
        Assert.True(status == answer.StatusCode && (type is null || type == told.GetProperty("type").GetString()), $"{type ?? $"{status}"} was expected, not {told}");
        if (type == "changed_since")
        {
            var title = told.GetProperty("title").GetString()!;
            Assert.Equal(changed.Select(slot => s_words[slot]).ToHashSet(), s_words.Values.Where(words => title.Contains(words, StringComparison.Ordinal)).ToHashSet());
        }
        if (status != HttpStatusCode.OK) return;

        _session |= word == "session";
        if (build.IsOver && word != "not")
        {
            build = build with { Number = told.GetProperty("number").GetInt32(), Written = _naive.Count, BySupport = false, IsOver = false };
            _builds.Add(build);
        }
        if (word == "not" || !build.IsOver) build.Allowed = word != "not";
        var guarded = told.GetProperty("guarded_because").ValueKind == JsonValueKind.String;
        Assert.Equal((build.Number, build.Version, !build.HasSecrets), (told.GetProperty("number").GetInt32(), told.GetProperty("yaml_version").GetInt32(), guarded));
    }

    /// <summary>What waits is run, and says what it was to say: no log that support reads holds the secret otherwise, and no cache brings what it must not.</summary>
    private async Task RunAsync()
    {
        if (_gate is null) return;
        await _gate.OpenAsync();
        foreach (var build in _builds.Where(b => !b.IsOver))
        {
            await Yard.UntilAsync(async () => await (await _owner.GetAsync($"{App}/builds/{build.Number}")).JsonAsync(), b => b.GetProperty("ended_at").ValueKind != JsonValueKind.Null);
            build.Start(_naive, _session);
            build.IsOver = true;
            var log = await _support.GetStringAsync($"{App}/builds/{build.Number}/log");
            Assert.Equal(Prints(build), log.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.StartsWith("RUN ", StringComparison.Ordinal)));
            Assert.True(build.HasSecrets || !log.Contains(string.Concat(Secret.Reverse()), StringComparison.Ordinal), log);
        }
        await _gate.CloseAsync();
    }

    private List<string> Prints(Began build)
    {
        var (says, lines) = (new Func<string, string?>(slot => _versions[build.Version - 1][slot]), new List<string>());
        foreach (var workflow in Yml.WorkflowsOf(build.Target, says)!)
        {
            // What is guarded leaves nothing to what isn't, allowed or not; what has secrets finds what is the customer's own.
            lines.AddRange(Yml.Prints(workflow, says, build.HasSecrets || build.VariableBySupport ? build.Variable : "", build.HasSecrets, _left[!build.HasSecrets]));
            if (!build.IsGuarded || !build.HasSecrets) _left[build.IsGuarded] = build.Number;
        }
        return lines;
    }

    private bool IsThere(string target) => Yml.WorkflowsOf(target, slot => _naive.Live[slot]) is not null;
}
