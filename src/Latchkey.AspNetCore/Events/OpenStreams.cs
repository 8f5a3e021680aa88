using System.Net;
using System.Net.Sockets;

namespace Latchkey.AspNetCore;

/// <summary>
/// Bounds the streams that are open at once, so that nobody's make everybody else wait: at most <see cref="MostOfOne"/> of one person and
/// <see cref="MostOfAddress"/> from one address of the network. One more is opened all the same, and the oldest of theirs is ended; but no more
/// than <see cref="MostInAMinute"/> are opened by one person within a minute. Latchkey's own events take their place here; a host's streams can
/// too. Counts in this process. Thread-safe.
/// </summary>
public sealed class OpenStreams(TimeProvider time)
{
    /// <summary>The most streams of one member of an account, or of one agent: 20.</summary>
    public const int MostOfOne = 20;

    /// <summary>The most streams from one IPv4 address, or from one IPv6 network of 64 bits: 2,000.</summary>
    public const int MostOfAddress = 2_000;

    /// <summary>How many streams one member of an account, or one agent, opens within a minute: 240.</summary>
    public const int MostInAMinute = 240;

    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _opened = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinkedList<OpenStream>> _open = new(StringComparer.Ordinal);
    private DateTimeOffset _since;

    /// <summary>
    /// Takes a place for the stream that a request is answered with; to be disposed of when it ends. Null where the person opened too many within
    /// this minute: answer 429.
    /// </summary>
    /// <exception cref="InvalidOperationException">The endpoint is anonymous: nobody is there to count.</exception>
    public OpenStream? TryOpen(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (person, address) = (PersonOf(context.GetAccess()), AddressOf(context.Connection.RemoteIpAddress));
        var stream = new OpenStream(this, person, address);
        List<OpenStream> displaced = [];
        lock (_gate)
        {
            if (!IsPaced(person))
            {
                return null;
            }

            Make(person, MostOfOne);
            Make(address, MostOfAddress);
            Of(person).AddLast(stream);
            Of(address).AddLast(stream);
        }

        displaced.ForEach(oldest => oldest.Displace());
        return stream;

        void Make(string whose, int most)
        {
            while (_open.GetValueOrDefault(whose) is { } theirs && theirs.Count >= most)
            {
                displaced.Add(theirs.First!.Value);
                Leave(theirs.First.Value);
            }
        }
    }

    private bool IsPaced(string person)
    {
        var now = time.GetUtcNow();
        if (now - _since >= s_minute || now < _since)
        {
            _opened.Clear();
            _since = now;
        }

        var count = _opened[person] = _opened.GetValueOrDefault(person) + 1;
        return count <= MostInAMinute;
    }

    internal void Remove(OpenStream stream)
    {
        lock (_gate)
        {
            Leave(stream);
        }
    }

    private void Leave(OpenStream stream)
    {
        foreach (var whose in (ReadOnlySpan<string>)[stream.Person, stream.Address])
        {
            if (_open.TryGetValue(whose, out var theirs) && theirs.Remove(stream) && theirs.Count == 0)
            {
                _open.Remove(whose);
            }
        }
    }

    private LinkedList<OpenStream> Of(string whose)
    {
        if (!_open.TryGetValue(whose, out var theirs))
        {
            _open.Add(whose, theirs = []);
        }

        return theirs;
    }

    private static string PersonOf(AccessContext access) => access switch
    {
        { Member: { } member } => $"member {member.Account} {member.Person}",
        { Agent: { } agent } => $"agent {agent.Id}",
        { Support: { } support } => $"agent {support.Agent}",
        _ => throw new InvalidOperationException("Nobody is signed in."),
    };

    // Whoever has one address of an IPv6 network has as many of it as they like.
    private static string AddressOf(IPAddress? address) => address switch
    {
        null => "address unknown",
        { IsIPv4MappedToIPv6: true } => $"address {address.MapToIPv4()}",
        { AddressFamily: AddressFamily.InterNetworkV6 } => $"network {Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))}",
        _ => $"address {address}",
    };
}

/// <summary>A stream's place among those that are open.</summary>
public sealed class OpenStream : IDisposable
{
    private readonly OpenStreams _streams;
    private readonly CancellationTokenSource _displaced = new();

    internal OpenStream(OpenStreams streams, string person, string address)
    {
        (_streams, Person, Address) = (streams, person, address);
        Displaced = _displaced.Token;
    }

    /// <summary>Cancelled where others of the same person or address took its place: it ends now, and says so if it can.</summary>
    public CancellationToken Displaced { get; }

    internal string Person { get; }

    internal string Address { get; }

    /// <summary>Gives the place up.</summary>
    public void Dispose()
    {
        _streams.Remove(this);
        lock (_displaced)
        {
            _displaced.Dispose();
        }
    }

    internal void Displace()
    {
        lock (_displaced)
        {
            try
            {
                // Whoever waits for it goes on elsewhere, and not on the way of the one who took the place.
                _ = _displaced.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself a moment before.
            }
        }
    }
}
