namespace Latchkey.AspNetCore;

/// <summary>
/// How a host lets its customers keep or undo what support changed. Optional: without it, pages show what changed and offer nothing.
/// The host keeps what it needs to undo under the act's id (<see cref="AccessContext.Act"/>), in the same transaction as the change.
/// Asked only for members who may decide: administrators of the app, never support in disguise.
/// </summary>
public interface IUndo
{
    /// <summary>The acts whose changes are still there and undecided: what support leaves behind. All of them, in any order.</summary>
    ValueTask<IReadOnlyList<ActId>> ListOpenAsync(HostApp app, CancellationToken cancellation);

    /// <summary>The acts of which a member has set anew whatever they changed, with that member's name: nothing of them is left to decide.</summary>
    ValueTask<IReadOnlyDictionary<ActId, string>> ListOvertakenAsync(HostApp app, CancellationToken cancellation);

    /// <summary>How things stand with an act, and what undoing it would do.</summary>
    ValueTask<Undoing> LookAsync(HostApp app, ActId act, CancellationToken cancellation);

    /// <summary>
    /// What keeping an act, with the earlier ones that it rests on, makes the customer's own: whole, unmasked and as it takes effect. Nothing is
    /// accepted that isn't shown, so where the recorded changes don't tell all of it, it is told here, and what can't be is not kept. Asked where
    /// one act is looked at.
    /// </summary>
    /// <returns>Nothing where the recorded changes tell it. Default: nothing.</returns>
    ValueTask<Keeping> ShowAsync(HostApp app, ActId act, CancellationToken cancellation) => new(Keeping.Told);

    /// <summary>Undoes what an act changed, all of it or nothing. An act that was undone already is no error.</summary>
    /// <returns>How things stand after it: <see cref="UndoState.Undone"/>, or with a problem that says why nothing was done.</returns>
    ValueTask<Undoing> UndoAsync(HostApp app, ActId act, Member by, CancellationToken cancellation);

    /// <summary>
    /// Makes what an act changed the customer's own, with the earlier acts that it rests on (<see cref="Undoing.RestsOn"/>): only where
    /// <paramref name="along"/> names every one of them, since only those were shown, and nothing of it is <see cref="Keeping.NotShown"/>. An act
    /// that was kept already is no error.
    /// </summary>
    /// <param name="app">The app.</param>
    /// <param name="act">The act.</param>
    /// <param name="along">The acts that were shown to go with it; others among them are left as they are.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How things stand after it: <see cref="UndoState.Kept"/>, with the acts that were kept along; or <see cref="UndoState.Open"/> with all that it rests on, and nothing is kept.</returns>
    ValueTask<Undoing> KeepAsync(HostApp app, ActId act, IReadOnlyCollection<ActId> along, Member by, CancellationToken cancellation);
}

/// <summary>What keeping a change makes the customer's own, beside what is recorded of it.</summary>
/// <param name="Texts">What is shown.</param>
/// <param name="NotShown">What nobody can be shown, a sentence each that says what can be done instead. While there is any, nothing is kept.</param>
public sealed record Keeping(IReadOnlyList<KeptText> Texts, IReadOnlyList<string> NotShown)
{
    /// <summary>The recorded changes tell all of it.</summary>
    public static Keeping Told { get; } = new([], []);
}

/// <summary>A text that deciding on a change makes the customer's own.</summary>
/// <param name="What">What it is, as the customer calls it: "bitrise.yml".</param>
/// <param name="Before">The text before the change; null where there was none, or it isn't told.</param>
/// <param name="After">The text that is theirs then.</param>
public sealed record KeptText(string What, string? Before, string After);

/// <summary>How things stand with what an act changed.</summary>
public enum UndoState
{
    /// <summary>The act changed nothing that can be kept or undone.</summary>
    Nothing,

    /// <summary>It is there, and nobody has decided yet.</summary>
    Open,

    /// <summary>The customer keeps it.</summary>
    Kept,

    /// <summary>It is as it was before.</summary>
    Undone,

    /// <summary>A member has set it anew since: nothing is left to keep or undo. <see cref="Undoing.Problem"/> says who.</summary>
    Overtaken,
}

/// <summary>How things stand with what an act changed, and what undoing it would do.</summary>
/// <param name="State">How things stand.</param>
/// <param name="Does">What undoing does, a sentence for each thing: "Removes the webhook ci-alerts." No secret is in them.</param>
/// <param name="Problem">Why it can't be undone now, a sentence: somebody has changed it since. Null where it can.</param>
public sealed record Undoing(UndoState State, IReadOnlyList<string> Does, string? Problem = null)
{
    /// <summary>An act that changed nothing to decide about.</summary>
    public static Undoing Nothing { get; } = new(UndoState.Nothing, []);

    /// <summary>Acts that go with it when it is undone. Once it is undone, or kept, those that went with it are recorded like it. Default: none.</summary>
    public IReadOnlyList<ActId> Also { get; init; } = [];

    /// <summary>Earlier acts, undecided too, that it rests on: who keeps it keeps them. Default: none.</summary>
    public IReadOnlyList<ActId> RestsOn { get; init; } = [];
}
