using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>What a notice says and where it leads, for whoever reads it.</summary>
internal sealed class NoticeLinks(SupportAccess access, IOptions<LatchkeyOptions> options)
{
    public NoticeText TextOf(NoticeSource source) => NoticeWords.Of(source, access.Catalogue, options.Value.Team);

    /// <summary>The path of everyone's own notices.</summary>
    public string Inbox => new Paths(options.Value.Prefix).Inbox;

    /// <summary>A path of the host, below the base that requests name.</summary>
    public string PathOf(NoticeSource source, NoticePlace place, bool isAgent)
    {
        var paths = new Paths(options.Value.Prefix);
        if (place == NoticePlace.Conversation)
        {
            return paths.Conversation(new ConversationId(source.Notice.Subject));
        }

        if (isAgent)
        {
            return paths.Console;
        }

        if (source.Notice.App is not { } app)
        {
            return place == NoticePlace.Report ? paths.ReportOfAccount(source.Notice.Subject) : paths.Account;
        }

        // By its id, which an app keeps whatever it is called.
        return place switch
        {
            NoticePlace.Report => paths.Report(app.Value, source.Notice.Subject),
            NoticePlace.Activity => $"{paths.Activity(app.Value)}?session={Uri.EscapeDataString(source.Notice.Subject)}",
            _ => (options.Value.SettingsPath ?? options.Value.AppPath)(source.Name?.Slug ?? app.Value),
        };
    }
}
