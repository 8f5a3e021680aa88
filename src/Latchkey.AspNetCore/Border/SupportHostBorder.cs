using System.Runtime.CompilerServices;

namespace Latchkey.AspNetCore;

/// <summary>
/// Between Latchkey and <see cref="ISupportHost"/>: what the host answers is looked at here, and nowhere else. What can't be used is refused by name
/// before anything rests on it, and fails what asked for it alone.
/// <para>Made once per request, in which an app keeps its account and a caller stays who they are.</para>
/// </summary>
internal sealed class SupportHostBorder(ISupportHost host, BorderLog log) : ISupportHost
{
    private readonly Dictionary<AppId, AccountId> _accounts = [];
    private Caller? _caller;

    public async ValueTask<Caller?> GetCallerAsync(HttpContext context)
    {
        var caller = await host.GetCallerAsync(context);
        if (caller is Agent agent && string.IsNullOrWhiteSpace(agent.SignIn))
        {
            log.NoSignIn();
            return null;
        }

        var answered = To();
        switch (caller)
        {
            case Member member:
                Look(answered, member);
                break;
            case Agent someone:
                Look(answered, someone);
                break;
        }

        if (caller is not null && !IsSame(_caller ??= caller, caller))
        {
            throw answered.Refused(nameof(Caller), "is somebody else than before", "the same person, or agent and sign-in, throughout a request");
        }

        return caller;
    }

    public async ValueTask<HostApp?> FindAppAsync(Member member, string app, CancellationToken cancellation)
    {
        if (Looked(To(), await host.FindAppAsync(member, app, cancellation)) is not { } found)
        {
            return null;
        }

        if (found.Account != member.Account)
        {
            // As if it were not there: a refusal would tell that it is.
            log.ForeignApp();
            return null;
        }

        return found;
    }

    public async ValueTask<HostApp?> GetAppAsync(AppId app, CancellationToken cancellation)
    {
        var answered = To();
        if (Looked(answered, await host.GetAppAsync(app, cancellation)) is not { } found)
        {
            return null;
        }

        answered.Same(found.Id, app, $"{nameof(HostApp)}.{nameof(HostApp.Id)}");
        return found;
    }

    public async ValueTask<HostApp?> FindAppToAskForAsync(string app, CancellationToken cancellation) =>
        Looked(To(), await host.FindAppToAskForAsync(app, cancellation));

    public async ValueTask<IReadOnlyList<HostApp>> GetAppsAsync(AccountId account, CancellationToken cancellation) =>
        AppsOf(To(), account, await host.GetAppsAsync(account, cancellation), "the list");

    public ValueTask<bool> AllowsAsync(Member member, HostApp? app, string permission, CancellationToken cancellation) =>
        host.AllowsAsync(member, app, permission, cancellation);

    public async ValueTask<AccessRights> GetRightsAsync(Member member, HostApp app, CancellationToken cancellation) =>
        Looked(To(), await host.GetRightsAsync(member, app, cancellation));

    public async ValueTask<AccessRights> GetAccountRightsAsync(Member member, CancellationToken cancellation) =>
        Looked(To(), await host.GetAccountRightsAsync(member, cancellation));

    public async ValueTask<HostAccount> GetAccountAsync(Member member, CancellationToken cancellation)
    {
        var answered = To();
        var account = answered.Given(await host.GetAccountAsync(member, cancellation), nameof(HostAccount));
        answered.Same(account.Id, member.Account, $"{nameof(HostAccount)}.{nameof(HostAccount.Id)}");
        answered.Text(account.Title, $"{nameof(HostAccount)}.{nameof(HostAccount.Title)}");
        return account with { Apps = AppsOf(answered, account.Id, account.Apps, $"{nameof(HostAccount)}.{nameof(HostAccount.Apps)}") };
    }

