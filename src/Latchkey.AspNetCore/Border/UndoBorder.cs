using System.Runtime.CompilerServices;

namespace Latchkey.AspNetCore;

/// <summary>Between Latchkey and <see cref="IUndo"/>, as <see cref="SupportHostBorder"/> is for the host itself.</summary>
internal sealed class UndoBorder(IUndo undo) : IUndo
{
    public async ValueTask<IReadOnlyList<ActId>> ListOpenAsync(HostApp app, CancellationToken cancellation) =>
        Acts(To(), await undo.ListOpenAsync(app, cancellation), "the list");

    public async ValueTask<IReadOnlyDictionary<ActId, string>> ListOvertakenAsync(HostApp app, CancellationToken cancellation)
    {
        var answered = To();
        var overtaken = answered.Given(await undo.ListOvertakenAsync(app, cancellation), "the list");
        foreach (var (act, member) in overtaken)
        {
            answered.Id(act, "an act of the list");
            answered.Text(member, $"the member of {act}");
        }

        return overtaken;
    }

    public async ValueTask<Undoing> LookAsync(HostApp app, ActId act, CancellationToken cancellation) =>
        Looked(To(), await undo.LookAsync(app, act, cancellation));

    public async ValueTask<Keeping> ShowAsync(HostApp app, ActId act, CancellationToken cancellation)
    {
        var answered = To();
        var keeping = answered.Given(await undo.ShowAsync(app, act, cancellation), nameof(Keeping));
        return new Keeping(
            answered.Each(keeping.Texts, $"{nameof(Keeping)}.{nameof(Keeping.Texts)}", static (answered, text, place) => answered.Look(text, place)),
            Sentences(answered, keeping.NotShown, $"{nameof(Keeping)}.{nameof(Keeping.NotShown)}"));
    }

    public async ValueTask<Undoing> UndoAsync(HostApp app, ActId act, Member by, CancellationToken cancellation) =>
        Looked(To(), await undo.UndoAsync(app, act, by, cancellation));

    public async ValueTask<Undoing> KeepAsync(HostApp app, ActId act, IReadOnlyCollection<ActId> along, Member by, CancellationToken cancellation) =>
        Looked(To(), await undo.KeepAsync(app, act, along, by, cancellation));

    private static Answered To([CallerMemberName] string member = "") => new($"{nameof(IUndo)}.{member}");

    private static Undoing Looked(Answered answered, Undoing? undoing)
    {
        undoing = answered.Given(undoing, nameof(Undoing));
        if (!Enum.IsDefined(undoing.State))
        {
            throw answered.Refused($"{nameof(Undoing)}.{nameof(Undoing.State)}", "is none that there is", $"one of {string.Join(", ", Enum.GetNames<UndoState>())}");
        }

        if (undoing.Problem is not null)
        {
            answered.Sentence(undoing.Problem, $"{nameof(Undoing)}.{nameof(Undoing.Problem)}");
        }

        return undoing with
        {
            Does = Sentences(answered, undoing.Does, $"{nameof(Undoing)}.{nameof(Undoing.Does)}"),
            Also = Acts(answered, undoing.Also, $"{nameof(Undoing)}.{nameof(Undoing.Also)}"),
            RestsOn = Acts(answered, undoing.RestsOn, $"{nameof(Undoing)}.{nameof(Undoing.RestsOn)}"),
        };
    }

    private static IReadOnlyList<ActId> Acts(Answered answered, IReadOnlyList<ActId>? acts, string field) =>
        answered.Each(acts, field, static (answered, act, place) => answered.Id(act, place));

    private static IReadOnlyList<string> Sentences(Answered answered, IReadOnlyList<string>? sentences, string field) =>
        answered.Each(sentences, field, static (answered, sentence, place) => answered.Sentence(sentence, place));
}
