namespace Latchkey;

/// <summary>
/// So many at a time by each, in this process: whoever holds all places of one key holds up nobody of another. In the order in which they came.
/// </summary>
/// <param name="places">How many at a time.</param>
internal sealed class Gates(int places)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Gate> _open = new(StringComparer.Ordinal);

    /// <summary>Waits for a place.</summary>
    public async Task<Place> EnterAsync(string key, CancellationToken cancellation)
    {
        var gate = Join(key);
        try
        {
            await gate.Places.WaitAsync(cancellation);
        }
        catch
        {
            Leave(gate);
            throw;
        }

        return new Place(this, gate);
    }

    /// <summary>A place, if there is one now.</summary>
    public Place? TryEnter(string key)
    {
        var gate = Join(key);
        if (gate.Places.Wait(0))
        {
            return new Place(this, gate);
        }

        Leave(gate);
        return null;
    }

    private Gate Join(string key)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(key, out var gate))
            {
                _open.Add(key, gate = new Gate(key, places));
            }

            gate.Users++;
            return gate;
        }
    }

    private void Leave(Gate gate)
    {
        lock (_gate)
        {
            if (--gate.Users == 0)
            {
                _open.Remove(gate.Key);
                gate.Places.Dispose();
            }
        }
    }

    /// <summary>A place, until it is disposed of.</summary>
    internal sealed class Place : IDisposable
    {
        private readonly Gates _gates;
        private readonly Gate _gate;

        internal Place(Gates gates, Gate gate) => (_gates, _gate) = (gates, gate);

        public void Dispose()
        {
            _gate.Places.Release();
            _gates.Leave(_gate);
        }
    }

    internal sealed class Gate(string key, int places)
    {
        public string Key { get; } = key;

        public SemaphoreSlim Places { get; } = new(places, places);

        public int Users { get; set; }
    }
}
