using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Tells webhooks and people of builds, with the save that changes the build.</summary>
internal sealed class BuildNews(BuildyardDb db, WebhookOutbox webhooks, Notifier notifier)
{
    public Task StartedAsync(Build build) => webhooks.PublishAsync(build.AppId, WebhookEvents.BuildStarted, Describe(build));

    /// <summary>Of a build that was aborted only webhooks hear: whoever aborted it knows.</summary>
    public async Task EndedAsync(Build build)
    {
        await webhooks.PublishAsync(build.AppId, WebhookEvents.BuildFinished, Describe(build));
        if (build.Status is not (BuildState.Failed or BuildState.Success)) return;
        var failed = build.Status == BuildState.Failed;
        var app = await db.Apps.SingleAsync(a => a.Id == build.AppId);
        var number = build.Number.ToString(CultureInfo.InvariantCulture);
        await notifier.NotifyAsync(
            app,
            failed ? NotificationEvent.BuildFailed : NotificationEvent.BuildSucceeded,
            $"Build {number} of {app.Title} ({build.Target}) has {(failed ? "failed" : "succeeded")}.",
            $"/apps/{app.Slug}/builds/{number}");
    }

    private static object Describe(Build build) =>
        new { App = build.AppId, build.Number, Status = Words.Of(build.Status), Workflow = build.Target, build.Branch, build.Tag, Commit = build.CommitHash, build.PullRequest };
}
