using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>The first builds of a new demo, so that there is something to look at: put into the queue like anyone's, after anyone's.</summary>
internal sealed class DemoBuilds(BuildyardDb db, BuildStarts starts, BuildQueueOptions options, IConfiguration configuration, TimeProvider clock)
{
    // The lowest there is: whatever anyone starts goes first.
    private const int Priority = -100;

    private static readonly (string App, string Workflow, string By)[] s_builds =
    [
        ("northwind-ios", "primary", "piet@northwind.test"),
        ("northwind-ios", "release", "adam@northwind.test"),
        ("northwind-android", "nightly", "piet@northwind.test"),
    ];

    /// <summary>Starts them, unless configuration <c>Demo:Builds</c> (default true) says that there shall be none, or builds are held.</summary>
    public async Task StartAsync()
    {
        if (options.AtOnce == 0 || !configuration.GetValue("Demo:Builds", true)) return;
        foreach (var (slug, workflow, by) in s_builds)
        {
            var app = await db.Apps.SingleAsync(a => a.Slug == slug);
            var person = await db.People.SingleAsync(p => p.Email == by);
            var yaml = await db.YamlVersions.Where(v => v.AppId == app.Id).MaxAsync(v => v.Number);
            await starts.AddAsync(null, app, number => new Build
            {
                Id = Ids.Create("bld", clock.Now()),
                AppId = app.Id,
                Number = number,
                Status = BuildState.OnHold,
                TargetKind = BuildTargetKind.Workflow,
                Target = workflow,
                Branch = "main",
                YamlVersion = yaml,
                Trigger = BuildTrigger.Manual,
                StartedById = person.Id,
                StartedByName = person.Name,
                BySupport = false,
                SetUpBySupport = false,
                Priority = Priority,
                Env = "[]",
                QueuedAt = clock.Now(),
            });
        }
    }
}
