using Latchkey.AspNetCore;

namespace Buildyard;

internal static class NotificationPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription();
        pages.MapGet("/apps/{app}/settings/notifications", (NotificationDesk desk, string? done) => desk.ShowAsync(done: done is null ? null : "Saved.")).RequirePermission("notification.read");
        pages.MapPost("/apps/{app}/settings/notifications", (FormBody form, NotificationDesk desk) => desk.SetAsync(form)).RequirePermission("notification.update");
        pages.MapGet("/inbox", async (AccessContext access, Inbox inbox) => Page.Show<InboxPage>(new { Items = await inbox.ListAsync(access.Member!) })).RequireMember();
        pages.MapPost("/inbox/read", async (AccessContext access, Inbox inbox) =>
        {
            await inbox.ReadAllAsync(access.Member!);
            return TypedResults.LocalRedirect("/inbox");
        }).RequireMember();
    }
}

/// <summary>Shows the page, as it is or after something was set on it.</summary>
internal sealed class NotificationDesk(NotificationBook book, AppTeam team, AppSettings settings, MailCourier mail, IHttpContextAccessor http)
{
    private AccessContext Access => http.HttpContext!.GetAccess();

    public async Task<IResult> SetAsync(FormBody form)
    {
        var changes = new NotificationChanges
        {
            Audience = form["audience"] ?? "",
            People = [.. (form["people"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)],
            Email = form["email"] == "true",
        };
        return (await book.SetAsync(Access, form["event"], changes)).Refusal is { } refusal
            ? await ShowAsync(refusal, at: form["event"])
            : TypedResults.LocalRedirect($"/apps/{(await settings.GetAsync(Access)).Slug}/settings/notifications?done");
    }

    public async Task<IResult> ShowAsync(Refusal? refusal = null, string? done = null, string? at = null) => Page.Show<NotificationsPage>(
        new { View = await AppView.LoadAsync(Access, settings), Rules = await book.ListAsync(Access), Members = await team.ListCustomersAsync(Access), MailIsSetUp = mail.IsSetUp, Refusal = refusal, Done = done, At = at },
        refusal?.Status ?? StatusCodes.Status200OK);
}
