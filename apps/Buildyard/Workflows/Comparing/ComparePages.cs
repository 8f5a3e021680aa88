using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>The copy that support corrects, and the customer's way to take over what it became.</summary>
internal static class ComparePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/workflow").ExcludeFromDescription();
        pages.MapPost("/support-testing", CopyAsync).RequirePermission("workflow.create");
        pages.MapGet("/compare", (AccessContext access, AppSettings settings, WorkflowBook book, string? left, string? right) =>
            ShowAsync(access, settings, book, left, right)).RequirePermission("workflow.read");
        pages.MapPost("/compare", TakeAsync).RequirePermission("workflow.adopt");
        pages.MapPost("/compare/keep", KeepAsync).RequirePermission("workflow.adopt");
    }

    private static async Task<IResult> CopyAsync(FormBody form, AccessContext access, WorkflowBook book, AppSettings settings, Forms forms)
    {
        var from = form["from"] ?? "";
        var (version, config) = await book.ReadAsync(access);
        if (config.Workflows.ContainsKey(from) && config.Workflows.ContainsKey(SupportTesting.Id) && form["then"] is not ("replace" or "number"))
            return Page.Show<SupportTestingPage>(new { View = await AppView.LoadAsync(access, settings), Based = version.Number, From = from, Next = SupportTesting.NextId(config) }, StatusCodes.Status409Conflict);
        var replace = form["then"] == "replace";
        var id = replace ? SupportTesting.Id : SupportTesting.NextId(config);
        access.Target($"workflow {id}");
        return await forms.SettleAsync(access, form, SupportTesting.Copy(config, from, replace), WorkflowPages.Path(id), refusal =>
            config.Workflows.ContainsKey(from) ? forms.ShowAsync(access, from, refusal, form) : forms.ListAsync(access, refusal, form));
    }

    private static async Task<IResult> ShowAsync(AccessContext access, AppSettings settings, WorkflowBook book, string? left, string? right, Refusal? refusal = null, FormBody? given = null)
    {
        var view = await AppView.LoadAsync(access, settings);
        var (version, config) = await book.ReadAsync(access);
        right ??= config.Workflows.Keys.LastOrDefault(SupportTesting.IsCopy);
        left ??= right is null ? null : SupportTesting.Original(config, right);
        var difference = left is null || right is null || left == right ? null : WorkflowDifference.Between(version.Content, left, right);
        if (difference is null)
        {
            return Page.Show<MessagePage>(
                new { Title = "Nothing to compare", Text = "Choose two workflows of this app: yours, and a copy of it such as support-testing.", Back = view.Path("/workflow"), BackLabel = "To the workflows" },
                left is null || right is null ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
        }
        return Page.Show<ComparePage>(
            new { View = view, Based = version.Number, Left = left, Right = right, difference.Parts, LeftText = Text(version, left!), RightText = Text(version, right!), Refusal = refusal, Given = given },
            refusal?.Status ?? StatusCodes.Status200OK);
    }

    /// <summary>Shows what would be saved; saves it when that page says so.</summary>
    private static async Task<IResult> TakeAsync(FormBody form, AccessContext access, AppSettings settings, WorkflowBook book, YamlHistory history)
    {
        var (left, right) = (form["left"] ?? "", form["right"] ?? "");
        access.Target($"workflow {left}");
        var (version, _) = await book.ReadAsync(access);
        if (Forms.Base(form) is { } based && based != version.Number)
            return await ShowAsync(access, settings, book, left, right, Refusal.Conflict("version_conflict", $"{version.AuthorName} saved version {version.Number} meanwhile. Look at the difference again, then choose."), form);
        if (WorkflowDifference.Between(version.Content, left, right) is not { } difference) return await ShowAsync(access, settings, book, left, right);
        var chosen = (form["then"] == "all" ? difference.Parts.Select(p => p.Id) : form.All("part").Where(c => difference.Parts.Any(p => p.Id == c))).ToHashSet(StringComparer.Ordinal);
        if (chosen.Count == 0) return await ShowAsync(access, settings, book, left, right, Refusal.Invalid(new FieldError("part", "Nothing is chosen.", "At least one of the differences.")), form);
        if (!YamlEditor.Open(version.Content).Succeeded(out var editor, out var unreadable)) return await ShowAsync(access, settings, book, left, right, unreadable, form);
        if (difference.Take(editor, chosen) is { } refusal) return await ShowAsync(access, settings, book, left, right, refusal, form);
        var view = await AppView.LoadAsync(access, settings);
        var effect = WrittenOut.Both(version.Content, editor.Text, out var isTooLong);
        if (form["then"] != "save" || isTooLong)
        {
            var parts = difference.Parts.Where(p => chosen.Contains(p.Id)).ToList();
            return Page.Show<TakePage>(
                new { View = view, Based = version.Number, Left = left, Right = right, Parts = parts, Before = version.Content, After = editor.Text, Effect = effect, IsTooLong = isTooLong, Check = BitriseYaml.Check(editor.Text) },
                form["then"] == "save" ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);
        }
        var words = $"workflow {left}, {(chosen.Count == difference.Parts.Count ? "all" : "chosen parts")} taken over from {right}";
        var part = new ChangedPart(words, Text(version, left), Lines(editor, left));
        var saved = await book.SaveAsync(access, editor.Text, version, $"Workflow {left}: {(chosen.Count == difference.Parts.Count ? "everything" : "chosen parts")} of {right}", part, takesOver: Forms.Base(form) is not null);
        return saved.Refusal is { } kept ? await ShowAsync(access, settings, book, left, right, kept, form) : TypedResults.LocalRedirect(view.Path($"{WorkflowPages.Path(left)}?done=adopted"));
    }

    /// <summary>Keeps the copy under a name of its own.</summary>
    private static async Task<IResult> KeepAsync(FormBody form, AccessContext access, WorkflowBook book, AppSettings settings, Forms forms)
    {
        var (left, right, name) = (form["left"], form["right"] ?? "", form["new_id"]?.Trim() ?? "");
        access.Target($"workflow {right}");
        var edit = WorkflowEdits.Rename((await book.ReadAsync(access)).Config, right, name);
        return await forms.SettleAsync(access, form, edit, $"{WorkflowPages.Path(name)}?done=renamed", refusal => ShowAsync(access, settings, book, left, right, refusal, form));
    }

    private static string Text(YamlVersion version, string workflow) => YamlEditor.Open(version.Content).Succeeded(out var editor, out _) ? Lines(editor, workflow) : "";

    private static string Lines(YamlEditor editor, string workflow) =>
        editor.Lines(WorkflowEdits.At(workflow)) is { } lines ? string.Join('\n', lines.Skip(1).Select(l => l.StartsWith("  ", StringComparison.Ordinal) ? l[2..] : l)) + "\n" : "";
}
