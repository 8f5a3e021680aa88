using System.Globalization;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>Forms for what belongs to the file as a whole, or to a workflow by a choice: variables, triggers, stack.</summary>
internal static class FilePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/workflow").ExcludeFromDescription();
        pages.MapGet("/envs", (AccessContext access, Forms forms, string? done) => forms.EnvsAsync(access, done: done)).RequirePermission("workflow.read");
        pages.MapPost("/envs", SetEnvAsync).RequirePermission("env.update");
        pages.MapPost("/envs/remove", RemoveEnvAsync).RequirePermission("env.update");
        pages.MapGet("/triggers", (AccessContext access, Forms forms, string? done) => forms.TriggersAsync(access, done: done)).RequirePermission("workflow.read");
        pages.MapPost("/triggers", AddTriggerAsync).RequirePermission("trigger.update");
        pages.MapPost("/triggers/remove", RemoveTriggerAsync).RequirePermission("trigger.update");
        pages.MapPost("/triggers/switch", SwitchTriggerAsync).RequirePermission("trigger.update");
        pages.MapPost("/triggers/map", ChangeMapAsync).RequirePermission("trigger.update");
        pages.MapGet("/stack", (AccessContext access, Forms forms, StackOffer offer, string? done) => forms.StackAsync(access, offer, done: done)).RequirePermission("workflow.read");
        pages.MapPost("/stack", SetStackAsync).RequirePermission("stack.update");
    }

    private static async Task<IResult> SetEnvAsync(FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        access.Target($"env var {form["name"]}");
        var (_, config) = await book.ReadAsync(access);
        var workflow = Chosen(form);
        var edit = EnvEdits.Set(config, workflow, form["name"], form["value"] ?? "", form["is_expand"] == "true");
        if (form["existing"] != "true" && EnvEdits.Of(config, workflow) is { } envs && envs.Any(e => e.Key == form["name"]?.Trim()))
            edit = Refusal.Invalid(new FieldError("name", "There is a variable of this name already.", "Another name, or change that one."));
        return await forms.SettleAsync(access, form, edit, "/workflow/envs?done=saved", refusal => forms.EnvsAsync(access, refusal, form));
    }

    private static async Task<IResult> RemoveEnvAsync(FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        access.Target($"env var {form["name"]}");
        var edit = EnvEdits.Remove((await book.ReadAsync(access)).Config, Chosen(form), form["name"] ?? "");
        return await forms.SettleAsync(access, form, edit, "/workflow/envs?done=removed", refusal => forms.EnvsAsync(access, refusal, form));
    }

    private static async Task<IResult> AddTriggerAsync(FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var conditions = TriggerEdits.Kinds.SelectMany(k => k.Conditions).Distinct().ToDictionary(c => c, c => form[c], StringComparer.Ordinal);
        var edit = TriggerEdits.Add((await book.ReadAsync(access)).Config, form["target"], form["kind"], conditions, form["is_regex"] == "true", form["drafts"] == "true");
        return await forms.SettleAsync(access, form, edit, "/workflow/triggers?done=added", refusal => forms.TriggersAsync(access, refusal, form));
    }

    private static async Task<IResult> RemoveTriggerAsync(FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var edit = TriggerEdits.Remove((await book.ReadAsync(access)).Config, form["target"], form["kind"], Number(form["index"]));
        return await forms.SettleAsync(access, form, edit, "/workflow/triggers?done=removed", refusal => forms.TriggersAsync(access, refusal, form));
    }

    private static async Task<IResult> SwitchTriggerAsync(FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var edit = TriggerEdits.Switch((await book.ReadAsync(access)).Config, form["target"], form["kind"], Number(form["index"]), form["on"] == "true");
        return await forms.SettleAsync(access, form, edit, "/workflow/triggers?done=switched", refusal => forms.TriggersAsync(access, refusal, form));
    }

    private static async Task<IResult> ChangeMapAsync(FormBody form, AccessContext access, WorkflowBook book, Forms forms)
    {
        var (_, config) = await book.ReadAsync(access);
        var (edit, done) = form["then"] switch
        {
            "remove" => (TriggerEdits.RemoveFromMap(config, Number(form["index"])), "removed"),
            "on" or "off" => (TriggerEdits.SwitchInMap(config, Number(form["index"]), form["then"] == "on"), "switched"),
            "up" => (TriggerEdits.MoveInMap(config, Number(form["index"]), -1), "moved"),
            "down" => (TriggerEdits.MoveInMap(config, Number(form["index"]), 1), "moved"),
            _ => (TriggerEdits.AddToMap(config, form["target"], form["kind"], form["branch"], form["into"]), "added"),
        };
        return await forms.SettleAsync(access, form, edit, $"/workflow/triggers?done={done}", refusal => forms.TriggersAsync(access, refusal, form));
    }

    private static async Task<IResult> SetStackAsync(FormBody form, AccessContext access, WorkflowBook book, StackOffer offer, Forms forms)
    {
        var edit = StackEdits.Set((await book.ReadAsync(access)).Config, offer, Chosen(form), form["stack"], form["machine_type_id"]);
        return await forms.SettleAsync(access, form, edit, "/workflow/stack?done=saved", refusal => forms.StackAsync(access, offer, refusal, form));
    }

    private static string? Chosen(FormBody form) => string.IsNullOrEmpty(form["workflow"]) ? null : form["workflow"];

    private static int Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
