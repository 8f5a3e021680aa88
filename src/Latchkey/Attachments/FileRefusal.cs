namespace Latchkey;

/// <summary>Why a file is not taken, in sentences that say what would be.</summary>
internal static class FileRefusal
{
    private const string Accepted = "PNG, JPEG, WebP and GIF pictures, HAR files and text in UTF-8 (logs, YAML, JSON) are accepted.";

    public static Refusal Empty => Invalid("The file is empty. " + Accepted);

    public static Refusal NotAccepted(string what) => Invalid($"{what} can't be attached. {Accepted}");

    public static Refusal Damaged(string format, string what) => Invalid($"This {format} picture can't be read: {what}. Open it and save it again, or take the screenshot anew.");

    public static Refusal TooLarge(string what, long limit) => Invalid(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what} may have {limit / 1_000_000.0:0.##} MB; this one has more."));

    public static Refusal TooManyPixels(AttachmentLimits limits) =>
        Invalid($"A picture may be {limits.PictureSide} pixels wide and high, and have {limits.PicturePixels} pixels; this one has more.");

    public static Refusal TooManyFrames(AttachmentLimits limits) =>
        Invalid($"An animated picture may have {limits.Frames} frames, with {limits.PicturePixels * 10} pixels in all; this one has more.");

    public static Refusal Invalid(string message) => new(RefusalReason.Invalid, message, "file");
}
