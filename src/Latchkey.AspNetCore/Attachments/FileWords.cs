using System.Globalization;

namespace Latchkey.AspNetCore;

/// <summary>What pages say of files.</summary>
internal static class FileWords
{
    public static string SizeOf(long bytes) => bytes switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0.#} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.#} MB"),
    };

    public static string NameOf(AttachmentType type) => type switch
    {
        AttachmentType.Har => "HAR file",
        AttachmentType.Text => "text",
        _ => $"{type.ToString().ToUpperInvariant()} picture",
    };

    /// <summary>What was taken out of a file, in one line: "12 cookies, 3 headers".</summary>
    public static string Removed(IEnumerable<RemovedPart> parts) => string.Join(", ", parts.GroupBy(p => p.Kind).Select(g => Count(g.Key, g.Sum(p => p.Count))));

    public static string Name(RemovedKind kind) => Words(kind).One;

    private static string Count(RemovedKind kind, int count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? Words(kind).One : Words(kind).Many)}");

    private static (string One, string Many) Words(RemovedKind kind) => kind switch
    {
        RemovedKind.Metadata => ("block of metadata", "blocks of metadata"),
        RemovedKind.TrailingBytes => ("appendix", "appendices"),
        RemovedKind.Frames => ("further frame", "further frames"),
        RemovedKind.Cookie => ("cookie", "cookies"),
        RemovedKind.Header => ("header", "headers"),
        RemovedKind.AddressPart => ("part of an address", "parts of addresses"),
        RemovedKind.FormField => ("form field", "form fields"),
        RemovedKind.BodyValue => ("value in a body", "values in bodies"),
        RemovedKind.Body => ("body", "bodies"),
        RemovedKind.UnknownField => ("field of the browser's own", "fields of the browser's own"),
        _ => ("secret", "secrets"),
    };
}
