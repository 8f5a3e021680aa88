namespace Latchkey;

/// <summary>One time that support asked for screenshots. Made by Latchkey: <c>scr_</c> and a version 7 UUID.</summary>
public readonly record struct ScreenshotsId
{
    /// <summary>Takes an id that Latchkey made.</summary>
    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public ScreenshotsId(string value) => Value = IdText.Check(value, nameof(ScreenshotsId));

    /// <summary>The id's text.</summary>
    public string Value => field ?? throw IdText.NotGiven(nameof(ScreenshotsId));

    /// <summary>Makes a new id that sorts by <paramref name="now"/>.</summary>
    public static ScreenshotsId New(DateTimeOffset now) => new(IdText.New("scr_", now));

    /// <inheritdoc/>
    public override string ToString() => Value;
}
