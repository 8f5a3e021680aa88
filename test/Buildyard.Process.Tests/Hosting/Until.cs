namespace Buildyard.Process.Tests.Hosting;

/// <summary>Waits for what another process does by itself.</summary>
internal static class Until
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    /// <summary>Asks until the answer fits; fails with the last one after two minutes.</summary>
    public static async Task<T> TrueAsync<T>(Func<Task<T>> ask, Func<T, bool> fits)
    {
        using var bound = new CancellationTokenSource(Bound);
        while (true)
        {
            var answer = await ask();
            if (fits(answer))
            {
                return answer;
            }

            if (bound.IsCancellationRequested)
            {
                Assert.Fail($"Still after {Bound.TotalSeconds} s: {answer}");
            }

            await Task.Delay(Interval, TimeProvider.System);
        }
    }
}
