using System.Text;
using System.Text.Json;

namespace Latchkey.Benchmarks;

/// <summary>
/// Cleaning a HAR file, in megabytes a second, against parsing the same JSON alone: every token once (<see cref="Utf8JsonReader"/>),
/// and as a tree (<see cref="JsonDocument"/>).
/// </summary>
internal static class HarBenchmark
{
    private const int Rounds = 12;
    private const int Entries = 1500;

    public static Task RunAsync()
    {
        var file = File(Entries);
        var megabytes = file.Length / 1e6;
        var (values, tokens, trees) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var from = TimeProvider.System.GetTimestamp();
            if (AttachmentCheck.Clean(file).Value is not { Type: AttachmentType.Har }) throw new InvalidOperationException("The sample is no HAR file.");
            values.Add(megabytes * 1000 / Figure.Milliseconds(from));

            from = TimeProvider.System.GetTimestamp();
            var reader = new Utf8JsonReader(file);
            while (reader.Read())
            {
            }

            tokens.Add(megabytes * 1000 / Figure.Milliseconds(from));

            from = TimeProvider.System.GetTimestamp();
            using (JsonDocument.Parse(file)) trees.Add(megabytes * 1000 / Figure.Milliseconds(from));
        }

        // The first rounds warm up.
        Figure.Print("har", Figure.Median(values.Skip(Rounds / 3)), "MB/s", Figure.Median(tokens.Skip(Rounds / 3)), "against every token read once");
        Figure.Print("har-tree", Figure.Median(values.Skip(Rounds / 3)), "MB/s", Figure.Median(trees.Skip(Rounds / 3)), "against a JsonDocument");
        return Task.CompletedTask;
    }

    /// <summary>A session as a browser records it: pages, scripts and pictures, JSON calls, forms, each with its headers and cookies.</summary>
    public static byte[] File(int count)
    {
        var script = string.Concat(Enumerable.Range(0, 400).Select(i => $"function part{i}(a,b){{return \"<b>\"+a+\"\\n\"+b;}}\n"));
        var picture = Convert.ToBase64String(Encoding.UTF8.GetBytes(script));
        object Pair(string name, string value) => new { name, value };
        var entries = Enumerable.Range(0, count).Select(i => new
        {
            startedDateTime = "2026-11-22T03:58:01.000Z",
            time = 20.25 + i,
            request = new
            {
                method = i % 5 == 0 ? "POST" : "GET",
                url = $"https://ci.example/apps/northwind-ios/parts/{i}?page={i}&access_token=Kj8fQ2vLx9Zr3TbN7mWc5YpA{i}",
                httpVersion = "h2",
                cookies = new[] { new { name = "session", value = "CfDJ8NrAkSldwD9CpLR0QhBGVsqs1x9" } },
                headers = new[] { Pair("accept", "*/*"), Pair("accept-language", "en-GB,en;q=0.9"), Pair("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"), Pair("cookie", "session=CfDJ8NrAkSldwD9CpLR0QhBGVsqs1x9; lang=en"), Pair("referer", "https://ci.example/apps"), Pair("x-csrf-token", $"CfDJ8NrAkSldwD9C{i}") },
                queryString = new[] { Pair("page", $"{i}"), Pair("access_token", $"Kj8fQ2vLx9Zr3TbN7mWc5YpA{i}") },
                headersSize = -1,
                bodySize = 0,
            },
            response = new
            {
                status = 200,
                statusText = "OK",
                httpVersion = "h2",
                cookies = Array.Empty<object>(),
                headers = new[] { Pair("content-type", "text/html"), Pair("cache-control", "no-store"), Pair("date", "Sun, 22 Nov 2026 03:58:01 GMT"), Pair("content-security-policy", "default-src 'self'") },
                content = (i % 3) switch
                {
                    0 => (object)new { size = 1, mimeType = "application/json", text = JsonSerializer.Serialize(Enumerable.Range(0, 60).Select(n => new { id = n, title = $"Build {n} of part {i}", status = "success", branch = "main", triggered_by = "adam", message = "Merge the fix for the signing step, see the notes", token = $"t{n}{i}" })) },
                    1 => new { size = 1, mimeType = "text/javascript", text = script },
                    _ => new { size = 1, mimeType = "image/png", encoding = "base64", text = picture },
                },
                redirectURL = "",
                headersSize = -1,
                bodySize = 1,
            },
            cache = new { },
            timings = new { blocked = 0.5, send = 0.1, wait = 18.2, receive = 1.4 },
            _initiator = new { type = "script", stack = new { callFrames = Enumerable.Range(0, 5).Select(n => new { functionName = $"call{n}", url = "https://ci.example/app.js", lineNumber = n }) } },
        });
        return JsonSerializer.SerializeToUtf8Bytes(new { log = new { version = "1.2", creator = new { name = "WebInspector", version = "537.36" }, pages = Array.Empty<object>(), entries } });
    }
}
