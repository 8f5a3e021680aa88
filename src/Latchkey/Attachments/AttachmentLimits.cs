namespace Latchkey;

/// <summary>How large a file may be. A file beyond a limit is refused, and not read further than the limit.</summary>
public sealed record AttachmentLimits
{
    /// <summary>Bytes of a picture; default 10 MB.</summary>
    public int PictureBytes { get; init; } = 10_000_000;

    /// <summary>Bytes of a text; default 20 MB.</summary>
    public int TextBytes { get; init; } = 20_000_000;

    /// <summary>Bytes of a HAR file before it is cleaned; default 50 MB.</summary>
    public int HarBytes { get; init; } = 50_000_000;

    /// <summary>Width and height of a picture in pixels, each; default 16,384.</summary>
    public int PictureSide { get; init; } = 16_384;

    /// <summary>Pixels of a picture, and of one frame of it; default 50 million.</summary>
    public long PicturePixels { get; init; } = 50_000_000;

    /// <summary>Frames of an animated picture; default 500. All frames together may have ten times <see cref="PicturePixels"/>.</summary>
    public int Frames { get; init; } = 500;
}
