using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

public sealed partial class ShapedBySupportTests
{
    /// <summary>A text of support's that the customer undid is nobody's word, also where a member's or a kept one stood on it meanwhile.</summary>
    [Theory]
    [InlineData("a member changes something else", "")]
    [InlineData("what support changes besides is kept", "")]
    [InlineData("a member changes something else", "support puts it back")]
    [InlineData("what support changes besides is kept", "support puts it back")]
    public async Task WhatWasUndone_AndSupportSavesOnceMore_IsSupportsAgain(string meanwhile, string then)
    {
        var supports = Yaml.Replace("echo mine", "printenv", StringComparison.Ordinal);
        static string Besides(string yaml) => yaml.Replace("echo other", "echo other well", StringComparison.Ordinal);
        await SaveAsync(_support, supports);
        var first = Act((await OpenAsync())[0]);
        await SaveAsync(meanwhile.StartsWith("a member", StringComparison.Ordinal) ? _adam : _support, Besides(supports));
        if (meanwhile.EndsWith("kept", StringComparison.Ordinal)) (await _adam.PostAsync($"{Changes}/{Act((await OpenAsync())[0])}/keep", null)).EnsureSuccessStatusCode();
        if (then.Length > 0) await SaveAsync(_support, Besides(Yaml));
        await SaveAsync(_support, supports);
        Assert.NotNull(await StartAsync("mine"));

        (await _adam.PostAsync($"{Changes}/{first}/undo", null)).EnsureSuccessStatusCode();

        Assert.Null(await StartAsync("mine"));
        await SaveAsync(_support, supports);
        Assert.NotNull(await StartAsync("mine"));
        await SaveAsync(_adam, supports + Script("copy", "printenv\necho more"));
        Assert.NotNull(await StartAsync("copy"));
    }

    /// <summary>Undone, and said again by a member in a text that stands on another one that was undone: undoing goes past both.</summary>
    [Fact]
    public async Task WhatWasUndoneAndOpenedAgain_IsUndone_PastWhatWasUndoneBelow()
    {
        await SaveAsync(_support, Says("printenv"));
        await SaveAsync(_support, Says("set"));
        await UndoAsync((await OpenAsync())[0]);
        await SaveAsync(_adam, Says("set"));

        await UndoAsync(Assert.Single(await OpenAsync()));

        Assert.Equal(Yaml, await ReadAsync());
        Assert.Empty(await OpenAsync());
    }

    /// <summary>A member's version that stood on an undone text is nothing to go back to.</summary>
    [Fact]
    public async Task AMembersVersionOnWhatWasUndone_IsNotSavedAgain()
    {
        var besides = Says("printenv").Replace("echo other", "echo other well", StringComparison.Ordinal);
        await SaveAsync(_support, Says("printenv"));
        var first = Assert.Single(await OpenAsync());
        await SaveAsync(_adam, besides);
        await SaveAsync(_support, besides + Script("more", "echo more"));
        var onTop = (await OpenAsync())[0];
        await SaveAsync(_adam, Says("printenv"));
        await UndoAsync(first);
        await SaveAsync(_support, besides + Script("more", "echo more"));

        using var refused = await _adam.PostAsync($"{Changes}/{Act(onTop)}/undo", null);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.NotNull(await StartAsync("mine"));
    }

    /// <summary>Keeping what was opened again accepts what it added, and nothing that it stood on.</summary>
    [Fact]
    public async Task WhatWasOpenedAgainAndKept_AcceptsNothingBelow()
    {
        var onTop = "printenv\n                    echo as-support-says-it";
        await SaveAsync(_support, Says("printenv"));
        await SaveAsync(_support, Says(onTop));
        await UndoAsync((await OpenAsync())[0]);
        await SaveAsync(_adam, Yaml.Replace("echo other", "echo as-support-says-it", StringComparison.Ordinal));
        (await _adam.PostAsync($"{Changes}/{Act(Assert.Single(await OpenAsync()))}/keep", null)).EnsureSuccessStatusCode();
        Assert.Null(await StartAsync("other"));

        await SaveAsync(_adam, Says(onTop));

        Assert.NotNull(await StartAsync("mine"));
    }

    /// <summary>The customer's own role is theirs again, whatever support did to it after what is undone.</summary>
    [Fact]
    public async Task TheRoleBeforeWhatIsUndone_IsAcceptedAgain()
    {
        var dana = await FindDanaAsync();
        await SetAsync(_adam, dana, "developer");
        foreach (var role in (string[])["admin", "tester", "admin"]) await SetAsync(_support, dana, role);

        (await _adam.PostAsync($"{Changes}/{Act((await OpenAsync())[^1])}/undo", null)).EnsureSuccessStatusCode();

        Assert.Empty(await OpenAsync());
        var started = await (await _host.CallAsAsync("dana@northwind.test")).PostAsJsonAsync($"{App}/builds", new { workflow = "mine" });
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
    }
    /// <summary>A raise that was kept, and one on top of it that was undone: nothing is left to accept the role by, and nothing needs it.</summary>
    [Fact]
    public async Task ARoleThatIsBackAtWhatWasKept_IsAccepted()
    {
        var dana = await FindDanaAsync();
        await SetAsync(_adam, dana, "tester");
        await SetAsync(_support, dana, "developer");
        await SetAsync(_support, dana, "admin");
        (await _adam.PostAsync($"{Changes}/{Act((await OpenAsync())[1])}/keep", null)).EnsureSuccessStatusCode();

        await UndoAsync(Assert.Single(await OpenAsync()));

        var started = await (await _host.CallAsAsync("dana@northwind.test")).PostAsJsonAsync($"{App}/builds", new { workflow = "mine" });
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
    }

    private static string Says(string content) => Yaml.Replace("- content: echo mine", $"- content: |-\n                    {content}", StringComparison.Ordinal);

    private Task<string> ReadAsync() => _adam.GetStringAsync($"{App}/bitrise-yml");

    private async Task UndoAsync(JsonElement change) => (await _adam.PostAsync($"{Changes}/{Act(change)}/undo", null)).EnsureSuccessStatusCode();

    private async Task<string> FindDanaAsync()
    {
        var team = (await (await _adam.GetAsync($"{App}/team")).JsonAsync()).GetProperty("members").EnumerateArray();
        return $"{App}/team/{team.Single(m => m.GetProperty("email").GetString() == "dana@northwind.test").GetProperty("person").GetString()}";
    }

    private static async Task SetAsync(HttpClient caller, string person, string role) => (await caller.PutAsJsonAsync(person, new { role })).EnsureSuccessStatusCode();
}
