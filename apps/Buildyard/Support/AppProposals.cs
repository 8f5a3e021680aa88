using System.Text.Json;
using Latchkey;
using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>
/// What support can propose to change in an app: its settings and its <c>bitrise.yml</c>, as a whole or a workflow, a step's input or a variable of it.
/// Each is applied by what the member's own click would call.
/// </summary>
internal sealed class AppProposals(BuildyardDb db, AppSettings settings, YamlHistory history, WorkflowBook book) : IProposals
{
    private const string Yml = "bitrise.yml";

    public IReadOnlyList<ProposalTarget> TargetsOf(IReadOnlyList<SharePart> shown)
    {
        var targets = new List<ProposalTarget>();
        if (shown.FirstOrDefault(part => part.Title == AppSharing.SettingsPart) is { } fields) targets.AddRange(ProposedSetting.Of(fields));
        // What was cut off can't be told from what was taken away.
        if (shown.FirstOrDefault(part => part.Title == Yml) is { Text: { } text, Version: { } version } && !AppSharing.IsCut(text)) targets.AddRange(ProposedYaml.Of(text, version));
        return targets;
    }

    public string PermissionOf(string target) => Read(target) switch
    {
        ["setting", ..] => "app.update",
        ["env", ..] => "env.update",
        ["workflow", ..] => "workflow.update",
        ["step", ..] => "step.update",
        _ => "yml.update",
    };

    public async ValueTask<ProposalOutlook> LookAsync(AccessContext by, ProposedChange change, CancellationToken cancellation)
    {
        if (Read(change.Target) is ["setting", var name]) return ProposedSetting.Look(name, await settings.GetAsync(by), change);
        return ProposedYaml.Look(Read(change.Target), await history.CurrentAsync(by), change).Outlook;
    }

    public async ValueTask<string?> ApplyAsync(AccessContext by, ProposedChange change, CancellationToken cancellation)
    {
        if (Read(change.Target) is ["setting", var name]) return await SetAsync(by, name, change, cancellation);
        var current = await history.CurrentAsync(by);
        var (outlook, edit) = ProposedYaml.Look(Read(change.Target), current, change);
        if (outlook.Problem is not null || outlook.Now == outlook.Then) return outlook.Problem;
        var why = $"{(change.IsUndo ? "undoing what support proposed" : "as support proposed")} ({change.Proposal})";
        if (edit is { Text: { } whole })
        {
            return await history.SaveAsync(by, whole, current.Number, $"{Yml}, {why}") switch
            {
                SaveResult.Saved => null,
                SaveResult.Invalid invalid => YamlPages.Unusable(invalid.Check).Title,
                SaveResult.Refused refused => refused.Refusal.Title,
                _ => "Somebody saved a new version at the same moment. Look at it, then try again.",
            };
        }
        if (!edit!.Edit!.Value.Succeeded(out var wanted, out var wrong)) return wrong.Title;
        return (await book.EditAsync(by, current.Number, wanted with { What = $"{wanted.What}, {why}" })).Refusal?.Title;
    }

    /// <summary>Nobody else writes between the look and the change.</summary>
    private async Task<string?> SetAsync(AccessContext by, string name, ProposedChange change, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        db.ChangeTracker.Clear();
        var outlook = ProposedSetting.Look(name, await settings.GetAsync(by), change);
        if (outlook.Problem is not null || outlook.Now == outlook.Then) return outlook.Problem;
        if ((await settings.UpdateAsync(by, ProposedSetting.Changes(name, change.After))).Refusal is { } refusal) return refusal.Errors is [var error, ..] ? $"{error.Problem} {error.Accepted}" : refusal.Title;
        await transaction.CommitAsync(cancellation);
        return null;
    }

    private static string[] Read(string target) => JsonSerializer.Deserialize<string[]>(target)!;
}
