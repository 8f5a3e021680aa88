using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>Who is told of an event. <c>event</c>: <c>build_failed</c>, <c>build_succeeded</c>, <c>webhook_failed</c>.</summary>
internal sealed record NotificationInfo(string Event, string Audience, IReadOnlyList<string> People, bool Email)
{
    public static NotificationInfo Of(NotificationRule rule) =>
        new(Words.Of(rule.Event), Words.Of(rule.Audience), rule.People.Split(' ', StringSplitOptions.RemoveEmptyEntries), rule.Email);
}

/// <summary><c>email_available</c> is false while the operator has set up no mail server: then everything is in the inbox only.</summary>
internal sealed record NotificationList(bool EmailAvailable, IReadOnlyList<NotificationInfo> Notifications);

internal sealed record InboxItemInfo(string Id, string Sentence, string Path, DateTimeOffset CreatedAt, bool Read);

internal sealed record InboxList(int Unread, IReadOnlyList<InboxItemInfo> Items);

internal static class NotificationApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/apps/{app}/notifications").WithTags("Notifications");
        api.MapGet("", async (AccessContext access, NotificationBook book, MailCourier mail) =>
                TypedResults.Ok(new NotificationList(mail.IsSetUp, [.. (await book.ListAsync(access)).Select(NotificationInfo.Of)])))
            .RequirePermission("notification.read").WithSummary("Lists who is told of what.").Produces<NotificationList>();
        api.MapPut("/{event}", async (string @event, NotificationChanges changes, AccessContext access, NotificationBook book) =>
                (await book.SetAsync(access, @event, changes)).Succeeded(out var rule, out var refusal) ? TypedResults.Ok(NotificationInfo.Of(rule)) : refusal.Result())
            .RequirePermission("notification.update").WithSummary("Sets who is told of an event. Fields left out stay.").Produces<NotificationInfo>().ProducesProblem(404).ProducesProblem(422);
        var inbox = routes.MapGroup("/api/inbox").WithTags("Notifications");
        inbox.MapGet("", async (AccessContext access, Inbox box) => TypedResults.Ok(new InboxList(
                await box.UnreadAsync(access.Member!), [.. (await box.ListAsync(access.Member!)).Select(i => new InboxItemInfo(i.Id, i.Sentence, i.Path, i.CreatedAt, i.ReadAt is not null))])))
            .RequireMember().WithSummary("Lists the newest 100 things that the caller was told.").Produces<InboxList>();
        inbox.MapPost("/read", async (AccessContext access, Inbox box) =>
            {
                await box.ReadAllAsync(access.Member!);
                return TypedResults.NoContent();
            })
            .RequireMember().WithSummary("Marks everything in the caller's inbox as read.").Produces(204);
    }
}
