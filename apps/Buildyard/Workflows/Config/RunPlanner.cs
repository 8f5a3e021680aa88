namespace Buildyard;

/// <summary>Writes out what a build of a workflow runs.</summary>
internal sealed class RunPlanner(BitriseConfig config)
{
    /// <summary>The most steps, and the most runs of workflows, that one build may have.</summary>
    internal const int Most = 10_000;

    /// <summary>The most variables and conditions of bundles that one build may hold: each use of a bundle has those of all around it.</summary>
    private const int MostHeld = 1_000_000;

    private const int Deepest = 200;

    private readonly Dictionary<StepUse, StepReference> _references = new(ReferenceEqualityComparer.Instance);
    private int _bundles;
    private int _held;
    private int _steps;
    private bool _usesContainers;

    public RunPlanResult Plan(string id)
    {
        if (!config.Workflows.TryGetValue(id, out var target)) return Failed(RunPlanFailure.UnknownWorkflow, $"There is no workflow {id}. {Known()}");
        if (target.IsUtility) return Failed(RunPlanFailure.UtilityWorkflow, $"{id} is a utility workflow: it runs only inside others.");
        try
        {
            var order = new List<Workflow>();
            Walk(new Reference(id, target.At), order, []);
            var workflows = order.Select(w => new PlannedWorkflow(w.Id, TitleOf(w), w.Envs, Steps(w))).ToList();
            return new RunPlanResult(new RunPlan(id, TitleOf(target), config.AppEnvs, target.Envs, workflows)
            {
                Without = Without(order),
                DefaultStepLibSource = config.DefaultStepLibSource,
                Stack = new StackChoice { Stack = target.Stack.Stack ?? config.Stack.Stack, MachineType = target.Stack.MachineType ?? config.Stack.MachineType },
                Priority = target.Priority ?? 0,
            }, null, "");
        }
        catch (UnplannableException e)
        {
            return Failed(e.Failure, e.Message);
        }
    }

    private List<string> Without(IEnumerable<Workflow> order)
    {
        var without = new List<string>();
        if (_usesContainers) without.Add(RunPlan.NoContainers);
        var tools = config.Tools.Keys.Concat(order.Distinct<Workflow>(ReferenceEqualityComparer.Instance).SelectMany(workflow => workflow.Tools.Keys)).Distinct(StringComparer.Ordinal).ToList();
        if (tools.Count > 0) without.Add(RunPlan.NoTools(tools));
        return without;
    }

    private static RunPlanResult Failed(RunPlanFailure failure, string message) => new(null, failure, message);

    private static string TitleOf(Workflow workflow) => string.IsNullOrEmpty(workflow.Title) ? workflow.Id : workflow.Title;

    private string Known()
    {
        var ids = config.Workflows.Values.Where(w => !w.IsUtility).Select(w => w.Id).ToList();
        return ids.Count == 0 ? "The file defines none that can be run." : $"There are: {string.Join(", ", ids.Take(20))}.";
    }

    private void Walk(Reference to, List<Workflow> order, List<string> path)
    {
        if (!config.Workflows.TryGetValue(to.Name, out var workflow))
            throw new UnplannableException(RunPlanFailure.UnknownReference, $"{path[^1]} refers to the workflow {to.Name}, which is not defined.");
        if (path.Contains(to.Name))
            throw new UnplannableException(RunPlanFailure.Circle, $"These workflows refer to each other in a circle: {string.Join(" → ", path.SkipWhile(p => p != to.Name).Append(to.Name))}.");
        if (path.Count >= Deepest || order.Count >= Most)
            throw new UnplannableException(RunPlanFailure.TooLarge, $"The workflows that run before and after {path.FirstOrDefault() ?? to.Name} are more than one build may run.");
        path.Add(to.Name);
        foreach (var before in workflow.BeforeRun) Walk(before, order, path);
        order.Add(workflow);
        foreach (var after in workflow.AfterRun) Walk(after, order, path);
        path.RemoveAt(path.Count - 1);
    }

