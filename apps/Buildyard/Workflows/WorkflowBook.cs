using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>One change that a form makes to a file.</summary>
/// <param name="What">What it changes, as the activity says it: "workflow primary, step 3 script: input content".</param>
/// <param name="Part">The smallest place of the file that holds the change before it is made; null: it adds something.</param>
/// <param name="Apply">Makes the change, or says why it can't be made.</param>
internal sealed record FileEdit(string What, YamlPath? Part, Func<YamlEditor, Refusal?> Apply)
{
    /// <summary>Where the change is found afterwards; null: at the same place.</summary>
    public YamlPath? PartAfter { get; init; }
}

/// <summary>An app's <c>bitrise.yml</c>, read as workflows and changed place by place.</summary>
internal sealed class WorkflowBook(YamlHistory history)
{
    public async Task<(YamlVersion Version, BitriseConfig Config)> ReadAsync(AccessContext access)
    {
        var version = await history.CurrentAsync(access);
        return (version, BitriseYaml.ReadSaved(version.Content));
    }

    /// <summary>Changes one place of the file and saves it as a new version.</summary>
    /// <param name="access">Who changes it.</param>
    /// <param name="basedOn">The version that the author had before them; null: whatever is there now. When it is an older one, the change is still made if nobody has touched its place since.</param>
    /// <param name="edit">The change.</param>
    public async Task<Outcome<YamlVersion>> EditAsync(AccessContext access, int? basedOn, FileEdit edit)
    {
        var current = await history.CurrentAsync(access);
        if (!YamlEditor.Open(current.Content).Succeeded(out var editor, out var unreadable)) return unreadable;
        var before = Shown(editor, edit.Part);
        if (basedOn is { } known && known != current.Number && !await IsUntouchedAsync(access, known, edit, before)) return Meanwhile(current);
        if (edit.Apply(editor) is { } refusal) return refusal;
        var part = new ChangedPart(edit.What, Told(current.Content, edit.Part), Told(editor.Text, edit.PartAfter ?? edit.Part));
        return await SaveAsync(access, editor.Text, current, Capital(edit.What), part);
    }

    /// <summary>Saves a text that was made from the version <paramref name="based"/>.</summary>
    public async Task<Outcome<YamlVersion>> SaveAsync(AccessContext access, string text, YamlVersion based, string message, ChangedPart part, bool takesOver = false) =>
        await history.SaveAsync(access, text, based.Number, message.Length > 200 ? message[..199] + "…" : message, part, takesOver) switch
        {
            SaveResult.Saved saved => saved.Version,
            SaveResult.Invalid invalid => Unusable(invalid.Check),
            SaveResult.Refused refused => refused.Refusal,
            SaveResult.Conflict conflict => Meanwhile(conflict.Current),
            var other => throw new System.Diagnostics.UnreachableException(other.ToString()),
        };

    private static Refusal Meanwhile(YamlVersion current) => Refusal.Conflict(
        "version_conflict", $"{current.AuthorName} saved version {current.Number} meanwhile and changed the same place. Nothing of yours is saved: look at it, then change it again.");

    private static Refusal Unusable(YamlCheck check)
    {
        var more = check.Errors.Count > 1 ? $" And {check.Errors.Count - 1} more." : "";
        return new Refusal(StatusCodes.Status422UnprocessableEntity, "invalid_yaml", $"Not saved: the file would not be valid. {check.Errors[0].Message}{more}", []);
    }

    private async Task<bool> IsUntouchedAsync(AccessContext access, int known, FileEdit edit, string? now)
    {
        if (await history.FindAsync(access, known) is not { } based || !YamlEditor.Open(based.Content).Succeeded(out var editor, out _)) return false;
        return Shown(editor, edit.Part) == now;
    }

    private static string? Shown(YamlEditor editor, YamlPath? part) => part is null || editor.Lines(part) is not { } lines ? null : string.Join('\n', lines);

    /// <summary>Values that are marked sensitive are shown to nobody, also not where a change is told.</summary>
    private static string? Told(string text, YamlPath? part) =>
        YamlEditor.Open(SensitiveValues.Hide(text, "[REDACTED]")).Succeeded(out var editor, out _) ? Shown(editor, part) : null;

    private static string Capital(string what) => what.Length == 0 ? what : char.ToUpperInvariant(what[0]) + what[1..];
}
