using System.Reflection;

namespace Latchkey.Architecture.Tests;

/// <summary>What the packages show, and what nothing in them may hold.</summary>
public sealed class SurfaceTests
{
    [Fact]
    public void NoStaticField_CanChange()
    {
        const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var changing = House.All.SelectMany(a => a.GetTypes())
            .Where(t => !IsCompilers(t))
            .SelectMany(t => t.GetFields(Static))
            .Where(f => !f.IsInitOnly && !f.IsLiteral && !IsCompilers(f))
            .Select(f => $"{f.DeclaringType}.{f.Name}");
        Assert.Empty(changing);
    }

    [Fact]
    public void PublicStaticFields_AreOfTypesThatCanNotChange()
    {
        var shown = House.All.SelectMany(a => a.GetExportedTypes())
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(f => !f.IsLiteral && !f.FieldType.IsValueType && f.FieldType != typeof(string))
            .Select(f => $"{f.DeclaringType}.{f.Name} is a {f.FieldType}");
        Assert.Empty(shown);
    }

    [Fact]
    public void PublicTypesOfTheCore_CanNotBeInheritedFrom_UnlessTheyAreMadeForIt()
    {
        var open = new[] { House.Ledger, House.Core, House.Sqlite, House.Testing }.SelectMany(a => a.GetExportedTypes())
            .Where(t => t.IsClass && !t.IsSealed && !t.IsAbstract)
            .Select(t => t.FullName);
        Assert.Empty(open);
    }

    [Fact]
    public void PublicTypesOfTheCore_DoNotChange_OptionsAside()
    {
        var settable = new[] { House.Ledger, House.Core, House.Sqlite, House.Testing }.SelectMany(a => a.GetExportedTypes())
            .Where(t => !t.Name.EndsWith("Options", StringComparison.Ordinal))
            .SelectMany(t => t.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(p => p.SetMethod is { IsPublic: true } set && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit)))
            .Select(p => $"{p.DeclaringType}.{p.Name}");
        Assert.Empty(settable);

        var fields = new[] { House.Ledger, House.Core, House.Sqlite, House.Testing }.SelectMany(a => a.GetExportedTypes())
            .SelectMany(t => t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(f => !f.DeclaringType!.IsEnum)
            .Select(f => $"{f.DeclaringType}.{f.Name}");
        Assert.Empty(fields);
    }

    [Fact]
    public void PublicTypes_LieInTheNamespaceOfTheirPackage()
    {
        // A host writes one using for one package; folders are capabilities, not namespaces. Razor's own parts lie where it puts them.
        var elsewhere = House.All
            .SelectMany(a => a.GetExportedTypes().Where(t => t.Namespace != a.GetName().Name && t.Name != "_Imports" && !t.IsAssignableTo(typeof(Microsoft.AspNetCore.Components.IComponent))))
            .Select(t => t.FullName);
        Assert.Empty(elsewhere);
    }

    [Fact]
    public void Decisions_AreNeverBareBooleans()
    {
        var questions = typeof(SupportAccess).GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(m => m.ReturnType == typeof(bool) || m.ReturnType == typeof(Task<bool>))
            .Select(m => m.Name);
        Assert.Empty(questions);
    }

    private static bool IsCompilers(MemberInfo member) =>
        member.Name.Contains('<', StringComparison.Ordinal)
        || member.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is not null
        || member.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is not null
        || (member.DeclaringType is { } outer && IsCompilers(outer));
}
