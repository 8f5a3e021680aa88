namespace Buildyard.Process.Tests.Disks;

public sealed class FullDiskTests
{
    private const int Mebibytes = 32;
    private const string Conversations = "/support-access/v1/conversations";

    /// <summary>An app that is off answers an agent like an unknown one, whatever else is broken.</summary>
    private static readonly (int Status, string? Problem) NotOpen = (404, "not_found");

    [Fact]
    public async Task SupportIsOut_MembersRead_OffIsSaved_AndAllComesBackWithRoom()
    {
        await using var disk = await SmallDisk.InMemoryAsync(Mebibytes);
        await using var server = await BuildyardProcess.StartAsync(disk.Data);
        using var people = await People.MeetAsync(server);
        Assert.Equal(200, (await people.ChangeAsync("Changed with room")).Status);

        disk.Fill();
        await IsOutAsync(people);
        await MembersReadAsync(people);
        await SaysSoAsync(people);
        // A member's own change finds a little room in the database, or is told that it found none.
        var members = Outcome(await people.Admin.PatchAsync(People.App, new { project_type = "android" }));
        Assert.True(members is (200, null) or (503, "storage_unavailable"), $"{members}");

        var off = await people.Admin.DeleteAsync(People.Access);
        Assert.Equal(200, off.Status);
        Assert.Equal(0, off.Json["still_running"]!.GetValue<int>());
        Assert.Equal("off", (await people.Admin.GetAsync(People.Access)).Json["state"]!.GetValue<string>());
        Assert.Equal((503, "ledger_unavailable"), Outcome(await people.Admin.PutAsync(People.Access, new { })));

        disk.Empty();
        await IsWellAsync(people);
        Assert.Equal(410, (await people.ChangeAsync("Changed after the end")).Status);
        await people.TurnOnAsync();
        using var again = await people.EnterAsync(server);
        Assert.Equal(200, (await again.ChangeAsync("Changed with room again")).Status);
        await HasEndedOnceAsync(people);
    }

    [Fact]
    public async Task WordsFilesAndRequests_AreRefusedClearly_AndNothingAcknowledgedIsLost()
    {
        await using var disk = await SmallDisk.InMemoryAsync(Mebibytes);
        await using var server = await BuildyardProcess.StartAsync(disk.Data);
        using var people = await People.MeetAsync(server);
        var opened = await people.Admin.PostAsync(Conversations, new { app = "northwind-ios", subject = "The release fails", text = "Since Monday." });
        Assert.Equal(201, opened.Status);
        var talk = $"{Conversations}/{opened.Json["id"]}";
        var file = await people.Admin.PostTextAsync($"{talk}/attachments?name=a.log", "what the log says");
        Assert.Equal(201, file.Status);

        disk.Fill();
        // A little room in the database may be left for words, not for long; a file of half a mebibyte finds none.
        await Until.TrueAsync(() => people.Admin.PostAsync($"{talk}/messages", new { text = new string('w', 9000) }), said => said.Status == 503);
        foreach (var refused in new[]
        {
            await people.Admin.PostAsync($"{talk}/messages", new { text = new string('w', 9000) }),
            await people.Admin.PostTextAsync($"{talk}/attachments?name=b.log", string.Concat(Enumerable.Range(0, 80_000).Select(i => $"{i:x}\n"))),
            await people.Agent.PostAsync("/support-access/v1/requests", new { app = "northwind-ios", reason = "To look longer", duration = "P9D" }),
        })
        {
            Assert.Contains(Outcome(refused), new (int, string?)[] { (503, "ledger_unavailable"), (503, "storage_unavailable") });
        }

        Assert.Contains("Since Monday.", (await people.Admin.GetAsync($"{talk}/items?limit=200")).Body, StringComparison.Ordinal);
        disk.Empty();
        await IsWellAsync(people);
        var sent = await people.Admin.PostAsync($"{talk}/messages", new { text = "With room again", attachments = new[] { (string)file.Json["id"]! } });
        Assert.Equal(201, sent.Status);
        Assert.Equal("what the log says", (await people.Agent.GetAsync($"{talk}/attachments/{file.Json["id"]}")).Body);
    }

    [Fact]
    public async Task WithoutReserve_OffHoldsAtOnce_AndIsSavedBeforeAnythingElse()
    {
        await using var disk = await SmallDisk.InMemoryAsync(Mebibytes);
        await using var server = await BuildyardProcess.StartAsync(disk.Data);
        using var people = await People.MeetAsync(server);

        disk.FillWithoutReserve();
        Assert.Equal((503, "ended_not_saved"), Outcome(await people.Admin.DeleteAsync(People.Access)));
        Assert.Equal("off", (await people.Admin.GetAsync(People.Access)).Json["state"]!.GetValue<string>());
        await IsOutAsync(people, entering: NotOpen);
        await MembersReadAsync(people);

        disk.Empty();
        await IsWellAsync(people);
        await HasEndedOnceAsync(people);
        Assert.Equal(410, (await people.ChangeAsync("Changed after the end")).Status);
        await people.TurnOnAsync();
    }

