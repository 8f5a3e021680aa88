using System.Runtime.CompilerServices;

namespace Latchkey.AspNetCore.Tests;

/// <summary>One member of a host's interfaces that answers something else than the sample host does, until it is told to stop.</summary>
internal sealed class Odd
{
    private string? _asked;
    private Func<object?, object?> _make = right => right;

    /// <summary>The sample host with everything built in that a host can build in, answering oddly where it is told to.</summary>
    public static Action<IServiceCollection> BuiltIn(Odd odd, LogBook log) => services =>
    {
        services.AddSingleton(odd).AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(log);
        new LatchkeyBuilder(services).UseHost<OddSupportHost>().UseNotices<OddNoticeHost>().UseSharing<OddSharing>().UseProposals<OddProposals>().UseUndo<OddUndo>();
    };

    public void Answer(string asked, Func<object?, object?> make) => (_asked, _make) = (asked, make);

    public void AnswerRight() => _asked = null;

    public T Of<T>(string interfaceName, T right, [CallerMemberName] string member = "") =>
        _asked == $"{interfaceName}.{member}" ? (T)_make(right)! : right;
}

internal sealed class OddSupportHost(SampleApps apps, IHttpContextAccessor request, Odd odd) : ISupportHost
{
    private const string Me = nameof(ISupportHost);
    private readonly SampleSupportHost _right = new(apps, request);

    public async ValueTask<Caller?> GetCallerAsync(HttpContext context) => odd.Of(Me, await _right.GetCallerAsync(context));

    public async ValueTask<HostApp?> FindAppAsync(Member member, string app, CancellationToken cancellation) => odd.Of(Me, await _right.FindAppAsync(member, app, cancellation));

    public async ValueTask<HostApp?> GetAppAsync(AppId app, CancellationToken cancellation) => odd.Of(Me, await _right.GetAppAsync(app, cancellation));

    public async ValueTask<HostApp?> FindAppToAskForAsync(string app, CancellationToken cancellation) => odd.Of(Me, await _right.FindAppToAskForAsync(app, cancellation));

    public async ValueTask<IReadOnlyList<HostApp>> GetAppsAsync(AccountId account, CancellationToken cancellation) => odd.Of(Me, await _right.GetAppsAsync(account, cancellation));

    public ValueTask<bool> AllowsAsync(Member member, HostApp? app, string permission, CancellationToken cancellation) =>
        _right.AllowsAsync(member, app, permission, cancellation);

    public async ValueTask<AccessRights> GetRightsAsync(Member member, HostApp app, CancellationToken cancellation) =>
        odd.Of(Me, await _right.GetRightsAsync(member, app, cancellation));

    public async ValueTask<AccessRights> GetAccountRightsAsync(Member member, CancellationToken cancellation) =>
        odd.Of(Me, await _right.GetAccountRightsAsync(member, cancellation));

    public async ValueTask<HostAccount> GetAccountAsync(Member member, CancellationToken cancellation) => odd.Of(Me, await _right.GetAccountAsync(member, cancellation));

    public async ValueTask<IReadOnlyList<Approver>> GetApproversAsync(AccountId account, CancellationToken cancellation) =>
        odd.Of(Me, await _right.GetApproversAsync(account, cancellation));

    public async ValueTask<Member?> FindMemberAsync(AccountId account, PersonId person, CancellationToken cancellation) =>
        odd.Of(Me, await _right.FindMemberAsync(account, person, cancellation));

    public ValueTask<bool> IsAgentAsync(Member member, CancellationToken cancellation) => _right.IsAgentAsync(member, cancellation);
}

internal sealed class OddNoticeHost(SampleApps apps, Odd odd) : INoticeHost
{
    private const string Me = nameof(INoticeHost);
    private readonly SampleNoticeHost _right = new(apps);

    public Uri BaseAddress => odd.Of(Me, _right.BaseAddress);

    public async ValueTask<IReadOnlyList<Recipient>> AdministratorsOfAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        odd.Of(Me, await _right.AdministratorsOfAsync(account, app, cancellation));

