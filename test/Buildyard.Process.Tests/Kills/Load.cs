using System.Globalization;

namespace Buildyard.Process.Tests.Kills;

/// <summary>
/// People who work at once, each as fast as they are answered, until the server is gone: two customers turn access on, off and over,
/// two agents enter, change and leave, two members change what is theirs, customers and agents write, send files, ask for access and answer. Everything they are told is noted.
/// </summary>
internal sealed class Load(Acknowledged acknowledged, Seeded seeded, IReadOnlyDictionary<string, string> tokens, IReadOnlyDictionary<string, string> people)
{
    public const string Ios = "northwind-ios";
    public const string Android = "northwind-android";
    public const string Web = "contoso-web";

    public Acknowledged Acknowledged => acknowledged;

    // Refusals that work under a switch that others flip has to expect: not open, not in it any more, over, somebody else was faster;
    // and that one may not write as fast as one is answered.
    private static readonly int[] s_expected = [403, 404, 409, 410, 412, 429];
    private int _number;

    /// <summary>Works until the server is gone. An answer that nobody has to expect ends it for everyone, and comes out as an exception.</summary>
    public Task RunAsync(BuildyardProcess server, CancellationTokenSource gone) => Task.WhenAll(
        WorkAsync(server, gone, http => TurnAsync(new Caller(http, tokens["adam"]), Ios, offOnceIn: 8)),
        WorkAsync(server, gone, http => TurnAsync(new Caller(http, tokens["olivia"]), Android, offOnceIn: 3)),
        WorkAsync(server, gone, http => SupportAsync(http, "sam", Ios)),
        WorkAsync(server, gone, http => SupportAsync(http, "sue", Android)),
        WorkAsync(server, gone, http => RenameAsync(new Caller(http, tokens["carla"]), Web)),
        WorkAsync(server, gone, http => SaveYamlAsync(new Caller(http, tokens["piet"]), Ios, "piet")),
        WorkAsync(server, gone, http => Talk(http).CustomerAsync("adam", Ios)),
        WorkAsync(server, gone, http => Talk(http).AgentAsync("sam", Ios)),
        WorkAsync(server, gone, http => Talk(http).AskingAsync("sue", "carla", Web)));

    private TalkLoad Talk(HttpClient http) => new(acknowledged, seeded, who => new Caller(http, tokens[who]), Word, Note);

    private static async Task WorkAsync(BuildyardProcess server, CancellationTokenSource gone, Func<HttpClient, Task> turn)
    {
        await Task.Yield();
        using var http = server.Connect();
        while (!gone.IsCancellationRequested)
        {
            try
            {
                await turn(http);
            }
            catch (Exception e) when (e is HttpRequestException or IOException && gone.IsCancellationRequested)
            {
                return;
            }
            catch
            {
                await gone.CancelAsync();
                throw;
            }
        }
    }

    private async Task TurnAsync(Caller admin, string app, int offOnceIn)
    {
        var path = $"/support-access/v1/apps/{app}/access";
        var latest = acknowledged.Switches[app];
        if (seeded.Below(offOnceIn) == 0)
        {
            Note(await latest.ReplaceAsync(default, () => admin.DeleteAsync(path)));
        }
        else
        {
            var until = Whole(TimeProvider.System.GetUtcNow().AddMinutes(30 + seeded.Below(600)));
            var terms = new { until = until.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), role = "admin", note = Word("note") };
            Note(await latest.ReplaceAsync(new Switch(until), () => admin.PutAsync(path, terms)));
        }

        // Half of the people's time goes into looking, as it does.
        Note(await admin.GetAsync($"{path[..^"access".Length]}activity?limit=5"));
    }

    private async Task SupportAsync(HttpClient http, string agent, string app)
    {
        var console = new Caller(http, tokens[agent]);
        var reason = Word("reason");
        var entered = await console.PostAsync("/support-access/v1/sessions", new { app, reason });
        if (!Note(entered))
        {
            return;
        }

        var (session, token) = (entered.Json["session"]!.GetValue<string>(), entered.Json["token"]!.GetValue<string>());
        acknowledged.Entered.Enqueue(new Entry(app, agent, session, reason, token));
        var inside = new Caller(http, token);
        for (var acts = 3 + seeded.Below(8); acts > 0; acts--)
        {
            try
            {
                if (!await ActAsync(inside, agent, app, session))
                {
                    return;
                }
            }
            catch (HttpRequestException e) when (e.InnerException is IOException)
            {
                // Off came, and the handler did not stop in time: it is cut off. A server that died answers nobody any more, which the next turn finds.
                return;
            }
        }

        if (seeded.Below(2) == 0 && Note(await console.DeleteAsync($"/support-access/v1/sessions/{session}")))
        {
            acknowledged.Left[session] = true;
        }
    }

    /// <summary>Does one thing of support's. False where there is no use in going on.</summary>
    private async Task<bool> ActAsync(Caller inside, string agent, string app, string session)
    {
        switch (seeded.Below(4))
        {
            case 0:
                if (await SaveYamlAsync(inside, app, agent) is { } yaml)
                {
                    Did(app, session, "yml.update", yaml.Text);
                }

                return true;

            case 1:
                var role = seeded.Below(2) == 0 ? "developer" : "tester";
                var roles = acknowledged.Roles[app];
                var isNew = !roles.Possible.Contains(role);
                if (!Note(await roles.ReplaceAsync(role, () => inside.PutAsync($"/api/apps/{app}/team/{people["dana"]}", new { role }))))
                {
                    return false;
                }

                if (isNew)
                {
                    Did(app, session, "team.role.update", role);
                }

                return true;

            case 2:
                return Note(await inside.GetAsync($"/api/apps/{app}/bitrise-yml/versions"));

            default:
                if (await RenameAsync(inside, app) is not { } title)
                {
                    return false;
                }

                Did(app, session, "app.update", title);
                return true;
        }
    }

    private async Task<string?> RenameAsync(Caller caller, string app)
    {
        var title = Word($"Title of {app}");
        return Note(await acknowledged.Titles[app].ReplaceAsync(title, () => caller.PatchAsync($"/api/apps/{app}", new { title }))) ? title : null;
    }

    private async Task<SavedYaml?> SaveYamlAsync(Caller caller, string app, string by)
    {
        var text = $"format_version: \"23\"\nproject_type: other\nworkflows:\n  {Word(by)}:\n    steps:\n    - script@1: {{}}\n";
        var reply = await caller.PutYamlAsync($"/api/apps/{app}/bitrise-yml", text);
        if (!Note(reply))
        {
            return null;
        }

        var saved = new SavedYaml(app, reply.Json["number"]!.GetValue<int>(), text);
        acknowledged.Yaml.Add(saved);
        return saved;
    }

    private void Did(string app, string session, string permission, string after) => acknowledged.Deeds.Add(new Deed(app, session, permission, after));

    private bool Note(Reply reply)
    {
        if (reply.IsSuccess)
        {
            acknowledged.Counted();
            return true;
        }

        Assert.True(s_expected.Contains(reply.Status), $"Nobody has to expect {reply.Status}: {reply.Body}");
        return false;
    }

    private string Word(string of) => $"{of}-{Interlocked.Increment(ref _number)}";

    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
