using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.SigningFiles;

public sealed class SigningFileTests : IAsyncLifetime
{
    private const string Files = "/api/apps/northwind-ios/signing-files";
    private const string Page = "/apps/northwind-ios/workflow/signing";
    private BuildyardHost _host = null!;
    private HttpClient _piet = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _piet = await _host.CallAsAsync("piet@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Certificate_IsReadWithItsPassword()
    {
        var kept = await KeepAsync(new { name = "dist.p12", content = Base64(Samples.Certificate("p12-pass")), password = "p12-pass" });

        Assert.Equal(("certificate", "Apple Distribution: Northwind"), (Text(kept, "kind"), Text(kept, "subject")));
        Assert.Equal(Samples.Expiry, kept.GetProperty("expires_at").GetDateTimeOffset());
        Assert.Equal("iPhone Distribution: Northwind", Text(await KeepAsync(new { name = "old.p12", content = Base64(Samples.OldCertificate("old")), password = "old" }), "subject"));
        Assert.Equal("Apple Distribution: Northwind", Text(await KeepAsync(new { name = "open.p12", content = Base64(Samples.Certificate("")) }), "subject"));
    }

    [Fact]
    public async Task Profile_IsReadForNameTeamAppAndExpiry()
    {
        var kept = await KeepAsync(new { name = "app.mobileprovision", content = Base64(Samples.Profile("Northwind App Store")) });

        Assert.Equal("Northwind App Store", Text(kept, "subject"));
        Assert.Equal("Northwind Traders · NW12345678.test.northwind.ios", Text(kept, "detail"));
        Assert.Equal(Samples.Expiry, kept.GetProperty("expires_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task Keystore_OfBothForms_IsOpenedToTheKey()
    {
        var jks = Base64(Samples.Jks("store-pass", ("upload", "key-pass"), ("debug", "store-pass")));
        Assert.Equal("upload", Text(await KeepAsync(new { name = "a.jks", content = jks, password = "store-pass", alias = "Upload", key_password = "key-pass" }), "alias").ToLowerInvariant());
        await KeepAsync(new { name = "b.keystore", content = jks, password = "store-pass", alias = "debug" });
        Assert.Equal("only", Text(await KeepAsync(new { name = "c.keystore", content = Base64(Samples.Pkcs12Store("store-pass", "only")), password = "store-pass" }), "alias"));

        await RefusesAsync(new { name = "d.jks", content = jks, password = "wrong", alias = "upload" }, "password");
        await RefusesAsync(new { name = "d.jks", content = jks, password = "store-pass" }, "alias");
        await RefusesAsync(new { name = "d.jks", content = jks, password = "store-pass", alias = "trusted" }, "alias");
        await RefusesAsync(new { name = "d.jks", content = jks, password = "store-pass", alias = "upload" }, "key_password");
        await RefusesAsync(new { name = "d.jks", content = Base64(Samples.Pkcs12Store("store-pass", "one", "two")), password = "store-pass" }, "alias");
        await RefusesAsync(new { name = "d.jks", content = Base64(Samples.Pkcs12Store("store-pass", "one")), password = "wrong" }, "password");
    }

    [Fact]
    public async Task WhatIsNotWhatItsNameSays_IsRefused_WithTheField()
    {
        var p12 = Samples.Certificate("p");
        await RefusesAsync(new { name = "x.p12", content = Base64(p12), password = "wrong" }, "password");
        await RefusesAsync(new { name = "x.p12", content = Base64(p12[..^20]), password = "p" }, "content");
        await RefusesAsync(new { name = "x.p12", content = Base64(Samples.Certificate("p", withKey: false)), password = "p" }, "content");
        await RefusesAsync(new { name = "x.p12", content = Base64("<html>"u8.ToArray()) }, "content");
        await RefusesAsync(new { name = "x.mobileprovision", content = Base64("<?xml version=\"1.0\"?><plist/>"u8.ToArray()) }, "content");
        await RefusesAsync(new { name = "x.mobileprovision", content = Base64(Samples.Profile("X", list => list.Replace("ExpirationDate", "Nothing", StringComparison.Ordinal))) }, "content");
        await RefusesAsync(new { name = "x.mobileprovision", content = Base64(Samples.Profile("X", list => list[..200])) }, "content");
        var changed = Samples.Profile("Changed");
        changed[changed.AsSpan().IndexOf("Northwind Traders"u8)] = (byte)'M';
        await RefusesAsync(new { name = "x.mobileprovision", content = Base64(changed) }, "content");
        await RefusesAsync(new { name = "x.keystore", content = Base64([0xCE, 0xCE, 0xCE, 0xCE, 0, 0, 0, 2]) }, "content");
        await RefusesAsync(new { name = "x.jks", content = Base64([0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 0, 1]), password = "p" }, "password", "content");
    }

    [Fact]
    public async Task BadInput_NamesTheField()
    {
        var profile = Base64(Samples.Profile("X"));
        foreach (var name in (string[])["", "x.txt", "x", "../x.p12", "a/b.p12", "a|b.p12", ".p12", "x\u202e.p12", new string('x', 200) + ".p12"])
            await RefusesAsync(new { name, content = profile }, "name");
        await RefusesAsync(new { name = "x.p12" }, "content");
        await RefusesAsync(new { name = "x.p12", content = "" }, "content");
        await RefusesAsync(new { name = "x.p12", content = "not base64" }, "content");
        await RefusesAsync(new { name = "x.p12", content = Base64(new byte[(1024 * 1024) + 1]) }, "content");
        await RefusesAsync(new { name = "x.p12", content = profile, password = new string('p', 300) }, "password");
        await KeepAsync(new { name = "x.mobileprovision", content = profile });
        await RefusesAsync(new { name = "x.mobileprovision", content = profile }, "name");
    }

    [Fact]
    [Trait("capability", "A18")]
    public async Task Support_AddsReplacesAndRemoves_AndNeverDownloads()
    {
        var id = Text(await KeepAsync(new { name = "app.mobileprovision", content = Base64(Samples.Profile("Customers")) }), "id");
        var support = await _host.CallAsSupportAsync("northwind-ios");

        Assert.Equal(HttpStatusCode.NotFound, (await support.GetAsync($"{Files}/{id}/content")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await support.GetAsync($"{Page}/{id}/content")).StatusCode);
        Assert.DoesNotContain("/content", await support.GetStringAsync(Page), StringComparison.Ordinal);
        var added = await support.PostAsJsonAsync(Files, new { name = "dist.p12", content = Base64(Samples.Certificate("planted-pass")), password = "planted-pass" });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await support.PutAsJsonAsync($"{Files}/{id}", new { name = "new.mobileprovision", content = Base64(Samples.Profile("Supports")) })).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await support.PutAsJsonAsync($"{Files}/{id}", new { name = "x.p12", content = Base64(Samples.Certificate("")) })).StatusCode);

        var adam = await _host.CallAsAsync("adam@northwind.test");
        var activity = await adam.GetStringAsync("/support-access/v1/apps/northwind-ios/activity");
        Assert.DoesNotContain("planted", activity, StringComparison.Ordinal);
        Assert.Contains("password of dist.p12", activity, StringComparison.Ordinal);
        Assert.Contains("Customers, SHA-256", activity, StringComparison.Ordinal);
        Assert.Contains("Supports, SHA-256", activity, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await support.DeleteAsync($"{Files}/{id}")).StatusCode);
        Assert.Equal(["dist.p12"], (await (await _piet.GetAsync(Files)).JsonAsync()).GetProperty("signing_files").EnumerateArray().Select(f => Text(f, "name")));
    }

