using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Buildyard.Builds;
using Buildyard.Hosting;
using Buildyard.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Buildyard.Principals;

/// <summary>Rule 9, N5: secrets that are planted wherever one can be are found again by nobody of support, on no ledger, in no log and in no file.</summary>
public sealed class PlantedSecretsTests : IAsyncLifetime
{
    private const string App = $"/api/apps/{Cast.Lent}";

    // What a member's build runs, so that each text that it hands over holds a secret.
    private const string TellsAll = """
        format_version: "23"
        workflows:
          _checkout: {}
          primary:
            steps:
            - script@1:
                inputs:
                - content: |
                    echo "$PLAIN $ODD"; echo x > f; mkdir "dir-$PLAIN"; echo x > "dir-$PLAIN/f"
                    for name in "$PLAIN" "$ODD"; do echo x > "$BITRISE_DEPLOY_DIR/app-$name.txt"; done
                    envman add --key OUT --value "$PLAIN"
            - save-cache@1: {inputs: [key: 'deps-{{ getenv "PLAIN" }}', paths: f]}
            - save-cache@1: {inputs: [key: 'k-$ODD', paths: f]}
            - restore-cache@1: {inputs: [key: deps-]}
            - save-cache@1: {is_skippable: true, inputs: [key: '{{ checksum "none-$PLAIN" }}', paths: f]}
            - deploy-to-bitrise-io@2: {}
            - deploy-to-bitrise-io@2: {inputs: [deploy_path: '$BITRISE_SOURCE_DIR/dir-$PLAIN', is_compress: "true"]}
            - deploy-to-bitrise-io@2: {inputs: [deploy_path: $BITRISE_SOURCE_DIR/f, is_compress: "true", zip_name: 'zip-$ODD']}
            - script@1: {run_if: '{{getenv "PLAIN"}}'}
            - script@1: {}

        """;

