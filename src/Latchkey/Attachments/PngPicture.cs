using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Latchkey;

/// <summary>
/// Makes a PNG anew (PNG, third edition): header, palette, transparency, the numbers that colours are read by, the picture's data.
/// The data is inflated, bounded by what the header promises, so that it is a picture of that size and nothing more.
/// </summary>
internal static class PngPicture
{
    private const string Format = "PNG";
    private const int Overhead = 12; // length, type, checksum
    private static readonly uint[] s_crc = CrcTable();

    public static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static Answer<CleanAttachment> Rebuild(ReadOnlySpan<byte> file, AttachmentLimits limits)
    {
        var removed = new RemovedParts();
        var output = new MemoryStream(file.Length);
        output.Write(Signature);
        var data = new MemoryStream();
        Header? header = null;
        (bool Palette, bool DataEnded) seen = default;
        var at = Signature.Length;
        while (true)
        {
            if (file.Length - at < Overhead) return FileRefusal.Damaged(Format, "it is cut off");
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - Overhead) return FileRefusal.Damaged(Format, "it is cut off");
            var type = Encoding.Latin1.GetString(file.Slice(at + 4, 4));
            var body = file.Slice(at + 8, (int)length);
            if (Crc(file.Slice(at + 4, (int)length + 4)) != BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..])) return FileRefusal.Damaged(Format, "a checksum is wrong");
            at += Overhead + (int)length;
            if (header is null)
            {
                if (type != "IHDR" || Header.Read(body) is not { } read) return FileRefusal.Damaged(Format, "its header is wrong");
                if (read.Width > limits.PictureSide || read.Height > limits.PictureSide || (long)read.Width * read.Height > limits.PicturePixels) return FileRefusal.TooManyPixels(limits);
                header = read;
                WriteChunk(output, "IHDR"u8, body);
                continue;
            }

            if (type == "IEND") break;
            if (type == "IDAT")
            {
                if (seen.DataEnded) return FileRefusal.Damaged(Format, "its data is torn apart");
                data.Write(body);
                continue;
            }

            seen.DataEnded = data.Length > 0;
            if (IsNeeded(type, body.Length, header.Value, seen.Palette, seen.DataEnded))
            {
                seen.Palette |= type == "PLTE";
                WriteChunk(output, Encoding.ASCII.GetBytes(type), body);
            }
            else if (char.IsAsciiLetterLower(type[0]))
            {
                removed.Add(type is "acTL" or "fcTL" or "fdAT" ? RemovedKind.Frames : RemovedKind.Metadata, name: type);
            }
            else
            {
                return FileRefusal.Damaged(Format, "it holds a part that no PNG has here");
            }
        }

        if (header.Value.ColourType == 3 && !seen.Palette) return FileRefusal.Damaged(Format, "its palette is missing");
        if (Used(data, header.Value) is not { } used) return FileRefusal.Damaged(Format, "its data is not the picture that its header promises");
        if (used < data.Length || at < file.Length) removed.Add(RemovedKind.TrailingBytes);
        WriteChunk(output, "IDAT"u8, data.GetBuffer().AsSpan(0, used));
        WriteChunk(output, "IEND"u8, []);
        return new CleanAttachment(AttachmentType.Png, output.GetBuffer().AsMemory(0, (int)output.Length), header.Value.Width, header.Value.Height, removed.ToList());
    }

    private static bool IsNeeded(string type, int length, Header header, bool palette, bool data) => type switch
    {
        "PLTE" => !palette && !data && header.ColourType is 2 or 3 or 6 && length is > 0 and <= 768 && length % 3 == 0,
        "tRNS" => !data && header.ColourType switch { 0 => length == 2, 2 => length == 6, 3 => palette && length is > 0 and <= 256, _ => false },
        "gAMA" => !data && length == 4,
        "cHRM" => !data && length == 32,
        "sRGB" => !data && length == 1,
        _ => false,
    };

    /// <summary>How many bytes of the data the picture takes; null where it is not the picture that the header promises.</summary>
    private static int? Used(MemoryStream data, Header header)
    {
        // The last bytes are handed out one by one, so that the count says where the data ends; where more than those are left
        // over, once more with every byte by itself.
        const int Tail = 4096;
        var left = Inflate(data, header, Math.Max(0, data.Length - Tail));
        if (left >= Tail) left = Inflate(data, header, 0);
        return left is { } bytes ? (int)data.Length - bytes : null;
    }

    private static int? Inflate(MemoryStream data, Header header, long singlesFrom)
    {
        using var source = new Dribble(data.GetBuffer().AsMemory(0, (int)data.Length), (int)singlesFrom);
        using var zlib = new ZLibStream(source, CompressionMode.Decompress);
        try
        {
            var row = new byte[header.RowBytes(header.Width) + 1];
            foreach (var (width, height) in header.Passes())
            {
                var bytes = row.AsSpan(0, header.RowBytes(width) + 1);
                for (var y = 0; y < height; y++)
                {
                    if (zlib.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || bytes[0] > 4) return null;
                }
            }

            return zlib.ReadByte() < 0 ? source.Left : null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // What wants a dictionary that nobody has is no broken data to zlib, but an error of its own kind, which is an IOException.
            return null;
        }
    }

    private static void WriteChunk(MemoryStream output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        output.Write(number);
        var from = (int)output.Position;
        output.Write(type);
        output.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(output.GetBuffer().AsSpan(from, body.Length + 4)));
        output.Write(number);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = s_crc[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] CrcTable()
    {
        var table = new uint[256];
        for (var n = 0u; n < 256; n++)
        {
            var c = n;
            for (var bit = 0; bit < 8; bit++) c = (c & 1) == 0 ? c >> 1 : 0xEDB88320 ^ (c >> 1);
            table[n] = c;
        }

        return table;
    }

    private readonly record struct Header(int Width, int Height, int Depth, int ColourType, bool Interlaced)
    {
        public static Header? Read(ReadOnlySpan<byte> body)
        {
            if (body.Length != 13) return null;
            var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
            var fits = body[9] switch
            {
                0 => body[8] is 1 or 2 or 4 or 8 or 16,
                3 => body[8] is 1 or 2 or 4 or 8,
                2 or 4 or 6 => body[8] is 8 or 16,
                _ => false,
            };
            return width > 0 && height > 0 && fits && body[10] == 0 && body[11] == 0 && body[12] <= 1 ? new(width, height, body[8], body[9], body[12] == 1) : null;
        }

        public int RowBytes(int width) => (int)((((long)width * Depth * (ColourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 })) + 7) / 8);

        /// <summary>The pictures that follow each other in the data: one, or the seven of Adam7, of which the empty ones have no rows.</summary>
        public IEnumerable<(int Width, int Height)> Passes()
        {
            if (!Interlaced) return [(Width, Height)];
            var (width, height) = (Width, Height);
            (int X, int Y, int StepX, int StepY)[] adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
            return adam7.Select(p => ((width - p.X + p.StepX - 1) / p.StepX, (height - p.Y + p.StepY - 1) / p.StepY)).Where(p => p is { Item1: > 0, Item2: > 0 });
        }
    }

    /// <summary>Hands out its bytes as asked up to a place, and one at a time from there.</summary>
    private sealed class Dribble(ReadOnlyMemory<byte> bytes, int singlesFrom) : Stream
    {
        private int _at;

        public int Left => bytes.Length - _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => bytes.Length;

        public override long Position { get => _at; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var most = _at < singlesFrom ? singlesFrom - _at : Math.Min(1, Left);
            var count = Math.Min(most, buffer.Length);
            bytes.Span.Slice(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
