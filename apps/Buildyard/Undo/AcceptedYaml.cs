using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>A <c>bitrise.yml</c>, and what it would say without what support changed in it and nobody of the customer has accepted.</summary>
internal sealed record YamlBeside(BitriseConfig Now, BitriseConfig Accepted)
{
    /// <summary>Whether nothing of support's is left in it.</summary>
    public bool IsAccepted => !ConfigSections.Changed(Accepted, Now).Any();
}

/// <summary>
/// Reads what the customer's own last word on an app's <c>bitrise.yml</c> is: the last text before support's first undecided version in which
/// nothing was support's, with what members, and support in versions that were kept, changed since wherever nothing of support's underlies the change.
/// </summary>
internal sealed class AcceptedYaml(BuildyardDb db, Sealing sealing)
{
    /// <summary>One version beside what is accepted of it; null where all of it is, since support changed nothing that is undecided.</summary>
    /// <param name="app">The app.</param>
    /// <param name="version">The version.</param>
    /// <param name="open">The changes of support that are undecided.</param>
    /// <param name="unsaved">A version that is about to be added.</param>
    public async Task<YamlBeside?> ReadAsync(string app, int version, IEnumerable<SupportChange> open, YamlVersion? unsaved = null)
    {
        var undecided = Versions(open);
        return undecided.Count == 0 || undecided.Min() > version ? null : await FoldAsync(app, version, undecided.Min(), unsaved);
    }

    /// <summary>Whether nothing in a saved version is support's: neither undecided, nor undone or gone past and never kept.</summary>
    public async Task<bool> IsTheCustomersAsync(string app, int version)
    {
        if (await db.YamlVersions.AnyAsync(v => v.AppId == app && v.Number == version && v.IsTheCustomers)) return true;
        var notKept = (await ListNotKeptAsync(app)).FindAll(number => number <= version);
        return notKept.Count == 0 || (await FoldAsync(app, version, notKept.Min(), unsaved: null)).IsAccepted;
    }

    /// <summary>The versions of support's that nobody of the customer has kept, whatever else became of them.</summary>
    public async Task<List<int>> ListNotKeptAsync(string app) => await ListNotKeptAsync(app, Versions(await ListKeptAsync(app)));

    private async Task<YamlBeside> FoldAsync(string app, int version, int earliest, YamlVersion? unsaved)
    {
        var keptChanges = await ListKeptAsync(app);
        var kept = Versions(keptChanges);
        // A member's text just before may stand on one of support's that was undone since.
        var first = Math.Max(
            (await ListNotKeptAsync(app, kept)).Append(earliest).Min() - 1,
            await db.YamlVersions.Where(v => v.AppId == app && v.Number < earliest && v.IsTheCustomers).MaxAsync(v => (int?)v.Number) ?? 0);
        var versions = await db.YamlVersions.AsNoTracking().Where(v => v.AppId == app && v.Number >= first && v.Number <= version).OrderBy(v => v.Number).ToListAsync();
        if (unsaved is not null) versions.Add(unsaved);
        return Fold(versions, v => !v.BySupport || kept.Contains(v.Number), await SaidAgainAsync(app, keptChanges.Where(c => c.IsSaidAgain)));
    }

    private async Task<List<int>> ListNotKeptAsync(string app, HashSet<int> kept) =>
        (await db.YamlVersions.Where(v => v.AppId == app && v.BySupport).Select(v => v.Number).ToListAsync()).FindAll(number => !kept.Contains(number));

    private Task<List<SupportChange>> ListKeptAsync(string app) =>
        db.SupportChanges.AsNoTracking().Where(c => c.AppId == app && c.State == SupportChangeState.Kept && c.Touches.Contains(nameof(YamlVersion))).ToListAsync();

