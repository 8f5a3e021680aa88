namespace Latchkey;

/// <summary>
/// What is asked by name, from before the host is asked whose the name is. An ask takes its place here first, one at a time: so no more names are
/// looked for than may be asked by within a day, at once or one by one, found or not. A place that was taken stays taken, whatever becomes of it.
/// After a restart those on the ledger count.
/// </summary>
internal sealed class NameAsks
{
    private static readonly TimeSpan s_counted = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly List<Ask> _asks = [];

    /// <summary>Takes a place for the request that it will be; why not, where the name can't be asked by now or the agent has asked too often.</summary>
    public Refusal? Take(Batch batch, RequestId id, NamedTarget what, string name, AgentRef agent, Plea plea, SupportAccessOptions options)
    {
        lock (_gate)
        {
            _asks.RemoveAll(ask => batch.Now - ask.At >= s_counted);
            if (_asks.Find(ask => ask.IsUnderWay && ask.What == what && ask.Name == name) is { } other)
            {
                return Pending(other.AgentName);
            }

            if (Asking.MayAskByName(batch, what, name, plea, options).Refusal is { } refusal)
            {
                return refusal;
            }

            // One that is written meanwhile is the same one still.
            DateTimeOffset[] mine =
            [
                .. batch.Account(AccountId.Vendor).Requests.Where(r => r.Agent == agent.Id && batch.Now - r.At < s_counted).Select(r => (r.Id, r.At))
                    .Concat(_asks.Where(ask => ask.Agent == agent.Id).Select(ask => (ask.Id, ask.At))).DistinctBy(ask => ask.Id).Select(ask => ask.At).Order(),
            ];
            if (mine.Length >= SupportAccess.MostAskedByName)
            {
                return new Refusal(
                    RefusalReason.TooMany,
                    $"You asked {SupportAccess.MostAskedByName} times by name within a day, which is the most there can be. Ask in a conversation, or again a day after the first of them.",
                    At: mine[^SupportAccess.MostAskedByName] + s_counted);
            }

            _asks.Add(new Ask(id, what, name, agent.Id, agent.Name, batch.Now));
            return null;
        }
    }

    /// <summary>It was written or came to nothing: the name can be asked by again as far as the ledger says so.</summary>
    public void Done(RequestId id)
    {
        lock (_gate)
        {
            _asks.Find(ask => ask.Id == id)?.IsUnderWay = false;
        }
    }

    /// <summary>Why nobody asks by a name that was asked by and not answered.</summary>
    public static Refusal Pending(string agentName) => new(
        RefusalReason.AlreadyPending, $"{agentName} has asked by this name already, and nobody has answered yet. One request at a time.");

    private sealed record Ask(RequestId Id, NamedTarget What, string Name, AgentId Agent, string AgentName, DateTimeOffset At)
    {
        public bool IsUnderWay { get; set; } = true;
    }
}
