using System.Data.Common;
using Buildyard.Hosting;
using Latchkey;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Buildyard.Apps;

public sealed class DeletingTests
{
    [Fact]
    public async Task AccessTurnedOn_WhileTheAppIsDeleted_EndsWithIt()
    {
        var meanwhile = new Meanwhile();
        await using var host = await BuildyardHost.StartAsync(
            configure: builder => builder.Services.ConfigureDbContext<BuildyardDb>(options => options.AddInterceptors(meanwhile)));
        var access = host.App.Services.GetRequiredService<SupportAccess>();
        var olivia = await host.CallAsAsync("olivia@northwind.test");
        (await olivia.PutAsync("/support-access/v1/apps/northwind-ios/access", null)).EnsureSuccessStatusCode();
        var app = Assert.Single(access.OpenApps());
        var person = new PersonId("prs_olivia");
        meanwhile.Do = async () =>
        {
            var on = await access.TurnOnAsync(
                new AppRef(app.App, app.Account, app.Name), new Lender(person, "Olivia", MayTurn: true, IsAgent: false, PromotedBySupport: false, [person]), new Terms());
            Assert.NotNull(on.Value);
        };

        var browser = await host.BrowseAsAsync("olivia@northwind.test");
        using var deleted = await browser.SubmitAsync("/apps/northwind-ios/settings", "/apps/northwind-ios/settings/delete", ("confirm", "northwind-ios"));

        Assert.Null(meanwhile.Do);
        Assert.Empty(access.OpenApps());
    }

    /// <summary>Lets something happen just before the app's row goes.</summary>
    private sealed class Meanwhile : DbCommandInterceptor
    {
        public Func<Task>? Do { get; set; }

        public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (Do is { } act && command.CommandText.Contains("DELETE FROM \"apps\"", StringComparison.Ordinal))
            {
                Do = null;
                await act();
            }

            return result;
        }
    }
}
