using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A workflow. Numbers of steps count from 1.</summary>
internal sealed record WorkflowInfo(
    string Id, string? Title, string? Summary, string? Description, int? Priority, string? StatusReportName,
    IReadOnlyList<string> BeforeRun, IReadOnlyList<string> AfterRun, IReadOnlyList<StepInfo> Steps)
{
    public static WorkflowInfo Of(Workflow workflow) => new(
        workflow.Id, workflow.Title, workflow.Summary, workflow.Description, workflow.Priority, workflow.StatusReportName,
        [.. workflow.BeforeRun.Select(r => r.Name)], [.. workflow.AfterRun.Select(r => r.Name)], [.. workflow.Steps.Select(StepInfo.Of)]);
}

/// <summary>A step of a workflow. Values of sensitive inputs are <c>[REDACTED]</c>.</summary>
internal sealed record StepInfo(int Number, string Step, string? Title, string? RunIf, bool? IsAlwaysRun, bool? IsSkippable, int? Timeout, IReadOnlyDictionary<string, string> Inputs)
{
    public static StepInfo Of(StepItem item, int index)
    {
        var inputs = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var input in StepEdits.Inputs(item)) inputs[input.Key] = input.IsSensitive == true ? "[REDACTED]" : input.Value;
        return item switch
        {
            StepUse use => new StepInfo(index + 1, use.Id, use.Title, use.RunIf, use.IsAlwaysRun, use.IsSkippable, use.Timeout, inputs),
            BundleUse bundle => new StepInfo(index + 1, $"bundle::{bundle.Bundle}", bundle.Title, bundle.RunIf, null, null, null, inputs),
            _ => new StepInfo(index + 1, "with", null, null, null, null, null, inputs),
        };
    }
}

internal sealed record WorkflowList(IReadOnlyList<WorkflowInfo> Workflows);

/// <summary>A new workflow: empty, or a copy of another.</summary>
internal sealed record NewWorkflow
{
    public string? Id { get; init; }

    /// <summary>The workflow to copy; left out: an empty one is added.</summary>
    public string? From { get; init; }
}

/// <summary>A new step.</summary>
internal sealed record NewStep
{
    /// <summary>Such as <c>script@1</c>.</summary>
    public string? Step { get; init; }

    /// <summary>Its number; left out: it comes last.</summary>
    public int? Position { get; init; }
}

/// <summary>An environment variable of the app or of a workflow.</summary>
internal sealed record EnvInfo(string Name, string Value, bool IsExpand, string? Workflow);

internal sealed record EnvList(IReadOnlyList<EnvInfo> EnvVars);

/// <summary>A variable's new state. What is left out stays.</summary>
internal sealed record EnvChanges
{
    public string? Value { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(TrueOrFalse))]
    public bool? IsExpand { get; init; }
}

/// <summary>A stack and machine type. What is left out stays; empty text takes it away.</summary>
internal sealed record StackChanges
{
    public string? Stack { get; init; }
    public string? MachineTypeId { get; init; }
}

internal sealed record StackInfo(string? Stack, string? MachineTypeId, IReadOnlyList<OfferedStack> Offered);

/// <summary>A new item of the <c>triggers</c> of a workflow or pipeline. Conditions are patterns with <c>*</c>, or regular expressions.</summary>
internal sealed record NewTrigger
{
    /// <summary><c>workflow:id</c> or <c>pipeline:id</c>.</summary>
    public string? Target { get; init; }

    /// <summary><c>push</c>, <c>pull_request</c> or <c>tag</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>By name, as in <c>bitrise.yml</c>: <c>branch</c>, <c>target_branch</c>, <c>name</c> …</summary>
    public IReadOnlyDictionary<string, string?>? Conditions { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(TrueOrFalse))]
    public bool? IsRegex { get; init; }
}

/// <summary>A new item at the end of <c>trigger_map</c>, of which the first that matches counts.</summary>
internal sealed record NewMapTrigger
{
    /// <summary><c>workflow:id</c> or <c>pipeline:id</c>.</summary>
    public string? Target { get; init; }

    /// <summary><c>push</c>, <c>pull_request</c> or <c>tag</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>A pattern with <c>*</c>: of the branch that is pushed to, of the one that a pull request comes from, or of the tag.</summary>
    public string? Branch { get; init; }

