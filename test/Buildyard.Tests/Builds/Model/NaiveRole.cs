namespace Buildyard.Builds.Model;

/// <summary>A member's role and what of it is the customer's word, as one reads the rule: support only ever takes from that word, members give it.</summary>
internal sealed class NaiveRole
{
    private readonly List<(string Act, MemberRole Before, MemberRole After, MemberRole SaidBefore, MemberRole SaidAfter)> _open = [];

    /// <summary>The role.</summary>
    public MemberRole Now { get; private set; } = MemberRole.Developer;

    /// <summary>The most that a member set or accepted and support hasn't taken away since.</summary>
    public MemberRole Said { get; private set; } = MemberRole.Developer;

    /// <summary>Whether they speak for the customer.</summary>
    public bool Speaks => Now <= Said;

    /// <summary>Support's changes that are undecided, oldest first.</summary>
    public IReadOnlyList<string> Open => _open.ConvertAll(change => change.Act);

    public void BySupport(MemberRole role, string act)
    {
        var said = Said < role ? Said : role;
        _open.Add((act, Now, role, Said, said));
        (Now, Said) = (role, said);
    }

    /// <summary>A member sets the role, or accepts the one that it is: nothing is left to decide.</summary>
    public void ByMember(MemberRole role)
    {
        (Now, Said) = (role, role);
        _open.Clear();
    }

    /// <summary>A change is kept with all before it. Who keeps the last one accepts the role, where it is the one of that change.</summary>
    public void Keep(string act)
    {
        var at = _open.FindIndex(change => change.Act == act);
        if (at == _open.Count - 1 && _open[at].After == Now) Said = Now;
        _open.RemoveRange(0, at + 1);
    }

    /// <summary>
    /// A change is undone, and whatever support did after it: the role is what it was, and so is the customer's word. With nothing undecided below
    /// it, that is a role that the customer decided on.
    /// </summary>
    public void Undo(string act)
    {
        var at = _open.FindIndex(change => change.Act == act);
        var (before, said) = (_open[at].Before, _open[at].SaidBefore);
        (Now, Said) = (before, at == 0 || before < said ? before : said);
        _open.RemoveRange(at, _open.Count - at);
    }
}
