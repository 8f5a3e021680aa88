using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using Latchkey.AspNetCore.Conversations;
using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>What a customer shows support of their app: chosen, looked at, then shown.</summary>
internal static class ShareEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1/conversations/{id}").RequireSignedIn().WithTags("Conversations");
        api.MapGet("/shareables", GetShareables)
            .WithSummary("What the member can show support of the conversation's app, beside its settings; newest first.")
            .Produces<Page<ShareableStory>>().ProducesProblem(403).ProducesProblem(404);
        api.MapGet("/shares/preview", GetPreview)
            .WithSummary("What support would see, before it is shown.")
            .Produces<SharePreview>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        api.MapPost("/shares", PostShare)
            .Once()
            .WithSummary("Shows support the app's settings as they are now, or one of what can be shown. Members only.")
            .Accepts<ShareThingBody>("application/json")
            .Produces<MadeState>(201).ProducesProblem(403).ProducesProblem(404).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);

        var pages = routes.MapGroup("/conversations/{id}/share").RequireMember().ExcludeFromDescription();
        pages.MapGet("", GetPage);
        pages.MapPost("", PostPage).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> GetShareables(string id, HttpContext context, SharingDesk desk, Refuser refuser)
    {
        var opened = await desk.OpenAsync(context, id);
        if (opened.Value is not { } place)
        {
            return refuser.Result(opened.Refusal!);
        }

        var things = await place.Sharing.ListAsync(place.App, place.Member, context.RequestAborted);
        return Results.Json(new Page<ShareableStory>([.. things.Select(t => new ShareableStory(t.Id, t.Title, t.At, t.Detail))], null), Wire.Json);
    }

    private static async Task<IResult> GetPreview(
        string id,
        HttpContext context,
        SharingDesk desk,
        Refuser refuser,
        [Description("snapshot: the app's settings; build: one of what can be shown.")] string? kind,
        [Description("The id of what can be shown; not beside snapshot.")] string? item)
    {
        var opened = await desk.OpenAsync(context, id);
        var answer = opened.Value is { } place ? await SharingDesk.FindAsync(place, kind, item, context.RequestAborted) : opened.Refusal!;
        return answer.Value is { } share
            ? Results.Json(new SharePreview(AccessReader.Slug(share.Kind), share.Title, share.Parts), Wire.Json)
            : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> PostShare(string id, HttpContext context, SharingDesk desk, SupportAccess access, Refuser refuser)
    {
        var opened = await desk.OpenAsync(context, id);
        if (opened.Value is not { } place)
        {
            return refuser.Result(opened.Refusal!);
        }

        var body = await JsonBody.ReadAsync(context, "kind", "item");
        var (kind, item) = (body.Text("kind"), body.Text("item"));
        if (body.Refusal is { } bad)
        {
            return refuser.Result(bad);
        }

        var found = await SharingDesk.FindAsync(place, kind, item, context.RequestAborted);
        if (found.Value is not { } share)
        {
            return refuser.Result(found.Refusal!);
        }

        var answer = await access.ShareAsync(place.Conversation, place.By, share, context.RequestAborted);
        return answer.Value is { } shared ? Results.Json(new MadeState(shared.Id.Value), Wire.Json, statusCode: 201) : refuser.Result(answer.Refusal!);
    }

    private static async Task<IResult> GetPage(string id, HttpContext context, SharingDesk desk, Refuser refuser)
    {
        var opened = await desk.OpenAsync(context, id);
        if (opened.Value is not { } place)
        {
            return refuser.Result(opened.Refusal!);
        }

        var (kind, item) = (context.Request.Query["kind"].ToString(), context.Request.Query["item"].ToString());
        if (kind.Length == 0)
        {
            var things = await place.Sharing.ListAsync(place.App, place.Member, context.RequestAborted);
            return LatchkeyPage.Result<SharePage>(200, ("Conversation", place.Conversation), ("App", place.App), ("Things", things));
        }

        var found = await SharingDesk.FindAsync(place, kind, item, context.RequestAborted);
        return found.Value is { } share ? Previewed(place, share, kind, item, null) : refuser.Result(found.Refusal!);
    }

    private static async Task<IResult> PostPage(string id, HttpContext context, SharingDesk desk, SupportAccess access, Refuser refuser)
    {
        var opened = await desk.OpenAsync(context, id);
        if (opened.Value is not { } place)
        {
            return refuser.Result(opened.Refusal!);
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (kind, item) = (form["kind"].ToString(), form["item"].ToString());
        var found = await SharingDesk.FindAsync(place, kind, item, context.RequestAborted);
        if (found.Value is not { } share)
        {
            return refuser.Result(found.Refusal!);
        }

        // What is shown is what was looked at, to the letter.
        if (form["seen"] != ShareSeen.Of(share))
        {
            return Previewed(place, share, kind, item, new Refusal(RefusalReason.Invalid, "It has changed since you looked at it. This is how it is now."));
        }

        var answer = await access.ShareAsync(place.Conversation, place.By, share, context.RequestAborted);
        return answer.Refusal is { } refusal
            ? Previewed(place, share, kind, item, refusal)
            : new SeeOther(Paths.Of(context).Conversation(place.Conversation.Id));
    }

    private static IResult Previewed(SharingPlace place, Share share, string kind, string item, Refusal? refusal)
    {
        (string, object)[] values = [("Conversation", place.Conversation), ("App", place.App), ("Preview", share), ("Kind", kind), ("Thing", item)];
        return refusal is null
            ? LatchkeyPage.Result<SharePage>(200, values)
            : LatchkeyPage.Result<SharePage>(Refuser.StatusOf(refusal.Reason), [.. values, ("Refused", refusal)]);
    }
}

/// <summary>Tells two previews apart.</summary>
internal static class ShareSeen
{
    public static string Of(Share share) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{share.Kind}\n{share.Title}\n{ShareBody.Write(share.Parts)}")));
}

/// <summary>What support would see.</summary>
internal sealed record SharePreview(string Kind, string Title, IReadOnlyList<SharePart> Parts);

/// <summary>Where something is shown: in which conversation, of which app, by whom.</summary>
internal sealed record SharingPlace(ConversationRecord Conversation, HostApp App, Member Member, Speaker By, ISharing Sharing);

/// <summary>Finds out what a member may show in a conversation.</summary>
internal sealed class SharingDesk(ConversationDesk desk, ISupportHost host, ISharing? sharing = null)
{
    private static readonly Refusal s_nothing = new(RefusalReason.NotFound, Refuser.NotFoundDetail);

    public async Task<Answer<SharingPlace>> OpenAsync(HttpContext context, string id)
    {
        var caller = context.GetAccess();
        if (await desk.FindAsync(caller, id, context.RequestAborted) is not { } found)
        {
            return s_nothing;
        }

        if (caller.Member is not { } member)
        {
            return new Refusal(RefusalReason.NotAllowed, "Only the customer shares what is theirs.");
        }

        if (sharing is null || found.App is not { } app || await host.GetAppAsync(app, context.RequestAborted) is not { } own || own.Account != member.Account)
        {
            return s_nothing;
        }

        var by = await desk.SpeakerAsync(caller, found.App, context.RequestAborted);
        return by.Silenced is { } silenced ? silenced : new SharingPlace(found, own, member, by, sharing);
    }

    public static async Task<Answer<Share>> FindAsync(SharingPlace place, string? kind, string? item, CancellationToken cancellation) => kind switch
    {
        "snapshot" => await place.Sharing.SnapshotAsync(place.App, place.Member, cancellation),
        "build" when IdText.IsId(item) && await place.Sharing.FindAsync(place.App, place.Member, item!, cancellation) is { } share => share,
        "build" => new Refusal(RefusalReason.Invalid, "'item' takes the id of something that can be shown.", "item"),
        _ => new Refusal(RefusalReason.Invalid, "'kind' takes 'snapshot' or 'build'.", "kind"),
    };
}
