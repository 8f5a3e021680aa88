using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>New values for an app; null leaves a field as it is.</summary>
public sealed record AppChanges
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Title { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? RepositoryUrl { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? DefaultBranch { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? ProjectType { get; init; }
}

/// <summary>Reads and changes what <i>Settings › General</i> and <i>Code</i> show.</summary>
internal sealed class AppSettings(BuildyardDb db, SshKeyRing keys, WebhookOutbox webhooks, SupportAccess supportAccess, AppBuilds builds, TimeProvider clock)
{
    /// <summary>The app of this request, with its account.</summary>
    public Task<App> GetAsync(AccessContext access) =>
        db.Apps.Include(a => a.Account).SingleAsync(a => a.Id == access.App!.Value.Value);

    /// <summary>Changes what differs, and reports each difference. All fields are accepted, or none.</summary>
    public async Task<Outcome<App>> UpdateAsync(AccessContext access, AppChanges changes)
    {
        var errors = new List<FieldError>();
        var app = await GetAsync(access);
        var title = changes.Title is null ? null : Line.Read("title", changes.Title, 80, errors);
        var repository = changes.RepositoryUrl is null || changes.RepositoryUrl == app.ShownUrl ? null : RepositoryUrl.Read(changes.RepositoryUrl, errors);
        var branch = changes.DefaultBranch is null ? null : GitBranch.Read("default_branch", changes.DefaultBranch, errors);
        var type = changes.ProjectType is null ? null : ProjectTypes.Read(changes.ProjectType, errors);
        if (errors.Count > 0) return Refusal.Invalid(errors);

        var renamed = title is not null && title != app.Title;
        Set(access, "title", app.Title, title, value => app.Title = value);
        if (repository is not null && repository != app.RepositoryUrl)
        {
            // A key is for the repository that somebody set it for: nobody aims it at another one.
            await keys.ForgetAsync(access);
            access.Changed("repository URL", app.ShownUrl, repository);
            app.RepositoryUrl = repository;
        }
        Set(access, "default branch", app.DefaultBranch, branch, value => app.DefaultBranch = value);
        Set(access, "project type", app.ProjectType, type, value => app.ProjectType = value);
        await SaveAsync(access, app);
        if (renamed) await supportAccess.AppChangedAsync(app.ToHostApp().Ref);
        return app;
    }

    /// <summary>Lets the app be built, or nothing of it: who may do that is not who may change what it is called, so it is an act of its own.</summary>
    public async Task<App> EnableAsync(AccessContext access, bool enabled)
    {
        var app = await GetAsync(access);
        Set(access, "state", State(app.Enabled), State(enabled), _ => app.Enabled = enabled);
        await SaveAsync(access, app);
        if (enabled) builds.Enabled();
        return app;
    }

    /// <summary>Deletes the app with all that is in it, and ends every support access to it.</summary>
    /// <returns>Why it was not deleted; null when it is gone.</returns>
    public async Task<Refusal?> DeleteAsync(AccessContext access)
    {
        var id = access.App!.Value;
        var ended = await supportAccess.AppDeletedAsync(id);
        if (ended.Refusal is not null)
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "support_access_not_ended", "Support access to the app could not be ended on the record, so the app is still here. Try again in a moment.", []);
        await builds.StopAsync(id.Value);
        await db.Apps.Where(a => a.Id == id.Value).ExecuteDeleteAsync();
        builds.Remove(id.Value);
        // Somebody may have turned access on between the two; from here on nobody can.
        await supportAccess.AppDeletedAsync(id);
        return null;
    }

    private async Task SaveAsync(AccessContext access, App app)
    {
        if (db.ChangeTracker.HasChanges())
        {
            app.ChangedAt = clock.Now();
            await webhooks.PublishAsync(app.Id, WebhookEvents.AppChanged, new { App = app.Id, app.Slug, app.Title, app.Enabled, By = access.ActorName });
        }
        await db.SaveChangesAsync();
    }

    private static string State(bool enabled) => enabled ? "enabled" : "disabled";

    private static void Set(AccessContext access, string what, string before, string? after, Action<string> set)
    {
        if (after is null || after == before) return;
        set(after);
        access.Changed(what, before, after);
    }
}
