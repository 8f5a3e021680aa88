namespace Buildyard;

/// <summary>What one ended build keeps on disk.</summary>
/// <param name="BuildId">Which build.</param>
/// <param name="AppId">Its app.</param>
/// <param name="Number">Its number in the app.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Log">Bytes of its log.</param>
/// <param name="Artifacts">Bytes of its artifacts.</param>
/// <param name="IsAStrangers">Whether support or a stranger's pull request shaped it: nothing goes for its artifacts, and they go first.</param>
/// <param name="LostSome">Whether artifacts of it are gone already.</param>
internal sealed record HeldFiles(string BuildId, string AppId, int Number, DateTimeOffset EndedAt, long Log, long Artifacts, bool IsAStrangers, bool LostSome = false)
{
    public long Size => Log + Artifacts;
}

/// <summary>Files of a build that go, and why, to follow "were removed on a day".</summary>
internal sealed record GoingFiles(HeldFiles Of, bool LogToo, string Because);

/// <summary>
/// Which files of an account's builds go: those kept for long enough, then, as long as there are too many, the artifacts of the oldest builds, then their
/// logs. Artifacts of builds that support or a stranger had a hand in go before the customer's own, so that they press none of those out; logs go by age
/// alone, since those of support's builds are the customer's to read. Each app's newest build keeps its files.
/// </summary>
internal static class StorageRule
{
    /// <summary>Builds whose files may go, oldest first.</summary>
    /// <param name="held">What an account's ended builds hold.</param>
    public static IReadOnlyList<HeldFiles> MayGo(IReadOnlyCollection<HeldFiles> held)
    {
        var newest = held.GroupBy(h => h.AppId).Select(builds => builds.MaxBy(h => h.Number)!.BuildId).ToHashSet(StringComparer.Ordinal);
        return [.. held.Where(h => h.Size > 0 && !newest.Contains(h.BuildId)).OrderBy(h => h.EndedAt).ThenBy(h => h.Number)];
    }

    /// <summary>What goes now.</summary>
    /// <param name="held">What an account's ended builds hold.</param>
    /// <param name="mayGo">Those of them that may lose it, oldest first.</param>
    /// <param name="options">How much is kept, and for how long.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<GoingFiles> Choose(IReadOnlyCollection<HeldFiles> held, IReadOnlyList<HeldFiles> mayGo, BuildStorageOptions options, DateTimeOffset now)
    {
        var old = mayGo.Where(h => h.EndedAt + options.KeptFor <= now).ToList();
        var going = old.ConvertAll(h => new GoingFiles(h, LogToo: true, $"after {options.KeptFor.TotalDays:0.##} days"));
        var over = held.Sum(h => h.Size) - old.Sum(h => h.Size) - options.FilesOfAccount;
        var because = $"to keep the account within {Sizes.InWords(options.FilesOfAccount)}";
        var young = mayGo.Skip(old.Count).ToList();
        foreach (var build in young.Where(h => h.Artifacts > 0).OrderByDescending(h => h.IsAStrangers).TakeWhile(_ => over > 0))
        {
            going.Add(new GoingFiles(build, LogToo: false, because));
            over -= build.Artifacts;
        }
        foreach (var build in young.TakeWhile(_ => over > 0))
        {
            going.Add(new GoingFiles(build, LogToo: true, because));
            over -= build.Log;
        }
        return going;
    }
}
