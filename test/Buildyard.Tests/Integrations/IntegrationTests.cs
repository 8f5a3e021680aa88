using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Buildyard.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Integrations;

public sealed class IntegrationTests : IAsyncLifetime
{
    private const string App = "/api/apps/northwind-ios";
    private const string Integrations = $"{App}/integrations";
    private const string Keys = "/api/account/apple-keys";
    private const string Page = "/apps/northwind-ios/settings/integrations";
    private const string Issuer = "57246542-96fe-1a63-e053-0824d011072a";
    private BuildyardHost _host = null!;
    private HttpClient _adam = null!;
    private HttpClient _olivia = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync();
        _adam = await _host.CallAsAsync("adam@northwind.test");
        _olivia = await _host.CallAsAsync("olivia@northwind.test");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    [Trait("capability", "A10")]
    public async Task Support_ChoosesAmongTheTeam_AndAmongNamesOfConnectedKeys()
    {
        var pem = P8(ECCurve.NamedCurves.nistP256);
        var key = await ConnectAsync(new { name = "Northwind App Store", issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = pem });
        var support = await _host.CallAsSupportAsync("northwind-ios");

        var seen = await support.GetStringAsync(Integrations) + await support.GetStringAsync(Page);
        Assert.Contains("Northwind App Store", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("2X9R4HXF34", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(Issuer, seen, StringComparison.Ordinal);
        var dana = JsonElement.Parse(await support.GetStringAsync(Integrations)).GetProperty("members").EnumerateArray().Single(m => Text(m, "name") == "Dana Kim");
        (await support.PutAsJsonAsync($"{Integrations}/service-user", new { person = Text(dana, "id") })).EnsureSuccessStatusCode();
        var chosen = await (await support.PutAsJsonAsync($"{Integrations}/apple-key", new { apple_key = key })).JsonAsync();

        Assert.Equal(("Dana Kim", "Northwind App Store"), (Text(chosen.GetProperty("service_user"), "name"), Text(chosen.GetProperty("apple_key"), "name")));
        foreach (var path in (string[])[Keys, "/account/apple", "/api/account"]) Assert.Equal(HttpStatusCode.NotFound, (await support.GetAsync(path)).StatusCode);
        var activity = await _adam.GetStringAsync("/support-access/v1/apps/northwind-ios/activity");
        Assert.Contains("Dana Kim", activity, StringComparison.Ordinal);
        Assert.Contains("Northwind App Store", activity, StringComparison.Ordinal);
        await using var scope = _host.App.Services.CreateAsyncScope();
        var app = Text(await (await _adam.GetAsync(App)).JsonAsync(), "id");
        var book = scope.ServiceProvider.GetRequiredService<SecretBook>();
        Assert.Equal(
            [("APP_STORE_CONNECT_API_ISSUER_ID", Issuer), ("APP_STORE_CONNECT_API_KEY_ID", "2X9R4HXF34"), ("APP_STORE_CONNECT_API_PRIVATE_KEY", pem + "\n")],
            (await book.ForBuildAsync(app, pullRequest: false)).Select(s => (s.Name, s.Value)));
        Assert.Empty(await book.ForBuildAsync(app, pullRequest: true));
    }

    [Fact]
    public async Task NobodyFromOutside_AndNoOtherAccountsKey_CanBeChosen()
    {
        var carla = await _host.CallAsAsync("carla@contoso.test");
        var theirs = Text(await (await carla.PostAsJsonAsync(Keys, new { name = "Contoso", issuer_id = Issuer, key_id = "ABCDEFGHIJ", private_key = P8(ECCurve.NamedCurves.nistP256) })).JsonAsync(), "id");

        await RefusesAsync($"{Integrations}/apple-key", new { apple_key = theirs }, "apple_key");
        await RefusesAsync($"{Integrations}/service-user", new { person = "agt_sam" }, "person");
        await RefusesAsync($"{Integrations}/service-user", new { person = "per_nobody" }, "person");
        Assert.Equal(0, (await (await _adam.GetAsync(Integrations)).JsonAsync()).GetProperty("apple_keys").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await _adam.PutAsJsonAsync($"{Integrations}/service-user", new { })).StatusCode);
    }

    [Fact]
    public async Task RemovedKey_IsChosenNowhereAnyMore()
    {
        var key = await ConnectAsync(new { name = "Northwind", issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = P8(ECCurve.NamedCurves.nistP256) });
        (await _adam.PutAsJsonAsync($"{Integrations}/apple-key", new { apple_key = key })).EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.NoContent, (await _olivia.DeleteAsync($"{Keys}/{key}")).StatusCode);

        Assert.Equal(JsonValueKind.Null, (await (await _adam.GetAsync(Integrations)).JsonAsync()).GetProperty("apple_key").ValueKind);
    }

