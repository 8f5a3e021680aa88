using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds.Model;

/// <summary>Holds the builds of all other apps where one runs at a time, with a build of its own: until it is opened they wait.</summary>
internal sealed class Gate
{
    private const string Builds = "/api/apps/gate/builds";
    private readonly HttpClient _owner;
    private int _holding;

    private Gate(HttpClient owner) => _owner = owner;

    public static async Task<Gate> MakeAsync(BuildyardHost host)
    {
        var owner = await host.CallAsAsync("olivia@northwind.test");
        await host.AddAppAsync(owner, "gate", "Gate", Yard.Yaml("sleep 3600"));
        var gate = new Gate(owner);
        await gate.CloseAsync();
        return gate;
    }

    public async Task CloseAsync()
    {
        _holding = (await (await _owner.PostAsJsonAsync(Builds, new { })).JsonAsync()).GetProperty("number").GetInt32();
        await Yard.UntilAsync(async () => (await (await _owner.GetAsync($"{Builds}/{_holding}")).JsonAsync()).GetProperty("status").GetString(), status => status != "on_hold");
    }

    public async Task OpenAsync() => (await _owner.PostAsJsonAsync($"{Builds}/{_holding}/abort", new { })).EnsureSuccessStatusCode();
}
