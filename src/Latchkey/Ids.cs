using System.Buffers.Binary;

namespace Latchkey;

/// <summary>A customer organisation (tenant). Given by the host, opaque to Latchkey. See <see cref="IdText.Check"/> for what is accepted.</summary>
public readonly record struct AccountId
{
    /// <summary>Takes the host's id.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public AccountId(string value) => Value = IdText.Check(value, nameof(AccountId));

    /// <summary>The id as the host gave it.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(AccountId));

    /// <summary>
    /// The vendor's own ledger: refusals of agents, and what concerns no single customer.
    /// No host may give this id to an account.
    /// </summary>
    public static AccountId Vendor { get; } = new("latchkey:vendor");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>What support can be let into. Immutable and never reused by the host: a slug is only a name.</summary>
public readonly record struct AppId
{
    /// <summary>Takes the host's id.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public AppId(string value) => Value = IdText.Check(value, nameof(AppId));

    /// <summary>The id as the host gave it.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(AppId));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A person of a customer, stable across e-mail and name changes.</summary>
public readonly record struct PersonId
{
    /// <summary>Takes the host's id.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public PersonId(string value) => Value = IdText.Check(value, nameof(PersonId));

    /// <summary>The id as the host gave it.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(PersonId));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A named person of the vendor's support team.</summary>
public readonly record struct AgentId
{
    /// <summary>Takes the host's id.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public AgentId(string value) => Value = IdText.Check(value, nameof(AgentId));

    /// <summary>The id as the host gave it.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(AgentId));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One grant, from its start to its end. Made by Latchkey: <c>grt_</c> and a version 7 UUID.</summary>
public readonly record struct GrantId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public GrantId(string value) => Value = IdText.Check(value, nameof(GrantId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(GrantId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static GrantId New(DateTimeOffset now) => new(IdText.New("grt_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One plea for a grant. Made by Latchkey: <c>req_</c> and a version 7 UUID.</summary>
public readonly record struct RequestId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public RequestId(string value) => Value = IdText.Check(value, nameof(RequestId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(RequestId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static RequestId New(DateTimeOffset now) => new(IdText.New("req_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One agent's time inside one app. Made by Latchkey: <c>ses_</c> and a version 7 UUID.</summary>
public readonly record struct SessionId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public SessionId(string value) => Value = IdText.Check(value, nameof(SessionId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(SessionId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static SessionId New(DateTimeOffset now) => new(IdText.New("ses_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>One act of support. Made by Latchkey: <c>act_</c> and a version 7 UUID.</summary>
public readonly record struct ActId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public ActId(string value) => Value = IdText.Check(value, nameof(ActId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(ActId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static ActId New(DateTimeOffset now) => new(IdText.New("act_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>The one form that every id has.</summary>
public static class IdText
{
    /// <summary>The longest id accepted, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>Answers whether <paramref name="value"/> is 1 to 128 characters of printable ASCII without spaces.</summary>
    public static bool IsId(string? value) =>
        value is { Length: > 0 and <= MaxLength } && !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    internal static string Check(string value, string type) =>
        IsId(value)
            ? value
            : throw new ArgumentException($"{type} takes 1 to {MaxLength} characters of printable ASCII without spaces.", nameof(value));

    /// <summary>An id that nobody gave a value is none: it is found out where it is used, before it is on a ledger that nobody could read back.</summary>
    internal static InvalidOperationException NotGiven(string type) => new($"This {type} was given no value.");

    /// <summary>A prefix and a version 7 UUID (RFC 9562, section 5.7): milliseconds since 1970, then 74 random bits.</summary>
    internal static string New(string prefix, DateTimeOffset now)
    {
        Span<byte> uuid = stackalloc byte[16];
        FreshBytes.Fill(uuid[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(uuid, (ushort)(now.ToUnixTimeMilliseconds() >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(uuid[2..], (uint)now.ToUnixTimeMilliseconds());
        uuid[6] = (byte)(0x70 | (uuid[6] & 0x0F));
        uuid[8] = (byte)(0x80 | (uuid[8] & 0x3F));
        return $"{prefix}{Convert.ToHexStringLower(uuid)}";
    }
}
