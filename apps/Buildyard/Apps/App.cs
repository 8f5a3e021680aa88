namespace Buildyard;

/// <summary>An app that is built here.</summary>
public sealed class App : IUndoable
{
    /// <summary>Immutable and never reused: <c>app_</c> and a version 7 UUID.</summary>
    public required string Id { get; init; }
    public required string AccountId { get; init; }
    public Account Account { get; init; } = null!;

    /// <summary>The name in addresses; unique in this instance, and only a name.</summary>
    public required string Slug { get; init; }
    public required string Title { get; set; }

    /// <summary>Empty for an app without one: its builds start in an empty directory.</summary>
    public required string RepositoryUrl { get; set; }

    /// <summary>The address as everyone may see it: one of before it was looked at may hold what signs somebody in.</summary>
    public string ShownUrl => RepositoryAddress.Shown(RepositoryUrl);

    /// <summary>Built when nothing says which branch.</summary>
    public string DefaultBranch { get; set; } = "main";
    public required string ProjectType { get; set; }
    public required bool Enabled { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ChangedAt { get; set; }

    string IUndoable.AppId => Id;

    string IUndoable.Called => "the app";
}
