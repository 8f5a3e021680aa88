using System.Buffers.Binary;

namespace Latchkey;

/// <summary>
/// Makes a JPEG anew (ITU-T T.81): tables, frame header, scans with their data, and of the application's segments only what colours
/// are read by. A turned picture keeps its orientation, alone in a fresh Exif segment. The coded data itself is kept as it is.
/// </summary>
internal static class JpegPicture
{
    private const string Format = "JPEG";
    private const int MostScans = 100; // a progressive picture has about ten; each costs a pass over all pixels

    public static Answer<CleanAttachment> Rebuild(ReadOnlySpan<byte> file, AttachmentLimits limits)
    {
        var removed = new RemovedParts();
        var head = new MemoryStream();
        var rest = new MemoryStream(file.Length);
        (int Width, int Height) size = default;
        var (orientation, scans, at) = (1, 0, 2);
        while (true)
        {
            if (Marker(file, ref at) is not { } marker) return FileRefusal.Damaged(Format, "it is cut off");
            if (marker == 0xD9) break;
            if (at + 2 > file.Length) return FileRefusal.Damaged(Format, "it is cut off");
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length < 2 || length > file.Length - at) return FileRefusal.Damaged(Format, "it is cut off");
            var body = file.Slice(at + 2, length - 2);
            at += length;
            switch (marker)
            {
                case 0xE0 when body.StartsWith("JFIF\0"u8) && body.Length >= 14:
                    Write(head, 0xE0, [.. body[..12], 0, 0]);
                    if (body.Length > 14) removed.Add(RemovedKind.Metadata, name: "JFIF thumbnail");
                    break;
                case 0xEE when body.StartsWith("Adobe"u8) && body.Length >= 12:
                    Write(head, 0xEE, body[..12]);
                    break;
                case 0xE1 when body.StartsWith("Exif\0\0"u8):
                    orientation = Orientation(body[6..]);
                    removed.Add(RemovedKind.Metadata, name: "Exif");
                    break;
                case >= 0xE0 and <= 0xEF or 0xFE:
                    removed.Add(RemovedKind.Metadata, name: NameOf(marker, body));
                    break;
                case 0xC0 or 0xC1 or 0xC2:
                    if (size != default || FrameSize(body) is not { } framed) return FileRefusal.Damaged(Format, "its frame header is wrong");
                    if (framed.Width > limits.PictureSide || framed.Height > limits.PictureSide || (long)framed.Width * framed.Height > limits.PicturePixels) return FileRefusal.TooManyPixels(limits);
                    size = framed;
                    Write(rest, marker, body);
                    break;
                case 0xDB when AreQuantizers(body):
                case 0xC4 when AreCodes(body):
                case 0xDD when body.Length == 2:
                    Write(rest, marker, body);
                    break;
                case 0xDA when size != default && IsScan(body):
                    if (++scans > MostScans) return FileRefusal.Damaged(Format, "it has too many scans");
                    Write(rest, marker, body);
                    CopyScan(file, ref at, rest);
                    break;
                default:
                    return FileRefusal.Damaged(Format, "it holds a part that browsers don't show");
            }
        }

        if (scans == 0) return FileRefusal.Damaged(Format, "it holds no picture");
        if (at < file.Length) removed.Add(RemovedKind.TrailingBytes);
        var output = new MemoryStream((int)(head.Length + rest.Length) + 64);
        output.Write([0xFF, 0xD8]);
        output.Write(head.GetBuffer().AsSpan(0, (int)head.Length));
        if (orientation is > 1 and <= 8) Write(output, 0xE1, [.. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0]);
        output.Write(rest.GetBuffer().AsSpan(0, (int)rest.Length));
        output.Write([0xFF, 0xD9]);
        return new CleanAttachment(AttachmentType.Jpeg, output.GetBuffer().AsMemory(0, (int)output.Length), size.Width, size.Height, removed.ToList());
    }

    private static byte? Marker(ReadOnlySpan<byte> file, ref int at)
    {
        if (at >= file.Length || file[at] != 0xFF) return null;
        while (at < file.Length && file[at] == 0xFF) at++;
        return at < file.Length ? file[at++] : null;
    }

    /// <summary>Copies coded data, with its restart marks, up to the next marker.</summary>
    private static void CopyScan(ReadOnlySpan<byte> file, ref int at, MemoryStream output)
    {
        var from = at;
        while (at < file.Length)
        {
            var mark = file[at..].IndexOf((byte)0xFF);
            at = mark < 0 ? file.Length : at + mark;
            if (at + 1 >= file.Length || file[at + 1] is not (0 or (>= 0xD0 and <= 0xD7))) break;
            at += 2;
        }

        output.Write(file[from..at]);
    }

    private static (int Width, int Height)? FrameSize(ReadOnlySpan<byte> body)
    {
        if (body.Length < 6 || body[0] != 8 || body[5] is not (1 or 3 or 4) || body.Length != 6 + (3 * body[5])) return null;
        for (var i = 6; i < body.Length; i += 3)
        {
            if ((body[i + 1] >> 4) is < 1 or > 4 || (body[i + 1] & 15) is < 1 or > 4 || body[i + 2] > 3) return null;
        }

        var (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(body[1..]), BinaryPrimitives.ReadUInt16BigEndian(body[3..]));
        return width > 0 && height > 0 ? (width, height) : null;
    }

    private static bool AreQuantizers(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            var length = 1 + ((body[0] >> 4) == 0 ? 64 : 128);
            if ((body[0] >> 4) > 1 || (body[0] & 15) > 3 || body.Length < length) return false;
            body = body[length..];
        }

        return true;
    }

    private static bool AreCodes(ReadOnlySpan<byte> body)
    {
        while (body.Length > 0)
        {
            if ((body[0] >> 4) > 1 || (body[0] & 15) > 3 || body.Length < 17) return false;
            var length = 17;
            foreach (var count in body.Slice(1, 16)) length += count;
            if (length > 17 + 256 || body.Length < length) return false;
            body = body[length..];
        }

        return true;
    }

    private static bool IsScan(ReadOnlySpan<byte> body) => body.Length >= 6 && body[0] is >= 1 and <= 4 && body.Length == 4 + (2 * body[0]);

    /// <summary>Exif's orientation (tag 0x0112 of the first directory), 1 to 8; 1, upright, where it says nothing that can be read.</summary>
    private static int Orientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 14) return 1;
        var little = tiff.StartsWith("II*\0"u8);
        if (!little && !tiff.StartsWith("MM\0*"u8)) return 1;
        var first = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (first > tiff.Length - 2) return 1;
        var entries = tiff[(int)first..];
        var count = Two(entries, little);
        entries = entries[2..];
        for (; count > 0 && entries.Length >= 12; count--, entries = entries[12..])
        {
            if (Two(entries, little) == 0x0112 && Two(entries[2..], little) == 3) return Two(entries[8..], little) is >= 1 and <= 8 and var turned ? turned : 1;
        }

        return 1;

        static int Two(ReadOnlySpan<byte> bytes, bool little) => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    private static string NameOf(byte marker, ReadOnlySpan<byte> body) =>
        marker == 0xFE ? "comment"
        : body.StartsWith("http://ns.adobe.com/x"u8) ? "XMP"
        : body.StartsWith("ICC_PROFILE"u8) ? "colour profile"
        : body.StartsWith("JFXX"u8) ? "JFXX thumbnail"
        : $"APP{marker - 0xE0}";

    private static void Write(MemoryStream output, byte marker, ReadOnlySpan<byte> body)
    {
        output.Write([0xFF, marker, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2)]);
        output.Write(body);
    }
}
