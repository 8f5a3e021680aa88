namespace Buildyard.Builds.Model;

/// <summary>Who wrote a value, for the naive reading.</summary>
/// <param name="Slot">Which value.</param>
/// <param name="Before">What it was; null: it was not there.</param>
/// <param name="After">What it is since; null: it is gone.</param>
/// <param name="Change">The change of support; null: a member's hand, or an undo.</param>
/// <param name="IsUndo">Whether a member undid something of support's.</param>
internal sealed record Written(string Slot, string? Before, string? After, string? Change, bool IsUndo);

/// <summary>
/// The rules of what guards a build, as one reads them, told over from the beginning each time: a value is accepted as the customer's own last
/// word, and differs or doesn't.
/// </summary>
internal sealed class Naive
{
    private readonly List<Written> _told = [];
    private readonly Dictionary<string, string?> _first = new(StringComparer.Ordinal);

    public Naive(IEnumerable<KeyValuePair<string, string?>> first)
    {
        foreach (var (slot, value) in first) _first[slot] = Live[slot] = value;
    }

    /// <summary>What stands where now.</summary>
    public Dictionary<string, string?> Live { get; } = new(StringComparer.Ordinal);

    /// <summary>The changes of support that somebody of the customer has kept.</summary>
    public HashSet<string> Kept { get; } = new(StringComparer.Ordinal);

    public void Write(string slot, string? value, string? change, bool isUndo = false)
    {
        if (Live[slot] == value) return;
        _told.Add(new Written(slot, Live[slot], value, change, isUndo));
        Live[slot] = value;
    }

    /// <summary>What a change of support wrote; null: none of these values.</summary>
    public Written? Of(string change) => _told.SingleOrDefault(w => w.Change == change);

    /// <summary>Which value a change of support wrote; null: none of these. A secret that is made anew after it was removed is another one.</summary>
    public string? AboutWhat(string change) => Of(change) switch
    {
        { Slot: "added" } written => $"added {_told.Take(_told.IndexOf(written) + 1).Count(w => w is { Slot: "added", Before: null, IsUndo: false })}",
        var written => written?.Slot,
    };

    /// <summary>What a value ever was.</summary>
    public List<string?> Ever(string slot) => [_first[slot], .. _told.Where(w => w.Slot == slot).Select(w => w.After)];

    /// <summary>How much was written so far.</summary>
    public int Count => _told.Count;

    /// <summary>The values that every build is given, beside what <c>bitrise.yml</c> says.</summary>
    public IEnumerable<string> Given => Live.Keys.Where(slot => !Yml.Holds(slot));

    /// <summary>What a build of a target is given, or runs, that isn't the customer's own.</summary>
    /// <param name="target">The target.</param>
    /// <param name="strictly">Whether what a member wrote on top of support's may be taken for support's for good, although all of that is settled.</param>
    public IEnumerable<string> Guards(string target, bool strictly)
    {
        var differs = Given.Where(Differs);
        // Where a variable that support took away stands among those that came since, nobody knows: brought back, it may stand elsewhere.
        var mayStandElsewhere = strictly && _told.Any(w => w is { Slot: "yml E1" or "yml E2", Change: { } change, After: null } && !Kept.Contains(change));
        return !mayStandElsewhere && Runs(target, slot => Live[slot]) == Runs(target, slot => Accepted(slot, strictly)) ? differs : differs.Append($"what {target} runs");
    }

    /// <summary>What of the given support has set since so much was written, whatever has become of it.</summary>
    public IEnumerable<string> SetBySupport(int since) => _told.Skip(since).Where(w => w.Change is not null && !Yml.Holds(w.Slot)).Select(w => w.Slot).Distinct();

    /// <summary>Whether a value differs from the customer's own last word.</summary>
    public bool Differs(string slot) => Live[slot] != Accepted(slot);

    /// <summary>The value as the customer would have it.</summary>
    public string? Accepted(string slot, bool strictly = false) => Read(slot, strictly).Accepted[slot];

    /// <summary>Whether what a value is now was the customer's at some time.</summary>
    public bool WasOwn(string slot) => Read(slot, strictly: false).Own.Contains((slot, Live[slot]));

    private (Dictionary<string, string?> Accepted, HashSet<(string Slot, string? Value)> Own) Read(string slot, bool strictly)
    {
        // What one of them says, the other may have said before: a copy is known again by what is in it.
        var accepted = Yml.Alike(slot).ToDictionary(alike => alike, alike => _first[alike], StringComparer.Ordinal);
        var (own, supports) = (accepted.Select(o => (o.Key, o.Value)).ToHashSet(), new HashSet<(string Slot, string? Value)>());
        foreach (var written in _told.Where(w => accepted.ContainsKey(w.Slot)))
        {
            var said = (written.Slot, written.After);
            var isSupports = written.Change is not null && !Kept.Contains(written.Change);
            var isCarried = written.Change is null && ((supports.Contains(said) && !own.Contains(said))
                || (written.After is not null && supports.Any(s => IsCopy(s.Value, written.After)) && !own.Any(o => IsCopy(o.Value, written.After))));
            if (!isSupports && Moves(written, accepted[written.Slot], isCarried)) own.Add((written.Slot, accepted[written.Slot] = written.After));
            if (isSupports || strictly) supports.Add(said);
            // The customer's own of before their last word may count as support's, where that is who said it last.
            if (isSupports && strictly) own.Remove(said);
        }
        return (accepted, own);
    }

    private static bool IsCopy(string? one, string? other) => Yml.Bare(one) == Yml.Bare(other);

    /// <summary>What a target comes to, written out; null: there is none.</summary>
    private static string? Runs(string target, Func<string, string?> says) => Yml.WorkflowsOf(target, says) is { } workflows
        ? string.Join('\n', workflows.Select(workflow => $"{workflow} {says($"yml {workflow}")} {(workflow == "b" ? says("yml bundle") : "")} {says("yml E1")} {says("yml E2")}"))
        : null;

    /// <summary>Whether what the customer wrote, or kept, is their word on a value.</summary>
    private static bool Moves(Written written, string? accepted, bool isCarried) => written switch
    {
        // A part of a file is written on top of what stands there.
        _ when Yml.Holds(written.Slot) => accepted == written.Before && !isCarried,
        { IsUndo: true } => false,
        { Change: not null } => accepted == written.Before,
        // What support added is there because of support, whatever is set of it, until that is accepted; taken away it is gone.
        { Slot: "added", After: not null } => accepted is not null || accepted == written.Before,
        _ => true,
    };
}