    private readonly ConcurrentQueue<string> _log = new();
    private readonly List<Planted> _planted = [];
    private Receiver _receiver = null!;
    private BuildyardHost _host = null!;
    private Cast _cast = null!;
    private Principal _adam = null!;
    private Principal _sam = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _host = await BuildyardHost.StartAsync(
            args: ["--quiet=false", "--Webhooks:AllowPrivateHosts=true", "--Builds:AtOnce=2"],
            configure: builder => builder.Logging.AddProvider(new LogTaker(_log)));
        _cast = await Cast.MeetAsync(_host);
        (_adam, _sam) = (_cast.All.Single(p => p.Name == "admin"), _cast.All.Single(p => p.Name == "sam inside, token"));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task NoneIsReadBySupport_InWhateverClothes_OrToldToTheCustomer_OrKeptInTheClear()
    {
        await PlantAsync(_adam, "member");
        var build = await TellInABuildAsync();
        var answered = await TakeAnAnswerAsync();
        await PlantAsync(_sam, "support");
        await ReadWhatIsForMembersAloneAsync();
        var (raised, disguised) = (_cast.All.Single(p => p.Name == "developer"), _cast.All.Single(p => p.Name == "platform engineer"));
        await SendAsync(_sam, HttpMethod.Put, $"/team/{raised.Self}", new { role = "admin" });
        await _cast.DisguiseAsync(disguised);
        var literal = Plant(Planted.Text("literal in the file"));
        await SendAsync(_adam, HttpMethod.Put, "/bitrise-yml", $"format_version: \"23\"\napp:\n  envs:\n  - TOKEN: '{literal}'\n    opts:\n      is_sensitive: true\nworkflows:\n  primary: {{}}\n  _checkout: {{}}\n");

        var found = new List<string>();
        var read = new Dictionary<Principal, int>();
        foreach (var route in RouteTable.Rows.Keys.Where(r => r.StartsWith("GET ", StringComparison.Ordinal)))
        {
            // Only the customer's admins come here, and they have no more to see there of any secret than support.
            Principal[] readers = route.Contains("/support-access/", StringComparison.Ordinal) ? [_adam] : [_sam, raised, disguised];
            foreach (var (reader, page) in from reader in readers from page in (bool[])[false, true] select (reader, page))
            {
                var asked = $"{route} ({(page ? "page" : "JSON")}, {reader.Name})";
                using var request = reader.Ask(HttpMethod.Get, new Uri(_host.Address, PrincipalTests.Fill(route.Split(' ')[1].Replace("{number:int}", build, StringComparison.Ordinal), _cast, reader)), page: page);
                var (status, answer) = await ReadAsync(request);
                if (status == HttpStatusCode.OK) read[reader] = read.GetValueOrDefault(reader) + 1;
                if ((int)status >= 500) found.Add($"{asked}: {status}");
                // The file itself is shown to whoever may read it, the history with it.
                var known = route.Contains("yml", StringComparison.Ordinal) ? [literal] : Array.Empty<Planted>();
                found.AddRange(_planted.Except(known).Where(p => p.IsIn(answer)).Select(p => $"{asked}: {p.Name}"));
            }
        }
        Assert.All((Principal[])[_sam, raised, disguised], reader => Assert.True(read[reader] > 40, $"{reader.Name}: only {read[reader]} answers were read."));

        foreach (var line in _log) found.AddRange(_planted.Where(p => p.IsIn(Encoding.UTF8.GetBytes(line))).Select(p => $"log: {p.Name}: {line}"));
        // The lock is held by the running instance, and empty.
        foreach (var file in Directory.EnumerateFiles(_host.Directory, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            byte[] content = [.. Encoding.UTF8.GetBytes(file), .. await ContentAsync(file)];
            found.AddRange(_planted.Where(p => p != literal && p != answered && p.IsIn(content)).Select(p => $"{Path.GetRelativePath(_host.Directory, file)}: {p.Name}"));
        }

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>Sets each thing that has a secret in it, as somebody who may.</summary>
    private async Task PlantAsync(Principal by, string whose)
    {
        Planted New(string what) => Plant(Planted.Text($"{what} of {whose}"));
        await SendAsync(by, HttpMethod.Put, "/secrets/API_TOKEN", new { value = $"{New("secret")}" });
        await SendAsync(by, HttpMethod.Put, $"/secrets/SHUT_{whose.ToUpperInvariant()}", new { value = $"{New("protected secret")}", is_protected = true });
        await SendAsync(by, HttpMethod.Put, $"/secrets/OPEN_{whose.ToUpperInvariant()}", new { value = $"{New("exposed secret")}", is_exposed_to_pull_requests = true });
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Plant(new Planted($"SSH key of {whose}", key.ExportParameters(includePrivateParameters: true).D!));
        await SendAsync(by, HttpMethod.Put, "/ssh-key", new { private_key = key.ExportECPrivateKeyPem() });
        var (password, file) = (New("signing password"), $"{whose}.p12");
        var content = SigningFiles.Samples.Certificate($"{password}");
        Plant(new Planted($"signing file of {whose}", content[200..248]));
        await SendAsync(by, HttpMethod.Post, "/signing-files", new { name = file, content = Convert.ToBase64String(content), password = $"{password}" });
        var hook = _cast.Id("webhooks", Cast.Lent);
        await SendAsync(by, HttpMethod.Patch, $"/webhooks/{hook}", new { headers = new[] { new { name = "Authorization", value = $"{New("webhook header")}" } } });
        await SendAsync(by, HttpMethod.Post, $"/webhooks/{hook}/secret/rotate");
        await SendAsync(by, HttpMethod.Post, "/incoming-webhook/rotate");
        await SendAsync(by, HttpMethod.Put, "/incoming-webhook/secret", new { secret = $"{New("incoming secret")}" });
        await SendAsync(by, HttpMethod.Patch, "/build-settings/checks", new { enabled = true, token = $"{New("checks token")}" });
    }

    /// <summary>What members may read and nobody else: made here, so that only now it is known what to look for.</summary>
    private async Task ReadWhatIsForMembersAloneAsync()
    {
        var secret = await SendAsync(_adam, HttpMethod.Post, $"/webhooks/{_cast.Id("webhooks", Cast.Lent)}/secret/reveal");
        Plant(new Planted("webhook signing secret", Convert.FromBase64String(secret.GetProperty("signing_secret").GetString()!["whsec_".Length..])));
        var token = new Uri((await SendAsync(_adam, HttpMethod.Get, "/incoming-webhook")).GetProperty("url").GetString()!).Segments[^1];
        Plant(new Planted("incoming token", Encoding.UTF8.GetBytes(token)));
        // It is said in an address, which logs like to keep.
        using var reported = await _host.Call().PostAsync($"/hooks/github/{Cast.Lent}/{token}", JsonContent.Create(new { zen = "Keep it logically awesome." }));
        foreach (var principal in _cast.All.Where(p => p.Bearer is not null)) Plant(new Planted($"token of {principal.Name}", Encoding.UTF8.GetBytes(principal.Bearer!)));

        using var apple = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Plant(new Planted("Apple key", apple.ExportParameters(includePrivateParameters: true).D!));
        var olivia = _cast.All.Single(p => p.Name == "owner");
        var connected = await _cast.SendAsync(olivia, HttpMethod.Post, "/api/account/apple-keys", new { name = "Northwind App Store", issuer_id = "57246542-96fe-1a63-e053-0824d011072a", key_id = "2X9R4HXF34", private_key = apple.ExportPkcs8PrivateKeyPem() });
        await SendAsync(_sam, HttpMethod.Put, "/integrations/apple-key", new { apple_key = connected.GetProperty("id").GetString() });
    }

    /// <summary>What a webhook's receiver answers, which may repeat a header: kept to be shown to whoever speaks for the customer.</summary>
    private async Task<Planted> TakeAnAnswerAsync()
    {
        var answered = Plant(Planted.Text("answer to a webhook"));
        _receiver.Answer = context => context.Response.WriteAsync($"{answered}");
        var hook = $"/webhooks/{_cast.Id("webhooks", Cast.Lent)}";
        await SendAsync(_adam, HttpMethod.Patch, hook, new { url = _receiver.Address });
        await SendAsync(_adam, HttpMethod.Post, $"{hook}/test");
        await Yard.UntilAsync(
            () => SendAsync(_adam, HttpMethod.Get, $"{hook}/deliveries"),
            kept => kept.GetProperty("deliveries").EnumerateArray().Any(delivery => delivery.GetProperty("response").GetString() == $"{answered}"));
        return answered;
    }

    /// <summary>A build of a member's that says a secret in everything it hands over: its log, reasons, keys of caches, names of files. Answers its number.</summary>
    private async Task<string> TellInABuildAsync()
    {
        await SendAsync(_adam, HttpMethod.Patch, "", new { repository_url = "" });
        await SendAsync(_adam, HttpMethod.Put, "/secrets/PLAIN", new { value = $"{Plant(new Planted("plain secret of a build", "PlainHunter2Of8731"u8.ToArray()))}" });
        await SendAsync(_adam, HttpMethod.Put, "/secrets/ODD", new { value = $"{Plant(new Planted("odd secret of a build", "Odd7Qx+Vt9=%&Zk3w~Hn5p"u8.ToArray()))}" });
        Plant(new Planted("odd secret of a build, as far as it may stand in a name", "Odd7Qx+Vt9___Zk3w_Hn5p"u8.ToArray()));
        await SendAsync(_adam, HttpMethod.Post, "/webhooks", new { url = _receiver.Address, events = (string[])["build.finished"] });
        await SendAsync(_adam, HttpMethod.Put, "/bitrise-yml", TellsAll);
        var started = await SendAsync(_adam, HttpMethod.Post, "/builds", new { workflow = "primary" });
        Assert.Equal(JsonValueKind.Null, started.GetProperty("guarded_because").ValueKind);
        var number = $"{started.GetProperty("number").GetInt32()}";
        var over = await Yard.UntilAsync(() => SendAsync(_adam, HttpMethod.Get, $"/builds/{number}"), b => b.GetProperty("ended_at").ValueKind != JsonValueKind.Null);

        Assert.Equal(["success", "success", "success", "success", "failed_skippable", "success", "success", "success", "failed", "skipped"], over.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("status").GetString()));
        // Builds of before may still be told of.
        for (var told = ""; !told.Contains($"\"number\":{number}", StringComparison.Ordinal);)
        {
            told = (await _receiver.NextAsync()).Body;
            Assert.DoesNotContain(_planted, p => p.IsIn(Encoding.UTF8.GetBytes(told)));
        }
        Assert.Equal(4, (await SendAsync(_adam, HttpMethod.Get, $"/builds/{number}/artifacts")).GetProperty("artifacts").GetArrayLength());
        var caches = (await SendAsync(_adam, HttpMethod.Get, "/caches")).GetProperty("caches").EnumerateArray().Where(c => $"{c.GetProperty("build_number").GetInt32()}" == number).ToList();
        Assert.Equal(2, caches.Count);
        await SendAsync(_sam, HttpMethod.Delete, $"/caches/own/{caches[0].GetProperty("id").GetString()}");
        return number;
    }

    private Planted Plant(Planted planted)
    {
        _planted.Add(planted);
        return planted;
    }

    private async Task<JsonElement> SendAsync(Principal by, HttpMethod method, string path, object? body = null)
    {
        HttpContent? content = body switch
        {
            null => null,
            string yaml => new StringContent(yaml, MediaTypeHeaderValue.Parse("application/yaml")),
            _ => JsonContent.Create(body),
        };
        using var request = by.Ask(method, new Uri(_host.Address, App + path), content);
        using var answer = await _host.Call().SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{by.Name} {method} {path}: {answer.StatusCode} {text}");
        // What comes back is read by support too.
        if (by == _sam) Assert.DoesNotContain(_planted, p => p.IsIn(Encoding.UTF8.GetBytes(text)));
        return text.Length > 0 ? JsonElement.Parse(text) : default;
    }

    /// <summary>An answer as a whole, headers included; of a stream what it says first.</summary>
    private async Task<(HttpStatusCode Status, byte[] Content)> ReadAsync(HttpRequestMessage request)
    {
        using var answer = await _host.Call().SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var headers = Encoding.UTF8.GetBytes($"{answer.Headers}{answer.Content.Headers}");
        if (answer.Content.Headers.ContentType?.MediaType != "text/event-stream") return (answer.StatusCode, [.. headers, .. await answer.Content.ReadAsByteArrayAsync()]);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        var first = new byte[64 * 1024];
        try
        {
            return (answer.StatusCode, [.. headers, .. first[..await stream.ReadAsync(first, bound.Token)]]);
        }
        catch (OperationCanceledException)
        {
            return (answer.StatusCode, headers);
        }
    }

    private static async Task<byte[]> ContentAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[stream.Length];
        await stream.ReadExactlyAsync(content);
        return content;
    }

    /// <summary>Keeps every line of the log as the product's own filters let it through.</summary>
    private sealed class LogTaker(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
