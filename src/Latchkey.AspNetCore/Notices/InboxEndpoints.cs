using System.ComponentModel;
using Latchkey.AspNetCore.Pages;
using Latchkey.AspNetCore.Parts;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>Everyone's own inbox of notices about support access, for the API and the pages.</summary>
internal static class InboxEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1/inbox").WithTags("Notices").RequireSignedIn();
        api.MapGet("", GetInbox)
            .WithSummary("The caller's own notices about support access, newest first, the newest 500; pages by cursor and limit.")
            .Produces<InboxPageState>().ProducesProblem(422);
        api.MapPost("/seen", PostSeen)
            .WithSummary("Marks the caller's notices as seen, up to and including the one named by 'through'.")
            .Accepts<SeenBody>("application/json")
            .Produces<UnseenState>().ProducesProblem(422).ProducesProblem(503);

        var pages = routes.MapGroup("/inbox").RequireSignedIn().ExcludeFromDescription();
        pages.MapGet("", GetPage);
        pages.MapGet("/bell", () => LatchkeyPage.Part<InboxBell>());
        pages.MapPost("/seen", SubmitSeen).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> GetInbox(
        HttpContext context,
        AccessContext caller,
        SupportAccess access,
        NoticeDoors doors,
        Refuser refuser,
        [Description(Cursor.About)] string? cursor,
        [Description(Cursor.AboutLimit)] string? limit)
    {
        if (Cursor.Read(cursor, limit, out var before, out var most, Counted.Notices) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        var reader = InboxReader.Of(caller)!.Value;
        var lines = await access.Notices.ReadInboxAsync(reader, before, most, context.RequestAborted);
        var page = Cursor.Page(lines, most, l => l.Number, line => line, Counted.Notices);
        var items = new List<InboxItemState>();
        foreach (var line in page.Items)
        {
            var (source, text, path) = await doors.ReadAsync(line.Source, caller.Member, context.RequestAborted);
            items.Add(new InboxItemState(
                IdOf(line.Number), AccessReader.Slug(source.Notice.Kind), source.Name?.Slug, text.Sentence,
                path is null ? null : SitePath.Of(context, path), source.Notice.Due, line.Seen));
        }

        return Results.Json(new InboxPageState(await access.Notices.CountUnseenAsync(reader, context.RequestAborted), items, page.NextCursor), Wire.Json);
    }

    private static async Task<IResult> PostSeen(HttpContext context, AccessContext caller, SupportAccess access, Teller teller, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, "through");
        var through = body.Text("through");
        if (body.Refusal is not null)
        {
            return refuser.Result(body.Refusal);
        }

        if (through is null || !Cursor.TryDecode(through, out var number, Counted.Notices))
        {
            return refuser.Result(new Refusal(RefusalReason.Invalid, "'through' takes the id of a notice in the inbox.", "through"));
        }

        var reader = InboxReader.Of(caller)!.Value;
        await teller.SeeAsync(InboxReader.AccountOf(caller), reader, number, context.RequestAborted);
        return Results.Json(new UnseenState(await access.Notices.CountUnseenAsync(reader, context.RequestAborted)), Wire.Json);
    }

    private static IResult GetPage(HttpContext context, Refuser refuser)
    {
        if (Cursor.Read(context, out _, out _, Counted.Notices) is { } refusal)
        {
            return refuser.Result(refusal);
        }

        return Refuser.WantsPage(context) ? LatchkeyPage.Result<InboxPage>() : LatchkeyPage.Part<InboxBody>();
    }

    private static async Task<IResult> SubmitSeen(HttpContext context, AccessContext caller, Teller teller)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (form["through"] is [{ } through] && Cursor.TryDecode(through, out var number, Counted.Notices))
        {
            await teller.SeeAsync(InboxReader.AccountOf(caller), InboxReader.Of(caller)!.Value, number, context.RequestAborted);
        }

        return new SeeOther(Paths.Of(context).Inbox);
    }

    /// <summary>What a notice in an inbox goes by. Numbers count the lines of all inboxes: nobody is told them.</summary>
    public static string IdOf(long number) => Cursor.Encode(number, Counted.Notices);
}

/// <summary>A page of an inbox.</summary>
internal sealed record InboxPageState(int Unseen, IReadOnlyList<InboxItemState> Items, string? NextCursor);

/// <summary>A notice in an inbox. <c>path</c> is where it leads; null for whoever was named to be told and may not open that.</summary>
internal sealed record InboxItemState(string Id, string Kind, string? App, string Sentence, string? Path, DateTimeOffset At, bool Seen);

/// <summary>How many notices were not seen.</summary>
internal sealed record UnseenState(int Unseen);

/// <summary>What marks notices as seen.</summary>
internal sealed record SeenBody(string Through);
