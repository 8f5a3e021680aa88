using Latchkey.AspNetCore;

namespace Buildyard;

internal static class IncomingPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/settings/incoming-webhook").ExcludeFromDescription();
        pages.MapGet("", (string? saved, AccessContext access, IncomingDesk desk, AppSettings settings) => ShowAsync(access, desk, settings, null, saved is not null)).RequirePermission("hook.read");
        pages.MapPost("/rotate", async (AccessContext access, IncomingHooks hooks, AppSettings settings) =>
        {
            await hooks.RotateAsync(access);
            return await BackAsync(access, settings);
        }).RequirePermission("hook.rotate");
        pages.MapPost("/secret", async (FormBody form, AccessContext access, IncomingHooks hooks, IncomingDesk desk, AppSettings settings) =>
            (await hooks.SetSecretAsync(access, form["secret"])).Refusal is { } refusal ? await ShowAsync(access, desk, settings, refusal, false) : await BackAsync(access, settings))
            .RequirePermission("hook.update").NeverShows("secret");
        pages.MapPost("/remove", async (AccessContext access, IncomingHooks hooks, AppSettings settings) =>
        {
            await hooks.RemoveAsync(access);
            return await BackAsync(access, settings);
        }).RequirePermission("hook.delete");
    }

    private static async Task<IResult> ShowAsync(AccessContext access, IncomingDesk desk, AppSettings settings, Refusal? refusal, bool saved) =>
        Page.Show<IncomingPage>(
            new { View = await AppView.LoadAsync(access, settings), Hook = await desk.InfoAsync(access), Refusal = refusal, Saved = saved },
            refusal?.Status ?? StatusCodes.Status200OK);

    private static async Task<IResult> BackAsync(AccessContext access, AppSettings settings) =>
        TypedResults.LocalRedirect($"/apps/{(await settings.GetAsync(access)).Slug}/settings/incoming-webhook?saved");
}
