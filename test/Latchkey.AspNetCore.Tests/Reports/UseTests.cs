using System.Net;
using System.Text.Json;

namespace Latchkey.AspNetCore.Tests.Reports;

/// <summary>The vendor's reports: who reads what, and whose names stand in them.</summary>
[Trait("capability", "V6")]
public sealed class UseTests : IAsyncLifetime
{
    private const string Page = "/support-access/console/reports";
    private const string Api = "/support-access/v1/reports/use";
    private const string Csv = "/support-access/v1/reports/agents.csv";
    private SampleHost _host = null!;
    private HttpClient _adam = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync();
        _adam = _host.Browser("adam");
    }

    public ValueTask DisposeAsync()
    {
        _adam.Dispose();
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task Empty_SaysWhatWillBeHere()
    {
        using var lee = _host.Browser("lee");
        var page = await lee.OpenAsync(Page);
        Assert.Contains("Every key that a customer has lent us has been used.", page.Text);
        Assert.Contains("Nobody of the team was in an app", page.Text);
        Assert.Contains("Nothing was open to us in this period.", page.Text);
    }

    [Fact]
    public async Task Lead_ReadsAllOfIt_AgentTheirOwnRow()
    {
        await WorkAsync();
        using var lee = _host.Browser("lee");
        using var sam = _host.Browser("sam");
        var page = await lee.OpenAsync(Page + "?days=7");
        Assert.Contains("Northwind Android (Northwind)", page.TextOf("[aria-labelledby=lk-unused] .lk-rows"));
        Assert.Equal(["Sam Okafor", "Sue Lindqvist"], page.Document.QuerySelectorAll("tbody th").Select(th => th.TextContent).Order(StringComparer.Ordinal));
        Assert.Equal("the last 7 days", page.Find("option[selected]")!.TextContent);

        page = await sam.OpenAsync(Page);
        Assert.Equal(("What you did", "Sam Okafor"), (page.TextOf("#lk-agents"), page.TextOf("tbody th")));
        Assert.False(page.Shows("#lk-unused"));
        Assert.False(page.Shows("#lk-longest"));
        Assert.False((await ReadAsync("sam", Api)).TryGetProperty("unused", out _));
    }

    [Fact]
    [Trait("capability", "N2")]
    public async Task WhatWasTakenBack_IsNotNamed_ToLeadsEither()
    {
        await WorkAsync();
        await _host.Access.TurnOffAsync(_host.Apps.Apps["northwind-ios"].Ref, new Lender(new("adam"), "Adam Reyes", MayTurn: true, IsAgent: false, PromotedBySupport: false, []));
        var text = (await ReadAsync("lee", Api)).ToString();
        Assert.DoesNotContain("iOS", text);
        Assert.DoesNotContain("northwind-ios", text);
        Assert.Contains("Northwind Android", text);
        using var lee = _host.Browser("lee");
        Assert.Contains("An app that is closed to us now", (await lee.OpenAsync(Page)).Text);
    }

    [Fact]
    public async Task Csv_HoldsTheRows_AndNothingThatASpreadsheetRuns()
    {
        _host.Apps.Agents["sue"] = _host.Apps.Agents["sue"] with { Name = "=HYPERLINK(\"x\")" };
        await WorkAsync();
        using var lee = _host.Program("lee");
        using var answer = await lee.GetAsync(Csv, TestContext.Current.CancellationToken);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n");
        Assert.Equal("agent,name,sessions,actions,changes,seconds_inside,requests,allowed,declined", lines[0]);
        Assert.Contains("\"sue\",\"'=HYPERLINK(\"\"x\"\")\",1,", lines.Single(l => l.StartsWith("\"sue\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("lee", "?days=8", HttpStatusCode.UnprocessableEntity)]
    [InlineData("lee", "?days=0x7", HttpStatusCode.UnprocessableEntity)]
    [InlineData("sam", "?days=90", HttpStatusCode.OK)]
    [InlineData("adam", "", HttpStatusCode.NotFound)]
    public async Task OnlyAgentsRead_AndOfTheseDays(string who, string query, HttpStatusCode status)
    {
        using var program = _host.Program(who);
        foreach (var path in new[] { Api, Csv, Page })
        {
            using var answer = await program.GetAsync(path + query, TestContext.Current.CancellationToken);
            Assert.Equal((path, status), (path, answer.StatusCode));
        }
    }

    private async Task WorkAsync()
    {
        await _adam.TurnOnAsync("northwind-ios");
        await _adam.TurnOnAsync("northwind-android");
        foreach (var who in new[] { "sam", "sue" })
        {
            using var agent = _host.Browser(who);
            await agent.EnterAsync("northwind-ios");
        }
    }

    private async Task<JsonElement> ReadAsync(string who, string path)
    {
        using var program = _host.Program(who);
        return JsonElement.Parse(await program.GetByteArrayAsync(path, TestContext.Current.CancellationToken));
    }
}
