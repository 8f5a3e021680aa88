namespace Latchkey.AspNetCore;

/// <summary>Whom of the team a conversation can be given to: whoever the host says may sign in now. Where it doesn't say, oneself and nobody.</summary>
internal sealed class Colleagues(INoticeHost? people = null)
{
    public async Task<IReadOnlyList<Recipient>> ReadAsync(CancellationToken cancellation) =>
        people is null ? [] : [.. (await people.AgentsAsync(cancellation)).OrderBy(agent => agent.Name, StringComparer.CurrentCultureIgnoreCase)];

    /// <summary>The agent that is meant by <c>me</c>, by <c>nobody</c> or by an id.</summary>
    public async Task<Answer<Chosen>> FindAsync(Agent me, string? to, CancellationToken cancellation)
    {
        switch (to)
        {
            case "me":
                return new Chosen(me.Id, me.Name);
            case "nobody":
                return new Chosen(null, null);
            default:
                return (await ReadAsync(cancellation)).FirstOrDefault(agent => agent.Id == to) is { } colleague
                    ? new Chosen(new AgentId(colleague.Id), colleague.Name)
                    : new Refusal(RefusalReason.Invalid, "'to' takes 'me', 'nobody', or the id of an agent who is on the team now.", "to");
        }
    }

    /// <summary>Who takes a conversation on; nobody where there is no agent.</summary>
    internal sealed record Chosen(AgentId? Agent, string? Name);
}
