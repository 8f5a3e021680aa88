using System.Globalization;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>The Workflow Editor's forms. Each is a view of the one file, and changes its own lines of it.</summary>
internal static class WorkflowPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/workflow").ExcludeFromDescription();
        pages.MapGet("", (AccessContext access, Forms forms, string? done) => forms.ListAsync(access, done: done)).RequirePermission("workflow.read");
        pages.MapPost("", CreateAsync).RequirePermission("workflow.create");
        var one = pages.MapGroup("/workflows/{workflow}");
        one.MapGet("", (string workflow, AccessContext access, Forms forms, string? done) => forms.ShowAsync(access, Id(workflow), done: done)).RequirePermission("workflow.read");
        one.MapPost("", UpdateAsync).RequirePermission("workflow.update");
        one.MapPost("/rename", RenameAsync).RequirePermission("workflow.update");
        one.MapPost("/delete", DeleteAsync).RequirePermission("workflow.delete");
        one.MapPost("/duplicate", DuplicateAsync).RequirePermission("workflow.create");
        one.MapPost("/steps", AddStepAsync).RequirePermission("step.update");
        one.MapPost("/steps/{number:int}", UpdateStepAsync).RequirePermission("step.update");
        one.MapPost("/steps/{number:int}/move", MoveStepAsync).RequirePermission("step.update");
        one.MapPost("/steps/{number:int}/remove", RemoveStepAsync).RequirePermission("step.update");
    }

    /// <summary>A workflow's address; its id may hold what an address can't.</summary>
    public static string Path(string workflow) => $"/workflow/workflows/{Uri.EscapeDataString(workflow)}";

    // The server leaves an escaped slash in a route value as it is.
    internal static string Id(string routeValue) => routeValue.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static async Task<IResult> CreateAsync(FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var id = form["id"]?.Trim() ?? "";
        access.Target($"workflow {id}");
        var edit = WorkflowEdits.Create((await book.ReadAsync(access)).Config, id);
        return await forms.SettleAsync(access, form, edit, Path(id), refusal => forms.ListAsync(access, refusal, form));
    }

    private static async Task<IResult> UpdateAsync(string workflow, FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var id = Id(workflow);
        access.Target($"workflow {id}");
        var changes = new WorkflowChanges
        {
            Title = form["title"],
            Summary = form["summary"],
            Description = form["description"],
            Priority = form["priority"]?.Trim(),
            StatusReportName = form["status_report_name"],
            BeforeRun = Names(form["before_run"]),
            AfterRun = Names(form["after_run"]),
        };
        var edit = WorkflowEdits.Update((await book.ReadAsync(access)).Config, id, changes);
        return await forms.SettleAsync(access, form, edit, $"{Path(id)}?done=saved", refusal => forms.ShowAsync(access, id, refusal, form));
    }

    private static async Task<IResult> RenameAsync(string workflow, FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var (id, name) = (Id(workflow), form["new_id"]?.Trim() ?? "");
        access.Target($"workflow {id}");
        var edit = WorkflowEdits.Rename((await book.ReadAsync(access)).Config, id, name);
        return await forms.SettleAsync(access, form, edit, $"{Path(name)}?done=renamed", refusal => forms.ShowAsync(access, id, refusal, form));
    }

    private static async Task<IResult> DeleteAsync(string workflow, FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var id = Id(workflow);
        access.Target($"workflow {id}");
        var edit = WorkflowEdits.Delete((await book.ReadAsync(access)).Config, id);
        return await forms.SettleAsync(access, form, edit, "/workflow?done=deleted", refusal => forms.ShowAsync(access, id, refusal, form));
    }

    private static async Task<IResult> DuplicateAsync(string workflow, FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var (id, name) = (Id(workflow), form["copy_id"]?.Trim() ?? "");
        access.Target($"workflow {name}");
        var edit = WorkflowEdits.Copy((await book.ReadAsync(access)).Config, id, name);
        // The form's field has a name of its own: two forms of one page ask for a new id.
        if (edit.Refusal is { } wrong) edit = wrong with { Errors = [.. wrong.Errors.Select(e => e.Field == "id" ? e with { Field = "copy_id" } : e)] };
        return await forms.SettleAsync(access, form, edit, Path(name), refusal => forms.ShowAsync(access, id, refusal, form));
    }

    private static async Task<IResult> AddStepAsync(string workflow, FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var id = Id(workflow);
        access.Target($"workflow {id}");
        var reference = string.IsNullOrWhiteSpace(form["reference"]) ? form["step"] : form["reference"];
        var position = int.TryParse(form["position"], NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? wanted : (int?)null;
        var edit = StepEdits.Add((await book.ReadAsync(access)).Config, id, reference, position);
        return await forms.SettleAsync(access, form, edit, $"{Path(id)}?done=step#steps", refusal => forms.ShowAsync(access, id, refusal, form));
    }

    private static async Task<IResult> UpdateStepAsync(string workflow, int number, FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var id = Id(workflow);
        access.Target($"workflow {id}, step {number}");
        var edit = StepEdits.Update((await book.ReadAsync(access)).Config, id, number, Read(form));
        return await forms.SettleAsync(access, form, edit, $"{Path(id)}?done=saved#step-{number}", refusal => forms.ShowAsync(access, id, refusal, form));
    }

    private static async Task<IResult> MoveStepAsync(string workflow, int number, FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var id = Id(workflow);
        access.Target($"workflow {id}, step {number}");
        var edit = StepEdits.Move((await book.ReadAsync(access)).Config, id, number, form["direction"] == "up" ? -1 : 1);
        return await forms.SettleAsync(access, form, edit, $"{Path(id)}?done=moved#steps", refusal => forms.ShowAsync(access, id, refusal, form));
    }

    private static async Task<IResult> RemoveStepAsync(string workflow, int number, FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var id = Id(workflow);
        access.Target($"workflow {id}, step {number}");
        var edit = StepEdits.Remove((await book.ReadAsync(access)).Config, id, number);
        return await forms.SettleAsync(access, form, edit, $"{Path(id)}?done=removed#steps", refusal => forms.ShowAsync(access, id, refusal, form));
    }

    /// <summary>Inputs are posted as <c>input:NAME</c>, the one to take away as <c>remove_input</c>, a new one as <c>new_input</c> and <c>new_value</c>.</summary>
    private static StepChanges Read(FormBody form)
    {
        var inputs = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var name in form.Fields.Where(f => f.StartsWith("input:", StringComparison.Ordinal))) inputs[name["input:".Length..]] = form[name];
        foreach (var name in form.All("remove_input")) inputs[name] = null;
        if (form["new_input"]?.Trim() is { Length: > 0 } added) inputs[added] = form["new_value"] ?? "";
        return new StepChanges
        {
            Title = form["title"],
            RunIf = form["run_if"],
            IsAlwaysRun = form["is_always_run"],
            IsSkippable = form["is_skippable"],
            Timeout = form["timeout"]?.Trim(),
            Inputs = inputs,
        };
    }

    private static string[]? Names(string? text) => text?.Split([' ', ',', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
}
