using System.Text;
using System.Text.Json;
using Latchkey;
using Microsoft.Playwright;

namespace Buildyard.EndToEnd.Conversations;

/// <summary>The HAR of a real browser session with sign-in, cookies, tokens and forms: cleaned, and searched for each of its secrets.</summary>
public sealed class RecordedSessionTests(Chromium chromium) : Story(chromium)
{
    private const string Password = "demo-Pa55 word+77";
    private const string Secret = "kept/secret value=91";
    private const string Token = "by_4fQz81LmXw0RtYb7Kc2";

    [Fact]
    public async Task RecordedSession_IsCleanedOfEverySecret_AndStillTells()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("latchkey-har-").FullName, "session.har");
        var adam = await VisitAsync(new() { RecordHarPath = file, RecordHarContent = HarContentPolicy.Embed, RecordHarMode = HarMode.Full });
        adam.Expect([400, 401, 404, 422]);
        await adam.GoAsync("/signin");
        await adam.Field("Password").FillAsync(Password);
        await adam.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(adam.Field("Password")).ToHaveValueAsync("");
        await adam.SignInAsync("Adam Reyes");
        await adam.GoAsync($"/apps/northwind-ios/settings?access_token={Token}&tab=general#{Token}-fragment");
        var csrf = await adam.AntiforgeryTokenAsync();
        await adam.Page.EvaluateAsync(
            """
            async ([csrf, secret, token]) => {
              const headers = { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' };
              await fetch('/api/apps/northwind-ios/secrets/DEPLOY_KEY', { method: 'PUT', headers, body: JSON.stringify({ value: secret, api_key: secret }) });
              await fetch('/api/apps/northwind-ios', { headers: { Authorization: `Bearer ${token}` }, credentials: 'omit' });
              await fetch('/apps/northwind-ios/settings', { method: 'POST', headers: { 'X-CSRF-Token': csrf }, body: new URLSearchParams({ password: secret, note: `it is ${secret}` }) });
              const form = new FormData();
              form.set('file', new Blob([secret]), 'a.txt');
              await fetch('/apps/northwind-ios/settings', { method: 'POST', headers: { 'X-CSRF-Token': csrf }, body: form });
              await fetch('/api/apps');
            }
            """,
            new[] { csrf, Secret, Token });
        var cookies = await adam.Context.CookiesAsync();
        await adam.Context.CloseAsync();

        var recorded = await File.ReadAllBytesAsync(file);
        string[] secrets = [Password, Secret, Token, csrf, .. cookies.Select(c => c.Value).Where(v => v.Length > 8)];
        Assert.True(secrets.Length > 5, "No cookie was set, so there is less to find than there should be.");
        Assert.All(secrets.Where(s => s != Password && s != Secret), secret => Assert.Contains(secret, Encoding.UTF8.GetString(recorded), StringComparison.Ordinal));

        var clean = AttachmentCheck.Clean(recorded).Value!;
        Assert.Equal(AttachmentType.Har, clean.Type);
        var text = Encoding.UTF8.GetString(clean.Bytes.Span);
        foreach (var secret in secrets)
        {
            foreach (var written in Writings(secret)) Assert.DoesNotContain(written, text, StringComparison.Ordinal);
        }

        using var before = JsonDocument.Parse(recorded);
        using var after = JsonDocument.Parse(clean.Bytes);
        var kept = after.RootElement.GetProperty("log").GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(before.RootElement.GetProperty("log").GetProperty("entries").GetArrayLength(), kept.Count);
        Assert.Contains(kept, e => e.GetProperty("request").GetProperty("url").GetString()!.EndsWith("/settings?access_token=[removed]&tab=general", StringComparison.Ordinal));
        Assert.Equal(Statuses(before.RootElement), Statuses(after.RootElement));
        foreach (var kind in new[] { RemovedKind.Cookie, RemovedKind.Header, RemovedKind.AddressPart, RemovedKind.FormField, RemovedKind.BodyValue, RemovedKind.Body })
        {
            Assert.Contains(clean.Removed, r => r.Kind == kind);
        }

        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    private static IEnumerable<int> Statuses(JsonElement har) =>
        har.GetProperty("log").GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("response").GetProperty("status").GetInt32());

    /// <summary>A secret as it is, as it stands in addresses and forms, in JSON, and in base64 wherever in it it begins.</summary>
    private static IEnumerable<string> Writings(string secret)
    {
        yield return secret;
        yield return Uri.EscapeDataString(secret);
        yield return Uri.EscapeDataString(secret).Replace("%20", "+", StringComparison.Ordinal);
        yield return JsonSerializer.Serialize(secret)[1..^1];
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. Encoding.UTF8.GetBytes(secret)]);

            // The letters at both ends also hold what stands beside it.
            yield return encoded[(offset == 0 ? 0 : 4)..^4];
        }
    }
}
