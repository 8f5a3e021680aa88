namespace Buildyard;

/// <summary>A stack that builds can run on here.</summary>
public sealed record OfferedStack
{
    /// <summary>What <c>bitrise.yml</c> names it.</summary>
    public required string Id { get; init; }
    public required string Title { get; init; }

    /// <summary>The machine types it comes with; the first is the default.</summary>
    public IReadOnlyList<string> MachineTypes { get; init; } = ["standard"];
}

/// <summary>
/// The stacks of this instance: the configuration's section <c>Stacks</c>, a list of <c>Id</c>, <c>Title</c> and <c>MachineTypes</c>.
/// Without it there is one, <c>linux-debian-12</c>.
/// </summary>
internal sealed class StackOffer
{
    public StackOffer(IConfiguration configuration)
    {
        var given = configuration.GetSection("Stacks").Get<List<OfferedStack>>();
        Stacks = given is { Count: > 0 } ? given : [new OfferedStack { Id = "linux-debian-12", Title = "Linux, Debian 12" }];
    }

    public IReadOnlyList<OfferedStack> Stacks { get; }

    public OfferedStack? Find(string? id) => Stacks.FirstOrDefault(s => s.Id == id);

    /// <summary>The check of a file that is to be saved here: Bitrise's rules, and that every stack it newly names is offered.</summary>
    /// <param name="text">The file.</param>
    /// <param name="before">The file as it is; a stack that it names already, such as one that was offered once, may stay.</param>
    public YamlCheck Check(string text, string before)
    {
        var (config, check) = BitriseYaml.Read(text);
        if (config is null) return check;
        var known = Choices(BitriseYaml.ReadSaved(before)).SelectMany(c => (string?[])[c.Stack, c.MachineType]).ToHashSet(StringComparer.Ordinal);
        var unknown = Choices(config).SelectMany(Problems).Where(p => !known.Contains(p.Name)).Select(p => p.Remark).ToList();
        return unknown.Count == 0 ? check : check with { Errors = [.. check.Errors.Concat(unknown).OrderBy(e => e.Line)] };
    }

    private static IEnumerable<StackChoice> Choices(BitriseConfig config) => config.Workflows.Values.Select(w => w.Stack).Prepend(config.Stack);

    private IEnumerable<(string Name, YamlRemark Remark)> Problems(StackChoice choice)
    {
        var stack = Find(choice.Stack);
        if (choice.Stack is { } id && stack is null)
            yield return (id, new YamlRemark(choice.StackAt.Line, choice.StackAt.Column, $"There is no stack {id} here. There are: {string.Join(", ", Stacks.Select(s => s.Id))}."));
        var types = stack?.MachineTypes ?? [.. Stacks.SelectMany(s => s.MachineTypes).Distinct()];
        if (choice.MachineType is { } type && !types.Contains(type))
            yield return (type, new YamlRemark(choice.MachineTypeAt.Line, choice.MachineTypeAt.Column, $"There is no machine type {type} here. There are: {string.Join(", ", types)}."));
    }
}
