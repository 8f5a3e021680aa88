using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.Builds;

/// <summary>Nothing else runs meanwhile: what the whole process allocates is looked at.</summary>
[CollectionDefinition(nameof(LargeReports), DisableParallelization = true)]
public sealed class LargeReports;

/// <summary>Reports as large as GitHub sends them, and senders that take their time.</summary>
[Collection(nameof(LargeReports))]
public sealed class LargeReportTests : IAsyncLifetime
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Triggered = "format_version: \"23\"\nworkflows:\n  primary: {triggers: {push: [{branch: main, changed_files: \"src/1999/*\"}]}}\n";
    private readonly ManualClock _clock = new();
    private BuildyardHost _host = null!;
    private HttpClient _owner = null!;
    private string _hook = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await BuildyardHost.StartAsync(_clock);
        _owner = await _host.CallAsAsync("olivia@northwind.test");
        await _host.AddAppAsync(_owner, "yard", "Yard", Triggered);
        using var rotated = await _owner.PostAsync("/api/apps/yard/incoming-webhook/rotate", null);
        _hook = new Uri((await rotated.JsonAsync()).GetProperty("url").GetString()!).AbsolutePath;
        using var secret = new StringContent("""{"secret":"shared"}""", Encoding.UTF8, "application/json");
        (await _owner.PutAsync("/api/apps/yard/incoming-webhook/secret", secret)).EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task APayloadOf24MB_StartsABuild_AndIsNeverHeldInMemory(bool isForm)
    {
        var small = Body(Payload(commits: 2_000, beside: 10), isForm);
        (await SendAsync(small, isForm)).EnsureSuccessStatusCode();
        var large = Body(Payload(commits: 2_000, beside: 12_000), isForm);
        Assert.InRange(large.Length, 23 * 1024 * 1024, 25 * 1024 * 1024);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var answer = await SendAsync(large, isForm);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal("Started build #2.", (await answer.JsonAsync()).GetProperty("message").GetString());
        Assert.True(allocated < large.Length / 4, $"{allocated:N0} bytes were allocated for {large.Length:N0}.");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_host.Directory, "incoming")));
    }

    [Fact]
    public async Task WhatIsLarger_IsRefused_SayingWhatIsAccepted()
    {
        using var request = Request(new byte[(25 * 1024 * 1024) + 1], isForm: false);
        request.Headers.ExpectContinue = true;

        using var refused = await _host.Call().SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Equal("A body of at most 25 MB.", (await refused.JsonAsync()).GetProperty("errors")[0].GetProperty("accepted").GetString());
        var told = await (await _owner.GetAsync("/api/apps/yard/incoming-webhook", TestContext.Current.CancellationToken)).JsonAsync();
        Assert.Equal("Nothing was started. The payload is larger than this address accepts.", told.GetProperty("deliveries")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task WhatNamesMoreThanIsRead_StartsNothing_AndSaysSo()
    {
        var body = Body(Payload(commits: 2_000, beside: 10, paths: 60), isForm: false);

        using var refused = await SendAsync(body, isForm: false);

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "Nothing was started. Its commits, paths and texts take more than 4 MB."),
            (refused.StatusCode, (await refused.JsonAsync()).GetProperty("title").GetString()));
    }

    [Fact]
    public async Task SlowSenders_HoldUpNobody_UntilThereAreEightOfAnApp_OrAMinuteIsOver()
    {
        var body = Body(Payload(commits: 2_000, beside: 10), isForm: false);
        List<TcpClient> slow = [];
        for (var i = 0; i < 7; i++) slow.Add(await BeginAsync(body));

        using var taken = await SendAsync(body, isForm: false);
        slow.Add(await BeginAsync(body));
        using var refused = await UntilAsync(body, status => status != HttpStatusCode.OK);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var answers = await Task.WhenAll(slow.Select(AnswerAsync));
        using var again = await UntilAsync(body, status => status != HttpStatusCode.TooManyRequests);
        foreach (var sender in slow) sender.Dispose();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (taken.StatusCode, refused.StatusCode, again.StatusCode));
        Assert.All(answers, Assert.Null);
    }

    /// <summary>A push of so many commits, the last of which changes what is built, each with so many bytes that nobody needs.</summary>
    private static byte[] Payload(int commits, int beside, int paths = 2)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("ref", "refs/heads/main");
            writer.WriteString("after", Commit);
            writer.WriteStartArray("commits");
            var filler = new string('x', beside);
            for (var i = 0; i < commits; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("message", "Change it");
                writer.WriteString("beside", filler);
                writer.WriteStartArray("added");
                for (var path = 0; path < paths; path++) writer.WriteStringValue($"src/{i}/a-file-that-was-added-number-{path}.cs");
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartObject("head_commit");
            writer.WriteString("message", "Change it");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return json.ToArray();
    }

    private static byte[] Body(byte[] payload, bool isForm) => isForm ? Encoding.ASCII.GetBytes($"before=1&payload={Uri.EscapeDataString(Encoding.UTF8.GetString(payload))}&after=2") : payload;

    private static HttpRequestMessage RequestTo(string hook, byte[] body, bool isForm) => new(HttpMethod.Post, hook)
    {
        Content = new ByteArrayContent(body) { Headers = { { "Content-Type", isForm ? "application/x-www-form-urlencoded" : "application/json" } } },
        Headers = { { "X-GitHub-Event", "push" }, { "X-Hub-Signature-256", Signature(body) } },
    };

    private static string Signature(byte[] body) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData("shared"u8, body));

    private HttpRequestMessage Request(byte[] body, bool isForm) => RequestTo(_hook, body, isForm);

    private async Task<HttpResponseMessage> SendAsync(byte[] body, bool isForm)
    {
        using var request = Request(body, isForm);
        return await _host.Call().SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a report's beginning, and keeps the rest.</summary>
    private async Task<TcpClient> BeginAsync(byte[] body)
    {
        var sender = new TcpClient();
        await sender.ConnectAsync(_host.Address.Host, _host.Address.Port, TestContext.Current.CancellationToken);
        var head = $"POST {_hook} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: {Signature(body)}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        await sender.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body[..1_000]], TestContext.Current.CancellationToken);
        return sender;
    }

    /// <summary>Sends a report until the answer is another one: what of others has come, or gone, only the server knows.</summary>
    private async Task<HttpResponseMessage> UntilAsync(byte[] body, Func<HttpStatusCode, bool> fits)
    {
        while (true)
        {
            var answer = await SendAsync(body, isForm: false);
            if (fits(answer.StatusCode)) return answer;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The first line of an answer; null: the connection was ended without one.</summary>
    private static async Task<string?> AnswerAsync(TcpClient sender)
    {
        using var reader = new StreamReader(sender.GetStream());
        try
        {
            return await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
