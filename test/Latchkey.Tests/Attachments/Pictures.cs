using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Latchkey.Tests;

/// <summary>Pictures for tests: PNG and GIF made here, JPEG and WebP as Chromium's canvas made them once (24 × 16, and 9 × 7 with transparency).</summary>
internal static class Pictures
{
    private const string CanvasJpeg =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgo" +
        "KCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wAARCAAQABgDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABgcA/8QAIRAAAQIGAgMAAAAAAAAAAAAAEQAGAQMEBSKhAhJBUXH/xAAW" +
        "AQEBAQAAAAAAAAAAAAAAAAAFAwf/xAAgEQABAgUFAAAAAAAAAAAAAAABAAMCBAUGEhEUIVGh/9oADAMBAAIRAxEAPwCG0DdIw0klA2iMNJ9a26Rgl1rbRGGkNKPbpH0i5MdOVOKBrkYaWVqpbLLkxhxhL78/UPH1" +
        "ZUdfpjMZgddGQ6BPoBC0mTuSMtAgr//Z";

    private const string CanvasWebP =
        "UklGRpIAAABXRUJQVlA4IIYAAAAQBQCdASoYABAAPm0wk0YkIyGhMAgAgA2JbACdMoRwN4B+KvCBEANcrBQDiFvgFg34AP7/i+oGjeIC9muZ4az0wb9mSfytnExtFB/5F7GHX2aafLPoEuC+qmfdL9JTcktYH2DP" +
        "Pq3upn2BSe1jV/5rKN/M4Oxdi/ummf4qaVSKXifIFkAAAA==";

    private const string CanvasWebPTransparent =
        "UklGRnAAAABXRUJQVlA4WAoAAAAQAAAACAAABgAAQUxQSBMAAAABDzCAERFCIJAEtr/ZDhH9D2gAAFZQOCA2AAAAcAEAnQEqCQAHAAFAJiWgAuwBQAAA/vpd//9zex12P/EB8eEv+Qz//iHx/9kl+0Oq/6ugAAAA";

    private const string CanvasWebPLossless =
        "UklGRiQAAABXRUJQVlA4TBgAAAAvCIABEA8Q8x8DGAyBQBLY/mY7RPQ/oAE=";

    public static byte[] Jpeg() => Convert.FromBase64String(CanvasJpeg);

    public static byte[] WebP() => Convert.FromBase64String(CanvasWebP);

    public static byte[] WebPTransparent() => Convert.FromBase64String(CanvasWebPTransparent);

    public static byte[] WebPLossless() => Convert.FromBase64String(CanvasWebPLossless);

    /// <summary>A PNG of RGB pixels; further chunks go before its data.</summary>
    public static byte[] Png(int width = 5, int height = 4, byte[]? more = null, byte[]? hidden = null)
    {
        var rows = new MemoryStream();
        for (var y = 0; y < height; y++)
        {
            rows.WriteByte(0);
            for (var x = 0; x < width; x++) rows.Write([(byte)(x * 40), (byte)(y * 50), 7]);
        }

        return [0x89, .. "PNG\r\n\u001A\n"u8, .. Header(width, height), .. more ?? [], .. Chunk("IDAT", [.. Deflated(rows.ToArray()), .. hidden ?? []]), .. Chunk("IEND", [])];
    }

    public static byte[] Header(int width, int height, byte colour = 2, byte interlaced = 0)
    {
        var body = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(body, width);
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(4), height);
        (body[8], body[9], body[12]) = (8, colour, interlaced);
        return Chunk("IHDR", body);
    }

    public static byte[] Deflated(byte[] bytes)
    {
        var output = new MemoryStream();
        using (var zlib = new ZLibStream(output, CompressionLevel.SmallestSize, leaveOpen: true)) zlib.Write(bytes);
        return output.ToArray();
    }

    public static byte[] Chunk(string type, byte[] body)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. body];
        var chunk = new byte[named.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        named.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(named.Length + 4), Crc(named));
        return chunk;
    }

    /// <summary>A GIF of 2 × 2 pixels with a palette of four, as many frames as asked; further blocks go before the first.</summary>
    public static byte[] Gif(int frames = 1, byte[]? more = null, byte[]? hidden = null)
    {
        // Clear, 0, 1, 2, 3, end: with codes of three bits, of four from the third code after the clear one on.
        var codes = Codes([(4, 3), (0, 3), (1, 3), (2, 3), (3, 4), (5, 4)]);
        byte[] frame = [0x21, 0xF9, 4, 0, 10, 0, 0, 0, 0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, (byte)(codes.Length + (hidden?.Length ?? 0)), .. codes, .. hidden ?? [], 0];
        return [.. "GIF89a"u8, 2, 0, 2, 0, 0x81, 0, 0, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, .. more ?? [], .. Enumerable.Repeat(frame, frames).SelectMany(f => f), 0x3B];
    }

    /// <summary>A part of a RIFF file.</summary>
    public static byte[] Part(string type, byte[] body)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Length);
        return [.. Encoding.ASCII.GetBytes(type), .. length, .. body, .. body.Length % 2 == 0 ? Array.Empty<byte>() : [0]];
    }

    private static byte[] Codes((int Code, int Bits)[] codes)
    {
        var (bytes, held, bits) = (new List<byte>(), 0, 0);
        foreach (var (code, width) in codes)
        {
            held |= code << bits;
            bits += width;
            for (; bits >= 8; bits -= 8, held >>= 8) bytes.Add((byte)held);
        }

        if (bits > 0) bytes.Add((byte)held);
        return [.. bytes];
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        }

        return ~crc;
    }
}
