namespace Latchkey;

/// <summary>
/// Whose inbox something lies in. A member's is per account: in another account they read nothing of this one.
/// </summary>
public readonly record struct ReaderId
{
    private ReaderId(string value) => Value = value;

    /// <summary>As it is stored: ids hold no spaces, so no two readers share a text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(ReaderId));

    /// <summary>A member in an account.</summary>
    public static ReaderId Of(AccountId account, PersonId person) => new($"member {account.Value} {person.Value}");

    /// <summary>An agent.</summary>
    public static ReaderId Of(AgentId agent) => new($"agent {agent.Value}");

    /// <summary>Whoever listens at an account's webhook.</summary>
    public static ReaderId HookOf(AccountId account) => new($"hook {account.Value}");

    /// <summary>Somebody who speaks in conversations, by <see cref="Speaker.Key"/>.</summary>
    public static ReaderId OfSpeaker(AccountId account, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var id = key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return key.StartsWith("agent:", StringComparison.Ordinal) ? Of(new AgentId(id)) : Of(account, new PersonId(id));
    }

    /// <summary>Whether it is an agent.</summary>
    public bool IsAgent => Agent is not null;

    /// <summary>The agent that it is; null where it is none.</summary>
    internal AgentId? Agent => Value.Split(' ') is ["agent", var agent] ? new AgentId(agent) : null;

    /// <summary>Who it is in conversations, by <see cref="Speaker.Key"/>; a webhook is nobody there.</summary>
    public string SpeakerKey => Value.Split(' ') switch
    {
        ["agent", var agent] => Author.KeyOf(null, new AgentId(agent)),
        ["member", _, var person] => Author.KeyOf(new PersonId(person), null),
        _ => "",
    };

    /// <summary>Reads back what <see cref="Value"/> gave.</summary>
    public static ReaderId Parse(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A person who can be told something.</summary>
/// <param name="Reader">Whose inbox.</param>
/// <param name="Id">The host's id of the person or agent.</param>
/// <param name="Name">Their name now.</param>
/// <param name="VerifiedEmail">Where mails go; null where the host has verified no address, and then none are sent.</param>
public sealed record Recipient(ReaderId Reader, string Id, string Name, string? VerifiedEmail)
{
    /// <summary>A member of an account.</summary>
    public static Recipient Member(AccountId account, PersonId person, string name, string? verifiedEmail) =>
        new(ReaderId.Of(account, person), person.Value, name, verifiedEmail);

    /// <summary>An agent.</summary>
    public static Recipient Agent(AgentId agent, string name, string? verifiedEmail) => new(ReaderId.Of(agent), agent.Value, name, verifiedEmail);
}

/// <summary>
/// What the host says of people, for telling them things. Asked when a notice is spread and again when each mail goes out:
/// whoever lost the role meanwhile is not told. Several accounts are asked about at the same time.
/// <para>
/// Where the host throws, or has not answered within ten seconds, that one notice waits and is tried again (events 1303 and 1304), for as long as
/// it is news; a mail for three days. What everybody else is told goes on.
/// </para>
/// </summary>
public interface INoticeHost
{
    /// <summary>
    /// Where people outside reach the host, with its path base where it has one (<c>https://example.com/app</c>): links in mails begin with it. Never made
    /// of what a request says its host is.
    /// </summary>
    Uri BaseAddress { get; }

    /// <summary>Everyone who may turn an app's support access on and off; none where the app is gone or of another account.</summary>
    ValueTask<IReadOnlyList<Recipient>> AdministratorsOfAsync(AccountId account, AppId app, CancellationToken cancellation);

    /// <summary>The owners of an account.</summary>
    ValueTask<IReadOnlyList<Recipient>> OwnersOfAsync(AccountId account, CancellationToken cancellation);

    /// <summary>Everyone of an account, for telling those whom its owner named.</summary>
    ValueTask<IReadOnlyList<Recipient>> MembersOfAsync(AccountId account, CancellationToken cancellation);

    /// <summary>
    /// Those of an account who don't speak for it where <paramref name="app"/> is concerned, or the account as a whole where it is null: whoever is
    /// of support, and whom support raised there and no customer has accepted since. As administrators or owners they are told nothing. A host in
    /// which neither can be leaves it out: everybody speaks.
    /// </summary>
    ValueTask<IReadOnlyList<PersonId>> WithoutVoiceAsync(AccountId account, AppId? app, CancellationToken cancellation) => new([]);

    /// <summary>
    /// Everyone of an account who may turn an app's support access off now, by whatever role: they see how it ends. Whoever could when it began and
    /// can't any more is told. A host in which only administrators may leaves it out.
    /// </summary>
    ValueTask<IReadOnlyList<PersonId>> WhoMayEndAsync(AccountId account, AppId app, CancellationToken cancellation) => new([]);

    /// <summary>The support team: agents who may sign in now.</summary>
    ValueTask<IReadOnlyList<Recipient>> AgentsAsync(CancellationToken cancellation);
}
