using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>Who of an account is told of support access, and how: for its owners, as an API and a page.</summary>
internal static class NoticeSettingsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1/accounts/{account}").WithTags("Notices").RequireMember();
        api.MapGet("/notices", GetSettings)
            .WithSummary("Who of the account is told of support access, and how; and what could not be told. Owners only.")
            .Produces<NoticeSettingsState>().ProducesProblem(403).ProducesProblem(404);
        api.MapPut("/notices/{notice}", PutChoice)
            .WithSummary("Sets who is told of one event (request, on, first_entry, each_entry, ending, ended, report), and how; fields left out stay. Owners only.")
            .Accepts<NoticeChanges>("application/json")
            .Produces<NoticeChoiceState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        api.MapPut("/notice-webhook", PutHook)
            .WithSummary("Sets the account's webhook (Standard Webhooks) and answers its new secret, which is shown this once. Owners only.")
            .Accepts<HookBodyIn>("application/json")
            .Produces<HookState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        api.MapDelete("/notice-webhook", DeleteHook)
            .WithSummary("Removes the account's webhook, and what waits for it. Owners only.")
            .Produces(204).ProducesProblem(403).ProducesProblem(404);

        var pages = routes.MapGroup("/notices").RequireMember().ExcludeFromDescription();
        pages.MapGet("", GetPage);
        pages.MapPost("/{notice}", SubmitChoice).WithMetadata(FormSize.Small);
        pages.MapPost("/webhook/set", SubmitHook).WithMetadata(FormSize.Small);
        pages.MapPost("/webhook/remove", SubmitRemoval).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> GetSettings(string account, HttpContext context, AccessContext caller, NoticeDesk desk, Refuser refuser) =>
        await desk.MayChooseAsync(caller.Member!, account, context.RequestAborted) is { } refusal
            ? refuser.Result(refusal)
            : Results.Json(await desk.ReadAsync(caller.Member!.Account, context.RequestAborted), Wire.Json);

    private static async Task<IResult> PutChoice(string account, string notice, HttpContext context, AccessContext caller, NoticeDesk desk, Refuser refuser)
    {
        if (await desk.MayChooseAsync(caller.Member!, account, context.RequestAborted) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var body = await JsonBody.ReadAsync(context, "administrators", "owners", "people", "in_app", "email", "webhook");
        var changes = new NoticeChanges(body.Flag("administrators"), body.Flag("owners"), body.Texts("people"), body.Flag("in_app"), body.Flag("email"), body.Flag("webhook"));
        if (body.Refusal is { } bad)
        {
            return refuser.Result(bad);
        }

        var answer = await desk.ChooseAsync(caller.Member!.Account, notice, changes, context.RequestAborted);
        return answer.Value is { } choice ? Results.Json(choice, Wire.Json) : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> PutHook(string account, HttpContext context, AccessContext caller, NoticeDesk desk, Refuser refuser)
    {
        if (await desk.MayChooseAsync(caller.Member!, account, context.RequestAborted) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var body = await JsonBody.ReadAsync(context, "url");
        var url = body.Text("url");
        if (body.Refusal is { } bad)
        {
            return refuser.Result(bad);
        }

        var answer = await desk.SetHookAsync(caller.Member!.Account, url, context.RequestAborted);
        return answer.Value is { } hook ? Results.Json(hook, Wire.Json) : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> DeleteHook(string account, HttpContext context, AccessContext caller, NoticeDesk desk, Refuser refuser)
    {
        if (await desk.MayChooseAsync(caller.Member!, account, context.RequestAborted) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        await desk.RemoveHookAsync(caller.Member!.Account, context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> GetPage(HttpContext context, AccessContext caller, NoticeDesk desk, Refuser refuser) =>
        await desk.MayChooseAsync(caller.Member!, account: null, context.RequestAborted) is { } refusal
            ? refuser.Result(refusal)
            : await ShowAsync(context, caller, desk, 200);

    private static async Task<IResult> SubmitChoice(string notice, HttpContext context, AccessContext caller, NoticeDesk desk, Refuser refuser)
    {
        if (await desk.MayChooseAsync(caller.Member!, account: null, context.RequestAborted) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var changes = new NoticeChanges(
            Ticked(form, "administrators"), Ticked(form, "owners"), [.. form["people"].OfType<string>()], Ticked(form, "in_app"), Ticked(form, "email"), Ticked(form, "webhook"));
        var answer = await desk.ChooseAsync(caller.Member!.Account, notice, changes, context.RequestAborted);
        return answer.Refusal is { } bad ? refuser.Result(bad) : new SeeOther($"{Paths.Of(context).NoticeSettings}#lk-{notice}");
    }

    private static async Task<IResult> SubmitHook(HttpContext context, AccessContext caller, NoticeDesk desk, Refuser refuser)
    {
        if (await desk.MayChooseAsync(caller.Member!, account: null, context.RequestAborted) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var answer = await desk.SetHookAsync(caller.Member!.Account, form["url"], context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Set(new HookAttempt(form["url"].ToString(), answer.Value?.Secret, answer.Refusal));
        return await ShowAsync(context, caller, desk, answer.Refusal is null ? 200 : 422);
    }

    private static async Task<IResult> SubmitRemoval(HttpContext context, AccessContext caller, NoticeDesk desk, Refuser refuser)
    {
        if (await desk.MayChooseAsync(caller.Member!, account: null, context.RequestAborted) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        await desk.RemoveHookAsync(caller.Member!.Account, context.RequestAborted);
        return new SeeOther(Paths.Of(context).NoticeSettings);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, AccessContext caller, NoticeDesk desk, int status)
    {
        context.Features.Set(await desk.ReadAsync(caller.Member!.Account, context.RequestAborted));
        return LatchkeyPage.Result<NoticeSettingsPage>(status);
    }

    private static bool Ticked(IFormCollection form, string name) => form[name] == "true";
}

/// <summary>What names a webhook.</summary>
internal sealed record HookBodyIn(string Url);

/// <summary>What an owner typed to set the webhook, and what came of it: its secret, this once, or why not.</summary>
internal sealed record HookAttempt(string Url, string? Secret, Refusal? Refusal);
