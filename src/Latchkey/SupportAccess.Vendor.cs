namespace Latchkey;

/// <content>What the vendor's leads rule, and what becomes of their team.</content>
public sealed partial class SupportAccess
{
    /// <summary>What the vendor rules now.</summary>
    public VendorPolicy Policy => _options.InForce(_index.Vendor);

    /// <summary>
    /// Changes what the vendor rules, from this answer on. Windows that are open stay as they were lent. Whether the agent leads the team
    /// is the host's to say before.
    /// </summary>
    /// <returns>What is ruled now; or what can't be, with <see cref="Refusal.Field"/> as the API calls it.</returns>
    public async Task<Answer<VendorPolicy>> RuleAsync(AgentRef lead, VendorPolicy policy, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(lead);
        ArgumentNullException.ThrowIfNull(policy);
        var checkedPolicy = VendorRuling.Check(policy, _options);
        return checkedPolicy.Value is { } kept
            ? Saved(await _appender.AppendAsync(batch => VendorRuling.Rule(batch, lead, kept, _options), cancellation: cancellation))
            : checkedPolicy.Refusal!;
    }

    /// <summary>
    /// The host reports what became of somebody on the support team, for the vendor's ledger. Whoever was suspended or removed is out
    /// of every app when this answers, and their pending requests have ended.
    /// </summary>
    /// <param name="change">What happened.</param>
    /// <param name="agent">To whom.</param>
    /// <param name="name">Their name now.</param>
    /// <param name="by">The agent who did it; null where it was none.</param>
    public async Task<Answer<Ended>> TeamChangedAsync(TeamChange change, AgentId agent, string name, AgentRef? by)
    {
        ArgumentNullException.ThrowIfNull(name);
        var ends = change is TeamChange.Suspended or TeamChange.Removed;
        var recorded = Saved(await _appender.AppendAsync<Answer<Ended>>(
            batch =>
            {
                batch.Append(AccountId.Vendor, new TeamChanged(
                    change, agent, Content.New(name, batch.Now), by?.Id, by is null ? null : Content.New(by.Name, batch.Now)));
                return new Ended(0);
            },
            isEnd: ends));
        return ends ? await AgentRemovedAsync(agent) : recorded;
    }

    /// <summary>
    /// Runs a command on what an agent stated, checked by what the vendor rules. A pattern takes its time outside of the batch; where
    /// the rules changed before the batch, it is checked again.
    /// </summary>
    private async Task<Answer<T>> StatedAsync<T>(
        string? reason, string? ticket, Func<Batch, Entering.Stated, Answer<T>> command, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            var policy = Policy;
            var stated = Entering.State(reason, ticket, policy);
            if (stated.Value is not { } kept)
            {
                return stated.Refusal!;
            }

            var isStale = false;
            var answer = Saved(await _appender.AppendAsync<Answer<T>>(
                batch =>
                {
                    isStale = batch.Policy(_options) != policy;
                    return isStale ? Refusal.LedgerUnavailable : command(batch, kept);
                },
                cancellation: cancellation));
            if (!isStale)
            {
                return answer;
            }
        }
    }
}
