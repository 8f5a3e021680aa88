namespace Buildyard;

/// <summary>Something new that is put into a file: text, a map, or a list.</summary>
public abstract record YamlFragment
{
    public static YamlFragment Empty { get; } = new Map();

    public static implicit operator YamlFragment(string text) => new Text(text);

    /// <summary>Lines from column 0 on; the first goes behind a colon when <see cref="IsInline"/>, else all go below it.</summary>
    public abstract List<string> Lines();

    /// <summary>Whether its first line stands on the line of its key.</summary>
    public abstract bool IsInline { get; }

    public sealed record Text(string Value) : YamlFragment
    {
        public override bool IsInline => true;

        public override List<string> Lines() => YamlScalars.CanBeBlock(Value) ? YamlScalars.Block(Value, 2, 0) : [YamlScalars.Inline(Value)];
    }

    /// <summary>A number or a switch, written as it is.</summary>
    public sealed record Bare(string Value) : YamlFragment
    {
        public override bool IsInline => true;

        public override List<string> Lines() => [Value];
    }

    public sealed record Map(params (string Key, YamlFragment Value)[] Entries) : YamlFragment
    {
        public override bool IsInline => Entries.Length == 0;

        public override List<string> Lines() => Entries.Length == 0 ? ["{}"] : [.. Entries.SelectMany(e => Entry(e.Key, e.Value))];
    }

    public sealed record List(params YamlFragment[] Items) : YamlFragment
    {
        public override bool IsInline => Items.Length == 0;

        public override List<string> Lines() => Items.Length == 0 ? ["[]"] : [.. Items.SelectMany(Item)];
    }

    /// <summary>The lines of <c>key: value</c>. Lists stand at the column of their key, maps two further in.</summary>
    public static List<string> Entry(string key, YamlFragment value)
    {
        var name = YamlScalars.Inline(key);
        var lines = value.Lines();
        if (value.IsInline) return [$"{name}: {lines[0]}", .. lines.Skip(1)];
        return [$"{name}:", .. value is List ? lines : lines.Select(l => l.Length == 0 ? l : "  " + l)];
    }

    /// <summary>The lines of <c>- value</c>.</summary>
    public static List<string> Item(YamlFragment value)
    {
        var lines = value is Text text ? [YamlScalars.Inline(text.Value)] : value.Lines();
        return [$"- {lines[0]}", .. lines.Skip(1).Select(l => l.Length == 0 ? l : "  " + l)];
    }
}
