using System.Collections.Immutable;

namespace Latchkey;

/// <summary>An agent asked for screenshots. <paramref name="Wanted"/> says in lines what should be seen.</summary>
public sealed record ScreenshotsAsked(
    ScreenshotsId Screenshots, ConversationId Conversation, AppId? App, Author By, Content Wanted) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "screenshots.asked";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [By.Name, Wanted];

    private protected override void Write(FactWriter fields)
    {
        base.Write(fields);
        fields.Id("screenshots", Screenshots.Value).Content("wanted", Wanted);
    }

    internal static ScreenshotsAsked Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(new(f.Text("screenshots")), conversation, app, by, f.Content("wanted"));
    }
}

/// <summary>The customer answered with files or declined, or support took it back. Of several the first stands.</summary>
public sealed record ScreenshotsEnded(
    ScreenshotsId Screenshots, ConversationId Conversation, AppId? App, Author By, ScreenshotsState State, Content? Note, ImmutableArray<string> Attachments)
    : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "screenshots.ended";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => Note is null ? [By.Name] : [By.Name, Note];

    private protected override void Write(FactWriter fields)
    {
        base.Write(fields);
        fields.Id("screenshots", Screenshots.Value).Enum("state", State).Content("note", Note).Texts("attachments", Attachments);
    }

    internal static ScreenshotsEnded Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(new(f.Text("screenshots")), conversation, app, by, f.Enum<ScreenshotsState>("state"), f.ContentOrNull("note"), f.Texts("attachments"));
    }
}
