using System.Globalization;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Buildyard;

internal static class YamlPages
{
    private const int PageLength = 30;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/workflow/yml").ExcludeFromDescription();
        pages.MapGet("", EditAsync).RequirePermission("yml.read");
        pages.MapPost("", SaveAsync).RequirePermission("yml.update");
        pages.MapGet("/versions", ListAsync).RequirePermission("yml.version.read");
        pages.MapGet("/versions/{number:int}", ShowAsync).RequirePermission("yml.version.read");
        pages.MapPost("/versions/{number:int}/restore", RestoreAsync).RequirePermission("yml.restore");
    }

    private static async Task<IResult> EditAsync(AccessContext access, AppSettings settings, YamlHistory history, string? saved)
    {
        var current = await history.CurrentAsync(access);
        var check = BitriseYaml.Check(current.Content);
        return Page.Show<EditorPage>(new
        {
            View = await AppView.LoadAsync(access, settings),
            Based = current,
            Check = check.IsValid ? check : null,
            Saved = saved is not null,
        });
    }

    private static async Task<IResult> SaveAsync(FormBody form, AccessContext access, AppSettings settings, YamlHistory history)
    {
        var view = await AppView.LoadAsync(access, settings);
        if (!int.TryParse(form["base"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || await history.FindAsync(access, number) is not { } based)
            based = await history.CurrentAsync(access);
        var typed = YamlText.FromEditing(form["content"] ?? "", based.Content);
        var message = form["message"];
        if (form["then"] == "edit")
            return Page.Show<EditorPage>(new { View = view, Based = based, Typed = typed, Message = message });

        return await history.SaveAsync(access, typed, based.Number, message) switch
        {
            SaveResult.Saved => TypedResults.LocalRedirect(view.Path("/workflow/yml?saved")),
            SaveResult.Invalid invalid => Page.Show<EditorPage>(
                new { View = view, Based = based, Typed = typed, Message = message, invalid.Check }, StatusCodes.Status422UnprocessableEntity),
            SaveResult.Refused refused => Page.Show<EditorPage>(
                new { View = view, Based = based, Typed = typed, Message = message, refused.Refusal }, refused.Refusal.Status),
            SaveResult.Conflict conflict => Page.Show<ConflictPage>(
                new { View = view, conflict.Current, Based = based.Number, Typed = typed, Message = message }, StatusCodes.Status409Conflict),
            var other => throw new System.Diagnostics.UnreachableException(other.ToString()),
        };
    }

    private static async Task<IResult> ListAsync(AccessContext access, AppSettings settings, YamlHistory history, int? before)
    {
        var versions = await history.ListAsync(access, before ?? int.MaxValue, PageLength + 1);
        return Page.Show<HistoryPage>(new
        {
            View = await AppView.LoadAsync(access, settings),
            Versions = versions.Take(PageLength).ToList(),
            Older = versions.Count > PageLength ? versions[PageLength - 1].Number : (int?)null,
        });
    }

    private static async Task<IResult> ShowAsync(int number, AccessContext access, AppSettings settings, YamlHistory history, string? compare)
    {
        var view = await AppView.LoadAsync(access, settings);
        if (await history.FindAsync(access, number) is not { } version) return Missing(view);
        var newest = await history.CurrentAsync(access);
        var other = compare switch
        {
            "previous" => await history.FindAsync(access, number - 1),
            "current" when newest.Number != number => newest,
            _ => null,
        };
        return Page.Show<VersionPage>(new { View = view, Version = version, Newest = newest.Number, Other = other });
    }

    private static async Task<IResult> RestoreAsync(int number, AccessContext access, AppSettings settings, YamlHistory history)
    {
        var view = await AppView.LoadAsync(access, settings);
        switch (await history.RestoreAsync(access, number))
        {
            case SaveResult.Saved:
                return TypedResults.LocalRedirect(view.Path("/workflow/yml?saved"));
            case null:
                return Missing(view);
            case var result:
                var refusal = result is SaveResult.Invalid invalid ? Unusable(invalid.Check) : Refusal.Conflict("version_conflict", "Somebody saved a new version just now. Look at it, then restore again.");
                var version = await history.FindAsync(access, number);
                var newest = await history.CurrentAsync(access);
                return Page.Show<VersionPage>(new { View = view, Version = version, Newest = newest.Number, Refusal = refusal }, refusal.Status);
        }
    }

    internal static Refusal Unusable(YamlCheck check) => new(
        StatusCodes.Status422UnprocessableEntity,
        "invalid_yaml",
        $"This is not a valid bitrise.yml. Line {check.Errors[0].Line}, column {check.Errors[0].Column}: {check.Errors[0].Message}",
        []);

    private static RazorComponentResult Missing(AppView view) => Page.Show<MessagePage>(
        new { Title = "No such version", Text = "This app's bitrise.yml has no version with that number.", Back = view.Path("/workflow/yml/versions"), BackLabel = "To the history" },
        StatusCodes.Status404NotFound);
}
