using System.Text;
using System.Text.Json;

namespace Latchkey.Tests.Attachments;

/// <summary>A secret that has no shape of its own, in one place of a HAR file: nothing but the place gives it away.</summary>
[Trait("capability", "C3")]
public sealed class HarPlacesTests
{
    private const string Secret = "hunter-two";

    [Theory]
    [InlineData("https://ci.example/login;jsessionid=hunter-two/next?page=2")]
    [InlineData("https://ci.example/login;v=1;auth-token=hunter-two")]
    [InlineData("https://ci.example/proxy/https://bot:hunter-two@git.example/x.git")]
    [InlineData("https://bot:hunter-two@ci.example/")]
    [InlineData("https://ci.example/a//token=hunter-two")]
    [InlineData("a//token=hunter-two")]
    [InlineData("https://ci.example/accept-invite/hunter-two-long")]
    [InlineData("https://ci.example/users/password-reset/hunter-two-long")]
    [InlineData("https://ci.example/account/activate/hunter-two-long")]
    [InlineData("https://ci.example/?next=https%3A%2F%2Fci.example%2F%3Ftoken%3Dhunter-two")]
    [InlineData("https://ci.example/?next=https%253A%252F%252Fci.example%252F%253Ftoken%253Dhunter-two")]
    [InlineData("https://ci.example/?a=b;token=hunter-two")]
    [InlineData("https://ci.example/?user[password]=hunter-two")]
    [InlineData("https://ci.example/?user%5Bpassword%5D=hunter-two")]
    [InlineData("https://ci.example/?data=%7B%22token%22%3A%22hunter-two%22%7D")]
    [InlineData("https://ci.example/#access_token=hunter-two")]
    [InlineData("//ci.example/?code=hunter-two")]
    public void InAnAddress_ItIsGone(string url)
    {
        foreach (var header in new[] { "Referer", "Location", ":path", "Set-Cookie2", "X-Own" })
        {
            AssertGone(Har(request: new { method = "GET", url = "/", headers = new[] { new { name = header, value = url } } }));
        }

        AssertGone(Har(request: new { method = "GET", url }));
        AssertGone(Har(response: new { status = 302, redirectURL = url }));
        AssertGone(Har(response: Json(JsonSerializer.Serialize(new { link = url }))));
        if (url.Contains("://", StringComparison.Ordinal))
        {
            AssertGone(Har(response: Json(JsonSerializer.Serialize(new { text = $"Open {url}, then (see {url}) go on." }))));
        }
    }

    [Theory]
    [InlineData("""{"payload":"{\"password\":\"hunter-two\"}"}""")]
    [InlineData("""{"payload":"{\"inner\":\"{\\\"password\\\":\\\"hunter-two\\\"}\"}"}""")]
    [InlineData("""{"query":"mutation { signIn(email: \"a\", password: \"hunter-two\") { id } }"}""")]
    [InlineData("""{"variables":{"input":{"newPassword":"hunter-two"}}}""")]
    [InlineData("""[{"field":"password","value":"hunter-two"}]""")]
    [InlineData("""[{"Label":"Password","Value":"hunter-two"}]""")]
    [InlineData("""[{"id":"API token","type":"text","values":["hunter-two"]}]""")]
    [InlineData("""{"headers":{"authorization":["hunter-two"]}}""")]
    [InlineData("""{"a":{"b":{"credentials":{"user":"x","anything":["hunter-two"]}}}}""")]
    [InlineData("""{"xml":"<settings><password>hunter-two</password></settings>"}""")]
    [InlineData("""{"script":"deploy --token hunter-two --verbose"}""")]
    [InlineData("""{"pass":"hunter-two"}""")]
    public void InAJsonBody_ItIsGone(string body)
    {
        AssertGone(Har(response: Json(body)));
        AssertGone(Har(request: new { method = "POST", url = "/", postData = new { mimeType = "application/json", text = body } }));
    }

