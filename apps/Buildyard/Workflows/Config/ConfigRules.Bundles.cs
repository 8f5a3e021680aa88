namespace Buildyard;

internal sealed partial class ConfigRules
{
    /// <summary>How many names a message lists: it stands beside each use that names another one.</summary>
    private const int MostNamed = 20;

    private void Bundles()
    {
        foreach (var bundle in config.StepBundles.Values)
        {
            var owner = $"step bundle {bundle.Id}";
            if (bundle.Id.Length == 0) findings.Error(bundle.At, "A step bundle has an empty id.");
            Uses(bundle.Container, owner);
            Template(bundle.RunIf, bundle.RunIfAt, owner);
            foreach (var item in bundle.Steps)
            {
                if (item is StepUse step) Step(step, owner, checkContainers: true);
                else if (item is BundleUse inner) BundleUse(inner, owner);
            }
        }
        Cycles.Find(
            config.StepBundles.Keys,
            id => config.StepBundles.TryGetValue(id, out var bundle) ? [.. bundle.Steps.OfType<BundleUse>().Select(b => new Reference(b.Bundle, b.At))] : [],
            (at, circle) => findings.Error(at, $"These step bundles refer to each other in a circle: {circle}."));
    }

    private void BundleUse(BundleUse use, string owner)
    {
        if (!config.StepBundles.TryGetValue(use.Bundle, out var bundle))
        {
            findings.Error(use.At, $"The step bundle {use.Bundle}, used in {owner}, is not defined.");
            return;
        }
        if (!_inputs.TryGetValue(use.Bundle, out var inputs)) _inputs[use.Bundle] = inputs = [.. bundle.Inputs.Select(i => i.Key)];
        foreach (var input in use.Inputs)
            if (!inputs.Contains(input.Key)) findings.Error(input.At, $"The step bundle {use.Bundle} has no input {input.Key}. {Known(bundle)}");
        Uses(use.Container, $"{use.Bundle} in {owner}");
        Template(use.RunIf, use.RunIfAt, $"{use.Bundle} in {owner}");
    }

    private static string Known(StepBundle bundle) => bundle.Inputs.Count switch
    {
        0 => "It has none.",
        var count => $"It has: {string.Join(", ", bundle.Inputs.Take(MostNamed).Select(i => i.Key))}{(count > MostNamed ? $" and {count - MostNamed} more" : "")}.",
    };

    /// <summary>Old files put steps into containers by <c>with</c>, newer ones by naming a container at the step; a file does one or the other.</summary>
    private void ContainerDefinitions()
    {
        var groups = config.Workflows.Values.SelectMany(w => w.Steps).OfType<WithGroup>().ToList();
        if (groups.Count > 0 && NamesContainersAtSteps())
            findings.Error(groups[0].At, "“with” groups and containers named at steps or by type can't be mixed in one file.");
        foreach (var container in config.Containers.Values)
        {
            Definition(container, "container");
            if (groups.Count == 0 && string.IsNullOrEmpty(container.Type))
                findings.Error(container.At, $"The container {container.Id} has no type. It should be execution or service.");
        }
        foreach (var service in config.Services.Values) Definition(service, "service");
    }

    private void Definition(ContainerSpec container, string kind)
    {
        if (container.Id.Length == 0) findings.Error(container.At, $"A {kind} has an empty id.");
        if (string.IsNullOrWhiteSpace(container.Image)) findings.Error(container.At, $"The {kind} {container.Id} has no image.");
    }

    private bool NamesContainersAtSteps() =>
        config.Containers.Values.Any(c => !string.IsNullOrEmpty(c.Type))
        || config.StepBundles.Values.Any(b => b.Container.IsGiven)
        || config.Workflows.Values.SelectMany(w => w.Steps).Concat(config.StepBundles.Values.SelectMany(b => b.Steps))
            .Any(s => s is StepUse { Container.IsGiven: true } or BundleUse { Container.IsGiven: true });

    private void Uses(ContainerUse use, string owner)
    {
        if (use.Execution is { } execution && !Is(execution.Name, "execution"))
            findings.Error(execution.At, $"The execution container {execution.Name}, named at {owner}, is not defined.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, at) in use.Services)
        {
            if (!seen.Add(name)) findings.Error(at, $"The service container {name} is named twice at {owner}.");
            else if (!Is(name, "service")) findings.Error(at, $"The service container {name}, named at {owner}, is not defined.");
        }

        bool Is(string id, string type) => config.Containers.TryGetValue(id, out var container) && container.Type == type;
    }
}
