namespace Latchkey.AspNetCore;

/// <summary>Who is calling, as the host says: a <see cref="Member"/> of a customer or an <see cref="Agent"/> of the vendor's support team.</summary>
public abstract record Caller
{
    private protected Caller()
    {
    }
}

/// <summary>A person of a customer.</summary>
/// <param name="Person">The host's stable id of the person.</param>
/// <param name="Account">The account they act in.</param>
/// <param name="Name">Their name now.</param>
/// <param name="VerifiedEmail">Their e-mail, only if the host has verified it.</param>
public sealed record Member(PersonId Person, AccountId Account, string Name, string? VerifiedEmail) : Caller;

/// <summary>A person of the vendor's support team.</summary>
/// <param name="Id">The host's stable id of the agent.</param>
/// <param name="Name">Their name now; customers read it.</param>
/// <param name="VerifiedEmail">Their e-mail, only if the host has verified it.</param>
/// <param name="Lead">Whether they lead the team.</param>
/// <param name="SignIn">
/// The id of this sign-in, made when they signed in. Sessions are bound to it and end with it. An agent whose sign-in has none (null or blank) counts
/// as not signed in, and is asked to sign in anew.
/// </param>
public sealed record Agent(AgentId Id, string Name, string? VerifiedEmail, bool Lead, string SignIn) : Caller
{
    internal AgentRef Ref => new(Id, Name, SignIn);
}

/// <summary>An app as the host knows it now.</summary>
/// <param name="Id">Immutable and never reused.</param>
/// <param name="Account">The account that owns it now.</param>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Title">Its title.</param>
/// <param name="AccountTitle">The account's title.</param>
public sealed record HostApp(AppId Id, AccountId Account, string Slug, string Title, string AccountTitle)
{
    /// <summary>The app as the core knows it.</summary>
    public AppRef Ref => new(Id, Account, new AppName(Slug, Title, AccountTitle));
}

/// <summary>A member's account as the host knows it now.</summary>
/// <param name="Id">The account.</param>
/// <param name="Title">Its title.</param>
/// <param name="Apps">
/// The apps of it whose support access the member's role lets them turn, in the order in which they are to be chosen from; without those where
/// support raised them to that role and nobody has accepted it.
/// </param>
public sealed record HostAccount(AccountId Id, string Title, IReadOnlyList<HostApp> Apps);

/// <summary>What the host says of a member and the support access of an app, or of their account.</summary>
/// <param name="MayTurn">
/// Whether they administer it: they turn it off, speak with support about it, and with <see cref="Catalogue.SupportAccessTurnOn"/> turn it on.
/// </param>
/// <param name="PromotedBySupport">
/// Whether support raised them to their role, whichever that is, and nobody of the customer has accepted it since. Until then they read what
/// the role <c>viewer</c> would, and do nothing else on any endpoint that requires a permission.
/// </param>
/// <param name="WhoMayEnd">
/// Everyone of the customer who administers it or has <see cref="Catalogue.SupportAccessTurnOff"/> on it now, raised by support or not: whoever
/// could end a grant when it began can until it ends, whatever becomes of their role.
/// </param>
public sealed record AccessRights(bool MayTurn, bool PromotedBySupport, IReadOnlyList<PersonId> WhoMayEnd);

/// <summary>Somebody of an account who may answer requests of support, for its owner to choose from.</summary>
/// <param name="Person">Who.</param>
/// <param name="Name">Their name now.</param>
/// <param name="IsOwner">Whether they may answer for the account as a whole; otherwise for apps that they administer.</param>
public sealed record Approver(PersonId Person, string Name, bool IsOwner);

