using System.Net;
using Latchkey.Testing;

namespace Latchkey.AspNetCore.Tests.Events;

/// <summary>How many streams are open at once: of a person, and from an address of the network.</summary>
public sealed class OpenStreamsTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private SampleHost _host = null!;
    private OpenStreams _streams = null!;

    public async ValueTask InitializeAsync() => (_host, _streams) = (await SampleHost.StartAsync(), new OpenStreams(_clock));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void OneMoreThanAnAddressMayHave_EndsItsOldest_AndNoneOfAnother()
    {
        using var elsewhere = _streams.TryOpen(From("2001:db8:1::1", 0))!;
        var here = Enumerable.Range(0, OpenStreams.MostOfAddress).Select(i => _streams.TryOpen(From($"2001:db8:2::{i + 1:x}", i))!).ToList();
        Assert.DoesNotContain(here, stream => stream.Displaced.IsCancellationRequested);

        using var more = _streams.TryOpen(From("2001:db8:2::ffff", 0))!;

        Assert.Equal([here[0]], here.Where(stream => stream.Displaced.IsCancellationRequested));
        Assert.False(elsewhere.Displaced.IsCancellationRequested);
        here.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public void APlaceThatIsGivenUp_IsFree()
    {
        using var first = _streams.TryOpen(From("192.0.2.1", 1))!;
        for (var i = 0; i < OpenStreams.MostOfOne * 2; i++)
        {
            _streams.TryOpen(From("192.0.2.1", 1))!.Dispose();
        }

        Assert.False(first.Displaced.IsCancellationRequested);
    }

    [Fact]
    public void WhoOpensTooManyWithinAMinute_OpensNone_UntilItIsOver()
    {
        for (var i = 0; i < OpenStreams.MostInAMinute; i++)
        {
            _streams.TryOpen(From("192.0.2.1", 1))!.Dispose();
        }

        Assert.Null(_streams.TryOpen(From("192.0.2.1", 1)));
        using var others = _streams.TryOpen(From("192.0.2.1", 2));
        Assert.NotNull(others);
        _clock.Advance(TimeSpan.FromMinutes(1));
        using var later = _streams.TryOpen(From("192.0.2.1", 1));
        Assert.NotNull(later);
    }

    private DefaultHttpContext From(string address, int person)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        var member = _host.Apps.Members["adam"] with { Person = new PersonId($"person-{person}") };
        context.Features.Set(new AccessContext(_host.Access, null!, member, app: null, CancellationToken.None));
        return context;
    }
}
