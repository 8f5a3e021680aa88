using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Buildyard.Floods;

/// <summary>
/// One tenant does as much as they can of one thing, for as long as they are let: the owner of Contoso in the demo, who has signed in. What is
/// answered to them doesn't matter here.
/// </summary>
internal static class Flood
{
    private const int AtOnce = 16;

    /// <summary>Every kind.</summary>
    public static readonly IReadOnlyDictionary<string, Func<HttpClient, CancellationToken, Task>> Kinds =
        new Dictionary<string, Func<HttpClient, CancellationToken, Task>>(StringComparer.Ordinal)
        {
            ["event streams"] = StreamsAsync,
            ["trigger checks"] = ChecksAsync,
            ["wrong passwords"] = PasswordsAsync,
            ["slow uploads"] = UploadsAsync,
            ["conversations"] = ConversationsAsync,
            ["incoming hooks"] = HooksAsync,
            ["switches"] = SwitchesAsync,
            ["requests for nothing"] = NothingAsync,
        };

    /// <summary>Sixty streams, which those that are over replace; and what they tell of.</summary>
    private static Task StreamsAsync(HttpClient carla, CancellationToken stop) => Task.WhenAll(
        RepeatAsync(
            60,
            async _ =>
            {
                await using var stream = await carla.GetStreamAsync("/support-access/v1/events", stop);
                using var lines = new StreamReader(stream);
                while (await lines.ReadLineAsync(stop) is not null)
                {
                }
            },
            stop),
        SwitchesAsync(carla, stop));

    private static Task ChecksAsync(HttpClient carla, CancellationToken stop)
    {
        var yaml = new StringBuilder("format_version: \"23\"\nworkflows:\n");
        for (var i = 0; i < 400; i++)
            yaml.Append(CultureInfo.InvariantCulture, $"  w{i}:\n    triggers:\n      push:\n      - changed_files:\n          regex: \"(a|b|ab)*[a-z]{{1,40}}{i}x$\"\n");
        var body = new { yml = yaml.ToString(), push_branch = "main", changed_files = Enumerable.Range(0, 2000).Select(i => string.Concat(Enumerable.Repeat("ab", 60)) + i) };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body);
        return RepeatAsync(AtOnce, async _ =>
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            (await carla.PostAsync("/api/bitrise-yml/trigger-check", content, stop)).Dispose();
        }, stop);
    }

    /// <summary>Of people who are not there, and of one who is; from the address that everybody here has.</summary>
    private static Task PasswordsAsync(HttpClient carla, CancellationToken stop) => RepeatAsync(AtOnce, async i =>
    {
        var email = i % 2 == 0 ? "lee@support.test" : string.Create(CultureInfo.InvariantCulture, $"nobody{i}@contoso.test");
        (await carla.PostAsJsonAsync("/api/login", new { email, password = "wrong" }, stop)).Dispose();
    }, stop);

    private static async Task UploadsAsync(HttpClient carla, CancellationToken stop)
    {
        using var opened = await carla.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "Screenshots", text = "They come.", app = "contoso-web" }, stop);
        var id = (await opened.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("id").GetString();
        await RepeatAsync(AtOnce, async _ =>
        {
            using var file = new SlowContent();
            (await carla.PostAsync($"/support-access/v1/conversations/{id}/attachments", file, stop)).Dispose();
        }, stop);
    }

    private static Task ConversationsAsync(HttpClient carla, CancellationToken stop) => RepeatAsync(AtOnce, async _ =>
        (await carla.PostAsJsonAsync("/support-access/v1/conversations", new { subject = "Once more", text = new string('x', 9_000), app = "contoso-web" }, stop)).Dispose(), stop);

    private static async Task HooksAsync(HttpClient carla, CancellationToken stop)
    {
        using var rotated = await carla.PostAsync("/api/apps/contoso-web/incoming-webhook/rotate", null, stop);
        var path = new Uri((await rotated.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("url").GetString()!).AbsolutePath;
        var commits = Enumerable.Range(0, 2000).Select(i => new { message = new string('m', 200), added = Enumerable.Range(0, 20).Select(f => $"src/{i}/{f}.cs") });
        var body = JsonSerializer.SerializeToUtf8Bytes(new { @ref = "refs/heads/main", after = new string('a', 40), commits });
        await RepeatAsync(AtOnce, async _ =>
        {
            using var report = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
            report.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            report.Headers.Add("X-GitHub-Event", "push");
            (await carla.SendAsync(report, stop)).Dispose();
        }, stop);
    }

    private static Task SwitchesAsync(HttpClient carla, CancellationToken stop) => RepeatAsync(4, async i =>
    {
        const string access = "/support-access/v1/apps/contoso-web/access";
        (i % 2 == 0 ? await carla.PutAsJsonAsync(access, new { duration = "PT1H" }, stop) : await carla.DeleteAsync(access, stop)).Dispose();
    }, stop);

    /// <summary>What any flood takes, whatever it asks for.</summary>
    private static Task NothingAsync(HttpClient carla, CancellationToken stop) => RepeatAsync(AtOnce, async _ => (await carla.GetAsync("/livez", stop)).Dispose(), stop);

    /// <summary>Does something again and again, so many at once, until it is stopped.</summary>
    private static async Task RepeatAsync(int atOnce, Func<int, Task> once, CancellationToken stop)
    {
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async one =>
        {
            for (var i = one; !stop.IsCancellationRequested; i += atOnce)
            {
                try
                {
                    await once(i);
                }
                catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
                {
                    // Stopped, or hung up on.
                }
            }
        }));
    }

    /// <summary>A file that is sent a few bytes at a time, and never ends.</summary>
    private sealed class SlowContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            while (true)
            {
                await stream.WriteAsync("a line of a file\n"u8.ToArray(), cancellationToken);
                await stream.FlushAsync(cancellationToken);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
