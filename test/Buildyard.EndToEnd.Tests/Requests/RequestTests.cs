using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Buildyard.EndToEnd.Requests;

/// <summary>Support asks for access, the customer decides: each at a browser of their own.</summary>
public sealed class RequestTests(Chromium chromium) : Story(chromium)
{
    private const string Inbox = "/support-access/console/inbox";
    private const string Requests = "/support-access/console/requests";
    private const string Account = "/support-access/account";

    [Fact]
    [Trait("capability", "R3")]
    [Trait("capability", "R5")]
    [Trait("capability", "R6")]
    public async Task AskedInAConversation_Allowed_Extended_AndGivenBack()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await WriteAsync(adam);
        await AskAsync(sam, "The signing step reads a profile that is not shown", "7 days");
        await Look.AtAsync(sam.Page, "request-support");

        var card = adam.Page.Locator(".lk-request");
        await Expect(card).ToContainTextAsync("Sam Okafor asks for temporary access");
        await Look.AtAsync(adam.Page, "request-customer");
        await card.GetByText("Allow…").ClickAsync();
        await adam.Field("How long").SelectOptionAsync(new SelectOptionValue { Label = "1 day" });
        await Look.AtAsync(adam.Page, "request-allow");
        await adam.Button("Allow access").ClickAsync();
        await Expect(adam.Page.Locator(".lk-stream")).ToContainTextAsync("Adam Reyes allowed temporary access");
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("Allowed by Adam Reyes");

        await sam.EnterAsync();
        await adam.GoAsync(Settings);
        await Expect(adam.Page.Panel()).ToContainTextAsync("Support asked for it; allowed by Adam Reyes");
        await Look.AtAsync(adam.Page, "settings-by-request");

        await sam.GoAsync(Console);
        await sam.Link("Ask for more access to Northwind iOS").ClickAsync();
        await sam.Field("Reason").FillAsync("A day was not enough to see a nightly build");
        await sam.Button("Ask for access").ClickAsync();
        await Expect(adam.Page.Panel().Locator(".lk-request")).ToContainTextAsync("A day was not enough");
        await Look.AtAsync(adam.Page, "settings-request");
        await adam.Page.Panel().GetByText("Allow…").ClickAsync();
        await adam.Button("Allow access").ClickAsync();
        await Expect(adam.Page.Panel().Locator(".lk-request")).ToHaveCountAsync(0);
        await sam.GoAsync(Ios);
        await Expect(sam.Page.Bar()).ToBeVisibleAsync();

        await sam.GoAsync(Console);
        for (var keys = 0; keys < 2; keys++)
        {
            await sam.Page.GetByLabel("Give back Northwind iOS").ClickAsync();
            await sam.Button("Give back now").ClickAsync();
        }

