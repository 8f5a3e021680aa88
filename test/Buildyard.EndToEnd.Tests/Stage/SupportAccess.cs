using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd;

/// <summary>What people do at the switch and at the console, said once.</summary>
internal static class SupportAccess
{
    public static ILocator Switch(this IPage page) => page.GetByRole(AriaRole.Switch, new() { Name = "Support access" });

    /// <summary>The Support access section of the settings page.</summary>
    public static ILocator Panel(this IPage page) => page.Locator("support-access");

    /// <summary>The bar that an agent works under.</summary>
    public static ILocator Bar(this IPage page) => page.GetByRole(AriaRole.Region, new() { Name = "Support session" });

    public static Task IsOnAsync(this IPage page) => Expect(page.Switch()).ToHaveAttributeAsync("aria-checked", "true");

    public static Task IsOffAsync(this IPage page) => Expect(page.Switch()).ToHaveAttributeAsync("aria-checked", "false");

    public static async Task TurnOnAsync(this Visitor admin, string app = "northwind-ios")
    {
        await admin.GoAsync($"/apps/{app}/settings");
        await admin.Page.Switch().ClickAsync();
        await admin.Page.IsOnAsync();
    }

    public static async Task TurnOffAsync(this Visitor admin, string app = "northwind-ios")
    {
        await admin.GoAsync($"/apps/{app}/settings");
        await admin.Page.Switch().ClickAsync();
        await admin.Page.IsOffAsync();
    }

    public static async Task EnterAsync(this Visitor agent, string app = "northwind-ios", string reason = "Signing step fails")
    {
        await agent.GoAsync($"/support-access/console/enter/{app}");
        await agent.Field("Reason").FillAsync(reason);
        await agent.Button("Enter as support").ClickAsync();
        // Whatever page is open when access ends asks once more, and is told so.
        agent.Expect(410);
        await Expect(agent.Page.Bar()).ToBeVisibleAsync();
    }
}
