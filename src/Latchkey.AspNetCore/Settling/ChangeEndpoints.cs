using System.ComponentModel;
using System.Text.Json;
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
            .WithSummary("Keeps one change of support: it is the customer's own from now on. Where it rests on earlier ones, 'with' names all of them; else 409 with the list, and nothing is kept. 409 not_shown where nobody can be shown what support set.")
            .Accepts<KeepBody>("application/json")
            .Produces<ChangeState>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);

        var pages = routes.MapGroup("/apps/{app}/changes/{act}").RequirePermission(Catalogue.SupportAccessManage).ExcludeFromDescription();
        pages.MapGet("", GetPage);
        pages.MapPost("/undo", (string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
            SubmitAsync(context, caller, settler, refuser, act, Settlement.Undone)).WithMetadata(FormSize.Small);
        pages.MapPost("/keep", (string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
            SubmitAsync(context, caller, settler, refuser, act, Settlement.Kept)).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> GetOpen(
        HttpContext context,
        AccessContext caller,
        Settler settler,
        Refuser refuser,
        [Description(Cursor.About)] string? cursor,
        [Description(Cursor.AboutLimit)] string? limit)
    {
        if (Cursor.Read(cursor, limit, out var before, out var most, Counted.EntriesOfAccount) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var left = await settler.ListOpenAsync(caller.HostApp!, act => act.Seq < before, most, context.RequestAborted);
        return Results.Json(new Page<ChangeState>(left.Newest, left.Older > 0 ? Cursor.Encode(left.Newest[^1].Activity.Seq, Counted.EntriesOfAccount) : null), Wire.Json);
    }

    private static async Task<IResult> GetOne(string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
        await settler.FindAsync(caller.HostApp!, act, context.RequestAborted) is { } change
            ? Results.Json(change, Wire.Json)
            : refuser.Result(Settler.Unknown);

    private static async Task<IResult> PostAsync(HttpContext context, AccessContext caller, Settler settler, Refuser refuser, string act, Settlement decision)
    {
        var body = decision == Settlement.Kept ? await JsonBody.ReadAsync(context, "with") : await JsonBody.ReadAsync(context);
        var along = decision == Settlement.Kept ? body.Texts("with") : null;
        if (body.Refusal is { } unreadable)
        {
            return refuser.Result(unreadable);
        }

        var answer = await settler.SettleAsync(caller, act, decision, Named(along));
        if (answer.Refusal is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var change = answer.Value!;
        if (change.Problem is { } problem)
        {
            return Results.Problem(type: "changed_since", title: Refuser.TitleOf(409), statusCode: 409, detail: problem);
        }

        if (decision == Settlement.Kept && change is { State: "open", NotShown.Count: > 0 })
        {
            return Results.Problem(type: "not_shown", title: "It can't be shown", statusCode: 409, detail: $"What can't be shown isn't kept. {string.Join(' ', change.NotShown)}");
        }

        return decision == Settlement.Kept && change is { State: "open", RestsOn.Count: > 0 }
            ? Results.Problem(
                type: "rests_on_others", title: "It rests on others", statusCode: 409, detail: RestsOnOthers,
                extensions: new Dictionary<string, object?> { ["rests_on"] = JsonSerializer.SerializeToNode(change.RestsOn, Wire.Json) })
            : Results.Json(change, Wire.Json);
    }

    private static ActId[] Named(IEnumerable<string?>? acts) => [.. (acts ?? []).Where(act => IdText.IsId(act)).Select(act => new ActId(act!))];

    private const string RestsOnOthers = "This change rests on earlier ones of support that are undecided. Nothing is kept: look at them, and name all of them in 'with'.";

    private static async Task<IResult> GetPage(string act, HttpContext context, AccessContext caller, Settler settler, Refuser refuser) =>
        await settler.FindAsync(caller.HostApp!, act, context.RequestAborted) is { } change
            ? Show(context, caller, change, 200)
            : refuser.Result(Settler.Unknown);

    private static async Task<IResult> SubmitAsync(HttpContext context, AccessContext caller, Settler settler, Refuser refuser, string act, Settlement decision)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var answer = await settler.SettleAsync(caller, act, decision, Named(form["with"]));
        if (answer.Value is { Problem: null, State: not "open" })
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
/// <param name="Activity">What support did, with the values before and after.</param>
/// <param name="AgentName">Who did it.</param>
/// <param name="State">open, kept, undone or overtaken.</param>
/// <param name="Does">What undoing it does, a sentence each.</param>
/// <param name="Problem">Why it can't be undone.</param>
/// <param name="RestsOn">Earlier changes, undecided too, that it rests on: keeping it keeps them.</param>
internal sealed record ChangeState(ActStory Activity, string? AgentName, string State, IReadOnlyList<string> Does, string? Problem, IReadOnlyList<ActStory> RestsOn)
{
    /// <summary>What keeping it makes the customer's own, whole and as it takes effect, where the recorded changes don't tell all of it. Told of one change, not in lists.</summary>
    public IReadOnlyList<KeptText>? Keeps { get; init; }

    /// <summary>What of it nobody can be shown, a sentence each: it can't be kept. Told of one change, not in lists.</summary>
    public IReadOnlyList<string>? NotShown { get; init; }
}

/// <summary>What support left behind: changes that are still there and that nobody has decided on.</summary>
/// <param name="Newest">The newest of them, newest first.</param>
/// <param name="Count">How many there are.</param>
internal sealed record LeftBehind(IReadOnlyList<ChangeState> Newest, int Count)
{
    /// <summary>How many are shown at one time.</summary>
    public const int MostShown = 100;

    public static LeftBehind Nothing { get; } = new([], 0);

    /// <summary>How many there are that are older than those.</summary>
    public int Older => Count - Newest.Count;
}

/// <summary>The body of keeping: the ids of the earlier changes that it rests on.</summary>
internal sealed record KeepBody(IReadOnlyList<string>? With = null);