        await Expect(sam.Text("No app is open to support now.")).ToBeVisibleAsync();
        await adam.Page.IsOffAsync();
        await sam.GoAsync(Requests);
        await Look.AtAsync(sam.Page, "requests");
    }

    [Fact]
    [Trait("capability", "R7")]
    [Trait("capability", "R9")]
    public async Task Declined_LeavesSupportOutside_AndTheConversationGoesOn()
    {
        var adam = await VisitAsAsync("Adam Reyes");
        var sam = await VisitAsAsync("Sam Okafor");
        await WriteAsync(adam);
        await AskAsync(sam, "I would like to look around", "7 days");
        await adam.Page.Locator(".lk-request").GetByText("Not now…").ClickAsync();
        await adam.Field("Note to support (optional)").FillAsync("Ask me here, please");
        await Look.AtAsync(adam.Page, "request-deny");
        await adam.Button("Not now").ClickAsync();
        await Expect(sam.Page.Locator(".lk-stream")).ToContainTextAsync("Adam Reyes said “not now”. Help goes on here: “Ask me here, please”");
        Assert.Equal(404, await sam.StatusOfAsync(Settings));

        await sam.GoAsync(Inbox);
        await sam.Link("Signing fails on main").ClickAsync();
        await sam.Link("Ask for access…").ClickAsync();
        await sam.Field("Reason").FillAsync("Again");
        sam.Expect(409);
        await sam.Button("Ask for access").ClickAsync();
        await Expect(sam.Text("The customer declined this less than a day ago.")).ToBeVisibleAsync();
        await Look.AtAsync(sam.Page, "ask-refused");
        await Expect(sam.Field("Reason")).ToHaveValueAsync("Again");
    }

    [Fact]
    [Trait("capability", "K5")]
    public async Task WholeAccount_OpensEveryApp_UntilItsOwnerRefuses()
    {
        var olivia = await VisitAsAsync("Olivia Hart");
        var sam = await VisitAsAsync("Sam Okafor");
        await olivia.GoAsync(Account);
        await Look.AtAsync(olivia.Page, "account-empty");
        await WriteAsync(olivia);
        await AskAsync(sam, "Every app fails since the move", "1 day", whole: true);
        await olivia.GoAsync(Account);
        await Expect(olivia.Page.Locator(".lk-request")).ToContainTextAsync("every app of your account");
        await Look.AtAsync(olivia.Page, "account-request");
        await olivia.Page.Locator(".lk-request").GetByText("Allow…").ClickAsync();
        await olivia.Button("Allow access").ClickAsync();
        await Expect(olivia.Text("can work in every app of your account")).ToBeVisibleAsync();
        await Look.AtAsync(olivia.Page, "account-open");

        await sam.EnterAsync("northwind-android");
        await sam.EnterAsync();
        Assert.Equal(404, await sam.StatusOfAsync("/apps/contoso-web/settings"));
        Assert.Equal(404, await sam.StatusOfAsync("/account"));
        await sam.GoAsync(Settings);

        await olivia.Page.GetByLabel("is refused: nobody can turn it on").CheckAsync();
        await olivia.Button("Save").ClickAsync();
        await Expect(olivia.Text("Buildyard Support has no access to the account as a whole")).ToBeVisibleAsync();
        sam.Expect(404, 410);
        await Expect(sam.Heading("Access has ended")).ToBeVisibleAsync();
        await olivia.GoAsync(Account);
        await olivia.Page.GetByRole(AriaRole.Link, new() { Name = "Report from" }).ClickAsync();
        await Expect(olivia.Heading("Report: support access to every app")).ToBeVisibleAsync();
        await Expect(olivia.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Northwind Android" })).ToContainTextAsync("Used by Sam Okafor: 1 session");
        await Look.AtAsync(olivia.Page, "report-account");
        await olivia.Link("Report of Northwind Android").ClickAsync();
        await Expect(olivia.Heading("Report: support access to Northwind Android")).ToBeVisibleAsync();
        await olivia.GoAsync(Settings);
        await Expect(olivia.Page.Panel()).ToContainTextAsync("This account refuses support access.");
        await Look.AtAsync(olivia.Page, "settings-refused-by-account");
    }

    private static async Task WriteAsync(Visitor customer)
    {
        await customer.GoAsync("/support-access/conversations/new?app=northwind-ios");
        await customer.Field("Subject").FillAsync("Signing fails on main");
        await customer.Field("What happens, and what should happen instead").FillAsync("Since this morning every build stops at signing.");
        await customer.Button("Send").ClickAsync();
        await Expect(customer.Page.Locator(".lk-stream")).ToContainTextAsync("every build stops at signing");
    }

    private async Task AskAsync(Visitor agent, string reason, string length, bool whole = false)
    {
        await agent.GoAsync(Inbox);
        await agent.Link("Signing fails on main").ClickAsync();
        await agent.Link("Ask for access…").ClickAsync();
        await agent.Field("Reason").FillAsync(reason);
        if (whole) await agent.Page.GetByLabel("every app of Northwind").CheckAsync();
        await agent.Field("How long").SelectOptionAsync(new SelectOptionValue { Label = length });
        await Look.AtAsync(agent.Page, whole ? "ask-whole" : "ask");
        await agent.Button("Ask for access").ClickAsync();
        await Expect(agent.Page.Locator(".lk-stream")).ToContainTextAsync("Waiting for the customer");
    }
}
