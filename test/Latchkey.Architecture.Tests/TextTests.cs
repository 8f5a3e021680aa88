namespace Latchkey.Architecture.Tests;

/// <summary>What the text of the sources must and must not hold. There are no exceptions to name.</summary>
public sealed class TextTests
{
    private const int MostLines = 400;
    private static readonly string[] Sources = [".cs", ".razor"];

    // Words that say where code lies and not what it is for.
    private static readonly string[] EmptyWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Common", "Misc"];
    private static readonly string[] EmptyFolders = [.. EmptyWords, "Services", "Interfaces", "Models", "Managers", "Repositories", "Dtos"];

    [Fact]
    public void NoFile_IsLongerThanOneIdea() =>
        Assert.Empty(House.Files(Sources).Where(f => f.Lines.Length > MostLines).Select(f => $"{f.Path} has {f.Lines.Length} lines; {MostLines} are the most"));

    [Fact]
    public void NothingIsLeftToDo_AndNoRegionHidesCode()
    {
        string[] unwanted = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "#" + "region"];
        var found = House.Files([.. Sources, ".js", ".css", ".sql", ".csproj", ".props"])
            .SelectMany(f => f.Lines.Select((line, i) => (f.Path, Line: line, Number: i + 1)))
            .Where(l => Array.Exists(unwanted, word => l.Line.Contains(word, StringComparison.Ordinal)))
            .Select(l => $"{l.Path}:{l.Number}: {l.Line.Trim()}");
        Assert.Empty(found);
    }

    [Fact]
    public void WarningsAreSwitchedOff_OnlyWithAReasonBesideIt()
    {
        var bare = House.Files(Sources)
            .SelectMany(f => f.Lines.Select((line, i) => (f.Path, Line: line, Number: i + 1)))
            .Where(l => SwitchesOff(l.Line) && !SaysWhy(l.Line))
            .Select(l => $"{l.Path}:{l.Number}: {l.Line.Trim()}");
        Assert.Empty(bare);
    }

    [Fact]
    public void TheBannedClocks_AreNeverLetIn()
    {
        const string BannedApi = "RS" + "0030";
        Assert.Empty(House.Files([.. Sources, ".csproj", ".props", ".editorconfig"]).Where(f => Array.Exists(f.Lines, l => l.Contains(BannedApi, StringComparison.Ordinal))).Select(f => f.Path));
    }

    [Fact]
    public void Folders_AreCapabilities() =>
        Assert.Empty(House.Folders().Where(f => EmptyFolders.Contains(f.Name)).Select(f => f.FullName));

    [Fact]
    public void Types_AreNamedAfterWhatTheyAre()
    {
        var empty = House.Files(Sources)
            .Select(f => Path.GetFileName(f.Path).Split('.')[0])
            .Where(name => Array.Exists(EmptyWords, word => name.EndsWith(word, StringComparison.Ordinal)));
        Assert.Empty(empty);
    }

    private static bool SwitchesOff(string line) =>
        line.TrimStart().StartsWith("#pragma warning disable", StringComparison.Ordinal) || line.Contains("Suppress" + "Message(", StringComparison.Ordinal);

    private static bool SaysWhy(string line) =>
        line.Contains("Justification", StringComparison.Ordinal) || line.LastIndexOf("// ", StringComparison.Ordinal) is >= 0 and var at && line.Length - at > 10;
}
