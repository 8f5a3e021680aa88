namespace Buildyard;

/// <summary>Text as bash takes it.</summary>
internal static class Bash
{
    /// <summary>One word that means exactly <paramref name="text"/>, whatever is in it. Zero bytes can't be in a word and are left out.</summary>
    public static string Quote(string text) =>
        $"'{text.Replace("\0", "", StringComparison.Ordinal).Replace("'", @"'\''", StringComparison.Ordinal)}'";
}

/// <summary>The scripts that a sandbox is started with and holds.</summary>
internal static class SandboxScripts
{
    public static string Entry { get; } = Read("entry");
    public static string Agent { get; } = Read("agent");
    public static string Network { get; } = Read("network");
    public static string Envman { get; } = Read("envman");
    public static string Bitrise { get; } = Read("bitrise");

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(SandboxScripts).Assembly.GetManifestResourceStream($"sandbox/{name}")!);
        return reader.ReadToEnd();
    }
}
