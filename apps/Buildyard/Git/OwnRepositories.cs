namespace Buildyard;

/// <summary>
/// Repositories that lie on this instance's own disk, each in a folder of the account that it belongs to and known there by one exact address.
/// Nothing a user can save adds to them.
/// </summary>
/// <param name="directory">Where the accounts' folders are.</param>
/// <param name="names">The folder's name of each, by the address that stands for it.</param>
public sealed class OwnRepositories(string directory, IReadOnlyDictionary<string, string> names)
{
    public static OwnRepositories None { get; } = new("", new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>The directory that an account's apps reach by <paramref name="url"/>; null where this account has none there.</summary>
    public string? Find(string account, string url) =>
        names.TryGetValue(url, out var name) && Path.Combine(directory, account, name) is var place && Directory.Exists(place) ? place : null;
}
