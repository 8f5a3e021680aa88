using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>A row that somebody set: which app it belongs to, and whose hand was last on it.</summary>
public abstract class Setting : IUndoable
{
    /// <summary>A prefix that says of what, and a version 7 UUID. Never reused.</summary>
    public required string Id { get; init; }
    public required string AppId { get; init; }
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Who changed it last, as pages write it: "Adam Reyes", or "Support · Sam Okafor".</summary>
    public string ChangedBy { get; set; } = "";
    public bool BySupport { get; set; }

    /// <summary>What it is called in a sentence: "the secret API_TOKEN". Never a secret itself.</summary>
    public abstract string Called { get; }

    /// <summary>Notes that the caller has set this row now.</summary>
    internal void Sign(AccessContext access, DateTimeOffset now)
    {
        (ChangedAt, ChangedBy, BySupport) = (now, access.ActorName, access.Support is not null);
    }
}

internal static class SettingRows
{
    /// <summary>The settings of the app that the request names.</summary>
    public static IQueryable<T> Of<T>(this IQueryable<T> settings, AccessContext access) where T : Setting
    {
        var app = access.App!.Value.Value;
        return settings.Where(setting => setting.AppId == app);
    }

    /// <summary>Maps what every setting has: it goes when its app goes.</summary>
    public static void IsOfAnApp<T>(this EntityTypeBuilder<T> setting) where T : Setting =>
        setting.HasOne<App>().WithMany().HasForeignKey(s => s.AppId).OnDelete(DeleteBehavior.Cascade);
}
