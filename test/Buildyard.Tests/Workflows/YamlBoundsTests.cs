using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Buildyard.Hosting;

namespace Buildyard.Workflows;

/// <summary>Hostile and huge files: taken, or refused with the place, at a cost that grows as the file does.</summary>
public sealed class YamlBoundsTests(YamlBoundsTests.Stage stage) : IClassFixture<YamlBoundsTests.Stage>
{
    private const string Validate = "/api/bitrise-yml/validate";
    private const string Yaml = "/api/apps/northwind-ios/bitrise-yml";
    private const string Head = "format_version: \"23\"\n";

    // What reading may allocate for each byte of the file, and for a small one at least. Measured at a fifth of it for the files below, and at
    // two thirds for one of regular expressions alone.
    private const long BytesPerByte = 3_000;
    private const long AtLeast = 20_000_000;

    /// <summary>A file, and what is said of it: nothing, or words of the first error with its line and column.</summary>
    public static TheoryData<string, string, string?, int, int> Files { get; } = new()
    {
        { "10,000 steps", Head + "workflows:\n  big:\n    steps:\n" + Repeat("    - script@1: {}\n", 10_000), null, 0, 0 },
        { "10,000 workflows", Head + "workflows:\n" + Each(10_000, i => $"  w{i}: {{}}\n"), null, 0, 0 },
        { "a chain of 5,000 workflows", Head + "workflows:\n" + Each(5_000, i => $"  w{i}:\n    before_run: [w{i + 1}]\n") + "  w5000: {}\n", null, 0, 0 },
        { "a ring of 5,000 workflows", Head + "workflows:\n" + Each(5_000, i => $"  w{i}:\n    before_run: [w{(i + 1) % 5_000}]\n"), "w0 → w1 → … (4997 more) … → w4999 → w0", 10_002, 18 },
        { "a chain whose end names its beginning 20,000 times", Head + "workflows:\n" + Each(1_000, i => $"  w{i}:\n    before_run: [w{i + 1}]\n") + $"  w1000:\n    before_run: [{Repeat("w0,", 20_000)}]\n", "w0 → w1 → … (998 more) … → w1000 → w0", 2_004, 18 },
        { "one line of 400 KB", Head + "title: " + new string('x', (400 * 1024) - 40) + "\n", null, 0, 0 },
        { "one quoted line without an end", Head + "title: \"" + new string('x', (400 * 1024) - 40), "", 2, 8 },
        { "one flow line of 400 KB", Head + "meta: [" + Repeat("a,", (200 * 1024) - 40) + "]\n", "large", 2, 0 },
        { "a comment of 400 KB", Head + "#" + new string('x', (400 * 1024) - 40) + "\n", null, 0, 0 },
        { "tabs", Head + "workflows:\n\tbig:\n", "", 3, 1 },
        { "CRLF", "format_version: \"23\"\r\nworkflows:\r\n  a: {}\r\n", null, 0, 0 },
        { "an old Mac's line ends", "format_version: \"23\"\rworkflows:\r  a: 5\r", "", 3, 6 },
        { "a byte order mark", "\uFEFF" + Head + "workflows: {}\n", null, 0, 0 },
        { "a byte order mark inside", Head + "\uFEFFworkflows: {}\n", null, 0, 0 },
        { "an alias bomb", Head + "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + Each(9, i => $"a{i + 1}: &a{i + 1} [{string.Join(", ", Enumerable.Repeat($"*a{i}", 10))}]\n"), "aliases", 7, 10 },
        { "a long text said 500 times", Head + $"x: &x {new string('x', 10_000)}\nmeta: [" + string.Join(", ", Enumerable.Repeat("*x", 500)) + "]\n", "aliases", 3, 0 },
        { "1,001 aliases", Head + "x: &x 1\nmeta: [" + string.Join(", ", Enumerable.Repeat("*x", 1_001)) + "]\n", "1000 aliases", 3, 0 },
        { "an alias inside itself", Head + "meta: &m [*m]\n", "inside", 2, 11 },
        { "duplicate keys", Head + "workflows:\n  a: {}\n  a: {}\n", "same map", 4, 3 },
        { "30,000 duplicate keys", Head + "meta:\n" + Repeat("  key: 1\n", 30_000), "same map", 4, 3 },
        { "30,000 keys", Head + "meta:\n" + Each(30_000, i => $"  k{i}: 1\n"), null, 0, 0 },
        { "deep brackets", Head + "meta: " + new string('[', 100_000), "deeper than 64", 2, 0 },
        { "deep blocks", Head + Each(100, i => new string(' ', i) + "k:\n"), "deeper than 64", 66, 0 },
        { "deep questions", Head + "meta:\n  " + Repeat("? ", 100_000), "deeper than 64", 3, 0 },
        { "deep dashes", Head + "meta:\n" + Repeat("- ", 100_000), "deeper than 64", 3, 0 },
        { "100,000 documents", Head + Repeat("---\n", 100_000), null, 0, 0 },
        { "9,000 inputs that a bundle of 15,000 hasn't", Head + "step_bundles:\n  b:\n    inputs:\n" + Each(15_000, i => $"    - a{i}:\n") + "workflows:\n  w:\n    steps:\n    - bundle::b:\n        inputs:\n" + Each(9_000, i => $"        - z{i}:\n"), "no input z0. It has: a0, a1", 15_010, 11 },
        { "8,000 parallel workflows beside 15,000", Head + "pipelines:\n  p:\n    workflows:\n" + Each(8_000, i => $"      a{i}: {{parallel: 2}}\n") + "workflows:\n" + Each(15_000, i => $"  a{i}: {{}}\n"), null, 0, 0 },
        { "a key of 200 KB above 10,000 faults", Head + "workflows:\n  ? " + new string('x', 200_000) + "\n  :\n    steps:\n" + Repeat("    - x: 1\n", 10_000), "longer than 1,024 characters", 3, 5 },
        { "a text of 300 KB as a key above 5,000 faults", Head + $"x: &x {new string('x', 300_000)}\nworkflows:\n  *x :\n    steps:\n" + Repeat("    - x: 1\n", 5_000), "longer than 1,024 characters", 2, 0 },
        { "8,000 regular expressions", Head + "workflows:\n w:\n  triggers:\n   push:\n" + Each(8_000, i => $"   - branch: {{regex: '(?i)[\\w\\d\\p{{L}}]{i}'}}\n"), null, 0, 0 },
        { "a regular expression of 400 KB", Head + "workflows:\n w:\n  triggers:\n   push:\n   - branch: {regex: '" + Each(50_000, i => $"a{i}|") + "'}\n", null, 0, 0 },
        { "a NUL", Head + "title: a\0b\n", "", 2, 0 },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Files))]
    public async Task Validate_AnswersWithThePlace_AndSavingAgrees(string what, string text, string? error, int line, int column)
    {
        using var validated = await stage.Piet.PostAsync(Validate, Body(text));
        var verdict = await validated.JsonAsync();
        Assert.Equal(HttpStatusCode.OK, validated.StatusCode);
        var first = verdict.GetProperty("errors").EnumerateArray().FirstOrDefault();
        using var saved = await stage.Piet.PutAsync(Yaml, Body(text));

        if (error is null)
        {
            Assert.True(verdict.GetProperty("valid").GetBoolean(), $"{what}: {first}");
            Assert.True(saved.StatusCode == HttpStatusCode.OK, $"{what}: {await saved.Content.ReadAsStringAsync()}");
            Assert.Equal(Encoding.UTF8.GetBytes(text), await stage.Piet.GetByteArrayAsync(Yaml));
            return;
        }
        Assert.False(verdict.GetProperty("valid").GetBoolean(), what);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, saved.StatusCode);
        var refused = (await saved.JsonAsync()).GetProperty("errors")[0];
        foreach (var told in (JsonElement[])[first, refused])
        {
            Assert.Contains(error, told.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.True((line == 0 || told.GetProperty("line").GetInt32() == line) && (column == 0 || told.GetProperty("column").GetInt32() == column), $"{what}: {told}");
            Assert.True(told.GetProperty("line").GetInt32() > 0 && told.GetProperty("column").GetInt32() > 0 && told.GetProperty("message").GetString()!.Length is > 5 and < 400, $"{what}: {told}");
        }
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Files))]
    public void Reading_CostsInProportionToTheFile(string what, string text, string? error, int line, int column)
    {
        _ = (error, line, column);
        BitriseYaml.Check(Head);
        var before = GC.GetAllocatedBytesForCurrentThread();
        BitriseYaml.Check(text);
        var cost = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(cost < Math.Max(AtLeast, BytesPerByte * text.Length), string.Create(CultureInfo.InvariantCulture, $"{what}: {cost:N0} bytes allocated for {text.Length:N0}"));
    }

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static string Each(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(line));

    private static ByteArrayContent Body(string text) => new(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = MediaTypeHeaderValue.Parse("application/yaml") } };

    /// <summary>One Buildyard for all of them.</summary>
    public sealed class Stage : IAsyncLifetime
    {
        private BuildyardHost _host = null!;

        public HttpClient Piet { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _host = await BuildyardHost.StartAsync();
            Piet = await _host.CallAsAsync("piet@northwind.test");
        }

        public ValueTask DisposeAsync() => _host.DisposeAsync();
    }
}
