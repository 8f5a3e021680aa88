using System.Globalization;
using Latchkey.Benchmarks;

var known = new Dictionary<string, Func<Task>>(StringComparer.Ordinal)
{
    ["decide"] = DecideBenchmark.RunAsync,
    ["append"] = AppendBenchmark.RunAsync,
    ["check-http"] = CheckHttpBenchmark.RunAsync,
    ["start"] = StartBenchmark.RunAsync,
    ["build-start"] = BuildBenchmark.StartAsync,
    ["log"] = YardBenchmark.LogAsync,
    ["page-with-builds"] = YardBenchmark.PagesAsync,
    ["inbox"] = ConversationBenchmark.InboxAsync,
    ["deliver"] = DeliverBenchmark.RunAsync,
    ["off"] = OffBenchmark.RunAsync,
    ["flood"] = FloodBenchmark.RunAsync,
    ["har"] = HarBenchmark.RunAsync,
    ["yml"] = YamlBenchmark.RunAsync,
};

switch (args)
{
    case [OffBenchmark.ReadStreams, var address, var count]:
        await OffBenchmark.ReadStreamsAsync(new Uri(address), int.Parse(count, CultureInfo.InvariantCulture));
        return 0;

    case [OffBenchmark.SendFiles, var address, var conversation]:
        await OffBenchmark.SendFilesAsync(new Uri(address), conversation);
        return 0;

    case [FloodBenchmark.Command, var kind, var address, var token]:
        await FloodBenchmark.FloodAsync(kind, new Uri(address), token);
        return 0;

    default:
        break;
}

var names = args.Where(a => a != "--json").ToArray();
if (names.Length == 0)
{
    names = [.. known.Keys];
}

var unknown = names.Where(n => !known.ContainsKey(n)).ToArray();
if (unknown.Length > 0)
{
    await Console.Error.WriteLineAsync($"Not a benchmark: {string.Join(", ", unknown)}. There are: {string.Join(", ", known.Keys)}.");
    return 2;
}

Figure.AsJson = args.Contains("--json");
foreach (var name in names)
{
    await known[name]();
}

return 0;
