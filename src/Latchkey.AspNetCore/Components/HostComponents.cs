namespace Latchkey.AspNetCore;

/// <summary>
/// The stylesheet and the script of Latchkey, for the <c>head</c> of every page of the host. Nothing is inline, so a content
/// security policy of <c>script-src 'self'; style-src 'self'</c> takes both; pages work without the script.
/// </summary>
public sealed partial class LatchkeyHead;

/// <summary>
/// The <em>Support access</em> section for the settings page of an app: whether support may work there, as what and until when,
/// who is in it now, and the switch. It is the element <c>support-access</c> around forms, so it works without the script and stays
/// up to date with it. Renders nothing for support, and for members who may not read <see cref="Catalogue.SupportAccessRead"/>.
/// </summary>
public sealed partial class SupportAccessPanel;

/// <summary>
/// The bar at the top of every page while an agent is inside an app: where, as what, until when, why, and the way out. Goes first
/// into the <c>body</c> of the host's layout. With the script, the page is emptied the moment access ends. Renders nothing for
/// everybody else, and on pages whose endpoint is not about an app.
/// </summary>
public sealed partial class SupportBar;

/// <summary>
/// The tabs of the support console, for the host's own page of its support team (<see cref="LatchkeyOptions.TeamPath"/>): so that it is
/// one console. Renders no tab for anybody but agents.
/// </summary>
public sealed partial class SupportConsoleTabs;

/// <summary>
/// The bell for the host's header: how many notices about support access the reader has not seen, leading to them. Renders nothing
/// for support inside an app, and where nobody is signed in.
/// </summary>
public sealed partial class SupportInbox;

/// <summary>
/// A small mark for the header of an app: "Support is here: Sam Okafor", leading to the activity page for those who may read it.
/// Renders nothing visible while nobody of support is in the app, and nothing at all for support and for members who may not
/// read <see cref="Catalogue.SupportAccessRead"/>.
/// </summary>
public sealed partial class SupportPresence;
