namespace Buildyard;

/// <summary>One saved state of an app's <c>bitrise.yml</c>. Never changed, never deleted while the app lives.</summary>
public sealed class YamlVersion : IUndoable
{
    public required string AppId { get; init; }

    /// <summary>Counts from 1 in each app, without gaps.</summary>
    public required int Number { get; init; }
    public required string Content { get; init; }

    /// <summary>The person's or agent's id.</summary>
    public required string AuthorId { get; init; }
    public required string AuthorName { get; init; }
    public required bool BySupport { get; init; }
    public required DateTimeOffset SavedAt { get; init; }
    public required string Message { get; init; }

    /// <summary>Its author took over what they were shown of another workflow: it is their word, whoever wrote that first.</summary>
    public bool TakesOver { get; init; }

    /// <summary>Whether nothing of support's was undecided once a member had saved it: all of it is the customer's.</summary>
    public bool IsTheCustomers { get; set; }

    string IUndoable.Called => "bitrise.yml";
}
