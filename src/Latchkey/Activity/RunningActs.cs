namespace Latchkey;

/// <summary>
/// The acts under way in this process. An act is on the list before it is decided for the last time, and an end is
/// published before the list is read: so either the act sees the end, or the end sees the act.
/// </summary>
internal sealed class RunningActs
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AppId, List<Act>> _acts = [];

    public void Add(Act act)
    {
        lock (_gate)
        {
            if (!_acts.TryGetValue(act.App, out var acts))
            {
                _acts.Add(act.App, acts = []);
            }

            acts.Add(act);
        }
    }

    public void Remove(Act act)
    {
        lock (_gate)
        {
            if (_acts.TryGetValue(act.App, out var acts) && acts.Remove(act) && acts.Count == 0)
            {
                _acts.Remove(act.App);
            }
        }
    }

    public IReadOnlyList<Act> Of(AppId app)
    {
        lock (_gate)
        {
            return _acts.TryGetValue(app, out var acts) ? [.. acts] : [];
        }
    }

    public IReadOnlyList<AppId> Apps()
    {
        lock (_gate)
        {
            return [.. _acts.Keys];
        }
    }
}
