namespace Latchkey.AspNetCore;

/// <summary>
/// How a host lets support propose changes, and its customers apply them. Optional: without it nothing can be proposed.
/// <para>
/// An agent proposes against what a customer showed in the conversation and sees nothing else; the change is looked at, applied and
/// undone for the member who does it, against the state as it is then. An applier goes the way that the member's own click would go:
/// the same checks, the same history.
/// </para>
/// </summary>
public interface IProposals
{
    /// <summary>What can be proposed against a share, made of what was shown and of nothing else. Nothing whose value is masked is among it.</summary>
    IReadOnlyList<ProposalTarget> TargetsOf(IReadOnlyList<SharePart> shown);

    /// <summary>The permission that changing a target takes: whoever has it not can't apply the proposal.</summary>
    string PermissionOf(string target);

    /// <summary>What a change would do now. Secrets are masked in it, as in a share.</summary>
    ValueTask<ProposalOutlook> LookAsync(AccessContext by, ProposedChange change, CancellationToken cancellation);

    /// <summary>
    /// Makes a change: all of it or nothing, under the name of <paramref name="by"/>. One that is there already is no error. What was masked
    /// where support saw it stays as it is (<see cref="MaskedPatch"/>).
    /// </summary>
    /// <returns>Why it was not made, a sentence; null where it is there.</returns>
    ValueTask<string?> ApplyAsync(AccessContext by, ProposedChange change, CancellationToken cancellation);
}

/// <summary>Something that can be changed.</summary>
/// <param name="Id">The host's name for it: 1 to 400 characters.</param>
/// <param name="Group">What it belongs to: "Settings", "workflow primary".</param>
/// <param name="Title">What it is: "title", "step 3 script: content".</param>
/// <param name="Value">How it was shown.</param>
/// <param name="IsText">Whether it is a text of many lines.</param>
/// <param name="Base">The host's name for the state that was shown (<see cref="SharePart.Version"/>).</param>
public sealed record ProposalTarget(string Id, string Group, string Title, string Value, bool IsText = false, string? Base = null);

/// <summary>A change to be made.</summary>
/// <param name="Proposal">The proposal that it comes from.</param>
/// <param name="Target">What is to be changed.</param>
/// <param name="Base">The host's name for the state that it was made against.</param>
/// <param name="Before">How it was shown, or for an undo how the proposal made it.</param>
/// <param name="After">How it should be.</param>
/// <param name="IsUndo">Whether it takes an applied proposal back.</param>
public sealed record ProposedChange(ProposalId Proposal, string Target, string? Base, string Before, string After, bool IsUndo);

/// <summary>What a change would do now.</summary>
/// <param name="Now">How it is, with secrets masked; null where it is not there.</param>
/// <param name="Then">How it would be; null where the change can't be made. As <paramref name="Now"/> where the change is there already.</param>
/// <param name="Problem">Why it can't be made, a sentence; null where it can.</param>
public sealed record ProposalOutlook(string? Now, string? Then, string? Problem = null)
{
    /// <summary>What it changes elsewhere too, whole and as it takes effect, with secrets masked, where the text alone doesn't tell that. Default: null, it does.</summary>
    public KeptText? Effect { get; init; }
}
