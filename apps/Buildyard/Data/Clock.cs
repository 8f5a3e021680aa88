namespace Buildyard;

internal static class Clock
{
    /// <summary>The time as the database keeps it, in whole milliseconds: what is answered now reads the same later.</summary>
    public static DateTimeOffset Now(this TimeProvider clock) =>
        DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
