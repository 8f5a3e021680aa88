namespace Latchkey.Tests.Notices;

/// <summary>A host's people, who come and go as a test says.</summary>
internal sealed class People : INoticeHost
{
    public static readonly Recipient Adam = Recipient.Member(World.Northwind, new("adam"), "Adam Reyes", "adam@northwind.test");
    public static readonly Recipient Olivia = Recipient.Member(World.Northwind, new("olivia"), "Olivia Hart", "olivia@northwind.test");
    public static readonly Recipient Sam = Recipient.Agent(World.Sam.Id, "Sam Okafor", "sam@support.test");

    public Uri BaseAddress { get; } = new("https://northwind.test/");

    public List<Recipient> Administrators { get; } = [Adam];

    /// <summary>Whom support raised, or who is of it.</summary>
    public List<PersonId> WithoutVoice { get; } = [];

    /// <summary>Whose role lets them turn it off, whatever else they may.</summary>
    public List<PersonId> WhoMayEnd { get; } = [];

    /// <summary>Members who administer nothing, or nothing more.</summary>
    public List<Recipient> Others { get; } = [];

    public List<Recipient> Team { get; } = [Sam];

    /// <summary>The app whose administrators can't be read.</summary>
    public AppId? Broken { get; set; }

    public ValueTask<IReadOnlyList<Recipient>> AdministratorsOfAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        app == Broken ? throw new InvalidOperationException("The people's database does not answer.") : new(account == World.Northwind ? [.. Administrators] : []);

    public ValueTask<IReadOnlyList<Recipient>> OwnersOfAsync(AccountId account, CancellationToken cancellation) => new(account == World.Northwind ? [Olivia] : []);

    public ValueTask<IReadOnlyList<Recipient>> MembersOfAsync(AccountId account, CancellationToken cancellation) =>
        new(account == World.Northwind ? [.. Administrators, .. Others, Olivia] : []);

    public ValueTask<IReadOnlyList<PersonId>> WithoutVoiceAsync(AccountId account, AppId? app, CancellationToken cancellation) => new([.. WithoutVoice]);

    public ValueTask<IReadOnlyList<PersonId>> WhoMayEndAsync(AccountId account, AppId app, CancellationToken cancellation) => new([.. WhoMayEnd]);

    public ValueTask<IReadOnlyList<Recipient>> AgentsAsync(CancellationToken cancellation) => new([.. Team]);
}
