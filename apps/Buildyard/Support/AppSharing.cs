using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>What an admin can show support of an app: its settings with the masked <c>bitrise.yml</c>, and its builds with their logs.</summary>
internal sealed partial class AppSharing(BuildyardDb db, BuildFiles files) : ISharing
{
    private const int BuildsInSnapshot = 10;
    private const int BuildsToChooseFrom = 20;
    private const int LongestText = 160 * 1024;

    /// <summary>What the part with the app's own settings is called, and what stands where there is no value.</summary>
    public const string SettingsPart = "Settings";
    public const string None = "none";

    public async ValueTask<Share> SnapshotAsync(HostApp app, Member by, CancellationToken cancellation)
    {
        var id = app.Id.Value;
        var found = await db.Apps.AsNoTracking().SingleAsync(a => a.Id == id, cancellation);
        var yaml = await db.YamlVersions.AsNoTracking().Where(v => v.AppId == id).OrderByDescending(v => v.Number).FirstAsync(cancellation);
        var builds = await NewestAsync(id, BuildsInSnapshot, cancellation);
        var treated = await db.Set<BuildSettings>().AsNoTracking().SingleOrDefaultAsync(s => s.AppId == id, cancellation) ?? new BuildSettings { Id = "", AppId = id };
        var secrets = await db.Set<AppSecret>().AsNoTracking().Where(s => s.AppId == id).OrderBy(s => s.Name).Select(s => s.Name).ToListAsync(cancellation);
        return new Share(ShareKind.Snapshot, Cut($"Settings of {found.Title}", 200),
        [
            new SharePart(SettingsPart,
            [
                new("Title", found.Title),
                new("Address", found.Slug),
                new("Repository", found.RepositoryUrl.Length == 0 ? None : SecretText.Mask(found.ShownUrl)),
                new("Default branch", found.DefaultBranch),
                new("Project type", found.ProjectType),
                new("Builds", found.Enabled ? "enabled" : "disabled"),
                new("Pull requests from forks", treated.ManualApproval ? "wait for approval" : "run at once"),
                new("Secrets, by name", secrets.Count == 0 ? "none" : string.Join(", ", secrets)),
            ]),
            new SharePart("bitrise.yml",
                [new("Version", yaml.Number.ToString(CultureInfo.InvariantCulture)), new("Saved by", yaml.AuthorName), new("Saved", Time(yaml.SavedAt))],
                Cut(MaskedYaml.Of(yaml.Content), LongestText),
                yaml.Number.ToString(CultureInfo.InvariantCulture)),
            new SharePart("Newest builds", builds.Count == 0 ? [new("Builds", "none yet")] : [.. builds.Select(b => new ShareField(Called(b), InWords(b)))]),
        ]);
    }

    public async ValueTask<IReadOnlyList<Shareable>> ListAsync(HostApp app, Member by, CancellationToken cancellation)
    {
        var builds = await NewestAsync(app.Id.Value, BuildsToChooseFrom, cancellation);
        return [.. builds.Select(b => new Shareable(b.Number.ToString(CultureInfo.InvariantCulture), Called(b), b.QueuedAt, InWords(b)))];
    }

    public async ValueTask<Share?> FindAsync(HostApp app, Member by, string id, CancellationToken cancellation)
    {
        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || await db.Set<Build>().AsNoTracking().Include(b => b.Steps).SingleOrDefaultAsync(b => b.AppId == app.Id.Value && b.Number == number, cancellation) is not { } build) return null;
        var yaml = await db.YamlVersions.AsNoTracking().SingleAsync(v => v.AppId == build.AppId && v.Number == build.YamlVersion, cancellation);
        // Logs of before the file's sensitive values were hidden there may hold them.
        var redactor = new Redactor(SensitiveValues.Telling(BitriseYaml.ReadSaved(yaml.Content).Sensitive));
        return new Share(ShareKind.Build, Called(build),
        [
            new SharePart("Build",
            [
                new("Status", build.Status.Label()),
                new("Source", build.Source()),
                new("Commit", build.CommitHash ?? "not known"),
                new("Started by", build.StartedByName),
                new("Queued", Time(build.QueuedAt)),
                new("Ran", build.StartedAt is { } start && build.EndedAt is { } end ? $"{(end - start).TotalSeconds:0} s" : "not to its end"),
                new("bitrise.yml", $"version {build.YamlVersion}"),
                .. build.Reason is { } reason ? [new ShareField("Reason", Hidden(reason))] : ImmutableArray<ShareField>.Empty,
            ]),
            new SharePart("Steps", [.. build.Steps.OrderBy(s => s.Position).Select(s => new ShareField($"{s.Position + 1}. {Hidden(s.Title)}", BuildWords.Step(s.Status).Label))]),
            new SharePart("Log", [], Cut(Hidden(await LogAsync(build, cancellation)), LongestText)),
        ]);

        string Hidden(string text) => SecretText.Mask(redactor.Hide(text));
    }

    private Task<List<Build>> NewestAsync(string app, int most, CancellationToken cancellation) =>
        db.Set<Build>().AsNoTracking().Where(b => b.AppId == app).OrderByDescending(b => b.Number).Take(most).ToListAsync(cancellation);

    /// <summary>The end of the log, where what went wrong stands.</summary>
    private async Task<string> LogAsync(Build build, CancellationToken cancellation)
    {
        await using var file = files.OpenLog(build);
        if (file is null or { Length: 0 }) return build.LogRemoved ? $"({build.FilesNote})" : "(empty)";
        var left = file.Length - LongestText;
        if (left > 0) file.Seek(left, SeekOrigin.Begin);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var text = Controls().Replace(await reader.ReadToEndAsync(cancellation), "").ReplaceLineEndings("\n");
        // What was cut in two must not pass for something that is no token.
        if (left > 0) text = text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..];
        return text;
    }

    private static string Called(Build build) => Cut(string.Create(CultureInfo.InvariantCulture, $"Build {build.Number}, {build.Target}"), 200);

    private static string InWords(Build build) => string.Join(" · ", ((string[])[build.Status.Label(), build.Source(), Time(build.QueuedAt)]).Where(word => word.Length > 0));

    private static string Time(DateTimeOffset at) => at.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Whether the end of a text was left out.</summary>
    public static bool IsCut(string text) => text.Length >= LongestText;

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";

    // Colours and cursor moves of terminals (ECMA-48), and other controls but tabs and line ends.
    [GeneratedRegex(@"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Controls();
}