    [Fact]
    public async Task StartedOnAFullDisk_SupportIsOut_OffIsSaved_AndAllComesBackWithRoom()
    {
        await using var disk = await SmallDisk.InMemoryAsync(Mebibytes);
        await using var first = await BuildyardProcess.StartAsync(disk.Data);
        using var before = await People.MeetAsync(first);
        await first.KillAsync();

        disk.Fill();
        await using var server = await BuildyardProcess.StartAsync(disk.Data);
        using var people = before.At(server);
        await IsOutAsync(people);
        await MembersReadAsync(people);
        await SaysSoAsync(people);
        Assert.Equal(200, (await people.Admin.DeleteAsync(People.Access)).Status);

        disk.Empty();
        await IsWellAsync(people);
        await HasEndedOnceAsync(people);
        await people.TurnOnAsync();
    }

    [Fact]
    public async Task StartedOnAFullDiskWithoutReserve_OffIsNotForgotten()
    {
        await using var disk = await SmallDisk.InMemoryAsync(Mebibytes);
        await using var first = await BuildyardProcess.StartAsync(disk.Data);
        using var before = await People.MeetAsync(first);
        await first.KillAsync();

        disk.FillWithoutReserve();
        await using var server = await BuildyardProcess.StartAsync(disk.Data);
        using var people = before.At(server);
        await IsOutAsync(people);
        Assert.Equal((503, "ended_not_saved"), Outcome(await people.Admin.DeleteAsync(People.Access)));

        disk.Empty();
        await IsWellAsync(people);
        await HasEndedOnceAsync(people);
        Assert.NotEqual(200, (await people.ChangeAsync("Changed after the end")).Status);
    }

    [Fact]
    public async Task ReadOnlyDisk_SupportIsOut_MembersRead_OffHoldsWhileTheProcessLives()
    {
        await using var disk = await SmallDisk.InFileAsync(Mebibytes);
        await using var first = await BuildyardProcess.StartAsync(disk.Data);
        using var people = await People.MeetAsync(first);

        await disk.BreakAsync();
        Assert.Equal((503, "ended_not_saved"), Outcome(await people.Admin.DeleteAsync(People.Access)));
        await IsOutAsync(people, entering: NotOpen);
        await MembersReadAsync(people);
        Assert.Equal("off", (await people.Admin.GetAsync(People.Access)).Json["state"]!.GetValue<string>());
        await SaysSoAsync(people);

        await first.KillAsync();
        await disk.MendAsync();
        await using var second = await BuildyardProcess.StartAsync(disk.Data);
        using var after = people.At(second);
        Assert.Equal(200, (await after.Admin.DeleteAsync(People.Access)).Status);
        await HasEndedOnceAsync(after);
        Assert.NotEqual(200, (await after.ChangeAsync("Changed after the end")).Status);
    }

    private static (int Status, string? Problem) Outcome(Reply reply) => (reply.Status, reply.Problem);

    private static async Task IsOutAsync(People people, (int Status, string? Problem)? entering = null)
    {
        Assert.Equal((503, "ledger_unavailable"), Outcome(await people.ChangeAsync("Changed without a record")));
        Assert.Equal((503, "ledger_unavailable"), Outcome(await people.Inside.GetAsync($"{People.App}/bitrise-yml/versions")));
        Assert.Equal(
            entering ?? (503, "ledger_unavailable"),
            Outcome(await people.Agent.PostAsync("/support-access/v1/sessions", new { app = "northwind-ios", reason = "Once more" })));
    }

    private static async Task MembersReadAsync(People people)
    {
        foreach (var path in (string[])[People.App, $"{People.App}/bitrise-yml", $"{People.App}/team", People.Access, "/apps/northwind-ios", "/apps/northwind-ios/settings", "/apps/northwind-ios/workflow/yml"])
        {
            var answer = await people.Admin.GetAsync(path);
            Assert.True(answer.Status == 200, $"{path}: {answer.Status} {answer.Body}");
        }

        Assert.DoesNotContain("without a record", (await people.Admin.GetAsync(People.App)).Body, StringComparison.Ordinal);
    }

    private static async Task SaysSoAsync(People people)
    {
        var health = await people.HealthAsync();
        Assert.Equal((200, "Degraded"), (health.Status, health.Json["status"]!.GetValue<string>()));
        Assert.Contains("its ledger can't be written", health.Json["checks"]!["latchkey"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static async Task IsWellAsync(People people) => await Until.TrueAsync(people.HealthAsync, health => health.Json["status"]!.GetValue<string>() == "Healthy");

    private static async Task HasEndedOnceAsync(People people)
    {
        var history = (await people.Admin.GetAsync("/support-access/v1/apps/northwind-ios/history")).Json["items"]!.AsArray();
        var ended = Assert.Single(history, g => g!["ended_at"] is not null);
        Assert.Equal("off", ended!["cause"]!.GetValue<string>());
    }
}
