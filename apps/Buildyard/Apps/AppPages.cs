using Latchkey.AspNetCore;

namespace Buildyard;

internal static class AppPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription();
        pages.MapGet("/", StartAsync).AllowAnonymous();
        pages.MapGet("/apps", () => TypedResults.LocalRedirect("/")).RequireSignedIn();
        pages.MapGet("/apps/new", () => Page.Show<NewAppPage>(new { })).RequirePermission("app.create");
        pages.MapPost("/apps/new", AddAsync).RequirePermission("app.create");
        pages.MapGet("/apps/{app}", ShowAsync).RequirePermission("app.read");
        pages.MapGet("/apps/{app}/settings", SettingsAsync).RequirePermission("app.read");
        pages.MapPost("/apps/{app}/settings", UpdateAsync).RequirePermission("app.update");
        pages.MapPost("/apps/{app}/settings/enabled", EnableAsync).RequirePermission("app.enabled.update");
        pages.MapPost("/apps/{app}/settings/delete", DeleteAsync).RequirePermission("app.delete");
    }

    /// <summary>A member's apps, an agent's console, or the way in.</summary>
    private static async Task<IResult> StartAsync(HttpContext context, ISupportHost host, Dashboard dashboard, DataDirectory directory, string? gone)
    {
        switch (await host.GetCallerAsync(context))
        {
            case Agent:
                return TypedResults.LocalRedirect("/support-access/console");
            case Member member:
                var mayAdd = await host.AllowsAsync(member, null, "app.create", context.RequestAborted);
                return Page.Show<DashboardPage>(new { Apps = await dashboard.ListAsync(member), MayAdd = mayAdd, Deleted = gone is not null });
            default:
                return directory.IsDemo ? Page.Show<DemoPage>(new { }) : TypedResults.LocalRedirect("/signin");
        }
    }

    private static async Task<IResult> AddAsync(FormBody form, AccessContext access, NewApps apps, CancellationToken cancellation)
    {
        var source = form["source"];
        Outcome<string> yaml = form["bitrise_yml"] ?? "";
        if (source == "upload" && form.File("file") is { } file) yaml = await ReadAsync(file, cancellation);
        if (source == "paste") yaml = YamlText.FromEditing(yaml.Value!, null);
        var wanted = new NewApp { Title = form["title"] ?? "", RepositoryUrl = form["repository_url"] ?? "", ProjectType = form["project_type"] ?? "", SshPrivateKey = form["ssh_private_key"] ?? "" };
        if (source != "repository") wanted = wanted with { BitriseYml = yaml.Value ?? "" };

        var outcome = yaml.Refusal is { } unreadable ? unreadable : await apps.AddAsync(access.Member!, wanted, cancellation);
        return outcome.Succeeded(out var app, out var refusal)
            ? TypedResults.LocalRedirect($"/apps/{app.Slug}")
            : Page.Show<NewAppPage>(new { Given = wanted, Source = source, Refusal = refusal }, refusal.Status);
    }

    private static async Task<Outcome<string>> ReadAsync(IFormFile file, CancellationToken cancellation)
    {
        if (file.Length > YamlText.Largest) return YamlText.TooLarge();
        using var content = new MemoryStream();
        await file.CopyToAsync(content, cancellation);
        return YamlText.Decode(content.ToArray());
    }

    private static async Task<IResult> ShowAsync(AccessContext access, AppSettings settings, YamlHistory history, BuildBook builds)
    {
        var view = await AppView.LoadAsync(access, settings);
        return Page.Show<AppPage>(new
        {
            View = view,
            Yaml = view.May("yml.read") ? await history.CurrentAsync(access) : null,
            Builds = view.May("build.read") ? await builds.ListAsync(access, new BuildFilter(), int.MaxValue, 5) : null,
        });
    }

    private static async Task<IResult> SettingsAsync(AccessContext access, AppSettings settings, string? saved) =>
        Page.Show<GeneralPage>(new { View = await AppView.LoadAsync(access, settings), Saved = saved is not null });

    private static async Task<IResult> UpdateAsync(FormBody form, AccessContext access, AppSettings settings)
    {
        var changes = new AppChanges { Title = form["title"] ?? "", RepositoryUrl = form["repository_url"] ?? "", ProjectType = form["project_type"] ?? "" };
        var outcome = await settings.UpdateAsync(access, changes);
        return await SettledAsync(outcome, changes, access, settings);
    }

    private static async Task<IResult> EnableAsync(FormBody form, AccessContext access, AppSettings settings) =>
        await SettledAsync(await settings.EnableAsync(access, form["enabled"] == "true"), null, access, settings);

    private static async Task<IResult> SettledAsync(Outcome<App> outcome, AppChanges? given, AccessContext access, AppSettings settings)
    {
        if (outcome.Succeeded(out var app, out var refusal)) return TypedResults.LocalRedirect($"/apps/{app.Slug}/settings?saved");
        var view = await AppView.LoadAsync(access, settings);
        return Page.Show<GeneralPage>(new { View = view, Given = given, Refusal = refusal }, refusal.Status);
    }

    private static async Task<IResult> DeleteAsync(FormBody form, AccessContext access, AppSettings settings)
    {
        var view = await AppView.LoadAsync(access, settings);
        if (form["confirm"] != view.App.Slug)
        {
            var refusal = Refusal.Invalid(new FieldError("confirm", "This is not the app's name.", $"Type {view.App.Slug}."));
            return Page.Show<GeneralPage>(new { View = view, Refusal = refusal }, refusal.Status);
        }
        return await settings.DeleteAsync(access) is { } kept
            ? Page.Show<GeneralPage>(new { View = view, Refusal = kept }, kept.Status)
            : TypedResults.LocalRedirect("/?gone");
    }
}
