using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.Data.Sqlite;

namespace Buildyard.Undo;

/// <summary>P3 for each kind of thing: what support changed goes back byte for byte, unless a member has changed it since.</summary>
public sealed class UndoByKindTests(UndoByKindTests.Stage stage) : IClassFixture<UndoByKindTests.Stage>
{
    // Who changed a row last, and when: whoever undoes signs for it.
    private static readonly string[] s_signature = ["changed_at", "changed_by", "by_support"];

    public static TheoryData<string> Kinds { get; } = [.. UndoneKinds.All.Select(kind => kind.Name)];

    public static TheoryData<string> Changeable { get; } = [.. UndoneKinds.All.Where(kind => kind.Member is not null).Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Undone_EveryByteIsBack_AndTheLedgerSaysWhoDidIt(string name)
    {
        var app = await stage.AddAppAsync();
        var kind = UndoneKinds.All.Single(k => k.Name == name);
        var id = await kind.Prepare(stage.Host, app.Owner);
        var before = await RowsAsync(app);
        await SucceedAsync(kind.Support(app.Support, id));
        Assert.NotEqual(before, await RowsAsync(app));
        var change = Assert.Single(await OpenAsync(app));
        Assert.NotEmpty(change.GetProperty("does").EnumerateArray());

        var undone = await stage.Owner.PostAsync($"{app.Changes}/{Act(change)}/undo", null);

        Assert.Equal("undone", Text(await undone.JsonAsync(), "state"));
        Assert.Equal(before, await RowsAsync(app));
        Assert.Empty(await OpenAsync(app));
        var act = (await (await stage.Owner.GetAsync($"/support-access/v1/apps/{app.Slug}/activity")).JsonAsync()).GetProperty("items").EnumerateArray().Single(a => Text(a, "id") == Act(change));
        Assert.Equal(("undone", "Olivia Hart"), (Text(act, "settled"), Text(act, "settled_by_name")));
    }

    [Theory]
    [MemberData(nameof(Changeable))]
    public async Task SetAnewByAMember_NothingIsLeftToDecide_AndNothingIsUndone(string name)
    {
        var app = await stage.AddAppAsync();
        var kind = UndoneKinds.All.Single(k => k.Name == name);
        var id = await kind.Prepare(stage.Host, app.Owner);
        await SucceedAsync(kind.Support(app.Support, id));
        var act = Act(Assert.Single(await OpenAsync(app)));
        await SucceedAsync(kind.Member!(app.Owner, id));
        var now = await RowsAsync(app);

        Assert.Empty(await OpenAsync(app));
        foreach (var decision in (string[])["undo", "keep"])
        {
            var refused = await stage.Owner.PostAsync($"{app.Changes}/{act}/{decision}", null);
            Assert.Equal((HttpStatusCode.Conflict, "changed_since"), (refused.StatusCode, Text(await refused.JsonAsync(), "type")));
        }
        Assert.Equal(now, await RowsAsync(app));
        var change = await (await stage.Owner.GetAsync($"{app.Changes}/{act}")).JsonAsync();
        Assert.Equal(("overtaken", "Olivia Hart has changed it since, so there is nothing left to decide."), (Text(change, "state"), Text(change, "problem")));
    }

    /// <summary>Whatever support did in between: what the customer had undone is not theirs because support had once set it before.</summary>
    [Theory]
    [MemberData(nameof(Changeable))]
    [Trait("capability", "N5")]
    public async Task UndoneAndSetAgain_ItIsSupportsAgain(string name)
    {
        var app = await stage.AddAppAsync();
        var kind = UndoneKinds.All.Single(k => k.Name == name);
        var id = await kind.Prepare(stage.Host, app.Owner);
        var before = await RowsAsync(app);
        await SucceedAsync(kind.Support(app.Support, id));
        var (first, guarded) = (Act(Assert.Single(await OpenAsync(app))), await GuardAsync(app));
        // In between it is something else, as far as support may set that.
        using (await kind.Member!(app.Support, id)) { }
        using (await kind.Support(app.Support, id)) { }

        var undone = await stage.Owner.PostAsync($"{app.Changes}/{first}/undo", null);

        if (undone.StatusCode == HttpStatusCode.Conflict)
        {
            // Where it is another one each time, such as a key, the first is not there any more: what is there now is undone.
            Assert.Equal(guarded, await GuardAsync(app));
            foreach (var change in await OpenAsync(app)) await SucceedAsync(stage.Owner.PostAsync($"{app.Changes}/{Act(change)}/undo", null));
            Assert.Equal(before, await RowsAsync(app));
            return;
        }
        // What support made anew after it had taken it away is another thing, and undecided still.
        if (await RowsAsync(app) == before) Assert.Null(await GuardAsync(app));
        else Assert.Contains(await OpenAsync(app), change => !change.TryGetProperty("problem", out _));
        await SucceedAsync(kind.Support(app.Support, id));
        Assert.Equal(guarded, await GuardAsync(app));
    }

    /// <summary>Why a build of the app is guarded; null: it isn't, or there is none.</summary>
    private static async Task<string?> GuardAsync(StagedApp app)
    {
        var started = await app.Owner.PostAsJsonAsync("builds", new { workflow = "primary" });
        return started.IsSuccessStatusCode ? Text(await started.JsonAsync(), "guarded_because") : null;
    }

    /// <summary>Everything that the database holds of the app's settings and its current bitrise.yml, byte for byte.</summary>
    private async Task<string> RowsAsync(StagedApp app)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(stage.Host.Directory, "buildyard.db")};Mode=ReadOnly");
        await connection.OpenAsync();
        var text = new StringBuilder();
        foreach (var (table, rows) in ((string, string)[])[
            ("apps", "SELECT * FROM apps WHERE id = $app"), ("yaml_versions", "SELECT content FROM yaml_versions WHERE app_id = $app ORDER BY number DESC LIMIT 1"),
            .. ((string[])["app_roles", "app_secrets", "ssh_keys", "signing_files", "webhooks", "notification_rules", "service_users", "apple_choices", "build_settings", "incoming_hooks"])
                .Select(table => (table, $"SELECT * FROM {table} WHERE app_id = $app ORDER BY 1, 2"))])
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Of the names above alone.
            command.CommandText = rows;
#pragma warning restore CA2100
            command.Parameters.AddWithValue("$app", app.Id);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                text.Append(table);
                for (var i = 0; i < reader.FieldCount; i++)
                    if (!s_signature.Contains(reader.GetName(i)))
                        text.Append(CultureInfo.InvariantCulture, $" {reader.GetName(i)}={(reader.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : reader.GetValue(i))}");
                text.AppendLine();
            }
        }
        return text.ToString();
    }

    private async Task<IReadOnlyList<JsonElement>> OpenAsync(StagedApp app) => [.. (await (await stage.Owner.GetAsync(app.Changes)).JsonAsync()).GetProperty("items").EnumerateArray()];

    private static string Act(JsonElement change) => Text(change.GetProperty("activity"), "id")!;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static async Task SucceedAsync(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.RequestUri}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>An app of its own for each case, in one Buildyard.</summary>
    /// <param name="Slug">Its name in addresses.</param>
    /// <param name="Id">Its id.</param>
    /// <param name="Owner">The owner, below the app's address.</param>
    /// <param name="Support">Somebody of support inside it, below the app's address.</param>
    public sealed record StagedApp(string Slug, string Id, HttpClient Owner, HttpClient Support)
    {
        public string Changes => $"/support-access/v1/apps/{Slug}/changes";
    }

    public sealed class Stage : IAsyncLifetime
    {
        private int _apps;

        public BuildyardHost Host { get; private set; } = null!;

        public HttpClient Owner { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await BuildyardHost.StartAsync();
            Owner = await Host.CallAsAsync("olivia@northwind.test");
        }

        public async Task<StagedApp> AddAppAsync()
        {
            var added = await (await Owner.PostAsJsonAsync("/api/apps", new { title = $"Staged {++_apps}", bitrise_yml = "format_version: \"23\"\nworkflows:\n  primary: {}\n" })).JsonAsync();
            var slug = Text(added, "slug")!;
            var team = (await (await Owner.GetAsync("/api/apps/northwind-ios/team")).JsonAsync()).GetProperty("members").EnumerateArray();
            (await Owner.PostAsJsonAsync($"/api/apps/{slug}/team/{Text(team.Single(m => Text(m, "email") == "dana@northwind.test"), "person")}", new { role = "developer" })).EnsureSuccessStatusCode();
            var support = await Host.CallAsSupportAsync(slug, "olivia@northwind.test");
            return new StagedApp(slug, Text(added, "id")!, Host.Below(Owner, $"/api/apps/{slug}/"), Host.Below(support, $"/api/apps/{slug}/"));
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
