using System.Reflection;
using System.Xml.Linq;

namespace Latchkey.Architecture.Tests;

/// <summary>Dependencies point down only: Ledger, the core, then stores and web, then hosts.</summary>
public sealed class DependencyTests
{
    [Fact]
    public void Ledger_NeedsOnlyWhatComesWithDotNet() => Assert.Empty(ReferencesOf(House.Ledger));

    [Fact]
    public void Core_NeedsTheLedgerAndLogging_NoHttpAndNoSql() =>
        Assert.Subset(new HashSet<string> { "Latchkey.Ledger", "Microsoft.Extensions.Logging.Abstractions" }, ReferencesOf(House.Core));

    [Fact]
    public void StoreAndWeb_DoNotKnowEachOther()
    {
        Assert.DoesNotContain("Latchkey.AspNetCore", ReferencesOf(House.Sqlite));
        Assert.DoesNotContain("Latchkey.Sqlite", ReferencesOf(House.AspNetCore));
        Assert.DoesNotContain(ReferencesOf(House.Sqlite), name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain(ReferencesOf(House.AspNetCore), name => name.Contains("Sqlite", StringComparison.Ordinal));
    }

    [Fact]
    public void NothingThatShips_NeedsTheTestingPackage() =>
        Assert.All(House.All.Where(a => a != House.Testing), a => Assert.DoesNotContain("Latchkey.Testing", ReferencesOf(a)));

    [Fact]
    public void Apps_UseOnlyThePublicSurface()
    {
        // A package opens its inside to the tests named after it, and to nobody else.
        foreach (var project in House.Folders().SelectMany(f => f.EnumerateFiles("*.csproj")))
        {
            var name = Path.GetFileNameWithoutExtension(project.Name);
            var opened = XDocument.Load(project.FullName).Descendants("InternalsVisibleTo").Select(e => (string?)e.Attribute("Include"));
            Assert.All(opened, to => Assert.Equal(name + ".Tests", to));
        }
    }

    [Fact]
    public void Projects_TakeTheirVersionsFromOnePlace()
    {
        foreach (var project in House.Folders().SelectMany(f => f.EnumerateFiles("*.csproj")))
        {
            Assert.DoesNotContain(XDocument.Load(project.FullName).Descendants("PackageReference"), e => e.Attribute("Version") is not null || e.Attribute("VersionOverride") is not null);
        }
    }

    private static HashSet<string> ReferencesOf(Assembly assembly) =>
        [.. assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name is not "netstandard" and not "mscorlib")];
}