    /// <summary>What was kept and may not stand in its own version's place: it was undone, and said again in a later one.</summary>
    private async Task<List<(BitriseConfig Before, BitriseConfig After)>> SaidAgainAsync(string app, IEnumerable<SupportChange> kept)
    {
        var numbers = Versions(kept);
        var texts = await db.YamlVersions.AsNoTracking().Where(v => v.AppId == app && (numbers.Contains(v.Number) || numbers.Contains(v.Number + 1)))
            .ToDictionaryAsync(v => v.Number, v => BitriseYaml.ReadSaved(v.Content));
        return [.. numbers.Select(number => (texts[number - 1], texts[number]))];
    }

    /// <summary>The versions that some changes saved.</summary>
    public HashSet<int> Versions(IEnumerable<SupportChange> changes) =>
        [.. changes.Where(c => c.Touches.Contains(nameof(YamlVersion), StringComparison.Ordinal)).SelectMany(sealing.OpenRows).Where(row => row.Entity == nameof(YamlVersion)).Select(YamlUndo.NumberOf)];

    /// <param name="versions">In order. The first one is the customer's.</param>
    /// <param name="counts">Whether a version is the customer's word: a member's, or one of support's that was kept.</param>
    /// <param name="saidAgain">What was kept besides, before and after.</param>
    private static YamlBeside Fold(List<YamlVersion> versions, Predicate<YamlVersion> counts, List<(BitriseConfig Before, BitriseConfig After)> saidAgain)
    {
        var before = BitriseYaml.ReadSaved(versions[0].Content);
        var accepted = before;
        var said = new SaidBefore(before);
        foreach (var (was, became) in saidAgain) said.Keep(was, became);
        foreach (var version in versions.Skip(1))
        {
            var now = BitriseYaml.ReadSaved(version.Content);
            if (counts(version))
            {
                // What was kept or taken over was shown; whatever else a member writes may have come along with something.
                var carried = ConfigSections.Carry(accepted, before, now, version.BySupport || version.TakesOver ? null : said.IsNotAccepted);
                said.Accept(accepted, carried);
                accepted = carried;
            }
            said.Hear(before, now);
            before = now;
        }
        return new YamlBeside(before, accepted);
    }

    /// <summary>
    /// What was ever said in a file, and what of it was accepted. The rest is support's, or rests on support's: whoever says it again, of the same part,
    /// under another name, in another order, or with something written around it, accepts nothing by that.
    /// </summary>
    private sealed class SaidBefore
    {
        private readonly HashSet<string> _pieces = new(StringComparer.Ordinal);
        private readonly HashSet<string> _acceptedPieces;
        private readonly HashSet<(ConfigPart, string?)> _parts = [];
        private readonly HashSet<(ConfigPart, string?)> _acceptedParts = [];

        public SaidBefore(BitriseConfig accepted) => _acceptedPieces = [.. ConfigText.Pieces(ConfigText.Of(accepted))];

        public bool IsNotAccepted(ConfigPart part, string? text) =>
            (_parts.Contains((part, text)) && !_acceptedParts.Contains((part, text)))
            || ConfigSections.Find((part, text), _pieces).Any(piece => !_acceptedPieces.Contains(piece));

        public void Hear(BitriseConfig before, BitriseConfig now)
        {
            foreach (var changed in ConfigSections.Changed(before, now))
            {
                _parts.Add(changed);
                _pieces.UnionWith(ConfigSections.Pieces(changed));
            }
        }

        public void Accept(BitriseConfig before, BitriseConfig accepted)
        {
            // What was the customer's once may be said again.
            _acceptedParts.UnionWith(ConfigSections.Changed(accepted, before));
            Keep(before, accepted);
        }

        /// <summary>Accepts what is said after a change, and wasn't before.</summary>
        public void Keep(BitriseConfig before, BitriseConfig after)
        {
            // What it stands on is another's word.
            var known = ConfigText.Pieces(ConfigText.Of(before)).ToHashSet(StringComparer.Ordinal);
            foreach (var changed in ConfigSections.Changed(before, after))
            {
                _acceptedParts.Add(changed);
                _acceptedPieces.UnionWith(ConfigSections.Pieces(changed).Where(piece => !known.Contains(piece)));
            }
        }
    }
}
