using System.Text;
using System.Text.Json;

namespace Latchkey.Tests.Attachments;

/// <summary>HAR files and text lose what signs anyone in, and the sender is told what was taken out.</summary>
public sealed class HarTests
{
    private const string Session = "Kj8fQ2vLx9Zr3TbN7mWc5YpA";
    private const string Password = "correct horse 77!";
    private const string Jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGFtIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
    private const string GitHub = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    private const string Csrf = "CfDJ8NrAkSldwD9CpLR0QhBGVsqs1";

    private static readonly string[] s_secrets =
        [Session, Password, Jwt, GitHub, Csrf, "hunter2-basic", "frag-4f9aQz81LmXw", "resetAbC123xyz", "plain-env-value", "ws-secret-message", "init-stack-secret", "mail-code-928311", "multi-part-secret", "cookie-in-array-1"];

    [Fact]
    public void EverySecret_IsGone_HoweverItIsWritten()
    {
        var clean = Clean(Har());
        var text = Encoding.UTF8.GetString(clean.Bytes.Span);

        Assert.Equal(AttachmentType.Har, clean.Type);
        Assert.All(s_secrets, secret =>
        {
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Uri.EscapeDataString(secret), text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('='), text, StringComparison.OrdinalIgnoreCase);
            Assert.All(clean.Removed, r => Assert.DoesNotContain(secret, $"{r.Where} {r.Name}", StringComparison.OrdinalIgnoreCase));
        });
    }

    [Fact]
    public void WhatHelps_IsKept()
    {
        using var json = JsonDocument.Parse(Clean(Har()).Bytes);
        var entries = json.RootElement.GetProperty("log").GetProperty("entries");
        var first = entries[0];

        Assert.Equal(3, entries.GetArrayLength());
        Assert.Equal("POST", first.GetProperty("request").GetProperty("method").GetString());
        Assert.Equal("https://[removed]@ci.example/apps/northwind-ios/builds?page=2&access_token=[removed]", first.GetProperty("request").GetProperty("url").GetString());
        Assert.Equal(302, first.GetProperty("response").GetProperty("status").GetInt32());
        Assert.Equal(12.5, first.GetProperty("timings").GetProperty("wait").GetDouble());
        Assert.Contains(first.GetProperty("request").GetProperty("headers").EnumerateArray(), h => h.GetProperty("name").GetString() == "Accept" && h.GetProperty("value").GetString() == "text/html");
        Assert.Equal("""{"id":42,"title":"Nightly","api_token":"[removed]","slug":"northwind-ios","envs":[{"key":"DEPLOY_KEY_PASSWORD","value":"[removed]"},{"key":"MODE","value":"release"}],"note":"sent [removed] to adam","commit":"4f2c1a9"}""", entries[1].GetProperty("response").GetProperty("content").GetProperty("text").GetString());
        Assert.Equal("user=adam&password=[removed]&remember=true", first.GetProperty("request").GetProperty("postData").GetProperty("text").GetString());
    }

    [Fact]
    public void TheSender_IsToldWhatWasRemoved_AndWhere()
    {
        var removed = Clean(Har()).Removed;
        const string First = "POST https://[removed]@ci.example/apps/northwind-ios/builds";

        Assert.Contains(new RemovedPart(RemovedKind.Header, First, "Cookie", 1), removed);
        Assert.Contains(new RemovedPart(RemovedKind.Header, First, "Authorization", 1), removed);
        Assert.Contains(new RemovedPart(RemovedKind.Header, First, "X-Build-Door", 1), removed);
        Assert.Contains(new RemovedPart(RemovedKind.FormField, First, "password", 2), removed);
        Assert.Contains(removed, r => r is { Kind: RemovedKind.AddressPart, Where: First, Name: "access_token" });
        Assert.Contains(new RemovedPart(RemovedKind.BodyValue, "GET https://ci.example/api/builds/42", "api_token", 1), removed);
        Assert.Contains(new RemovedPart(RemovedKind.Body, null, "response body, text/html", 1), removed);
        Assert.Contains(new RemovedPart(RemovedKind.UnknownField, null, "_webSocketMessages", 1), removed);
    }

    [Fact]
    public void CleaningTwice_ChangesNothing()
    {
        var once = Clean(Har()).Bytes.ToArray();
        Assert.Equal(Encoding.UTF8.GetString(once), Encoding.UTF8.GetString(Clean(once).Bytes.Span));
    }

    [Fact]
    public void CutOffHar_IsRefused_AndNotTakenAsText()
    {
        var file = Har();
        for (var length = file.Length - 1; length > file.Length / 2; length -= 7)
        {
            Assert.Contains("damaged or cut off", AttachmentCheck.Clean(file.AsMemory(0, length)).Refusal!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AnyChangedBytes_GiveAnAnswer()
    {
        var seed = Seeded.SeedOf("ATTACHMENT_SEED");
        var random = new Seeded(seed);
        var har = Har();
        var (hars, refused) = (0, 0);
        for (var round = 0; round < 3000; round++)
        {
            var file = har.ToArray();
            for (var change = random.Below(3); change >= 0; change--) file[random.Below(file.Length)] = random.Pick((byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)'\\', (byte)'1', (byte)',', (byte)random.Next());
            var answer = AttachmentCheck.Clean(file);
            if (answer.Refusal is { } refusal) Assert.Equal("file", refusal.Field);
            if (answer.Value is { Type: AttachmentType.Har } clean) using (JsonDocument.Parse(clean.Bytes)) hars++;
            refused += answer.Refusal is null ? 0 : 1;
        }

        Assert.True(hars > 0 && refused > 0, $"seed {seed}: {hars} taken, {refused} refused.");
    }

    [Theory]
    [InlineData("""{"log":{"entries":[{"request":{"url":"\ud800","headers":[{"name":"\udfff","value":"x"}]},"response":{"content":{"mimeType":"application/json","text":"\ud800"}}}]}}""")]
    [InlineData("""{"log":{"entries":[{"request":{"headers":{},"cookies":7,"postData":[]},"response":null}]}}""")]
    [InlineData("""{"log":{"entries":[]},"other":{"password":"x"}}""")]
    public void OddHars_StillGiveJson(string har)
    {
        using var json = JsonDocument.Parse(Clean(Encoding.UTF8.GetBytes(har)).Bytes);
        Assert.True(json.RootElement.GetProperty("log").TryGetProperty("entries", out _));
    }

    [Fact]
    public void DeepNesting_IsRefused_NotFollowed()
    {
        var deep = "{\"log\":{\"entries\":[" + string.Concat(Enumerable.Repeat("{\"x\":[", 100_000));
        Assert.NotNull(AttachmentCheck.Clean(Encoding.UTF8.GetBytes(deep)).Refusal);
    }

    [Theory]
    [InlineData("GET /login token=abcdef123 done", "GET /login token=[removed] done")]
    [InlineData("DB_PASSWORD: 'p@ss, word' # old", "DB_PASSWORD: '[removed]' # old")]
    [InlineData("  - API_KEY: $API_KEY", "  - API_KEY: $API_KEY")]
    [InlineData("{\"clientSecret\" : \"a\\\"b\", \"x\":1}", "{\"clientSecret\" : \"[removed]\", \"x\":1}")]
    [InlineData("Cookie: a=1; b=2\r\nHost: x", "Cookie: [removed]\r\nHost: x")]
    [InlineData("clone https://adam:s3cr3t@git.example/x.git", "clone https://[removed]@git.example/x.git")]
    [InlineData("curl -H 'Authorization: Bearer abc.def-ghi12'", "curl -H 'Authorization: [removed]")]
    [InlineData("remote ghp_0123456789abcdefghijABCDEFGHIJ012345 ok", "remote [removed] ok")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest", "[removed]\nrest")]
    [InlineData("Token check passed, 4 tokens used by the secretary", "Token check passed, 4 tokens used by the secretary")]
    [InlineData("commit 4f2c1a9e8b7d6c5f4a3b2c1d0e9f8a7b6c5d4e3f built", "commit 4f2c1a9e8b7d6c5f4a3b2c1d0e9f8a7b6c5d4e3f built")]
    [InlineData("\u001b[32mGrüße, task-runner done\u001b[0m", "\u001b[32mGrüße, task-runner done\u001b[0m")]
    public void Text_LosesSecrets_AndNothingElse(string text, string kept)
    {
        var clean = Clean(Encoding.UTF8.GetBytes(text));

        Assert.Equal(AttachmentType.Text, clean.Type);
        Assert.Equal(kept, Encoding.UTF8.GetString(clean.Bytes.Span));
        Assert.Equal(text != kept, clean.Removed.Count > 0);
    }

    [Theory]
    [InlineData("binary\0text")]
    [InlineData("latin \u00E9")]
    public void TextThatIsNotUtf8_IsRefused(string text) =>
        Assert.Contains("UTF-8", AttachmentCheck.Clean(Encoding.Latin1.GetBytes(text)).Refusal!.Message, StringComparison.Ordinal);

    private static CleanAttachment Clean(byte[] file)
    {
        var answer = AttachmentCheck.Clean(file);
        Assert.True(answer.Refusal is null, answer.Refusal?.Message);
        return answer.Value!;
    }

    private static byte[] Har()
    {
        object[] Headers(params (string Name, string Value)[] headers) => [.. headers.Select(h => new { name = h.Name, value = h.Value })];
        var first = new
        {
            _initiator = new { stack = "init-stack-secret" },
            pageref = "page_1",
            startedDateTime = "2026-11-22T03:58:01.000Z",
            time = 20.25,
            request = new
            {
                method = "POST",
                url = $"https://adam:hunter2-basic@ci.example/apps/northwind-ios/builds?page=2&access_token={Uri.EscapeDataString(Password)}#frag-4f9aQz81LmXw",
                httpVersion = "HTTP/2",
                cookies = new[] { new { name = "session", value = Session, httpOnly = true }, new { name = "second", value = "cookie-in-array-1", httpOnly = false } },
                headers = Headers(("Accept", "text/html"), ("Cookie", $"session={Session}; lang=en"), ("Authorization", $"Bearer {Jwt}"), ("X-Build-Door", Csrf), ("Referer", $"https://ci.example/reset/resetAbC123xyz?code=mail-code-928311")),
                queryString = Headers(("page", "2"), ("access_token", Password)),
                postData = new { mimeType = "application/x-www-form-urlencoded", text = $"user=adam&password={Uri.EscapeDataString(Password)}&remember=true", @params = Headers(("user", "adam"), ("password", Password)) },
                headersSize = -1,
                bodySize = 10,
            },
            response = new
            {
                status = 302,
                statusText = "Found",
                httpVersion = "HTTP/2",
                cookies = Array.Empty<object>(),
                headers = Headers(("Set-Cookie", $"session={Session}; Path=/; HttpOnly"), ("Location", $"/done?ticket={Session}")),
                content = new { size = 3, mimeType = "text/html; charset=utf-8", text = $"<input name=csrf value={Csrf}>" },
                redirectURL = $"/done?ticket={Session}",
                headersSize = -1,
                bodySize = -1,
            },
            cache = new { },
            timings = new { send = 0, wait = 12.5, receive = 1 },
            _webSocketMessages = new[] { new { data = "ws-secret-message" } },
        };
        var body = JsonSerializer.Serialize(new
        {
            id = 42,
            title = "Nightly",
            api_token = GitHub,
            slug = "northwind-ios",
            envs = new[] { new { key = "DEPLOY_KEY_PASSWORD", value = "plain-env-value" }, new { key = "MODE", value = "release" } },
            note = $"sent {Password} to adam",
            commit = "4f2c1a9",
        });
        var second = new { request = new { method = "GET", url = "https://ci.example/api/builds/42", headers = Headers(), cookies = Array.Empty<object>() }, response = new { status = 200, content = new { size = 1, mimeType = "application/json", text = body } } };
        var third = new
        {
            request = new { method = "PUT", url = $"https://ci.example/files/{Session}/x", headers = Headers(), postData = new { mimeType = "multipart/form-data; boundary=x", text = "--x\r\nmulti-part-secret\r\n--x--" } },
            response = new { status = 200, content = new { size = 1, mimeType = "image/png", encoding = "base64", text = Convert.ToBase64String(Encoding.UTF8.GetBytes(Session)) } },
        };
        return JsonSerializer.SerializeToUtf8Bytes(new { log = new { version = "1.2", creator = new { name = "WebInspector", version = "537.36" }, pages = new[] { new { startedDateTime = "2026-11-22T03:58:01.000Z", id = "page_1", title = $"https://ci.example/?token={Session}", pageTimings = new { onLoad = 5 } } }, entries = new object[] { first, second, third } } });
    }
}
