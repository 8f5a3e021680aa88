using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Http;

namespace Latchkey.Benchmarks;

/// <summary>A host without members: only support calls here.</summary>
internal class BenchHost : ISupportHost
{
    public virtual ValueTask<Caller?> GetCallerAsync(HttpContext context) => new((Caller?)null);

    public virtual ValueTask<HostApp?> FindAppAsync(Member member, string app, CancellationToken cancellation) => new((HostApp?)null);

    public virtual ValueTask<HostApp?> GetAppAsync(AppId app, CancellationToken cancellation) => new((HostApp?)null);

    public virtual ValueTask<bool> AllowsAsync(Member member, HostApp? app, string permission, CancellationToken cancellation) => new(false);

    public virtual ValueTask<AccessRights> GetRightsAsync(Member member, HostApp app, CancellationToken cancellation) => new(new AccessRights(false, false, []));

    public ValueTask<AccessRights> GetAccountRightsAsync(Member member, CancellationToken cancellation) => new(new AccessRights(false, false, []));

    public ValueTask<HostAccount> GetAccountAsync(Member member, CancellationToken cancellation) => new(new HostAccount(member.Account, "Bench", []));

    public ValueTask<bool> IsAgentAsync(Member member, CancellationToken cancellation) => new(false);
}

/// <summary>The same, where everyone is an agent, and may say in the request which one.</summary>
internal sealed class AgentHost : BenchHost
{
    public override ValueTask<Caller?> GetCallerAsync(HttpContext context) =>
        new(new Agent(
            context.Request.Query["agent"].ToString() is { Length: > 0 } other ? new AgentId($"agt_{other}") : Sample.Agent.Id,
            Sample.Agent.Name, VerifiedEmail: null, Lead: false, SignIn: "sign-in"));
}