    /// <summary>A pattern of the branch that a pull request goes into.</summary>
    public string? Into { get; init; }
}

/// <summary>Where a trigger goes.</summary>
/// <param name="Up">One place up; otherwise one down.</param>
internal sealed record TriggerMove([property: System.Text.Json.Serialization.JsonRequired] bool Up);

/// <summary>Whether a trigger counts.</summary>
internal sealed record TriggerSwitch([property: System.Text.Json.Serialization.JsonRequired] bool Enabled);

/// <summary>Workflows, steps, variables, triggers and stack, one by one. Every change is a new version of <c>bitrise.yml</c>.</summary>
internal static class WorkflowApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var workflows = routes.MapGroup("/api/apps/{app}/workflows").WithTags("Workflows");
        workflows.MapGet("", async (AccessContext access, WorkflowBook book) => TypedResults.Ok(new WorkflowList([.. (await book.ReadAsync(access)).Config.Workflows.Values.Select(WorkflowInfo.Of)])))
            .RequirePermission("workflow.read").WithSummary("Lists the workflows of bitrise.yml, with their steps.").Produces<WorkflowList>();
        workflows.MapPost("", async (NewWorkflow wanted, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => wanted.From is { } from ? WorkflowEdits.Copy(config, from, wanted.Id) : WorkflowEdits.Create(config, wanted.Id)))
            .RequirePermission("workflow.create").WithSummary("Adds a workflow: an empty one, or a copy.").Changes();
        workflows.MapPatch("/{workflow}", async (string workflow, WorkflowChanges changes, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => WorkflowEdits.Update(config, WorkflowPages.Id(workflow), changes)))
            .RequirePermission("workflow.update").WithSummary("Changes a workflow. Fields left out stay; empty text takes one away.").Changes();
        workflows.MapDelete("/{workflow}", async (string workflow, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => WorkflowEdits.Delete(config, WorkflowPages.Id(workflow))))
            .RequirePermission("workflow.delete").WithSummary("Deletes a workflow.").Changes();
        workflows.MapPost("/{workflow}/steps", async (string workflow, NewStep wanted, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => StepEdits.Add(config, WorkflowPages.Id(workflow), wanted.Step, wanted.Position)))
            .RequirePermission("step.update").WithSummary("Adds a step.").Changes();
        workflows.MapPatch("/{workflow}/steps/{number:int}", async (string workflow, int number, StepChanges changes, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => StepEdits.Update(config, WorkflowPages.Id(workflow), number, changes)))
            .RequirePermission("step.update").WithSummary("Changes a step. Fields left out stay; empty text takes one away, null an input.").Changes();
        workflows.MapDelete("/{workflow}/steps/{number:int}", async (string workflow, int number, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => StepEdits.Remove(config, WorkflowPages.Id(workflow), number)))
            .RequirePermission("step.update").WithSummary("Removes a step.").Changes();
        MapFile(routes.MapGroup("/api/apps/{app}").WithTags("Workflows"));
    }

    private static void MapFile(RouteGroupBuilder api)
    {
        api.MapGet("/env-vars", async (AccessContext access, WorkflowBook book) => TypedResults.Ok(Envs((await book.ReadAsync(access)).Config)))
            .RequirePermission("workflow.read").WithSummary("Lists the environment variables of bitrise.yml. Secrets are elsewhere.").Produces<EnvList>();
        api.MapPut("/env-vars/{name}", async (string name, EnvChanges changes, string? workflow, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => EnvEdits.Set(config, workflow, name, changes.Value, changes.IsExpand)))
            .RequirePermission("env.update").WithSummary("Adds or changes a variable of the app, or of the `workflow` that the query names.").Changes();
        api.MapDelete("/env-vars/{name}", async (string name, string? workflow, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => EnvEdits.Remove(config, workflow, name)))
            .RequirePermission("env.update").WithSummary("Removes a variable of the app, or of the `workflow` that the query names.").Changes();
        api.MapPost("/triggers", async (NewTrigger wanted, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => TriggerEdits.Add(config, wanted.Target, wanted.Kind, wanted.Conditions ?? new Dictionary<string, string?>(StringComparer.Ordinal), wanted.IsRegex == true, drafts: true)))
            .RequirePermission("trigger.update").WithSummary("Adds a trigger to a workflow or pipeline.").Changes();
        api.MapPatch("/triggers", async (TriggerSwitch change, string target, string kind, int number, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => TriggerEdits.Switch(config, target, kind, number - 1, change.Enabled)))
            .RequirePermission("trigger.update").WithSummary("Switches a trigger of a workflow or pipeline on or off: the `number`th of its `kind`, from 1.").Changes();
        api.MapDelete("/triggers", async (string target, string kind, int number, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => TriggerEdits.Remove(config, target, kind, number - 1)))
            .RequirePermission("trigger.update").WithSummary("Removes a trigger of a workflow or pipeline: the `number`th of its `kind`, from 1.").Changes();
        MapTriggerMap(api.MapGroup("/trigger-map"));
        api.MapGet("/stack", async (AccessContext access, WorkflowBook book, StackOffer offer) =>
            (await book.ReadAsync(access)).Config.Stack is var stack ? TypedResults.Ok(new StackInfo(stack.Stack, stack.MachineType, offer.Stacks)) : null)
            .RequirePermission("workflow.read").WithSummary("Gives the app's stack, and those this instance offers.").Produces<StackInfo>();
        api.MapPut("/stack", async (StackChanges changes, string? workflow, AccessContext access, WorkflowBook book, StackOffer offer) =>
            await EditAsync(access, book, config => StackEdits.Set(config, offer, workflow, changes.Stack, changes.MachineTypeId)))
            .RequirePermission("stack.update").WithSummary("Sets the stack of the app, or of the `workflow` that the query names.").Changes();
    }

    private static void MapTriggerMap(RouteGroupBuilder api)
    {
        api.MapPost("", async (NewMapTrigger wanted, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => TriggerEdits.AddToMap(config, wanted.Target, wanted.Kind, wanted.Branch, wanted.Into)))
            .RequirePermission("trigger.update").WithSummary("Adds a trigger at the end of trigger_map.").Changes();
        api.MapPatch("/{number:int}", async (int number, TriggerSwitch change, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => TriggerEdits.SwitchInMap(config, number - 1, change.Enabled)))
            .RequirePermission("trigger.update").WithSummary("Switches a trigger of trigger_map on or off, by its number from 1.").Changes();
        api.MapPost("/{number:int}/move", async (int number, TriggerMove move, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => TriggerEdits.MoveInMap(config, number - 1, move.Up ? -1 : 1)))
            .RequirePermission("trigger.update").WithSummary("Moves a trigger of trigger_map one place up or down: the first that matches counts.").Changes();
        api.MapDelete("/{number:int}", async (int number, AccessContext access, WorkflowBook book) =>
            await EditAsync(access, book, config => TriggerEdits.RemoveFromMap(config, number - 1)))
            .RequirePermission("trigger.update").WithSummary("Removes a trigger of trigger_map, by its number from 1.").Changes();
    }

    private static async Task<IResult> EditAsync(AccessContext access, WorkflowBook book, Func<BitriseConfig, Outcome<FileEdit>> edit)
    {
        if (!edit((await book.ReadAsync(access)).Config).Succeeded(out var wanted, out var wrong)) return wrong.Result();
        access.Target(wanted.What);
        return (await book.EditAsync(access, null, wanted)).Succeeded(out var version, out var refusal) ? TypedResults.Ok(YamlVersionInfo.Of(version)) : refusal.Result();
    }

    private static EnvList Envs(BitriseConfig config) => new(
    [
        .. config.AppEnvs.Select(e => Info(e, null)),
        .. config.Workflows.Values.SelectMany(w => w.Envs.Select(e => Info(e, w.Id))),
    ]);

    private static EnvInfo Info(EnvItem env, string? workflow) => new(env.Key, env.IsSensitive == true ? "[REDACTED]" : env.Value, env.IsExpand ?? true, workflow);

    /// <summary>What every change answers: the version that it made.</summary>
    private static RouteHandlerBuilder Changes(this RouteHandlerBuilder route) =>
        route.Produces<YamlVersionInfo>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
}