    [Fact]
    public async Task Keys_AreChecked_AndNotShownAgain()
    {
        var p256 = P8(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        foreach (var (wanted, field) in new (object, string)[]
        {
            (new { issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = p256 }, "name"),
            (new { name = "N", issuer_id = "no", key_id = "2X9R4HXF34", private_key = p256 }, "issuer_id"),
            (new { name = "N", issuer_id = Issuer, key_id = "short", private_key = p256 }, "key_id"),
            (new { name = "N", issuer_id = Issuer, key_id = "2X9R4HXF34" }, "private_key"),
            (new { name = "N", issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = "hello" }, "private_key"),
            (new { name = "N", issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = P8(ECCurve.NamedCurves.nistP384) }, "private_key"),
            (new { name = "N", issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = rsa.ExportPkcs8PrivateKeyPem() }, "private_key"),
            (new { name = "N", issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = p256[..60] }, "private_key"),
        })
        {
            var refused = await _olivia.PostAsJsonAsync(Keys, wanted);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Equal(field, Text((await refused.JsonAsync()).GetProperty("errors")[0], "field"));
        }

        await ConnectAsync(new { name = "Northwind", issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = p256 });
        Assert.DoesNotContain(p256.Split('\n')[1], await _olivia.GetStringAsync(Keys) + await _olivia.GetStringAsync("/account/apple"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_ConnectAndChoose_WithoutScript()
    {
        var olivia = await _host.BrowseAsAsync("olivia@northwind.test");
        await olivia.SubmitAsync("/account/apple", "/account/apple", ("name", "Northwind"), ("issuer_id", Issuer), ("key_id", "2X9R4HXF34"), ("private_key", P8(ECCurve.NamedCurves.nistP256).ReplaceLineEndings("\r\n")));
        var adam = await _host.BrowseAsAsync("adam@northwind.test");
        var form = (await adam.PageAsync(Page)).Forms.Single(f => f.GetAttribute("action") == $"{Page}/apple-key");
        var key = form.QuerySelectorAll("option").Single(o => o.TextContent == "Northwind").GetAttribute("value")!;
        await adam.SubmitAsync(Page, $"{Page}/apple-key", ("apple_key", key));
        Assert.Equal(key, (await adam.PageAsync(Page)).QuerySelector("select[name=apple_key] option[selected]")!.GetAttribute("value"));
        await olivia.SubmitAsync("/account/apple", "/account/apple/remove");
        Assert.Contains("None is connected yet", (await adam.PageAsync(Page)).Text(), StringComparison.Ordinal);
    }

    private async Task<string> ConnectAsync(object key)
    {
        var added = await _olivia.PostAsJsonAsync(Keys, key);
        Assert.True(added.StatusCode == HttpStatusCode.Created, await added.Content.ReadAsStringAsync());
        return Text(await added.JsonAsync(), "id");
    }

    private async Task RefusesAsync(string path, object body, string field)
    {
        var refused = await _adam.PutAsJsonAsync(path, body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(field, Text((await refused.JsonAsync()).GetProperty("errors")[0], "field"));
    }

    /// <summary>Connects a key to the account of Northwind, as its owner.</summary>
    internal static async Task<string> ConnectAsync(BuildyardHost host)
    {
        var olivia = await host.CallAsAsync("olivia@northwind.test");
        using var connected = await olivia.PostAsJsonAsync(Keys, new { name = "Northwind App Store", issuer_id = Issuer, key_id = "2X9R4HXF34", private_key = P8(ECCurve.NamedCurves.nistP256) });
        return Text(await connected.JsonAsync(), "id");
    }

    private static string P8(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
