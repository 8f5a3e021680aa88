namespace Buildyard;

/// <summary>What a start does to an instance that has nobody in it yet, and what it tells the operator.</summary>
internal static class FirstStart
{
    public static async Task PrepareAsync(WebApplication app, DataDirectory directory, IReadOnlyList<string> addresses)
    {
        await using var scope = app.Services.CreateAsyncScope();
        if (directory.IsDemo)
            await scope.ServiceProvider.GetRequiredService<DemoData>().FillAsync();
        var links = directory.IsDemo ? null : await scope.ServiceProvider.GetRequiredService<Invitations>().CreateFirstAsync();
        if (app.Configuration.GetValue("quiet", false)) return;
        var warning = await app.Services.GetRequiredService<BuildRunner>().WarningAsync(CancellationToken.None);
        app.Lifetime.ApplicationStarted.Register(() => Say(app, directory, links, addresses, warning));
    }

    private static void Say(WebApplication app, DataDirectory directory, (string Owner, string Lead)? links, IReadOnlyList<string> addresses, string? warning)
    {
        var address = (app.Urls.FirstOrDefault() ?? addresses[0]).Replace("*", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal).TrimEnd('/');
        var said = Console.Out;
        said.WriteLine();
        said.WriteLine($"Buildyard is ready. Its data is in {directory.Path}");
        if (directory.IsDemo)
        {
            said.WriteLine($"This is a demo. Open {address} and choose who to be:");
            foreach (var group in DemoPeople.All.GroupBy(p => p.Group))
                said.WriteLine($"  {group.Key,-18} {string.Join(", ", group.Select(p => p.Email))}");
            said.WriteLine($"Everyone's password is: {DemoPeople.Password}");
        }
        else if (links is var (owner, lead))
        {
            said.WriteLine("Nobody can sign in yet. These two links work once, for three days:");
            said.WriteLine($"  first owner of an account:  {address}{WelcomePages.Path(owner)}");
            said.WriteLine($"  lead of the support team:   {address}{WelcomePages.Path(lead)}");
        }
        else
        {
            said.WriteLine($"Open {address}");
        }
        if (warning is not null) said.WriteLine(warning);
        said.WriteLine();
    }
}
