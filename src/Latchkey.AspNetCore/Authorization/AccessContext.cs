using System.Reflection;

namespace Latchkey.AspNetCore;

/// <summary>The support user: an agent inside a customer's app. Never a member, never the customer's own identity.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Name">Their name.</param>
/// <param name="Session">In which session.</param>
/// <param name="App">In which app, as it is called now.</param>
/// <param name="Role">The lent role's title.</param>
/// <param name="Reason">Why they are here.</param>
/// <param name="Until">When the session ends: with the grant, or at its own limit, whichever is first.</param>
/// <param name="GrantUntil">When the grant ends.</param>
public sealed record SupportUser(
    AgentId Agent, string Name, SessionId Session, AppName App, string Role, string Reason, DateTimeOffset Until, DateTimeOffset GrantUntil);

/// <summary>
/// Who is acting in this request and on which app, decided before the endpoint ran. Bound as a parameter of an endpoint,
/// or had from <see cref="AccessContextExtensions.GetAccess"/>.
/// </summary>
public sealed class AccessContext
{
    private static readonly Refusal s_notInRole = new(RefusalReason.NotAllowed, "Your role does not let you do this.");

    private static readonly Refusal s_disguised = new(
        RefusalReason.SupportInDisguise, "You are on the support team, so a membership lets you look, and do nothing in a customer's name. Enter as support instead.");

    private static readonly Refusal s_raised = new(
        RefusalReason.PromotedBySupport, "Support gave you your role in this app. It lets you look until another admin, or the owner, accepts it on the team page.");

    private readonly SupportAccess _access;
    private readonly ISupportHost _host;
    private readonly CancellationToken _aborted;
    private readonly Act? _act;
    private Task<Refusal?>? _voice;

    internal AccessContext(SupportAccess access, ISupportHost host, Caller? caller, HostApp? app, CancellationToken aborted)
    {
        (_access, _host, _aborted) = (access, host, aborted);
        Member = caller as Member;
        Agent = caller as Agent;
        HostApp = app;
        App = app?.Id;
    }

    internal AccessContext(SupportAccess access, ISupportHost host, Act act, SupportUser support, AppId app, CancellationToken aborted)
    {
        (_access, _host, _aborted, _act) = (access, host, aborted, act);
        Support = support;
        App = app;
    }

    /// <summary>The app that the address names, where it names one and the caller may be there.</summary>
    public AppId? App { get; }

    /// <summary>The member who acts; null where support does, or an agent outside any app.</summary>
    public Member? Member { get; }

    /// <summary>The support user who acts; null where a member does.</summary>
    public SupportUser? Support { get; }

    /// <summary>The agent, outside any customer's app; null everywhere else.</summary>
    public Agent? Agent { get; }

    /// <summary>
    /// The act that this request is on the ledger: what the host keeps under it can be undone by the customer (<see cref="IUndo"/>).
    /// Null for members, and for a read that needed no new record.
    /// </summary>
    public ActId? Act => _act?.Recorded;

    /// <summary>Who acts, as pages write it: "Adam Reyes", or "Support · Sam Okafor".</summary>
    public string ActorName => Support is { } support ? $"Support · {support.Name}" : Member?.Name ?? Agent?.Name ?? "";

    /// <summary>Asks whether this request would be let through now; null where it can't be asked.</summary>
    internal Func<Task<bool>>? Again { get; init; }

    /// <summary>Whether it was told that it may not go on.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>The app as the host found it for a member; null for support.</summary>
    internal HostApp? HostApp { get; }

    /// <summary>The app that the host doesn't know for this member any more, where something is lent that they could end when it began.</summary>
    internal AppView? Lent { get; init; }

    /// <summary>Whether the caller may also use <paramref name="permission"/> on this app. Records nothing: for leaving out what they can't do.</summary>
    public ValueTask<bool> MayAsync(string permission)
    {
        if (Support is { } support && App is { } app)
        {
            return new(_access.Decide(support.Agent, app, support.Session, _access.Catalogue.Find(permission)).IsAllowed);
        }

        return MayAsMemberAsync(permission);

        async ValueTask<bool> MayAsMemberAsync(string wanted) => Member is not null && await WhyNotAsync(wanted) is null;
    }

    /// <summary>
    /// Whether this request would be let through now: whoever sent it is signed in as they were, and may do here what they did. Asked anew of
    /// authentication, of the host and of what is lent. A stream asks before each thing it says, and ends where the answer is no. Records nothing.
    /// </summary>
    public async ValueTask<bool> MayGoOnAsync()
    {
        IsOver = IsOver || Again is null || !await Again();
        return !IsOver;
    }

    /// <summary>
    /// Whether the caller speaks for the customer: a member who is not of support and whom support did not raise. What a host hides or masks
    /// where support looks, it shows to these alone.
    /// </summary>
    public async ValueTask<bool> SpeaksForCustomerAsync() => Member is not null && await (_voice ??= VoiceAsync()) is null;

    /// <summary>
    /// Why a member may not use a permission; null where they may. Their role must include it. And what reads no more than the role
    /// <c>viewer</c> would is for those alone who speak for the customer: nobody of support in a member's clothes, nobody whom support
    /// raised and no customer has accepted since. Ends, and seeing what can be ended, stay within everybody's reach.
    /// </summary>
    internal async ValueTask<Refusal?> WhyNotAsync(string permission)
    {
        if (!await _host.AllowsAsync(Member!, HostApp, permission, _aborted))
        {
            return s_notInRole;
        }

        var declared = _access.Catalogue.Find(permission);
        return permission is Catalogue.SupportAccessRead or Catalogue.SupportAccessTurnOff || (declared is not null && _access.Catalogue.FindRole(Catalogue.Viewer)!.Contains(declared))
            ? null
            : await (_voice ??= VoiceAsync());
    }

    /// <summary>Why a member doesn't speak for the customer; null where they do.</summary>
    private async Task<Refusal?> VoiceAsync()
    {
        if (await _host.IsAgentAsync(Member!, _aborted))
        {
            return s_disguised;
        }

        var rights = HostApp is { } app ? await _host.GetRightsAsync(Member!, app, _aborted) : await _host.GetAccountRightsAsync(Member!, _aborted);
        return rights.PromotedBySupport ? s_raised : null;
    }

    /// <summary>Names what is read or changed: "webhook ci-alerts". For support it is recorded; for members nothing is.</summary>
    public void Target(string what) => _act?.Target(what);

    /// <summary>Reports a change with its values before and after. For support it is recorded; for members nothing is. Never pass a secret.</summary>
    public void Changed(string what, string? before, string? after) => _act?.Changed(what, before, after);

    /// <summary>Reports that a secret changed, without its values.</summary>
    public void ChangedSecret(string what) => _act?.ChangedSecret(what);

    /// <summary>Binds the context as an endpoint's parameter.</summary>
    public static ValueTask<AccessContext?> BindAsync(HttpContext context, ParameterInfo parameter) => new(context.GetAccess());
}

/// <summary>The access context of a request.</summary>
public static class AccessContextExtensions
{
    /// <summary>Who is acting and where.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is anonymous, or <c>UseLatchkey</c> did not run before it.</exception>
    public static AccessContext GetAccess(this HttpContext context) =>
        context.FindAccess() ?? throw new InvalidOperationException("No access was decided for this request: the endpoint is anonymous, or UseLatchkey() is missing.");

    /// <summary>Who is acting and where; null on an anonymous endpoint.</summary>
    public static AccessContext? FindAccess(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<AccessContext>();
    }
}
