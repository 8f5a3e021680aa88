using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Buildyard;

/// <summary>What has become of a change of support.</summary>
public enum SupportChangeState
{
    Open,
    Kept,
    Undone,

    /// <summary>A member has set anew whatever it set: nothing of it is left to decide about.</summary>
    Overtaken,
}

/// <summary>A row of an app whose changes by support can be undone.</summary>
public interface IUndoable
{
    string AppId { get; }

    /// <summary>What it is called in a sentence: "the secret API_TOKEN". Never a secret itself.</summary>
    string Called { get; }
}

/// <summary>What one act of support changed in an app's rows, with what they were before: enough to undo it.</summary>
public sealed class SupportChange
{
    /// <summary>What <see cref="Rows"/> is sealed for.</summary>
    internal const string Purpose = "support change";

    /// <summary>The act's id on the ledger.</summary>
    public required string Act { get; init; }
    public required string AppId { get; init; }

    /// <summary>When. Later than every earlier one of the app's: their order is told by it.</summary>
    public required DateTimeOffset At { get; set; }

    /// <summary>What kinds of rows it touched, in order, with a blank after each: <c>AppSecret App.Title </c>.</summary>
    public required string Touches { get; set; }

    /// <summary>The rows before and after, as JSON, sealed: there are secrets in them.</summary>
    public required byte[] Rows { get; set; }
    public required SupportChangeState State { get; set; }

    /// <summary>The member who has set it anew, for <see cref="SupportChangeState.Overtaken"/>.</summary>
    public string? OvertakenBy { get; set; }

    /// <summary>Whether a member said it again after it was undone or gone past: what is kept of it stands in a later text.</summary>
    public bool IsSaidAgain { get; set; }
}

/// <summary>One row of a change. Values are as the model holds them.</summary>
/// <param name="Entity">The entity's name.</param>
/// <param name="Called">What it was called.</param>
/// <param name="Key">Its key, by property.</param>
/// <param name="Before">The properties that changed, before, and those that must be as they were for it to be undone; null where there was no row. A removed row has all of them.</param>
/// <param name="After">The same after; null where the row is gone. An added row has all of them. What only must be as it was is the same in both.</param>
internal sealed record ChangedRow(
    string Entity,
    string Called,
    IReadOnlyDictionary<string, JsonElement> Key,
    IReadOnlyDictionary<string, JsonElement>? Before,
    IReadOnlyDictionary<string, JsonElement>? After)
{
    /// <summary>The properties that a member has set anew since.</summary>
    public IReadOnlyList<string> Overtaken { get; init; } = [];

    /// <summary>For a removed row: whether a member has put another in its place, undone that support added it, or named something that it was not for.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>Which row it is about: the same for all changes of one row.</summary>
    [JsonIgnore]
    public string Row => $"{Entity} {JsonSerializer.Serialize(Key)}";
}

internal sealed class SupportChangeMapping : IEntityTypeConfiguration<SupportChange>
{
    public void Configure(EntityTypeBuilder<SupportChange> builder)
    {
        builder.HasKey(c => c.Act);
        builder.HasIndex(c => new { c.AppId, c.State });
        builder.Property(c => c.IsSaidAgain).HasDefaultValue(false);
        builder.HasOne<App>().WithMany().HasForeignKey(c => c.AppId).OnDelete(DeleteBehavior.Cascade);
    }
}
