using System.Globalization;
using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Buildyard;

/// <summary>Shows the Workflow Editor's pages, and settles what their forms send.</summary>
internal sealed class Forms(WorkflowBook book, AppSettings settings)
{
    /// <summary>Makes a form's change: back to a page when it is saved, else the page with what was typed and why not.</summary>
    /// <param name="access">Who sent it.</param>
    /// <param name="form">What was sent; <c>base</c> is the version that the page showed.</param>
    /// <param name="edit">The change.</param>
    /// <param name="next">Where to go, below the app.</param>
    /// <param name="show">Shows the page again.</param>
    public async Task<IResult> SettleAsync(AccessContext access, FormBody form, Outcome<FileEdit> edit, string next, Func<Refusal, Task<IResult>> show)
    {
        if (!edit.Succeeded(out var wanted, out var wrong)) return await show(wrong);
        var outcome = await book.EditAsync(access, Base(form), wanted);
        return outcome.Refusal is { } refusal ? await show(refusal) : TypedResults.LocalRedirect($"/apps/{(await settings.GetAsync(access)).Slug}{next}");
    }

    public async Task<IResult> ListAsync(AccessContext access, Refusal? refusal = null, FormBody? given = null, string? done = null)
    {
        var (version, config) = await book.ReadAsync(access);
        return Show<WorkflowsPage>(new { View = await AppView.LoadAsync(access, settings), Based = version.Number, Config = config, Refusal = refusal, Given = given, Done = Said(done) }, refusal);
    }

    public async Task<IResult> ShowAsync(AccessContext access, string id, Refusal? refusal = null, FormBody? given = null, string? done = null)
    {
        var view = await AppView.LoadAsync(access, settings);
        var (version, config) = await book.ReadAsync(access);
        if (!config.Workflows.TryGetValue(id, out var workflow))
        {
            return Page.Show<MessagePage>(
                new { Title = "No such workflow", Text = "This app's bitrise.yml has no workflow with that id.", Back = view.Path("/workflow"), BackLabel = "To the workflows" }, StatusCodes.Status404NotFound);
        }
        return Show<WorkflowPage>(new { View = view, Based = version.Number, Config = config, Workflow = workflow, Refusal = refusal, Given = given, Done = Said(done) }, refusal);
    }

    public async Task<IResult> EnvsAsync(AccessContext access, Refusal? refusal = null, FormBody? given = null, string? done = null)
    {
        var (version, config) = await book.ReadAsync(access);
        return Show<EnvsPage>(new { View = await AppView.LoadAsync(access, settings), Based = version.Number, Config = config, Refusal = refusal, Given = given, Done = Said(done) }, refusal);
    }

    public async Task<IResult> TriggersAsync(AccessContext access, Refusal? refusal = null, FormBody? given = null, string? done = null)
    {
        var (version, config) = await book.ReadAsync(access);
        return Show<TriggersPage>(new { View = await AppView.LoadAsync(access, settings), Based = version.Number, Config = config, Refusal = refusal, Given = given, Done = Said(done) }, refusal);
    }

    public async Task<IResult> StackAsync(AccessContext access, StackOffer offer, Refusal? refusal = null, FormBody? given = null, string? done = null)
    {
        var (version, config) = await book.ReadAsync(access);
        return Show<StackPage>(new { View = await AppView.LoadAsync(access, settings), Based = version.Number, Config = config, Offer = offer.Stacks, Refusal = refusal, Given = given, Done = Said(done) }, refusal);
    }

    internal static int? Base(FormBody form) => int.TryParse(form["base"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static RazorComponentResult Show<T>(object parameters, Refusal? refusal) where T : Microsoft.AspNetCore.Components.IComponent =>
        Page.Show<T>(parameters, refusal?.Status ?? StatusCodes.Status200OK);

    private static string? Said(string? done) => done switch
    {
        "saved" => "Saved.",
        "renamed" => "Renamed, and followed wherever the file names it.",
        "deleted" => "The workflow is deleted. The history still has it.",
        "step" => "The step is added.",
        "moved" => "Moved.",
        "switched" => "Switched.",
        "removed" => "Removed.",
        "added" => "Added.",
        "adopted" => "Saved. What was taken is in your workflow now.",
        _ => null,
    };
}
