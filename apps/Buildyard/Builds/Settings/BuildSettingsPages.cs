using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Buildyard;

internal static class BuildSettingsPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/settings/builds").ExcludeFromDescription();
        pages.MapGet("", (string? saved, AccessContext access, BuildSettingsDesk desk) => desk.ShowAsync(access, null, saved is not null)).RequirePermission("build.settings.read");
        pages.MapPost("/approval", (FormBody form, AccessContext access, BuildSettingsDesk desk, BuildSettingsBook book) =>
            desk.SettleAsync(access, book.ApproveAsync(access, new ApprovalChange { Forks = form["forks"] is not null }))).RequirePermission("approval.update");
        pages.MapPost("/rolling", (FormBody form, AccessContext access, BuildSettingsDesk desk, BuildSettingsBook book) =>
            desk.SettleAsync(access, book.RollAsync(access, new RollingChange
            {
                Pushes = form["pushes"] is not null,
                PullRequests = form["pull_requests"] is not null,
                Running = form["running"] is not null,
            }))).RequirePermission("rolling.update");
        pages.MapPost("/selective", (FormBody form, AccessContext access, BuildSettingsDesk desk, BuildSettingsBook book) =>
            desk.SettleAsync(access, book.SelectAsync(access, new SelectiveChange { Paths = (form["paths"] ?? "").Split('\n') }), form)).RequirePermission("selective.update");
        pages.MapPost("/checks", (FormBody form, AccessContext access, BuildSettingsDesk desk, BuildSettingsBook book) =>
            desk.SettleAsync(access, book.CheckAsync(access, Checks(form)), form)).RequirePermission("checks.update");
        pages.MapPost("/cache/delete", DeleteAsync).RequirePermission("cache.delete");
    }

    /// <summary>An empty token in the form leaves the stored one: it is never shown, so it can't be sent back.</summary>
    private static ChecksChange Checks(FormBody form)
    {
        var change = new ChecksChange { Enabled = form["enabled"] is not null, ApiUrl = form["api_url"] ?? "" };
        return form["token"] is { Length: > 0 } token ? change with { Token = token } : change;
    }

    private static RedirectHttpResult DeleteAsync(FormBody form, AccessContext access, BuildCaches caches, HttpContext http)
    {
        if (form["all"] is not null) CacheApi.DeleteAll(access, caches);
        else CacheApi.Delete(access, caches, form["scope"] ?? "", form["id"] ?? "");
        return TypedResults.LocalRedirect($"/apps/{http.GetRouteValue("app")}/settings/builds?saved#cache");
    }
}

/// <summary>Shows the build settings, as they are or after one was changed.</summary>
internal sealed class BuildSettingsDesk(BuildSettingsBook book, BuildQueue queue, BuildCaches caches, AppSettings settings)
{
    public async Task<IResult> SettleAsync(AccessContext access, Task<Outcome<BuildSettings>> changing, FormBody? given = null)
    {
        if (!(await changing).Succeeded(out _, out var refusal)) return await ShowAsync(access, refusal, saved: false, given);
        return TypedResults.LocalRedirect($"/apps/{(await settings.GetAsync(access)).Slug}/settings/builds?saved");
    }

    public async Task<IResult> ShowAsync(AccessContext access, Refusal? refusal, bool saved, FormBody? given = null)
    {
        var view = await AppView.LoadAsync(access, settings);
        return Page.Show<BuildSettingsPage>(
            new
            {
                View = view,
                Settings = await book.GetAsync(access),
                queue.Load,
                Caches = view.May("cache.read") ? CacheApi.List(access, caches) : null,
                Refusal = refusal,
                Given = given,
                Saved = saved,
            },
            refusal?.Status ?? StatusCodes.Status200OK);
    }
}
