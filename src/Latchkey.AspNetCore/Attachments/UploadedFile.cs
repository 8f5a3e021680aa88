using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Latchkey.AspNetCore;

/// <summary>The one file of a request: its body, or the first file of a form. It is read as it comes, and not stored anywhere.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="Name">What the sender calls it.</param>
internal sealed record UploadedFile(Stream Bytes, string? Name)
{
    /// <summary>Finds the file; null where there is none.</summary>
    public static async Task<UploadedFile?> FindAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.HasFormContentType) return new UploadedFile(request.Body, request.Query["name"]);

        // A form without a script proves with a field that it is ours: it was read for that.
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IFormFeature>()?.Form is { } form)
        {
            return form.Files is [var file, ..] ? new UploadedFile(file.OpenReadStream(), file.FileName) : null;
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 100 } boundary) return null;
        var sections = new MultipartReader(boundary, request.Body);
        while (await sections.ReadNextSectionAsync(context.RequestAborted) is { } section)
        {
            if (section.GetContentDispositionHeader() is { } disposition && disposition.IsFileDisposition())
            {
                return new UploadedFile(section.Body, (disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value);
            }
        }

        return null;
    }
}
