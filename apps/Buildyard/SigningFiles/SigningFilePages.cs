using Latchkey.AspNetCore;

namespace Buildyard;

internal static class SigningFilePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/workflow/signing").ExcludeFromDescription();
        pages.MapGet("", (SigningFileDesk desk, string? done) => desk.ShowAsync(done: Said(done))).RequirePermission("signing_file.read");
        pages.MapPost("", async (FormBody form, SigningFileDesk desk) => await desk.AddAsync(await SentAsync(form))).RequirePermission("signing_file.update").NeverShows("password", "key_password");
        pages.MapPost("/{id}", async (string id, FormBody form, SigningFileDesk desk) => await desk.ReplaceAsync(id, await SentAsync(form))).RequirePermission("signing_file.update").NeverShows("password", "key_password");
        pages.MapPost("/{id}/remove", (string id, SigningFileDesk desk) => desk.RemoveAsync(id)).RequirePermission("signing_file.delete");
        pages.MapGet("/{id}/content", SigningFileApi.DownloadAsync).RequirePermission("signing_file.content.read");
    }

    private static string? Said(string? done) => done switch
    {
        "kept" => "The file is read, checked and kept. Builds that start from now on get it.",
        "removed" => "The file is removed.",
        _ => null,
    };

    private static async Task<NewSigningFile> SentAsync(FormBody form)
    {
        var content = "";
        var file = form.File("file");
        // What is too large is told so by its length; it isn't read for that.
        if (file is { Length: <= SigningFileShelf.Largest * 5L / 4 })
        {
            using var memory = new MemoryStream();
            await file.CopyToAsync(memory);
            content = Convert.ToBase64String(memory.ToArray());
        }
        return new NewSigningFile { Name = file?.FileName ?? "", Content = content, Password = form["password"] ?? "", Alias = form["alias"] ?? "", KeyPassword = form["key_password"] ?? "" };
    }
}

/// <summary>Shows the page, as it is or after something was done on it.</summary>
internal sealed class SigningFileDesk(SigningFileShelf shelf, AppSettings settings, IHttpContextAccessor http)
{
    private AccessContext Access => http.HttpContext!.GetAccess();

    public async Task<IResult> AddAsync(NewSigningFile sent) => (await shelf.AddAsync(Access, sent)).Refusal is { } refusal ? await ShowAsync(refusal) : await DoneAsync("kept");

    public async Task<IResult> ReplaceAsync(string id, NewSigningFile sent) =>
        (await shelf.ReplaceAsync(Access, id, sent)).Refusal is { } refusal ? await ShowAsync(refusal, at: id) : await DoneAsync("kept");

    public async Task<IResult> RemoveAsync(string id)
    {
        await shelf.RemoveAsync(Access, id);
        return await DoneAsync("removed");
    }

    public async Task<IResult> ShowAsync(Refusal? refusal = null, string? done = null, string? at = null) => Page.Show<SigningFilesPage>(
        new { View = await AppView.LoadAsync(Access, settings), Files = await shelf.ListAsync(Access), Refusal = refusal, Done = done, At = at },
        refusal?.Status ?? StatusCodes.Status200OK);

    private async Task<IResult> DoneAsync(string done) => TypedResults.LocalRedirect($"/apps/{(await settings.GetAsync(Access)).Slug}/workflow/signing?done={done}");
}
