using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>Keeping and undoing what support changed, for the API and the pages.</summary>
internal static class ChangeEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1/apps/{app}/changes").WithTags("Support access").RequirePermission(Catalogue.SupportAccessManage);
        api.MapGet("", GetOpen)
            .WithSummary("What support left behind: changes that are still there and that nobody has kept or undone yet, newest first.")
            .Produces<Page<ChangeState>>().ProducesProblem(403).ProducesProblem(404);
        api.MapGet("/{act}", GetOne)
            .WithSummary("One change of support, and what undoing it would do.")
            .Produces<ChangeState>().ProducesProblem(403).ProducesProblem(404);
        api.MapPost("/{act}/undo", (string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
                PostAsync(context, caller, settler, refuser, act, Settlement.Undone))
            .WithSummary("Undoes one change of support. All of it or nothing; 409 with a sentence where somebody has changed it since.")
            .Produces<ChangeState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        api.MapPost("/{act}/keep", (string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
                PostAsync(context, caller, settler, refuser, act, Settlement.Kept))
            .WithSummary("Keeps one change of support: it is the customer's own from now on.")
            .Produces<ChangeState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);

        var pages = routes.MapGroup("/apps/{app}/changes/{act}").RequirePermission(Catalogue.SupportAccessManage).ExcludeFromDescription();
        pages.MapGet("", GetPage);
        pages.MapPost("/undo", (string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
            SubmitAsync(context, caller, settler, refuser, act, Settlement.Undone)).WithMetadata(FormSize.Small);
        pages.MapPost("/keep", (string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
            SubmitAsync(context, caller, settler, refuser, act, Settlement.Kept)).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> GetOpen(HttpContext context, AccessContext caller, Settler settler) =>
        Results.Json(new Page<ChangeState>(await settler.ListOpenAsync(caller.HostApp!, context.RequestAborted), null), Wire.Json);

    private static async Task<IResult> GetOne(string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
        await settler.FindAsync(caller.HostApp!, act, context.RequestAborted) is { } change
            ? Results.Json(change, Wire.Json)
            : refuser.Result(Settler.Unknown);

    private static async Task<IResult> PostAsync(HttpContext context, AccessContext caller, Settler settler, Refuser refuser, string act, Settlement decision)
    {
        var answer = await settler.SettleAsync(caller, act, decision);
        if (answer.Refusal is { } refusal)
        {
            return refuser.Result(refusal);
        }

        return answer.Value!.Problem is { } problem
            ? Results.Problem(type: "changed_since", title: Refuser.TitleOf(409), statusCode: 409, detail: problem)
            : Results.Json(answer.Value, Wire.Json);
    }

    private static async Task<IResult> GetPage(string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
        await settler.FindAsync(caller.HostApp!, act, context.RequestAborted) is { } change
            ? Show(context, caller, change, 200)
            : refuser.Result(Settler.Unknown);

    private static async Task<IResult> SubmitAsync(HttpContext context, AccessContext caller, Settler settler, Refuser refuser, string act, Settlement decision)
    {
        var answer = await settler.SettleAsync(caller, act, decision);
        if (answer.Value is { Problem: null })
        {
            return new SeeOther($"{Paths.Of(context).Activity(caller.HostApp!.Slug)}#lk-a-{act}");
        }

        return answer.Value is { } change
            ? Show(context, caller, change, 409)
            : refuser.Result(answer.Refusal!);
    }

    private static IResult Show(HttpContext context, AccessContext caller, ChangeState change, int status)
    {
        context.Features.Set(change);
        return LatchkeyPage.Result<ChangePage>(status, ("App", caller.HostApp!));
    }
}

/// <summary>A change of support, what the customer decided about it, and what undoing it would do.</summary>
internal sealed record ChangeState(ActStory Activity, string? AgentName, string State, IReadOnlyList<string> Does, string? Problem);