    [Fact]
    public void InFieldsOfABrowsersOwn_ItIsGone()
    {
        AssertGone(Har(request: new { method = "GET", url = "/", _securityDetails = Secret, comment = Secret }));
        AssertGone(Har(response: new { status = 200, _error = Secret, comment = Secret, content = new { mimeType = "text/plain", text = Secret } }));
        AssertGone(Har(request: new { method = "POST", url = "/", postData = new { mimeType = "multipart/form-data; boundary=hunter-two", text = $"--x\r\n\r\n{Secret}\r\n--x--", @params = new[] { new { name = "file", fileName = Secret, value = Secret } } } }));
        AssertGone(Har(response: new { status = 200, content = new { mimeType = "application/json", encoding = "base64", text = Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)) } }));
    }

    [Theory]
    [InlineData("Authorization", "Basic Ym90Omh1bnRlci10d28=")]
    [InlineData("Proxy-Authorization", "Basic Ym90Omh1bnRlci10d28=")]
    [InlineData("Cookie", "lang=en; remember=hunter-two-again; a=b")]
    [InlineData("X-Auth-Token", "hunter-two")]
    [InlineData("Referer", "https://bot:hunter-two@ci.example/")]
    public void WhatSignsIn_IsGoneWhereItIsEchoedToo(string header, string value)
    {
        var echoed = header == "Cookie" ? "hunter-two-again" : Secret;
        AssertGone(Har(
            request: new { method = "GET", url = "https://ci.example/", headers = new[] { new { name = header, value } } },
            response: Json(JsonSerializer.Serialize(new { message = $"No rights for {echoed} here" }))));
    }

    [Theory]
    [InlineData("""[{"request":{"headers":[{"name":"x","value":"hunter-two"}],"cookies":[]}}]""")]
    [InlineData("// saved by me\n{\"log\":{\"entries\":[{\"request\":{\"cookies\":[{\"name\":\"x\",\"value\":\"hunter-two\"}],\"headers\":[]}}]}}")]
    [InlineData("""{"data":{"log":{"entries":[{"request":{"cookies":[{"name":"x","value":"hunter-two"}],"headers":[]}}]}}}""")]
    public void ARecordingThatIsNoHar_IsNotTakenAsText(string text) =>
        Assert.Contains("HAR", AttachmentCheck.Clean(Encoding.UTF8.GetBytes(text)).Refusal?.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("curl -u bot:hunter-two https://ci.example")]
    [InlineData("curl --user 'bot:hunter-two' https://ci.example")]
    [InlineData("docker login --password hunter-two ci.example")]
    [InlineData("<password>hunter-two</password>")]
    [InlineData("sent {\\\"api_token\\\": \\\"hunter-two\\\", \\\"x\\\": 1}")]
    [InlineData("AccountName=a;AccountKey=hunter-two;Suffix=b")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\nhunter-two\n-----END RSA PRIVATE KEY-----")]
    [InlineData("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nhunter-two\n-----END PGP PRIVATE KEY BLOCK-----")]
    public void InText_ItIsGone_AndTheRestStays(string text)
    {
        var clean = AttachmentCheck.Clean(Encoding.UTF8.GetBytes($"before\n{text}\nafter")).Value!;
        var kept = Encoding.UTF8.GetString(clean.Bytes.Span);
        Assert.DoesNotContain(Secret, kept, StringComparison.Ordinal);
        Assert.StartsWith("before\n", kept, StringComparison.Ordinal);
        Assert.EndsWith("\nafter", kept, StringComparison.Ordinal);
        Assert.NotEmpty(clean.Removed);
    }

    [Theory]
    [InlineData("docker login --password $DOCKER_PASSWORD --username bot")]
    [InlineData("curl -u \"$USER:$PASSWORD\" https://ci.example")]
    [InlineData("git push -u origin main")]
    [InlineData("run --token-refresh --verbose")]
    [InlineData("docker login --password-stdin ci.example")]
    [InlineData("see <string name=\"password_hint\"> and <password-field>")]
    [InlineData("docker run -u 1000:1000 image")]
    public void WhatIsNoSecret_Stays(string text) =>
        Assert.Equal(text, Encoding.UTF8.GetString(AttachmentCheck.Clean(Encoding.UTF8.GetBytes(text)).Value!.Bytes.Span));

    private static object Json(string body) => new { status = 200, content = new { size = body.Length, mimeType = "application/json", text = body } };

    private static byte[] Har(object? request = null, object? response = null) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        log = new
        {
            version = "1.2",
            entries = new[] { new { request = request ?? new { method = "GET", url = "https://ci.example/" }, response = response ?? new { status = 200 } } },
        },
    });

    private static void AssertGone(byte[] har)
    {
        var answer = AttachmentCheck.Clean(har);
        Assert.True(answer.Refusal is null, answer.Refusal?.Message);
        var text = Encoding.UTF8.GetString(answer.Value!.Bytes.Span);
        Assert.DoesNotContain(Secret, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Secret, Uri.UnescapeDataString(text), StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(answer.Value.Removed);
        Assert.All(answer.Value.Removed, r => Assert.DoesNotContain(Secret, $"{r.Where} {r.Name}", StringComparison.OrdinalIgnoreCase));
    }
}