    [Fact]
    public async Task Builds_AndMembersWhoDownload_GetTheBytesThatCame()
    {
        var p12 = Samples.Certificate("p12-pass");
        var jks = Samples.Jks("store-pass", ("upload", "key-pass"));
        var id = Text(await KeepAsync(new { name = "dist é.p12", content = Base64(p12), password = "p12-pass" }), "id");
        await KeepAsync(new { name = "upload.jks", content = Base64(jks), password = "store-pass", key_password = "key-pass" });

        var download = await _piet.GetAsync($"{Files}/{id}/content");
        Assert.Equal(p12, await download.Content.ReadAsByteArrayAsync());
        Assert.Equal(("application/octet-stream", "attachment"), (download.Content.Headers.ContentType?.MediaType, download.Content.Headers.ContentDisposition?.DispositionType));
        await using var scope = _host.App.Services.CreateAsyncScope();
        var app = Text(await (await _piet.GetAsync("/api/apps/northwind-ios")).JsonAsync(), "id");
        var given = await scope.ServiceProvider.GetRequiredService<SigningFileShelf>().ForBuildAsync(app);
        Assert.Equal([("dist é.p12", "p12-pass", null, null), ("upload.jks", "store-pass", "upload", "key-pass")], given.Select(f => (f.Name, f.Password, f.Alias, f.KeyPassword)));
        Assert.Equal(jks, given[1].Content.ToArray());
    }

    [Fact]
    public async Task Forms_UploadReplaceAndRemove_WithoutScript()
    {
        var piet = await _host.BrowseAsAsync("piet@northwind.test");
        var page = await piet.PageAsync(Page);
        Assert.Contains("No files yet", page.Text(), StringComparison.Ordinal);

        var wrong = await piet.UploadAsync(Page, Page, "file", "dist.p12", Samples.Certificate("right"), ("password", "wrong"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.Contains("It doesn't open the file", (await wrong.PageAsync()).Text(), StringComparison.Ordinal);
        await piet.UploadAsync(Page, Page, "file", "dist.p12", Samples.Certificate("right"), ("password", "right"));
        Assert.Contains("Apple Distribution: Northwind", (await piet.PageAsync(Page)).Text(), StringComparison.Ordinal);
        var replace = (await piet.PageAsync(Page)).Forms.Select(f => f.GetAttribute("action")!).First(a => a.StartsWith($"{Page}/sig_", StringComparison.Ordinal) && !a.EndsWith("/remove", StringComparison.Ordinal));
        await piet.UploadAsync(Page, replace, "file", "next.p12", Samples.Certificate("", "Another: Northwind"));
        Assert.Contains("Another: Northwind", (await piet.PageAsync(Page)).Text(), StringComparison.Ordinal);
        await piet.SubmitAsync(Page, $"{replace}/remove");
        Assert.Contains("No files yet", (await piet.PageAsync(Page)).Text(), StringComparison.Ordinal);
    }

    private async Task<JsonElement> KeepAsync(object file)
    {
        var answer = await _piet.PostAsJsonAsync(Files, file);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    private async Task RefusesAsync(object file, params string[] fields)
    {
        var answer = await _piet.PostAsJsonAsync(Files, file);
        var said = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.UnprocessableEntity, said);
        Assert.Contains(JsonElement.Parse(said).GetProperty("errors")[0].GetProperty("field").GetString(), fields);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Base64(byte[] content) => Convert.ToBase64String(content);
}
