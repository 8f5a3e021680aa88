using System.Globalization;
using System.Text.Json;

namespace Latchkey.Benchmarks;

/// <summary>
/// One measured figure beside its limit, which was measured in the same run. The ratio is value over limit: for times small is
/// good, for rates near 1 or above is good. <c>target</c> says what the ratio has to keep.
/// </summary>
internal static class Figure
{
    public static bool AsJson { get; set; }

    public static void Print(string name, double value, string unit, double limit, string target)
    {
        var ratio = limit == 0 ? (value == 0 ? 0 : double.PositiveInfinity) : value / limit;
        Console.WriteLine(AsJson
            ? JsonSerializer.Serialize(new { name, value = Round(value), unit, limit = Round(limit), ratio = double.IsFinite(ratio) ? Round(ratio) : 1e9, target })
            : string.Create(CultureInfo.InvariantCulture, $"{name,-28} {Round(value),14} {unit,-10} limit {Round(limit),14}  ratio {Round(ratio),8}  ({target})"));
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    public static double Percentile(IEnumerable<double> values, double p)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(p * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public static double Milliseconds(long from) => TimeProvider.System.GetElapsedTime(from).TotalMilliseconds;

    private static double Round(double value) => double.IsFinite(value) && value != 0 ? Math.Round(value, value < 10 ? 4 : 1) : value;
}
