using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Pages;

/// <summary>Nothing needs a mouse, and one always sees where one is.</summary>
public sealed class KeyboardTests(Chromium chromium) : Story(chromium)
{
    private const int MostTabs = 60;

    [Fact]
    [Trait("capability", "T1")]
    public async Task Switch_TurnsByKeyboard_AndKeepsTheFocus()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        await adam.GoAsync(Settings);
        await TabToAsync(adam, adam.Page.Switch());
        await adam.Page.Keyboard.PressAsync("Space");
        await adam.Page.IsOnAsync();
        await Expect(adam.Page.Switch()).ToBeFocusedAsync();
        await SeesTheFocusAsync(adam);

        await adam.Page.Keyboard.PressAsync("Enter");
        await adam.Page.IsOffAsync();
        await Expect(adam.Page.Switch()).ToBeFocusedAsync();
    }

    [Fact]
    [Trait("capability", "V3")]
    public async Task Agent_EntersAndLeaves_ByKeyboard()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await adam.TurnOnAsync();
        await sam.GoAsync(Console);
        await TabToAsync(sam, sam.Link("Enter Northwind iOS"));
        await sam.Page.Keyboard.PressAsync("Enter");
        await Expect(sam.Heading("Enter Northwind iOS")).ToBeVisibleAsync();

        await TabToAsync(sam, sam.Field("Reason"));
        await sam.Page.Keyboard.TypeAsync("Signing step fails");
        await TabToAsync(sam, sam.Button("Enter as support"));
        await sam.Page.Keyboard.PressAsync("Enter");
        await Expect(sam.Page.Bar()).ToBeVisibleAsync();

        await TabToAsync(sam, sam.Button("Leave"));
        await sam.Page.Keyboard.PressAsync("Enter");
        await Expect(sam.Heading("Support console")).ToBeVisibleAsync();
    }

    internal static async Task TabToAsync(Visitor visitor, ILocator target)
    {
        await Expect(target).ToBeVisibleAsync();
        for (var tabs = 0; tabs < MostTabs; tabs++)
        {
            await visitor.Page.Keyboard.PressAsync("Tab");
            await SeesTheFocusAsync(visitor);
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement")) return;
        }

        Assert.Fail($"{MostTabs} tabs don't lead to {target}.");
    }

    /// <summary>What has the focus is outlined or shadowed, and on the screen.</summary>
    private static async Task SeesTheFocusAsync(Visitor visitor) => Assert.Equal("seen", await visitor.Page.EvaluateAsync<string>("""
        () => {
          const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
          if (element === document.body) return "seen";
          if (style.outlineStyle === "none" && style.boxShadow === "none") return `${element.outerHTML} has no focus ring`;
          if (box.bottom <= 0 || box.top >= innerHeight || box.width === 0) return `${element.outerHTML} is off the screen`;
          return "seen";
        }
        """));
}
