namespace Buildyard;

/// <summary>Somebody of the demo.</summary>
/// <param name="Email">Their address; the password of all is <see cref="DemoPeople.Password"/>.</param>
/// <param name="Name">Their full name.</param>
/// <param name="Group">Their organisation, or the support team.</param>
/// <param name="About">Who they are, in a few words.</param>
public sealed record DemoPerson(string Email, string Name, string Group, string About);

public static class DemoPeople
{
    public const string Password = "demo";
    public const string Northwind = "Northwind";
    public const string Contoso = "Contoso";
    public const string Support = "Buildyard Support";

    public static IReadOnlyList<DemoPerson> All { get; } =
    [
        new("olivia@northwind.test", "Olivia Hart", Northwind, "Owner. Sees everything, account and billing included."),
        new("adam@northwind.test", "Adam Reyes", Northwind, "Admin of Northwind iOS and Android. Turns support access on and off."),
        new("piet@northwind.test", "Piet de Vries", Northwind, "Platform engineer. Edits workflows."),
        new("dana@northwind.test", "Dana Kim", Northwind, "Developer. Reads workflows."),
        new("tess@northwind.test", "Tess Moreau", Northwind, "Tester. Sees the apps."),
        new("carla@contoso.test", "Carla Ruiz", Contoso, "Owner of another organisation, with an app of its own."),
        new("sam@support.test", "Sam Okafor", Support, "Agent. Enters an app only while its customer lets support in."),
        new("sue@support.test", "Sue Lindqvist", Support, "Agent."),
        new("lee@support.test", "Lee Park", Support, "Lead of the team. Adds and removes agents."),
    ];
}
