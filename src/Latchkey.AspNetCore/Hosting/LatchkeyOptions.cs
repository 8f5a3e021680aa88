using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Components;

namespace Latchkey.AspNetCore;

/// <summary>How Latchkey is built into a host. Checked at start, all faults at once.</summary>
public sealed class LatchkeyOptions
{
    /// <summary>What can be lent. Required.</summary>
    public Catalogue? Catalogue { get; set; }

    /// <summary>What the support team is called on pages: "Buildyard Support". Required.</summary>
    public string Team { get; set; } = "";

    /// <summary>Rules for grants and sessions.</summary>
    public SupportAccessOptions Access { get; } = new();

    /// <summary>The mail server for notices. Default: none, and no mail is sent.</summary>
    public MailOptions Mail { get; } = new();

    /// <summary>Whether accounts' webhooks may lead into the operator's own network, and over plain http. Default: false.</summary>
    public bool AllowPrivateWebhooks { get; set; }

    /// <summary>
    /// The host's layout, in which Latchkey's pages (console, activity) are rendered; a layout component with a body.
    /// Default: a plain page.
    /// </summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)]
    public Type? Layout { get; set; }

    /// <summary>Where nobody-signed-in is sent from a page, with <c>?return=</c>, below the path base as every path here. Default: <c>/signin</c>.</summary>
    public string SignInPath { get; set; } = "/signin";

    /// <summary>Where an agent lands on entering an app, by its slug. Default: <c>/apps/{slug}</c>.</summary>
    public Func<string, string> AppPath { get; set; } = slug => $"/apps/{Uri.EscapeDataString(slug)}";

    /// <summary>The host's page that shows an app's <see cref="SupportAccessPanel"/>, by the app's slug: notices lead there. Default: <see cref="AppPath"/>.</summary>
    public Func<string, string>? SettingsPath { get; set; }

    /// <summary>The host's page for its support team, for leads: the console leads there. Default: none.</summary>
    public string? TeamPath { get; set; }

    /// <summary>The host's own help, shown on the support page before <em>Ask support</em>. Default: none.</summary>
    public IList<HelpLink> HelpLinks { get; } = [];

    /// <summary>The names of the host's sign-in cookies: a request that shows one and a bearer token too is refused. Default: none.</summary>
    public IList<string> SignInCookies { get; } = [];

    /// <summary>How long the host may take to answer where no request waits for it: whom a notice is for, what a mail says.</summary>
    internal TimeSpan HostPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where <c>MapLatchkey</c> mounted everything; set by it.</summary>
    internal string Prefix { get; set; } = "/support-access";

    internal IReadOnlyList<string> Check()
    {
        var errors = new List<string>();
        if (Catalogue is null)
        {
            errors.Add($"{nameof(Catalogue)} is missing: declare with Catalogue.Create() what can be lent.");
        }

        if (string.IsNullOrWhiteSpace(Team))
        {
            errors.Add($"{nameof(Team)} is missing: say what the support team is called, such as 'Buildyard Support'.");
        }

        if (!SignInPath.StartsWith('/'))
        {
            errors.Add($"{nameof(SignInPath)} is '{SignInPath}'; it takes a path of this site, such as '/signin'.");
        }

        if (TeamPath?.StartsWith('/') == false)
        {
            errors.Add($"{nameof(TeamPath)} is '{TeamPath}'; it takes a path of this site, such as '/support/team'.");
        }

        if (Layout is not null && !Layout.IsAssignableTo(typeof(LayoutComponentBase)))
        {
            errors.Add($"{nameof(Layout)} is {Layout}; it takes a component that derives from LayoutComponentBase.");
        }

        errors.AddRange(Mail.Check());
        return errors;
    }
}
