namespace Latchkey.AspNetCore;

/// <summary>Whose inbox a caller reads: their own, and none while they act for support inside an app.</summary>
internal static class InboxReader
{
    public static ReaderId? Of(AccessContext? caller) => caller switch
    {
        { Member: { } member } => ReaderId.Of(member.Account, member.Person),
        { Agent: { } agent } => ReaderId.Of(agent.Id),
        _ => null,
    };

    /// <summary>The same on any page: where it is for everyone, nothing was decided, and the host says who looks at it.</summary>
    public static async ValueTask<ReaderId?> OfAsync(HttpContext context, ISupportHost host) =>
        context.FindAccess() is { } access ? Of(access) : await host.GetCallerAsync(context) switch
        {
            Member member => ReaderId.Of(member.Account, member.Person),
            Agent agent => ReaderId.Of(agent.Id),
            _ => null,
        };

    /// <summary>The account that its events belong to: an agent's belong to the vendor.</summary>
    public static AccountId AccountOf(AccessContext caller) => caller.Member?.Account ?? AccountId.Vendor;
}
