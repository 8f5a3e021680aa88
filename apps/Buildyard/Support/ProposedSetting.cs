using System.Text.Json;
using Latchkey;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>A setting that support proposes to change: equal to what was shown, or it is not changed.</summary>
internal static class ProposedSetting
{
    private static readonly Dictionary<string, string> s_titles = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["title"] = "Title",
        ["repository_url"] = "Repository",
        ["default_branch"] = "Default branch",
        ["project_type"] = "Project type",
    };

    public static IEnumerable<ProposalTarget> Of(SharePart shown) =>
        from setting in s_titles
        let field = shown.Fields.FirstOrDefault(f => f.Name == setting.Value)
        where field is not null && !field.Value.Contains(SecretText.Mark, StringComparison.Ordinal)
        select new ProposalTarget(
            JsonSerializer.Serialize<string[]>(["setting", setting.Key]), AppSharing.SettingsPart, setting.Value, field.Value == AppSharing.None ? "" : field.Value);

    public static ProposalOutlook Look(string name, App app, ProposedChange change)
    {
        var now = SecretText.Mask(Value(name, app));
        return now == change.Before || now == change.After
            ? new ProposalOutlook(now, change.After)
            : new ProposalOutlook(now, null, $"{s_titles[name]} was changed since, so it is left as it is.");
    }

    public static AppChanges Changes(string name, string value) => name switch
    {
        "title" => new AppChanges { Title = value },
        "repository_url" => new AppChanges { RepositoryUrl = value },
        "default_branch" => new AppChanges { DefaultBranch = value },
        _ => new AppChanges { ProjectType = value },
    };

    private static string Value(string name, App app) => name switch
    {
        "title" => app.Title,
        "repository_url" => app.ShownUrl,
        "default_branch" => app.DefaultBranch,
        _ => app.ProjectType,
    };
}
