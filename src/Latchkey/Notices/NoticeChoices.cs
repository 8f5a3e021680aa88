using System.Collections.Immutable;

namespace Latchkey;

/// <summary>Who of a customer is told of one kind of thing, and how.</summary>
/// <param name="Administrators">Whoever may turn the app's support access on and off.</param>
/// <param name="Owners">The account's owners.</param>
/// <param name="People">Single members of the account, at most <see cref="MaxPeople"/>.</param>
/// <param name="InApp">In the inbox.</param>
/// <param name="Email">By mail, where an address is verified and a mail server is set up.</param>
/// <param name="Webhook">At the account's webhook, where there is one.</param>
public sealed record NoticeChoice(bool Administrators, bool Owners, ImmutableArray<PersonId> People, bool InApp, bool Email, bool Webhook)
{
    /// <summary>The most single members that can be named.</summary>
    public const int MaxPeople = 50;

    /// <inheritdoc/>
    public bool Equals(NoticeChoice? other) =>
        other is not null && (Administrators, Owners, InApp, Email, Webhook) == (other.Administrators, other.Owners, other.InApp, other.Email, other.Webhook)
        && People.SequenceEqual(other.People);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Administrators, Owners, People.Length, InApp, Email, Webhook);
}

/// <summary>What an account's owner chose for each kind of notice. Where they chose nothing, <see cref="Default"/> holds.</summary>
public static class NoticeChoices
{
    private static readonly NoticeChoice s_nobody = new(Administrators: false, Owners: false, [], InApp: false, Email: false, Webhook: false);
    private static readonly NoticeKind[] s_ofAgents = [NoticeKind.Message, NoticeKind.RequestAnswered, NoticeKind.On, NoticeKind.Ending, NoticeKind.Ended];

    /// <summary>The kinds that an owner chooses for, in the order in which they happen.</summary>
    public static IReadOnlyList<NoticeKind> Kinds { get; } =
        [NoticeKind.Request, NoticeKind.On, NoticeKind.FirstEntry, NoticeKind.EachEntry, NoticeKind.Ending, NoticeKind.Ended, NoticeKind.Report, NoticeKind.Message];

    /// <summary>What holds for a kind, with what an owner chose.</summary>
    public static NoticeChoice Of(NoticeKind kind, IReadOnlyDictionary<NoticeKind, NoticeChoice> chosen)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        var by = kind == NoticeKind.RequestAnswered ? NoticeKind.Request : kind;
        return chosen.GetValueOrDefault(by) ?? Default(by);
    }

    /// <summary>The kinds for which a reader chooses whether they are also mailed, in the order in which a page lists them.</summary>
    public static IReadOnlyList<NoticeKind> MailKinds(ReaderId reader) => reader.IsAgent ? s_ofAgents : Kinds;

    /// <summary>
    /// Whether somebody wants mails of a kind. Where they chose nothing: members all that their account's owner has mailed, agents
    /// those on messages and on answers to what they asked.
    /// </summary>
    /// <param name="reader">Who.</param>
    /// <param name="kind">What is told.</param>
    /// <param name="chosen">What they chose, by kind.</param>
    public static bool WantsMail(ReaderId reader, NoticeKind kind, IReadOnlyDictionary<NoticeKind, bool> chosen)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        var by = kind == NoticeKind.RequestAnswered && !reader.IsAgent ? NoticeKind.Request : kind;
        return chosen.TryGetValue(by, out var wants) ? wants : !reader.IsAgent || kind is NoticeKind.Message or NoticeKind.RequestAnswered;
    }

    /// <summary>
    /// Administrators in the inbox and by mail, and the webhook. Not by mail where another mail says it at the same time: the end,
    /// which the closing report tells, and that report not in the inbox. Each further entry: nobody. Messages: those who take part,
    /// who are told whatever is chosen here of whom.
    /// </summary>
    public static NoticeChoice Default(NoticeKind kind) => kind switch
    {
        NoticeKind.EachEntry => s_nobody,
        NoticeKind.Message => s_nobody with { InApp = true, Email = true },
        NoticeKind.Ended => s_nobody with { Administrators = true, InApp = true, Webhook = true },
        NoticeKind.Report => s_nobody with { Administrators = true, Email = true, Webhook = true },
        _ => new(Administrators: true, Owners: false, [], InApp: true, Email: true, Webhook: true),
    };
}
