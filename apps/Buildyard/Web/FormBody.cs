namespace Buildyard;

/// <summary>A posted HTML form. Forms and JSON bodies meet in the same functions behind the endpoints.</summary>
public sealed class FormBody(IFormCollection form)
{
    /// <summary>The field's text as posted; null when it is absent.</summary>
    public string? this[string field] => form.TryGetValue(field, out var value) ? value.ToString() : null;

    /// <summary>The names of the fields that were posted.</summary>
    public IEnumerable<string> Fields => form.Keys;

    /// <summary>Every value of a field, such as those of boxes that were ticked.</summary>
    public IEnumerable<string> All(string field) => form.TryGetValue(field, out var values) ? values.OfType<string>() : [];

    public IFormFile? File(string field) => form.Files.GetFile(field);

    public static async ValueTask<FormBody?> BindAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            throw new BadHttpRequestException("A form is expected here.", StatusCodes.Status415UnsupportedMediaType);
        try
        {
            return new FormBody(await context.Request.ReadFormAsync(context.RequestAborted));
        }
        catch (InvalidDataException e)
        {
            throw new BadHttpRequestException(e.Message, StatusCodes.Status413PayloadTooLarge, e);
        }
    }
}
