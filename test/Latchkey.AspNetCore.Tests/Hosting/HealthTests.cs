using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Latchkey.AspNetCore.Tests;

/// <summary>What a host's health page says of support access, on which nothing of its members' depends.</summary>
[Trait("capability", "D1")]
public sealed class HealthTests : IAsyncLifetime
{
    private readonly Odd _odd = new();
    private readonly LogBook _log = new();
    private SampleHost _host = null!;

    public async ValueTask InitializeAsync() =>
        _host = await SampleHost.StartAsync(services: Odd.BuiltIn(_odd, _log), routes: app => app.MapHealthChecks("/healthz").AllowAnonymous());

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task WhileSupportIsOut_ItIsDegraded_AndMembersAreServed()
    {
        using var adam = _host.Program("adam");
        Assert.True((await adam.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { })).IsSuccessStatusCode);
        Assert.Equal("Healthy", await adam.GetStringAsync("/healthz"));
        _host.Clock.SetWall(_host.Clock.GetUtcNow() + TimeSpan.FromMinutes(10));

        using var sam = _host.Program("sam");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await sam.PostAsJsonAsync("/support-access/v1/sessions", new { app = "northwind-ios", reason = "Signing fails" })).StatusCode);
        using var health = await adam.GetAsync("/healthz");
        Assert.Equal((HttpStatusCode.OK, "Degraded"), (health.StatusCode, await health.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.OK, (await adam.GetAsync("/apps/northwind-ios")).StatusCode);

        var (status, description, tags, _) = await CheckAsync();
        Assert.Equal((HealthStatus.Degraded, "Support access is out of service: the server's clock can't be trusted."), (status, description));
        Assert.Equal(["latchkey"], tags);
    }

    [Fact]
    [Trait("capability", "K1")]
    public async Task WhatCouldNotBeTold_IsCounted()
    {
        _odd.Answer("INoticeHost.AdministratorsOfAsync", _ => null);
        using var adam = _host.Program("adam");
        Assert.True((await adam.PutAsJsonAsync("/support-access/v1/apps/northwind-ios/access", new { })).IsSuccessStatusCode);
        var health = await Told.WhenAsync(CheckAsync, health => health.Data["notices_set_aside"] is 1);
        Assert.Equal((HealthStatus.Healthy, 0), (health.Status, health.Data["deliveries_tried_again"]));
    }

    private async Task<(HealthStatus Status, string? Description, IEnumerable<string> Tags, IReadOnlyDictionary<string, object> Data)> CheckAsync()
    {
        var entry = (await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["latchkey"];
        return (entry.Status, entry.Description, entry.Tags, entry.Data);
    }
}
