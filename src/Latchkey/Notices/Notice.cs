namespace Latchkey;

/// <summary>What people are told of.</summary>
public enum NoticeKind
{
    /// <summary>Support asks for access.</summary>
    Request,

    /// <summary>A request for access was answered, taken back, or lapsed. Its customers are told by the choice for <see cref="Request"/>.</summary>
    RequestAnswered,

    /// <summary>Support access was turned on, or given another window or role.</summary>
    On,

    /// <summary>Somebody of support entered for the first time with a key.</summary>
    FirstEntry,

    /// <summary>Somebody of support entered once more with a key that was used before.</summary>
    EachEntry,

    /// <summary>Support access ends in a day, or in an hour.</summary>
    Ending,

    /// <summary>Support access ended.</summary>
    Ended,

    /// <summary>The closing report of a key can be read.</summary>
    Report,

    /// <summary>Somebody wrote or showed something in a conversation.</summary>
    Message,
}

/// <summary>
/// Something that people are told, once. It holds ids and times alone: the words are made when it is read, from the entry that
/// it comes from, so that what is erased there is gone here too.
/// </summary>
/// <param name="Key">Made of what it tells: the same thing has the same key however often it is met, and is told once.</param>
/// <param name="Kind">What it tells of.</param>
/// <param name="Account">Whose.</param>
/// <param name="App">The app; null where it is about the whole account.</param>
/// <param name="Subject">The id of the grant, of the session for entries, of the request, of the conversation for messages.</param>
/// <param name="Entry">The position of the entry that it comes from.</param>
/// <param name="At">When it happened; for <see cref="NoticeKind.Ending"/>, the end that it speaks of. Whole milliseconds.</param>
/// <param name="Due">Not told before. Whole milliseconds.</param>
public sealed record Notice(
    string Key, NoticeKind Kind, AccountId Account, AppId? App, string Subject, long Entry, DateTimeOffset At, DateTimeOffset Due);

/// <summary>An entry that nobody was told of yet.</summary>
/// <param name="Position">Its position in the whole store.</param>
/// <param name="Account">Whose ledger.</param>
/// <param name="Time">When.</param>
/// <param name="Fact">What happened; null where the entry can't be read.</param>
public sealed record NewEntry(long Position, AccountId Account, DateTimeOffset Time, Fact? Fact);

/// <summary>A notice with what its words are made of.</summary>
/// <param name="Notice">The notice.</param>
/// <param name="Fact">What its entry says; null where it can't be read.</param>
/// <param name="Texts">What is left of the entry's contents, by id.</param>
/// <param name="Name">How the app is called, as far as Latchkey was told.</param>
/// <param name="Messages">For <see cref="NoticeKind.Message"/>, what the line or the mail stands for; null for others.</param>
/// <param name="Asked">For the answer to a request that was asked by name, what the agent called it; null for others, and once erased.</param>
public sealed record NoticeSource(
    Notice Notice, Fact? Fact, IReadOnlyDictionary<string, string> Texts, AppName? Name, MessageBundle? Messages = null, string? Asked = null)
{
    /// <summary>How often it was set aside since the host could not say whom it is for.</summary>
    public int Tries { get; init; }

    /// <summary>A content's text; null where it was erased.</summary>
    public string? Text(Content? content) => content is not null && Texts.TryGetValue(content.Id, out var text) ? text : null;
}

/// <summary>The messages of one conversation that one line or one mail stands for; its notice is the newest of them.</summary>
/// <param name="Subject">What the conversation is about; null where it was erased.</param>
/// <param name="Count">How many, at least one.</param>
/// <param name="OfSeveral">Whether somebody else than the newest one's author wrote some of them.</param>
public sealed record MessageBundle(string? Subject, int Count, bool OfSeveral);

/// <summary>What could not be told so far and is tried again.</summary>
/// <param name="Notices">Notices that are set aside, since the host could not say whom they are for.</param>
/// <param name="Deliveries">Mails and calls of webhooks that failed at least once.</param>
public sealed record NoticeTrouble(int Notices, int Deliveries);
