using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

public static class DemoRegistration
{
    public static IServiceCollection AddDemo(this IServiceCollection services) => services.AddScoped<DemoData>().AddScoped<DemoBuilds>().AddHostedService<DemoConversation>();

    /// <summary>Keeps a demo to this machine: whatever a proxy or a name pointing here makes of it, only loopback is served.</summary>
    public static IApplicationBuilder UseDemoFence(this IApplicationBuilder app, DataDirectory directory) => !directory.IsDemo ? app : app.Use((context, next) =>
    {
        var host = context.Request.Host.Host;
        if (host is "127.0.0.1" or "localhost" && IsLoopback(context.Connection.LocalIpAddress) && IsLoopback(context.Connection.RemoteIpAddress))
            return next(context);
        return Problems.Of(
            StatusCodes.Status421MisdirectedRequest,
            "demo_is_local",
            "This is a demo: it answers on this machine only, as http://127.0.0.1 or http://localhost.").ExecuteAsync(context);
    });

    public static void MapDemo(this IEndpointRouteBuilder routes, DataDirectory directory)
    {
        if (directory.IsDemo) routes.MapPost("/demo/signin", SignInAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(address);

    private static async Task<IResult> SignInAsync(FormBody form, BuildyardDb db, SignInDoor door, HttpContext context)
    {
        var email = form["person"];
        var person = DemoPeople.All.Any(p => p.Email == email) ? await db.People.SingleOrDefaultAsync(p => p.Email == email && !p.Suspended) : null;
        if (person is null)
            return Page.Show<MessagePage>(new { Title = "Nobody of that name", Text = "This person is not in the demo any more." }, StatusCodes.Status404NotFound);
        await door.EnterAsync(context, person);
        return TypedResults.LocalRedirect("/");
    }
}
