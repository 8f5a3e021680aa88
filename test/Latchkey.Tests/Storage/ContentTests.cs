using System.Globalization;

namespace Latchkey.Tests.Storage;

public sealed class ContentTests
{
    private static readonly DateTimeOffset s_now = Latchkey.Testing.ManualClock.DefaultStart;

    [Fact]
    public async Task SaltsAndIds_NeverComeTwice_WhicheverThreadDrawsThem()
    {
        var drawn = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 500).Select(_ => Content.New("x", s_now)).ToList())));
        var contents = drawn.SelectMany(c => c).ToList();

        Assert.Equal(2000, contents.Select(c => c.Id).Distinct().Count());
        Assert.Equal(2000, contents.Select(c => Convert.ToHexString(c.Salt!)).Distinct().Count());
        // No salt goes on where another one ended: eight zero bytes in a row would be a supply that was wiped before it was given.
        Assert.DoesNotContain(contents, c => c.Salt.AsSpan().IndexOf(new byte[8]) >= 0);
    }

    [Fact]
    public void Id_IsAVersion7Uuid_OfItsMillisecond()
    {
        var id = Guid.ParseExact(Content.New("x", s_now).Id["cnt_".Length..], "N");

        Assert.Equal((7, 8), (id.Version, id.Variant & 0xC));
        var milliseconds = long.Parse(id.ToString("N")[..12], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.Equal(s_now, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
    }
}