    public async ValueTask<IReadOnlyList<Recipient>> OwnersOfAsync(AccountId account, CancellationToken cancellation) =>
        odd.Of(Me, await _right.OwnersOfAsync(account, cancellation));

    public async ValueTask<IReadOnlyList<Recipient>> MembersOfAsync(AccountId account, CancellationToken cancellation) =>
        odd.Of(Me, await _right.MembersOfAsync(account, cancellation));

    public ValueTask<IReadOnlyList<PersonId>> WithoutVoiceAsync(AccountId account, AppId? app, CancellationToken cancellation) =>
        new(odd.Of<IReadOnlyList<PersonId>>(Me, []));

    public ValueTask<IReadOnlyList<PersonId>> WhoMayEndAsync(AccountId account, AppId app, CancellationToken cancellation) => new(odd.Of<IReadOnlyList<PersonId>>(Me, []));

    public async ValueTask<IReadOnlyList<Recipient>> AgentsAsync(CancellationToken cancellation) => odd.Of(Me, await _right.AgentsAsync(cancellation));
}

internal sealed class OddSharing(Odd odd) : ISharing
{
    private const string Me = nameof(ISharing);
    private readonly Share _share = new(ShareKind.Snapshot, "Settings", [new SharePart("General", [new ShareField("title", "Northwind iOS")])]);

    public ValueTask<Share> SnapshotAsync(HostApp app, Member by, CancellationToken cancellation) => new(odd.Of(Me, _share));

    public ValueTask<IReadOnlyList<Shareable>> ListAsync(HostApp app, Member by, CancellationToken cancellation) =>
        new(odd.Of<IReadOnlyList<Shareable>>(Me, [new Shareable("41", "Build 41", DateTimeOffset.UnixEpoch, Detail: null)]));

    public ValueTask<Share?> FindAsync(HostApp app, Member by, string id, CancellationToken cancellation) => new(odd.Of<Share?>(Me, _share));
}

internal sealed class OddProposals(Odd odd) : IProposals
{
    private const string Me = nameof(IProposals);

    public IReadOnlyList<ProposalTarget> TargetsOf(IReadOnlyList<SharePart> shown) =>
        odd.Of<IReadOnlyList<ProposalTarget>>(Me, [new ProposalTarget("title", "Settings", "title", "Northwind iOS")]);

    public string PermissionOf(string target) => odd.Of(Me, "app.title.update");

    public ValueTask<ProposalOutlook> LookAsync(AccessContext by, ProposedChange change, CancellationToken cancellation) =>
        new(odd.Of(Me, new ProposalOutlook(change.Before, change.After)));

    public ValueTask<string?> ApplyAsync(AccessContext by, ProposedChange change, CancellationToken cancellation) => new(odd.Of<string?>(Me, null));
}

internal sealed class OddUndo(Odd odd) : IUndo
{
    private const string Me = nameof(IUndo);
    private readonly Undoing _open = new(UndoState.Open, ["Sets bitrise.yml back."]);

    public ValueTask<IReadOnlyList<ActId>> ListOpenAsync(HostApp app, CancellationToken cancellation) => new(odd.Of<IReadOnlyList<ActId>>(Me, []));

    public ValueTask<IReadOnlyDictionary<ActId, string>> ListOvertakenAsync(HostApp app, CancellationToken cancellation) =>
        new(odd.Of<IReadOnlyDictionary<ActId, string>>(Me, new Dictionary<ActId, string>()));

    public ValueTask<Undoing> LookAsync(HostApp app, ActId act, CancellationToken cancellation) => new(odd.Of(Me, _open));

    public ValueTask<Keeping> ShowAsync(HostApp app, ActId act, CancellationToken cancellation) => new(odd.Of(Me, Keeping.Told));

    public ValueTask<Undoing> UndoAsync(HostApp app, ActId act, Member by, CancellationToken cancellation) => new(odd.Of(Me, _open));

    public ValueTask<Undoing> KeepAsync(HostApp app, ActId act, IReadOnlyCollection<ActId> along, Member by, CancellationToken cancellation) => new(odd.Of(Me, _open));
}