/// <summary>
/// What Latchkey asks of the host. Asked anew for each request, so a role taken away is gone at once.
/// Never asked to find an app that an agent wants to work in: what is not lent does not exist for them.
/// <para>
/// What it answers is looked at before anything rests on it. Names, titles, slugs and sign-ins are 1 to 256 characters, none of them a control
/// character; ids are ids; lists and what is in them are there; an app or a person is the one that was asked about; and within one request an
/// app keeps its account and a caller stays who they are. Where that doesn't hold, what asked for it fails (500 <c>host_answer</c>), the log names the
/// member and the field (event 1401), and nothing else is touched: ending access still works for whoever could end it when it began.
/// </para>
/// </summary>
public interface ISupportHost
{
    /// <summary>
    /// Who is calling, from what authentication has established; null where nobody is signed in. Of a stream it is asked again before each thing that
    /// is told, with the head of its request, authenticated anew by the default scheme: who is somebody else then, or nobody, hears no more.
    /// </summary>
    ValueTask<Caller?> GetCallerAsync(HttpContext context);

    /// <summary>
    /// The app that a member names in an address, by slug or id; null where they have no part in it. One of another account than the one they act in
    /// is not shown to them, and logged (event 1403).
    /// </summary>
    ValueTask<HostApp?> FindAppAsync(Member member, string app, CancellationToken cancellation);

    /// <summary>An app by id, already known to be open to support; null where it is gone.</summary>
    ValueTask<HostApp?> GetAppAsync(AppId app, CancellationToken cancellation);

    /// <summary>
    /// The app that an agent names, by slug or id, to ask its customer for access; null where there is none. The agent learns nothing: what
    /// they asked lives alike for a name that is nobody's. Its customer learns that they asked. Compared as the host compares names. The
    /// default finds none: then agents ask in conversations, and for what is open.
    /// </summary>
    ValueTask<HostApp?> FindAppToAskForAsync(string app, CancellationToken cancellation) => ValueTask.FromResult<HostApp?>(null);

    /// <summary>
    /// Every app of an account, when its owner opens all of them to support. A host that never lends whole accounts leaves it out:
    /// no app is opened then. Say with <see cref="SupportAccess.AppAddedAsync"/> when one is made later.
    /// </summary>
    ValueTask<IReadOnlyList<HostApp>> GetAppsAsync(AccountId account, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<HostApp>>([]);

    /// <summary>Whether a member may use a permission: on an app, or on their account where <paramref name="app"/> is null.</summary>
    ValueTask<bool> AllowsAsync(Member member, HostApp? app, string permission, CancellationToken cancellation);

    /// <summary>What a member may do with an app's support access.</summary>
    ValueTask<AccessRights> GetRightsAsync(Member member, HostApp app, CancellationToken cancellation);

    /// <summary>
    /// What a member may do with what concerns their account as a whole: access to every app of it, conversations about it.
    /// By the same rules as for an app; commonly its owners are the ones who may.
    /// </summary>
    ValueTask<AccessRights> GetAccountRightsAsync(Member member, CancellationToken cancellation);

    /// <summary>A member's account, with the apps of it that they administer.</summary>
    ValueTask<HostAccount> GetAccountAsync(Member member, CancellationToken cancellation);

    /// <summary>
    /// Everyone of an account who may approve a request now: for the account, or for an app of it. Nobody of support, and nobody whom
    /// support promoted. A host that leaves it out offers nobody by name on the owner's page; the API takes ids all the same.
    /// </summary>
    ValueTask<IReadOnlyList<Approver>> GetApproversAsync(AccountId account, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<Approver>>([]);

    /// <summary>
    /// A person of an account as the host knows them now, as <see cref="GetCallerAsync"/> would say; null where they are not of it, or may not
    /// sign in. Asked of whoever approved a request before, when another does: an approval counts while its giver may give it. A host that
    /// leaves it out counts none but the one given now, so that an account that wants two approvers never opens.
    /// </summary>
    ValueTask<Member?> FindMemberAsync(AccountId account, PersonId person, CancellationToken cancellation) => ValueTask.FromResult<Member?>(null);

    /// <summary>
    /// Whether a member is of the support team, by person or by verified e-mail: support in a member's clothes. They read what the role
    /// <c>viewer</c> would, and do nothing else on any endpoint that requires a permission.
    /// </summary>
    ValueTask<bool> IsAgentAsync(Member member, CancellationToken cancellation);
}
