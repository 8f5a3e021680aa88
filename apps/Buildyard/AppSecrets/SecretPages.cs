using Latchkey.AspNetCore;

namespace Buildyard;

internal static class SecretPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/workflow/secrets").ExcludeFromDescription();
        pages.MapGet("", (AccessContext access, AppSettings settings, SecretBook book, string? done) =>
            ShowAsync(access, settings, book, done: Said(done))).RequirePermission("secret.read");
        pages.MapPost("/set", SetAsync).RequirePermission("secret.update").NeverShows("value");
        pages.MapPost("/remove", RemoveAsync).RequirePermission("secret.delete");
        pages.MapPost("/reveal", RevealAsync).RequirePermission("secret.value.read");
    }

    private static string? Said(string? done) => done switch
    {
        "set" => "The secret is saved. Builds that start from now on get it.",
        "removed" => "The secret is removed.",
        _ => null,
    };

    private static async Task<IResult> SetAsync(FormBody form, AccessContext access, AppSettings settings, SecretBook book)
    {
        var name = form["name"]?.Trim();
        var existing = form["existing"] == "true";
        var changes = new SecretChanges
        {
            // Browsers send every line's end as CR LF; nobody who types a key means that.
            Value = form["value"]?.ReplaceLineEndings("\n") is { } value && !(existing && value.Length == 0) ? value : null!,
            IsProtected = form["is_protected"] == "true" ? true : null,
            IsExpand = form["is_expand"] == "true",
            IsExposedToPullRequests = form["is_exposed_to_pull_requests"] == "true",
        };
        if (!existing && (await book.ListAsync(access)).Exists(s => s.Name == name))
            return await ShowAsync(access, settings, book, Refusal.Invalid(new FieldError("name", "There is a secret of this name already.", "Another name, or change that one.")), given: name);
        return (await book.SetAsync(access, name, changes)).Refusal is { } refusal
            ? await ShowAsync(access, settings, book, refusal, given: existing ? null : name, at: existing ? name : null)
            : TypedResults.LocalRedirect($"{Path(await settings.GetAsync(access))}?done=set");
    }

    private static async Task<IResult> RemoveAsync(FormBody form, AccessContext access, AppSettings settings, SecretBook book)
    {
        await book.RemoveAsync(access, form["name"] ?? "");
        return TypedResults.LocalRedirect($"{Path(await settings.GetAsync(access))}?done=removed");
    }

    private static async Task<IResult> RevealAsync(FormBody form, AccessContext access, AppSettings settings, SecretBook book, HttpResponse response)
    {
        var name = form["name"] ?? "";
        response.Headers.CacheControl = "no-store";
        return (await book.RevealAsync(access, name)).Succeeded(out var value, out var refusal)
            ? await ShowAsync(access, settings, book, at: name, value: value)
            : await ShowAsync(access, settings, book, refusal);
    }

    private static async Task<IResult> ShowAsync(
        AccessContext access, AppSettings settings, SecretBook book, Refusal? refusal = null, string? done = null, string? given = null, string? at = null, string? value = null) => Page.Show<SecretsPage>(
        new { View = await AppView.LoadAsync(access, settings), Secrets = await book.ListAsync(access), Refusal = refusal, Done = done, Given = given, At = at, Value = value },
        refusal?.Status ?? StatusCodes.Status200OK);

    private static string Path(App app) => $"/apps/{app.Slug}/workflow/secrets";
}
