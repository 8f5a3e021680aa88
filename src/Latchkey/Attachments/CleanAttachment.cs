namespace Latchkey;

/// <summary>What an attachment is, by its content. Its name and what the sender's browser called it are never asked.</summary>
public enum AttachmentType
{
    /// <summary>A PNG picture.</summary>
    Png,

    /// <summary>A JPEG picture.</summary>
    Jpeg,

    /// <summary>A WebP picture, still or animated.</summary>
    Webp,

    /// <summary>A GIF picture, still or animated.</summary>
    Gif,

    /// <summary>A HAR file: JSON with the requests of a browser session (HTTP Archive 1.2).</summary>
    Har,

    /// <summary>Text in UTF-8: a log, YAML, JSON that is no HAR.</summary>
    Text,
}

/// <summary>The kind of thing that was taken out of a file before it was kept.</summary>
public enum RemovedKind
{
    /// <summary>Data about a picture: where and when it was taken, by what, comments, thumbnails, colour profiles.</summary>
    Metadata,

    /// <summary>Bytes behind the end of a picture.</summary>
    TrailingBytes,

    /// <summary>Further frames of an animated PNG, of which the still is kept.</summary>
    Frames,

    /// <summary>A cookie, sent or set.</summary>
    Cookie,

    /// <summary>The value of a header.</summary>
    Header,

    /// <summary>A part of an address: a parameter, a segment, a user name and password, a fragment.</summary>
    AddressPart,

    /// <summary>A field of a form that was sent.</summary>
    FormField,

    /// <summary>A value inside a body that was kept.</summary>
    BodyValue,

    /// <summary>A body that was not kept at all, because nothing says what in it is secret.</summary>
    Body,

    /// <summary>A field that the HAR format does not have, such as a browser's own ones.</summary>
    UnknownField,

    /// <summary>A token, key or password found in text.</summary>
    Secret,
}

/// <summary>One kind of thing that was removed in one place. What was removed is never said.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Where">The request it was in, by method and address without parameters; null where it is the whole file.</param>
/// <param name="Name">The field, header, cookie, parameter or block; null where it has none.</param>
/// <param name="Count">How many times.</param>
public sealed record RemovedPart(RemovedKind Kind, string? Where, string? Name, int Count);

/// <summary>A file that was checked, and made anew from only the parts that are needed.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Bytes">The file as it may be kept and shown.</param>
/// <param name="Width">A picture's width in pixels; 0 for others.</param>
/// <param name="Height">A picture's height in pixels; 0 for others.</param>
/// <param name="Removed">What was taken out, for the sender to see; in the order of the file, at most 1,001 rows.</param>
public sealed record CleanAttachment(AttachmentType Type, ReadOnlyMemory<byte> Bytes, int Width, int Height, IReadOnlyList<RemovedPart> Removed)
{
    /// <summary>The one media type that this kind of file is ever served with.</summary>
    public string MediaType => MediaTypeOf(Type);

    /// <summary>The one media type that a kind of file is ever served with; none of them is active content.</summary>
    public static string MediaTypeOf(AttachmentType type) => type switch
    {
        AttachmentType.Png => "image/png",
        AttachmentType.Jpeg => "image/jpeg",
        AttachmentType.Webp => "image/webp",
        AttachmentType.Gif => "image/gif",
        AttachmentType.Har => "application/json",
        _ => "text/plain; charset=utf-8",
    };

    /// <summary>Whether it is a picture, to be shown in place.</summary>
    public static bool IsPicture(AttachmentType type) => type is AttachmentType.Png or AttachmentType.Jpeg or AttachmentType.Webp or AttachmentType.Gif;
}
