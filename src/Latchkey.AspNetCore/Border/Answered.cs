using System.Collections.Immutable;

namespace Latchkey.AspNetCore;

/// <summary>Looks at what one member of a host's interface answered, and refuses by name what can't be used.</summary>
/// <param name="Member">Which: <c>ISupportHost.GetAppAsync</c>.</param>
internal readonly record struct Answered(string Member)
{
    /// <summary>The longest name, title or sign-in.</summary>
    public const int MaxText = 256;

    private const int MaxEmail = 320;
    private const int MaxSentence = 4000;
    private static readonly string TakesId = $"1 to {IdText.MaxLength} characters of printable ASCII without spaces";

    public HostAnswerException Refused(string field, string wrong, string takes) => new($"{Member}: {field} {wrong}; it takes {takes}.");

    public T Given<T>(T? value, string field)
        where T : class => value ?? throw Refused(field, "is null", "a value");

    /// <summary>A name, a title: one line.</summary>
    public void Text(string? value, string field, int max = MaxText)
    {
        if (WhatIsWrong(value, max) is { } wrong)
        {
            throw Refused(field, wrong, $"1 to {max} characters, none of them a control character");
        }
    }

    /// <summary>What people read as a sentence.</summary>
    public void Sentence(string? value, string field) => Text(value, field, MaxSentence);

    public void Email(string? value, string field)
    {
        const string Takes = "an e-mail address, or null where none is verified";
        if (value is null)
        {
            return;
        }

        if (WhatIsWrong(value, MaxEmail) is { } wrong)
        {
            throw Refused(field, wrong, Takes);
        }

        if (!value.Contains('@', StringComparison.Ordinal))
        {
            throw Refused(field, "has no '@'", Takes);
        }
    }

    /// <summary>An id that is there: the default of its type is none, and any other was looked at when it was made.</summary>
    public void Id<T>(T value, string field)
        where T : struct, IEquatable<T>
    {
        if (value.Equals(default))
        {
            throw Refused(field, "is the default", TakesId);
        }
    }

    /// <summary>An id that is a text of the host's.</summary>
    public void Id(string? value, string field)
    {
        if (!IdText.IsId(value))
        {
            throw Refused(field, value is null ? "is null" : "is no id", TakesId);
        }
    }

    public void Account(AccountId value, string field)
    {
        Id(value, field);
        if (value == AccountId.Vendor)
        {
            throw Refused(field, "is the vendor's own", "the id of a customer's account");
        }
    }

    /// <summary>What has to be what was asked about.</summary>
    public void Same<T>(T value, T asked, string field)
        where T : struct, IEquatable<T>
    {
        if (!value.Equals(asked))
        {
            throw Refused(field, "is another than was asked about", "the same");
        }
    }

    /// <summary>A whole text that somebody decides on. It may be empty, and hold whatever it holds: it is shown with that marked.</summary>
    public void Look(KeptText text, string field)
    {
        Text(text.What, $"{field}.{nameof(KeptText.What)}");
        Given(text.After, $"{field}.{nameof(KeptText.After)}");
    }

    /// <summary>A list as it is now, each of which is looked at under its place: <c>HostAccount.Apps[2]</c>.</summary>
    public IReadOnlyList<T> Each<T>(IReadOnlyList<T>? values, string field, Action<Answered, T, string> look)
    {
        T[] all = [.. Given(values, field)];
        for (var i = 0; i < all.Length; i++)
        {
            var place = $"{field}[{i}]";
            if (all[i] is null)
            {
                throw Refused(place, "is null", "a value");
            }

            look(this, all[i], place);
        }

        return all;
    }

    public void Each<T>(ImmutableArray<T> values, string field, Action<Answered, T, string> look) =>
        Each(values.IsDefault ? null : (IReadOnlyList<T>)values, field, look);

    private static string? WhatIsWrong(string? value, int max) => value switch
    {
        null => "is null",
        _ when string.IsNullOrWhiteSpace(value) => "is empty",
        { Length: var length } when length > max => $"is {length} characters long",
        _ when IndexOfControl(value) is var at and >= 0 => $"holds the character {HiddenCharacters.NameAt(value, at)}",
        _ => null,
    };

    // What else hides or turns a text is marked where it is shown; these no line of a mail or a log may hold.
    private static int IndexOfControl(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsControl(value[i]) || (char.IsSurrogate(value[i]) && !char.IsSurrogatePair(value, i) && (i == 0 || !char.IsSurrogatePair(value, i - 1))))
            {
                return i;
            }
        }

        return -1;
    }
}