    public async ValueTask<IReadOnlyList<Approver>> GetApproversAsync(AccountId account, CancellationToken cancellation) =>
    [
        .. To().Each(await host.GetApproversAsync(account, cancellation), "the list", static (answered, approver, place) =>
        {
            answered.Id(approver.Person, $"{place}.{nameof(Approver.Person)}");
            answered.Text(approver.Name, $"{place}.{nameof(Approver.Name)}");
        }).DistinctBy(approver => approver.Person),
    ];

    public async ValueTask<Member?> FindMemberAsync(AccountId account, PersonId person, CancellationToken cancellation)
    {
        var answered = To();
        if (await host.FindMemberAsync(account, person, cancellation) is not { } member)
        {
            return null;
        }

        Look(answered, member);
        answered.Same(member.Account, account, $"{nameof(Member)}.{nameof(Member.Account)}");
        answered.Same(member.Person, person, $"{nameof(Member)}.{nameof(Member.Person)}");
        return member;
    }

    public ValueTask<bool> IsAgentAsync(Member member, CancellationToken cancellation) => host.IsAgentAsync(member, cancellation);

    private static Answered To([CallerMemberName] string member = "") => new($"{nameof(ISupportHost)}.{member}");

    private static void Look(Answered answered, Member member)
    {
        answered.Id(member.Person, $"{nameof(Member)}.{nameof(Member.Person)}");
        answered.Account(member.Account, $"{nameof(Member)}.{nameof(Member.Account)}");
        answered.Text(member.Name, $"{nameof(Member)}.{nameof(Member.Name)}");
        answered.Email(member.VerifiedEmail, $"{nameof(Member)}.{nameof(Member.VerifiedEmail)}");
    }

    private static void Look(Answered answered, Agent agent)
    {
        answered.Id(agent.Id, $"{nameof(Agent)}.{nameof(Agent.Id)}");
        answered.Text(agent.Name, $"{nameof(Agent)}.{nameof(Agent.Name)}");
        answered.Email(agent.VerifiedEmail, $"{nameof(Agent)}.{nameof(Agent.VerifiedEmail)}");
        answered.Text(agent.SignIn, $"{nameof(Agent)}.{nameof(Agent.SignIn)}");
    }

    private void Look(Answered answered, HostApp app, string place)
    {
        answered.Id(app.Id, $"{place}.{nameof(HostApp.Id)}");
        answered.Account(app.Account, $"{place}.{nameof(HostApp.Account)}");
        answered.Text(app.Slug, $"{place}.{nameof(HostApp.Slug)}");
        answered.Text(app.Title, $"{place}.{nameof(HostApp.Title)}");
        answered.Text(app.AccountTitle, $"{place}.{nameof(HostApp.AccountTitle)}");
        if (!_accounts.TryAdd(app.Id, app.Account) && _accounts[app.Id] != app.Account)
        {
            throw answered.Refused($"{place}.{nameof(HostApp.Account)}", "is another than before", "the same throughout a request");
        }
    }

    private HostApp? Looked(Answered answered, HostApp? app)
    {
        if (app is not null)
        {
            Look(answered, app, nameof(HostApp));
        }

        return app;
    }

    private static AccessRights Looked(Answered answered, AccessRights? rights)
    {
        rights = answered.Given(rights, nameof(AccessRights));
        return rights with
        {
            WhoMayEnd = answered.Each(
                rights.WhoMayEnd, $"{nameof(AccessRights)}.{nameof(AccessRights.WhoMayEnd)}", static (answered, person, place) => answered.Id(person, place)),
        };
    }

    private IReadOnlyList<HostApp> AppsOf(Answered answered, AccountId account, IReadOnlyList<HostApp>? apps, string field) =>
    [
        .. answered.Each(apps, field, (answered, app, place) =>
        {
            Look(answered, app, place);
            answered.Same(app.Account, account, $"{place}.{nameof(HostApp.Account)}");
        }).DistinctBy(app => app.Id),
    ];

    private static bool IsSame(Caller one, Caller other) => (one, other) switch
    {
        (Member a, Member b) => a.Person == b.Person && a.Account == b.Account,
        (Agent a, Agent b) => a.Id == b.Id && a.SignIn == b.SignIn,
        _ => false,
    };
}
