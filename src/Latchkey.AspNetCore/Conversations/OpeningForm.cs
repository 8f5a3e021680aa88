namespace Latchkey.AspNetCore;

/// <summary>What opens a conversation, as JSON or as a form that may have files.</summary>
internal sealed record OpeningForm(string? Subject, string? Text, string? App, IReadOnlyList<NewFile> Files)
{
    public static async Task<Answer<OpeningForm>> ReadAsync(HttpContext context, int maxJson)
    {
        if (context.Request.HasFormContentType)
        {
            return await ReadFormAsync(context);
        }

        var body = await JsonBody.ReadAsync(context, maxJson, "subject", "text", "app");
        var asked = new OpeningForm(body.Text("subject"), body.Text("text"), body.Text("app"), []);
        return body.Refusal is { } bad ? bad : asked;
    }

    /// <summary>Reads a form. A browser sends a file without name and bytes where none was chosen.</summary>
    public static async Task<Answer<OpeningForm>> ReadFormAsync(HttpContext context)
    {
        try
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var files = form.Files.Where(f => f.Length > 0 || f.FileName.Length > 0).Select(f => new NewFile(f.OpenReadStream(), f.FileName));
            return new OpeningForm(form["subject"], form["text"], form["app"], [.. files]);
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException or IOException)
        {
            return new Refusal(RefusalReason.Invalid, "The form did not come whole, or holds more than it may; send it again, with fewer or smaller files.", "file");
        }
    }
}
