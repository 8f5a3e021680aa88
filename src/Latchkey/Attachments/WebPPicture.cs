using System.Buffers.Binary;
using System.Text;

namespace Latchkey;

/// <summary>
/// Makes a WebP anew (RFC 9649): its picture or frames with their transparency, and a header that names only those. The coded data
/// of a frame is kept as it is.
/// </summary>
internal static class WebPPicture
{
    private const string Format = "WebP";
    private const int FrameHeader = 16;

    public static Answer<CleanAttachment> Rebuild(ReadOnlySpan<byte> file, AttachmentLimits limits)
    {
        var removed = new RemovedParts();
        var size = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (size < 4 || size > file.Length - 8) return CutOff;
        if (size < file.Length - 8) removed.Add(RemovedKind.TrailingBytes);
        var parts = Parts(file.Slice(12, (int)size - 4));
        if (parts is null || parts.Count == 0) return CutOff;

        var body = new MemoryStream(file.Length);
        body.Write("WEBP"u8);
        (int Width, int Height)? canvas;
        if (parts[0].Type != "VP8X")
        {
            canvas = CopyImage(file, parts, body, removed, alone: true);
        }
        else
        {
            var extended = file[parts[0].Range(12)];
            if (extended.Length != 10) return FileRefusal.Damaged(Format, "its header is wrong");
            canvas = (Three(extended[4..]) + 1, Three(extended[7..]) + 1);
            if (IsTooLarge(canvas.Value, limits)) return FileRefusal.TooManyPixels(limits);
            var animated = (extended[0] & 0x02) != 0;
            WritePart(body, "VP8X", [(byte)(extended[0] & 0x12), 0, 0, 0, .. extended[4..]]);
            if (animated)
            {
                if (CopyFrames(file, parts, body, canvas.Value, limits, removed) is { } refusal) return refusal;
            }
            else if (CopyImage(file, parts[1..], body, removed, alone: false) != canvas)
            {
                canvas = null;
            }
        }

        if (canvas is not { } picture) return FileRefusal.Damaged(Format, "it holds no picture of the size that it promises");
        if (IsTooLarge(picture, limits)) return FileRefusal.TooManyPixels(limits);
        var output = new MemoryStream((int)body.Length + 8);
        WritePart(output, "RIFF", body.GetBuffer().AsSpan(0, (int)body.Length));
        return new CleanAttachment(AttachmentType.Webp, output.GetBuffer().AsMemory(0, (int)output.Length), picture.Width, picture.Height, removed.ToList());
    }

    private static Refusal CutOff => FileRefusal.Damaged(Format, "it is cut off");

    private static Refusal? CopyFrames(ReadOnlySpan<byte> file, List<Part> parts, MemoryStream output, (int Width, int Height) canvas, AttachmentLimits limits, RemovedParts removed)
    {
        var (frames, pixels) = (0, 0L);
        if (parts.Find(p => p.Type == "ANIM") is not { Length: 6 } repeat) return FileRefusal.Damaged(Format, "its header is wrong");
        WritePart(output, "ANIM", file[repeat.Range(12)]);
        foreach (var part in parts[1..])
        {
            if (part.Type == "ANIM") continue;
            if (part.Type != "ANMF")
            {
                removed.Add(RemovedKind.Metadata, name: NameOf(part.Type));
                continue;
            }

            if (++frames > limits.Frames) return FileRefusal.TooManyFrames(limits);
            if (part.Length < FrameHeader) return CutOff;
            var data = file[part.Range(12)];
            var (x, y, width, height) = (Three(data) * 2, Three(data[3..]) * 2, Three(data[6..]) + 1, Three(data[9..]) + 1);
            if (x + width > canvas.Width || y + height > canvas.Height) return FileRefusal.Damaged(Format, "a frame lies outside of it");
            if ((pixels += (long)width * height) > limits.PicturePixels * 10) return FileRefusal.TooManyFrames(limits);
            var inner = Parts(data[FrameHeader..]);
            if (inner is null) return CutOff;
            var frame = new MemoryStream(data.Length);
            frame.Write(data[..15]);
            frame.WriteByte((byte)(data[15] & 3));
            if (CopyImage(file, inner.ConvertAll(p => p with { At = p.At + part.At + FrameHeader }), frame, removed, alone: false) != (width, height)) return FileRefusal.Damaged(Format, "a frame is not the picture that it promises");
            WritePart(output, "ANMF", frame.GetBuffer().AsSpan(0, (int)frame.Length));
        }

        return frames == 0 ? FileRefusal.Damaged(Format, "it holds no picture") : null;
    }

    /// <summary>Copies transparency and picture; gives the picture's size, null where there is none or a second one.</summary>
    private static (int Width, int Height)? CopyImage(ReadOnlySpan<byte> file, List<Part> parts, MemoryStream output, RemovedParts removed, bool alone)
    {
        (int, int)? size = null;
        var transparency = false;
        foreach (var part in parts)
        {
            var data = file[part.Range(12)];
            switch (part.Type)
            {
                case "ALPH" when !alone && !transparency && size is null && data.Length > 1:
                    transparency = true;
                    WritePart(output, part.Type, data);
                    break;
                case "VP8 " or "VP8L":
                    if (size is not null || (part.Type == "VP8L" && transparency)) return null;
                    size = part.Type == "VP8 " ? LossySize(data) : LosslessSize(data);
                    if (size is null) return null;
                    WritePart(output, part.Type, data);
                    break;
                default:
                    removed.Add(RemovedKind.Metadata, name: NameOf(part.Type));
                    break;
            }
        }

        return size;
    }

    // A key frame with its start code, and a first partition that lies inside (RFC 6386, 9.1).
    private static (int, int)? LossySize(ReadOnlySpan<byte> data)
    {
        if (data.Length < 10 || (data[0] & 1) != 0 || !data[3..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]) || Three(data) >> 5 > data.Length - 10) return null;
        var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFF);
        return width > 0 && height > 0 ? (width, height) : null;
    }

    private static (int, int)? LosslessSize(ReadOnlySpan<byte> data)
    {
        if (data.Length < 6 || data[0] != 0x2F || data[4] >> 5 != 0) return null;
        var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
        return ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
    }

    private static bool IsTooLarge((int Width, int Height) size, AttachmentLimits limits) =>
        size.Width > limits.PictureSide || size.Height > limits.PictureSide || (long)size.Width * size.Height > limits.PicturePixels;

    private static string NameOf(string type) => type switch { "EXIF" => "Exif", "XMP " => "XMP", "ICCP" => "colour profile", _ => "unknown part" };

    private static int Three(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    private static List<Part>? Parts(ReadOnlySpan<byte> bytes)
    {
        var parts = new List<Part>();
        var at = 0;
        while (at < bytes.Length)
        {
            if (bytes.Length - at < 8) return null;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            if (length > bytes.Length - at - 8) return null;
            parts.Add(new(Encoding.Latin1.GetString(bytes.Slice(at, 4)), at + 8, (int)length));
            at += 8 + (int)length + (int)(length & 1);
        }

        return parts;
    }

    private static void WritePart(MemoryStream output, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, data.Length);
        output.Write(Encoding.ASCII.GetBytes(type));
        output.Write(length);
        output.Write(data);
        if (data.Length % 2 != 0) output.WriteByte(0);
    }

    private readonly record struct Part(string Type, int At, int Length)
    {
        public Range Range(int offset) => (At + offset)..(At + offset + Length);
    }
}
