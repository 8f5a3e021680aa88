using System.Net;
using System.Net.Http.Json;
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

    /// <summary>The customer's own role is theirs again, whatever support did to it after what is undone.</summary>
    [Fact]
    public async Task TheRoleBeforeWhatIsUndone_IsAcceptedAgain()
    {
        var team = (await (await _adam.GetAsync($"{App}/team")).JsonAsync()).GetProperty("members").EnumerateArray();
        var dana = $"{App}/team/{team.Single(m => m.GetProperty("email").GetString() == "dana@northwind.test").GetProperty("person").GetString()}";
        (await _adam.PutAsJsonAsync(dana, new { role = "developer" })).EnsureSuccessStatusCode();
        foreach (var role in (string[])["admin", "tester", "admin"]) (await _support.PutAsJsonAsync(dana, new { role })).EnsureSuccessStatusCode();

        (await _adam.PostAsync($"{Changes}/{Act((await OpenAsync())[^1])}/undo", null)).EnsureSuccessStatusCode();

        Assert.Empty(await OpenAsync());
        var started = await (await _host.CallAsAsync("dana@northwind.test")).PostAsJsonAsync($"{App}/builds", new { workflow = "mine" });
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
    }
}
