using System.Buffers.Binary;

namespace Latchkey;

/// <summary>
/// Makes a GIF anew (GIF89a): screen, colour tables, frames with their timing, and how often they repeat. Each frame's codes are
/// followed to their end, so that they are as many pixels as the frame has and nothing hides behind them.
/// </summary>
internal static class GifPicture
{
    private const string Format = "GIF";

    public static Answer<CleanAttachment> Rebuild(ReadOnlySpan<byte> file, AttachmentLimits limits)
    {
        var removed = new RemovedParts();
        var output = new MemoryStream(file.Length);
        if (file.Length < 13) return CutOff;
        var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]));
        if (width == 0 || height == 0) return FileRefusal.Damaged(Format, "its header is wrong");
        if (width > limits.PictureSide || height > limits.PictureSide || (long)width * height > limits.PicturePixels) return FileRefusal.TooManyPixels(limits);
        var at = 13 + TableBytes(file[10]);
        if (at > file.Length) return CutOff;
        output.Write("GIF89a"u8);
        output.Write(file[6..at]);

        ReadOnlySpan<byte> control = [];
        var (frames, pixels, looped) = (0, 0L, false);
        while (true)
        {
            if (at >= file.Length) return CutOff;
            switch (file[at++])
            {
                case 0x3B when frames > 0:
                    output.WriteByte(0x3B);
                    if (at < file.Length) removed.Add(RemovedKind.TrailingBytes);
                    return new CleanAttachment(AttachmentType.Gif, output.GetBuffer().AsMemory(0, (int)output.Length), width, height, removed.ToList());
                case 0x21:
                    if (at >= file.Length) return CutOff;
                    var label = file[at++];
                    var from = at;
                    if (!SkipBlocks(file, ref at)) return CutOff;
                    var body = file[from..at];
                    if (label == 0xF9 && body.Length == 6 && body[0] == 4)
                    {
                        control = body;
                    }
                    else if (label == 0xFF && !looped && frames == 0 && body.Length == 17 && body[1..].StartsWith("NETSCAPE2.0"u8) && body[12] == 3 && body[13] == 1)
                    {
                        looped = true;
                        output.Write([0x21, 0xFF]);
                        output.Write(body);
                    }
                    else
                    {
                        removed.Add(RemovedKind.Metadata, name: label switch { 0xFE => "comment", 0x01 => "plain text", 0xFF => "application data", _ => "extension" });
                    }

                    break;
                case 0x2C:
                    if (++frames > limits.Frames) return FileRefusal.TooManyFrames(limits);
                    if (!control.IsEmpty)
                    {
                        output.Write([0x21, 0xF9, 4, (byte)(control[1] & 0x1F), control[2], control[3], control[4], 0]);
                        control = [];
                    }

                    if (FramePixels(file[at..]) is not { } frame) return CutOff;
                    if (frame > limits.PicturePixels) return FileRefusal.TooManyPixels(limits);
                    if ((pixels += frame) > limits.PicturePixels * 10) return FileRefusal.TooManyFrames(limits);
                    if (!CopyFrame(file, ref at, output, (int)frame, removed)) return FileRefusal.Damaged(Format, "a frame is not the picture that it promises");
                    break;
                default:
                    return FileRefusal.Damaged(Format, "it holds a part that no GIF has here");
            }
        }
    }

    private static Refusal CutOff => FileRefusal.Damaged(Format, "it is cut off");

    private static int TableBytes(byte packed) => (packed & 0x80) == 0 ? 0 : 3 << ((packed & 7) + 1);

    private static long? FramePixels(ReadOnlySpan<byte> descriptor) => descriptor.Length < 9
        ? null
        : (long)BinaryPrimitives.ReadUInt16LittleEndian(descriptor[4..]) * BinaryPrimitives.ReadUInt16LittleEndian(descriptor[6..]);

    private static bool CopyFrame(ReadOnlySpan<byte> file, ref int at, MemoryStream output, int pixels, RemovedParts removed)
    {
        var codesAt = at + 9 + TableBytes(file[at + 8]);
        if (codesAt >= file.Length || file[codesAt] is < 1 or > 8) return false;
        output.WriteByte(0x2C);
        output.Write(file[at..(codesAt + 1)]);
        var codeBits = file[codesAt];
        var from = at = codesAt + 1;
        if (!SkipBlocks(file, ref at)) return false;

        var codes = new MemoryStream(at - from);
        for (var block = from; file[block] != 0; block += 1 + file[block]) codes.Write(file.Slice(block + 1, file[block]));
        var used = UsedCodes(codes.GetBuffer().AsSpan(0, (int)codes.Length), codeBits, pixels);
        if (used < 0) return false;
        if (used < codes.Length) removed.Add(RemovedKind.TrailingBytes, name: "frame");
        for (var i = 0; i < used; i += 255)
        {
            var count = Math.Min(255, used - i);
            output.WriteByte((byte)count);
            output.Write(codes.GetBuffer().AsSpan(i, count));
        }

        output.WriteByte(0);
        return true;
    }

    private static bool SkipBlocks(ReadOnlySpan<byte> file, ref int at)
    {
        while (at < file.Length && file[at] != 0) at += 1 + file[at];
        return at++ < file.Length;
    }

    /// <summary>
    /// How many bytes of LZW codes a frame of this many pixels takes; negative where they are not that many pixels. Only the lengths
    /// of what the codes stand for are followed: they say how many pixels there are.
    /// </summary>
    private static int UsedCodes(ReadOnlySpan<byte> codes, int codeBits, int pixels)
    {
        const int MostCodes = 4096;
        Span<int> lengths = stackalloc int[MostCodes];
        var clear = 1 << codeBits;
        lengths[..clear].Fill(1);
        var (next, bits, last) = (clear + 2, codeBits + 1, 0);
        var (held, heldBits, at) = (0u, 0, 0);
        while (true)
        {
            while (heldBits < bits)
            {
                // Some encoders leave out the end code: what counts is that the pixels are all there.
                if (at == codes.Length) return pixels == 0 ? at : -1;
                held |= (uint)codes[at++] << heldBits;
                heldBits += 8;
            }

            var code = (int)(held & ((1u << bits) - 1));
            held >>= bits;
            heldBits -= bits;
            if (code == clear)
            {
                (next, bits, last) = (clear + 2, codeBits + 1, 0);
                continue;
            }

            if (code == clear + 1) return pixels == 0 ? at : -1;
            if (code > next || (code == next && last == 0)) return -1;
            var length = code == next ? last + 1 : lengths[code];
            if (length > pixels) return -1;
            pixels -= length;
            if (last > 0 && next < MostCodes)
            {
                lengths[next++] = last + 1;
                if (next == 1 << bits && bits < 12) bits++;
            }

            last = length;
        }
    }
}