    private List<PlannedStep> Steps(Workflow workflow)
    {
        var steps = new List<PlannedStep>();
        foreach (var item in workflow.Steps) Add(item, steps, null, []);
        return steps;
    }

    private void Add(StepItem item, List<PlannedStep> steps, PlannedBundle? bundle, List<string> path)
    {
        switch (item)
        {
            case StepUse use:
                _usesContainers |= use.Container.IsGiven;
                if (++_steps > Most) throw new UnplannableException(RunPlanFailure.TooLarge, $"The build would have more than {Most} steps.");
                if (!_references.TryGetValue(use, out var reference)) _references[use] = reference = StepReference.Parse(use.Id);
                steps.Add(new PlannedStep(reference, use) { Bundle = bundle });
                break;
            case WithGroup group:
                _usesContainers |= group.Container is not null || group.Services.Count > 0;
                foreach (var inner in group.Steps) Add(inner, steps, bundle, path);
                break;
            case BundleUse use:
                AddBundle(use, steps, bundle, path);
                break;
        }
    }

    private void AddBundle(BundleUse use, List<PlannedStep> steps, PlannedBundle? outer, List<string> path)
    {
        if (!config.StepBundles.TryGetValue(use.Bundle, out var definition))
            throw new UnplannableException(RunPlanFailure.UnknownReference, $"The step bundle {use.Bundle} is not defined.");
        if (path.Contains(use.Bundle))
            throw new UnplannableException(RunPlanFailure.Circle, $"These step bundles refer to each other in a circle: {string.Join(" → ", path.SkipWhile(p => p != use.Bundle).Append(use.Bundle))}.");
        if (path.Count >= Deepest || ++_bundles > Most) throw new UnplannableException(RunPlanFailure.TooLarge, "Step bundles stand in each other more often than one build may run.");
        _held += 1 + (outer?.Envs.Count ?? 0) + (outer?.Conditions.Count ?? 0) + definition.Envs.Count + use.Envs.Count + definition.Inputs.Count + use.Inputs.Count;
        if (_held > MostHeld)
            throw new UnplannableException(RunPlanFailure.TooLarge, $"The step bundle {use.Bundle} stands in so many others, or so often, that all their variables are more than one build may hold.");
        _usesContainers |= use.Container.IsGiven || definition.Container.IsGiven;
        var number = _bundles;
        var runIf = use.RunIf ?? definition.RunIf;
        var planned = new PlannedBundle(
            number,
            use.Bundle,
            string.IsNullOrEmpty(use.Title) ? definition.Title : use.Title,
            [.. outer?.Envs ?? [], .. BundleEnvs(use, definition, outer)],
            string.IsNullOrEmpty(runIf) ? outer?.Conditions ?? [] : [.. outer?.Conditions ?? [], (number, runIf)]);
        path.Add(use.Bundle);
        foreach (var item in definition.Steps) Add(item, steps, planned, path);
        path.RemoveAt(path.Count - 1);
    }

    /// <summary>
    /// The bundle's own variables, then those of its use, then its inputs with their defaults, then the inputs that its use gives.
    /// A default is left out where the bundle around has that name already and the use gives it, so that it may refer to that value.
    /// </summary>
    private static IEnumerable<EnvItem> BundleEnvs(BundleUse use, StepBundle definition, PlannedBundle? outer)
    {
        var given = use.Inputs.Select(i => i.Key).ToHashSet(StringComparer.Ordinal);
        var around = outer?.Envs.Select(e => e.Key).ToHashSet(StringComparer.Ordinal) ?? [];
        var defined = definition.Inputs.Select(i => i.Key).ToHashSet(StringComparer.Ordinal);
        return [
            .. definition.Envs, .. use.Envs,
            .. definition.Inputs.Where(i => !(around.Contains(i.Key) && given.Contains(i.Key))),
            .. use.Inputs.Where(i => defined.Contains(i.Key))];
    }

    /// <summary>Ends the walk. Never leaves <see cref="RunPlanner"/>.</summary>
    private sealed class UnplannableException(RunPlanFailure failure, string message) : Exception(message)
    {
        public RunPlanFailure Failure => failure;
    }
}
