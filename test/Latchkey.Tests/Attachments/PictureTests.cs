using System.Buffers.Binary;
using System.Text;

namespace Latchkey.Tests.Attachments;

/// <summary>Pictures are what their content says, and are made anew from what shows them alone.</summary>
public sealed class PictureTests
{
    private static readonly byte[] s_secret = "GPS 47.4979 19.0402 <script>alert(1)</script>"u8.ToArray();

    public static TheoryData<string> Formats => ["png", "jpeg", "webp", "webp-transparent", "webp-lossless", "gif"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void CleanPicture_ComesBack_WithItsSize_AndLosesNothing(string format)
    {
        var clean = Clean(Plain(format));

        Assert.Empty(clean.Removed);
        Assert.True(clean is { Width: > 0, Height: > 0 });
        Assert.Equal(clean.Bytes.ToArray(), Clean(clean.Bytes.ToArray()).Bytes.ToArray());
    }

    [Fact]
    public void CleanPng_ComesBack_AsItWas() => Assert.Equal(Pictures.Png(), Clean(Pictures.Png()).Bytes.ToArray());

    [Theory]
    [MemberData(nameof(Formats))]
    public void Metadata_IsGone_AndNamed(string format)
    {
        var clean = Clean(WithSecret(format));

        Assert.True(clean.Bytes.Span.IndexOf("GPS 47"u8) < 0);
        Assert.Contains(clean.Removed, r => r.Kind == RemovedKind.Metadata);
        Assert.Equal(Clean(Plain(format)).Width, clean.Width);
        Assert.Empty(Clean(clean.Bytes.ToArray()).Removed);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void BytesBehindTheEnd_AreGone_AndNamed(string format)
    {
        var clean = Clean([.. Plain(format), .. "PK\u0003\u0004"u8, .. s_secret]);

        Assert.Equal([RemovedKind.TrailingBytes], clean.Removed.Select(r => r.Kind));
        Assert.Equal(Clean(Plain(format)).Bytes.ToArray(), clean.Bytes.ToArray());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void CutOffAnywhere_IsNoPictureAnyMore(string format)
    {
        var file = Plain(format);
        for (var length = 1; length < file.Length; length++)
        {
            // The first letters of some formats are letters.
            if (AttachmentCheck.Clean(file.AsMemory(0, length)).Value is { } clean) Assert.Equal(AttachmentType.Text, clean.Type);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void AnyChangedBytes_GiveAnAnswer_ThatIsCleanItself(string format)
    {
        var seed = Seeded.SeedOf("ATTACHMENT_SEED");
        var random = new Seeded(seed);
        var taken = 0;
        for (var round = 0; round < 2000; round++)
        {
            var file = random.OneIn(2) ? WithSecret(format) : Plain(format);
            if (format == "png" && random.OneIn(2))
            {
                // Whatever else is wrong with a chunk, its checksum is right: else nothing behind the checksum would be reached.
                var body = new byte[random.Below(40)];
                foreach (ref var b in body.AsSpan()) b = (byte)random.Next();
                file = Pictures.Png(random.Below(9) + 1, random.Below(9) + 1, Pictures.Chunk(random.Pick("PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "tEXt", "acTL", "IDAT", "IHDR", "aaAa", "IEND"), body), random.OneIn(2) ? body : null);
                Judge(file);
                continue;
            }

            for (var change = random.Below(6); change >= 0; change--) file[random.Below(file.Length)] = random.OneIn(3) ? (byte)0xFF : (byte)random.Next();
            if (random.OneIn(4)) file = [.. file.AsSpan(0, random.Below(file.Length)), .. file.AsSpan(random.Below(file.Length))];
            Judge(file);
        }

        Assert.True(taken > 0, $"seed {seed}: no changed file was taken, so nothing was shown.");

        void Judge(byte[] file)
        {
            var answer = AttachmentCheck.Clean(file);
            if (answer.Value is not { } clean)
            {
                Assert.Equal("file", answer.Refusal!.Field);
                return;
            }

            taken++;
            var again = AttachmentCheck.Clean(clean.Bytes);
            Assert.True(again.Value is { Removed.Count: 0 } same && same.Bytes.Span.SequenceEqual(clean.Bytes.Span), $"seed {seed}: cleaning a clean {format} changed it: {Convert.ToBase64String(file)}");
        }
    }

    [Fact]
    public void PngWhoseDataWantsADictionary_IsRefused()
    {
        // RFC 1950, section 2.2: FDICT is set, and the dictionary's checksum follows.
        byte[] wants = [0x78, 0xBB, 1, 2, 3, 4];

        Assert.Equal("file", AttachmentCheck.Clean(Pictures.Png(more: Pictures.Chunk("IDAT", wants))).Refusal!.Field);
    }

    [Fact]
    public void BytesHiddenInsideAPngsData_AreCutOff()
    {
        byte[][] hidden = [s_secret, new byte[10_000]];
        foreach (var bytes in hidden)
        {
            var clean = Clean(Pictures.Png(hidden: bytes));
            Assert.Equal(Pictures.Png(), clean.Bytes.ToArray());
            Assert.Equal([RemovedKind.TrailingBytes], clean.Removed.Select(r => r.Kind));
        }
    }

    [Fact]
    public void AnimatedPng_BecomesItsStill()
    {
        byte[] frames = [.. Pictures.Chunk("acTL", [0, 0, 0, 1, 0, 0, 0, 0]), .. Pictures.Chunk("fcTL", new byte[26])];
        var clean = Clean(Pictures.Png(more: frames));

        Assert.Equal(Pictures.Png(), clean.Bytes.ToArray());
        Assert.All(clean.Removed, r => Assert.Equal(RemovedKind.Frames, r.Kind));
    }

    [Fact]
    public void Png_WhoseDataIsMoreOrLessThanItsHeaderPromises_IsRefused()
    {
        byte[] signature = [.. Pictures.Png().AsSpan(0, 8)];
        foreach (var bytes in new[] { 0, 60, 63, 65, 50_000_000 })
        {
            Refused([.. signature, .. Pictures.Header(5, 4), .. Pictures.Chunk("IDAT", Pictures.Deflated(new byte[bytes])), .. Pictures.Chunk("IEND", [])], "header promises");
        }
    }

    [Fact]
    public void Interlaced_AndEveryKindOfColour_IsTaken()
    {
        byte[] signature = [.. Pictures.Png().AsSpan(0, 8)];

        // Adam7 over 5 × 4: passes of 1×1, 1×1, 2×1, 2×1 and so on, each row with its filter's byte before it.
        var interlaced = new byte[((1 + 3) * 1) + ((1 + 3) * 1) + (0 * 1) + ((1 + 3) * 1) + ((1 + 9) * 1) + ((1 + 6) * 2) + ((1 + 15) * 2)];
        Clean([.. signature, .. Pictures.Header(5, 4, interlaced: 1), .. Pictures.Chunk("IDAT", Pictures.Deflated(interlaced)), .. Pictures.Chunk("IEND", [])]);
        foreach (var (colour, bytes) in new (byte, int)[] { (0, 1), (4, 2), (6, 4) })
        {
            Clean([.. signature, .. Pictures.Header(5, 4, colour), .. Pictures.Chunk("IDAT", Pictures.Deflated(new byte[4 * ((5 * bytes) + 1)])), .. Pictures.Chunk("IEND", [])]);
        }
    }

    [Fact]
    public void Png_OfAMillionPixelsSquared_IsRefused_BeforeAnythingIsUnpacked()
    {
        byte[] bomb = [.. Pictures.Png().AsSpan(0, 8), .. Pictures.Header(1_000_000, 1_000_000), .. Pictures.Chunk("IDAT", Pictures.Deflated(new byte[1000])), .. Pictures.Chunk("IEND", [])];
        Refused(bomb, "16384 pixels wide");
    }

    [Fact]
    public void WrongChecksum_IsRefused()
    {
        var file = Pictures.Png();
        file[20] ^= 1;
        Refused(file, "checksum");
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    public void TurnedJpeg_StaysUpright_WithItsOrientationAlone(byte orientation, bool little)
    {
        byte[] tiff = little
            ? [.. "II*\0"u8, 8, 0, 0, 0, 2, 0, 0x0F, 1, 2, 0, 4, 0, 0, 0, .. "ACME"u8, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0, .. s_secret]
            : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0, .. s_secret];
        var clean = Clean(WithSegment(0xE1, [.. "Exif\0\0"u8, .. tiff])).Bytes.Span;

        Assert.True(clean.IndexOf("ACME"u8) < 0 && clean.IndexOf("GPS"u8) < 0);
        var exif = clean.IndexOf("Exif\0\0II*\0"u8);
        Assert.Equal(orientation > 1, exif >= 0);
        if (exif >= 0) Assert.Equal(orientation, BinaryPrimitives.ReadUInt16LittleEndian(clean[(exif + 6 + 18)..]));
        Assert.Equal(orientation > 1 ? Clean(Pictures.Jpeg()).Bytes.Length + 36 : Clean(Pictures.Jpeg()).Bytes.Length, clean.Length);
    }

    [Fact]
    public void ThumbnailInAJpegsFirstSegment_IsGone()
    {
        var file = Pictures.Jpeg();
        byte[] jfif = [0xFF, 0xE0, 0, 16 + 3, .. file.AsSpan(6, 12), 1, 1, 1, 2, 3];
        Assert.Equal(Clean(file).Bytes.ToArray(), Clean([0xFF, 0xD8, .. jfif, .. file.AsSpan(20)]).Bytes.ToArray());
    }

    [Fact]
    public void GifOfTooManyFrames_IsRefused()
    {
        Assert.Equal(AttachmentType.Gif, Clean(Pictures.Gif(500)).Type);
        Refused(Pictures.Gif(501), "500 frames");
    }

    [Fact]
    public void BytesHiddenBehindAGifsCodes_AreCutOff()
    {
        var clean = Clean(Pictures.Gif(hidden: s_secret));
        Assert.Equal(Pictures.Gif(), clean.Bytes.ToArray());
    }

    [Fact]
    public void HowOftenAGifRepeats_IsKept()
    {
        byte[] loop = [0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0];
        Assert.Equal(Pictures.Gif(2, loop), Clean(Pictures.Gif(2, loop)).Bytes.ToArray());
    }

    [Fact]
    public void AnimatedWebP_IsMadeAnew_FrameByFrame()
    {
        var still = Pictures.WebP();
        byte[] frame = [0, 0, 0, 0, 0, 0, 23, 0, 0, 15, 0, 0, 100, 0, 0, 0xFF, .. still.AsSpan(12), .. Pictures.Part("junk", s_secret)];
        byte[] body = [.. "WEBP"u8, .. Pictures.Part("VP8X", [0x2E, 0, 0, 0, 23, 0, 0, 15, 0, 0]), .. Pictures.Part("ICCP", s_secret), .. Pictures.Part("ANIM", new byte[6]), .. Pictures.Part("ANMF", frame), .. Pictures.Part("ANMF", frame), .. Pictures.Part("EXIF", s_secret)];
        var clean = Clean(Pictures.Part("RIFF", body));

        Assert.True(clean.Bytes.Span.IndexOf("GPS"u8) < 0);
        Assert.Equal(0x02, clean.Bytes.Span[20]);
        Assert.Equal((24, 16), (clean.Width, clean.Height));
        Assert.Equal(4, clean.Removed.Sum(r => r.Count));
    }

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "SVG")]
    [InlineData("\uFEFF  <?xml version='1.0'?><svg/>", "SVG")]
    [InlineData("<!DOCTYPE html><script>alert(1)</script>", "page")]
    [InlineData("%PDF-1.7\n1 0 obj", "PDF")]
    [InlineData("PK\u0003\u0004....", "zip")]
    [InlineData("GIF89a/*\u0001\u0001*/=1;alert(1)", "GIF")]
    [InlineData("BM......", "")]
    public void OtherFiles_AreRefused_SayingWhatIsAccepted(string text, string named)
    {
        var refusal = AttachmentCheck.Clean(text == "BM......" ? new byte[] { 0x42, 0x4D, 0, 0, 1 } : Encoding.UTF8.GetBytes(text)).Refusal;

        Assert.NotNull(refusal);
        Assert.Equal((RefusalReason.Invalid, "file"), (refusal.Reason, refusal.Field));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Polyglots_LeaveOnlyThePicture()
    {
        byte[] script = [.. "*/=1;alert(document.domain)/*<html><script>alert(1)</script>"u8];
        foreach (var file in new byte[][]
        {
            [.. Pictures.Gif(more: [0x21, 0xFE, (byte)script.Length, .. script, 0]), .. "PK\u0005\u0006"u8],
            Pictures.Png(more: Pictures.Chunk("tEXt", script), hidden: script),
            WithSegment(0xFE, script),
        })
        {
            var clean = Clean(file).Bytes.Span;
            Assert.True(clean.IndexOf("alert"u8) < 0 && clean.IndexOf("PK"u8) < 0);
        }
    }

    [Fact]
    public async Task TooLargeAFile_IsNotReadFurtherThanItsLimit()
    {
        foreach (var (head, limit) in new (byte[], int)[] { (Pictures.Png(), 10_000_000), ("{\"log\":"u8.ToArray(), 50_000_000), ("plain text"u8.ToArray(), 20_000_000) })
        {
            var endless = new Endless(head);
            var answer = await AttachmentCheck.CleanAsync(endless, cancellation: TestContext.Current.CancellationToken);

            Assert.Contains($"{limit / 1_000_000} MB", answer.Refusal!.Message, StringComparison.Ordinal);
            Assert.True(endless.Given <= limit + 1, $"{endless.Given} bytes were read; {limit} are the most.");
        }
    }

    private static CleanAttachment Clean(byte[] file)
    {
        var answer = AttachmentCheck.Clean(file);
        Assert.True(answer.Refusal is null, answer.Refusal?.Message);
        return answer.Value!;
    }

    private static void Refused(byte[] file, string words) => Assert.Contains(words, AttachmentCheck.Clean(file).Refusal?.Message ?? "it was taken", StringComparison.Ordinal);

    private static byte[] Plain(string format) => format switch
    {
        "png" => Pictures.Png(),
        "jpeg" => Pictures.Jpeg(),
        "webp" => Pictures.WebP(),
        "webp-transparent" => Pictures.WebPTransparent(),
        "webp-lossless" => Pictures.WebPLossless(),
        _ => Pictures.Gif(),
    };

    private static byte[] WithSecret(string format)
    {
        switch (format)
        {
            case "png":
                return Pictures.Png(more: [.. Pictures.Chunk("tEXt", s_secret), .. Pictures.Chunk("eXIf", s_secret), .. Pictures.Chunk("iCCP", s_secret), .. Pictures.Chunk("prVt", s_secret)]);
            case "jpeg":
                return WithSegment(0xE1, [.. "Exif\0\0"u8, .. s_secret]);
            case "gif":
                return Pictures.Gif(more: [0x21, 0xFE, (byte)s_secret.Length, .. s_secret, 0, 0x21, 0xFF, 11, .. "XMP DataXMP"u8, (byte)s_secret.Length, .. s_secret, 0]);
            default:
                var plain = Plain(format);
                return Pictures.Part("RIFF", [.. plain.AsSpan(8), .. Pictures.Part("EXIF", s_secret), .. Pictures.Part("XMP ", s_secret)]);
        }
    }

    private static byte[] WithSegment(byte marker, byte[] body)
    {
        var file = Pictures.Jpeg();
        return [.. file.AsSpan(0, 20), 0xFF, marker, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2), .. body, .. file.AsSpan(20)];
    }

    /// <summary>A file that never ends.</summary>
    private sealed class Endless(byte[] head) : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            if (Given == 0) head.CopyTo(buffer);
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
