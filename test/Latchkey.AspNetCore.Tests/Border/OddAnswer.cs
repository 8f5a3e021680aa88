namespace Latchkey.AspNetCore.Tests;

/// <summary>Something that a host must not answer.</summary>
/// <param name="Asked">The member that answers it.</param>
/// <param name="Make">Makes it of the right answer.</param>
/// <param name="Said">What the log says of it, after the member's name.</param>
/// <param name="By">Who asks, where that isn't the member of the table.</param>
internal sealed record OddAnswer(string Asked, Func<object?, object?> Make, string Said, string? By = null)
{
    private static readonly string s_long = new('x', 257);
    private static readonly AccountId s_contoso = new("contoso");

    public static IReadOnlyList<OddAnswer> All { get; } =
    [
        // Who calls.
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { Person = default }, "Member.Person is the default; it takes 1 to 128 characters of printable ASCII without spaces."),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { Account = default }, "Member.Account is the default; it takes 1 to 128 characters of printable ASCII without spaces."),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { Account = AccountId.Vendor }, "Member.Account is the vendor's own; it takes the id of a customer's account."),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { Name = null! }, "Member.Name is null; it takes 1 to 256 characters, none of them a control character."),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { Name = " " }, "Member.Name is empty;"),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { Name = s_long }, "Member.Name is 257 characters long;"),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { Name = "Adam\u0007" }, "Member.Name holds the character U+0007;"),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { Name = "Adam\ud800" }, "Member.Name holds the character U+D800;"),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { VerifiedEmail = "" }, "Member.VerifiedEmail is empty; it takes an e-mail address, or null where none is verified."),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { VerifiedEmail = "adam" }, "Member.VerifiedEmail has no '@';"),
        Of<Member>("ISupportHost.GetCallerAsync", m => m with { VerifiedEmail = "adam@northwind.test\r\nBcc: eve@evil.test" }, "Member.VerifiedEmail holds the character U+000D;"),
        Of<Agent>("ISupportHost.GetCallerAsync", a => a with { Id = default }, "Agent.Id is the default;", "an agent"),
        Of<Agent>("ISupportHost.GetCallerAsync", a => a with { Name = null! }, "Agent.Name is null;", "an agent"),
        Of<Agent>("ISupportHost.GetCallerAsync", a => a with { VerifiedEmail = "\n" }, "Agent.VerifiedEmail is empty;", "an agent"),
        Of<Agent>("ISupportHost.GetCallerAsync", a => a with { SignIn = s_long }, "Agent.SignIn is 257 characters long;", "an agent"),
        Of<Agent>("ISupportHost.GetCallerAsync", a => a with { SignIn = "one\0two" }, "Agent.SignIn holds the character U+0000;", "an agent"),

        // What there is.
        Of<HostApp>("ISupportHost.FindAppAsync", a => a with { Id = default }, "HostApp.Id is the default;"),
        Of<HostApp>("ISupportHost.FindAppAsync", a => a with { Account = default }, "HostApp.Account is the default;"),
        Of<HostApp>("ISupportHost.FindAppAsync", a => a with { Account = AccountId.Vendor }, "HostApp.Account is the vendor's own;"),
        Of<HostApp>("ISupportHost.FindAppAsync", a => a with { Slug = null! }, "HostApp.Slug is null;"),
        Of<HostApp>("ISupportHost.FindAppAsync", a => a with { Title = "" }, "HostApp.Title is empty;"),
        Of<HostApp>("ISupportHost.FindAppAsync", a => a with { AccountTitle = null! }, "HostApp.AccountTitle is null;"),
        Of<HostApp>("ISupportHost.GetAppAsync", a => a with { Title = null! }, "HostApp.Title is null;"),
        Of<HostApp>("ISupportHost.GetAppAsync", a => a with { Id = new("app_2") }, "HostApp.Id is another than was asked about; it takes the same."),
        Of<IReadOnlyList<HostApp>>("ISupportHost.GetAppsAsync", _ => null, "the list is null;"),
        Of<IReadOnlyList<HostApp>>("ISupportHost.GetAppsAsync", all => [all[0], null!], "the list[1] is null;"),
        Of<IReadOnlyList<HostApp>>("ISupportHost.GetAppsAsync", all => [all[0] with { Account = s_contoso }], "the list[0].Account is another than was asked about;"),
        Of<HostAccount>("ISupportHost.GetAccountAsync", _ => null, "HostAccount is null;"),
        Of<HostAccount>("ISupportHost.GetAccountAsync", a => a with { Id = s_contoso }, "HostAccount.Id is another than was asked about;"),
        Of<HostAccount>("ISupportHost.GetAccountAsync", a => a with { Title = "" }, "HostAccount.Title is empty;"),
        Of<HostAccount>("ISupportHost.GetAccountAsync", a => a with { Apps = null! }, "HostAccount.Apps is null;"),
        Of<HostAccount>("ISupportHost.GetAccountAsync", a => a with { Apps = [null!] }, "HostAccount.Apps[0] is null;"),

        // What somebody may.
        Of<AccessRights>("ISupportHost.GetRightsAsync", _ => null, "AccessRights is null;"),
        Of<AccessRights>("ISupportHost.GetRightsAsync", r => r with { WhoMayEnd = null! }, "AccessRights.WhoMayEnd is null;"),
        Of<AccessRights>("ISupportHost.GetRightsAsync", r => r with { WhoMayEnd = [default] }, "AccessRights.WhoMayEnd[0] is the default;"),
        Of<AccessRights>("ISupportHost.GetAccountRightsAsync", _ => null, "AccessRights is null;"),
        Of<IReadOnlyList<Approver>>("ISupportHost.GetApproversAsync", _ => null, "the list is null;"),
        Of<IReadOnlyList<Approver>>("ISupportHost.GetApproversAsync", all => [all[0] with { Name = null! }], "the list[0].Name is null;"),
        Of<Member>("ISupportHost.FindMemberAsync", m => m with { Account = s_contoso }, "Member.Account is another than was asked about;"),
        Of<Member>("ISupportHost.FindMemberAsync", m => m with { Person = new("eve") }, "Member.Person is another than was asked about;"),

        // Whom to tell.
        Of<IReadOnlyList<Recipient>>("INoticeHost.MembersOfAsync", _ => null, "the list is null;"),
        Of<IReadOnlyList<Recipient>>("INoticeHost.MembersOfAsync", all => [all[0] with { Id = null! }], "the list[0].Id is null;"),
        Of<IReadOnlyList<Recipient>>("INoticeHost.MembersOfAsync", all => [all[0] with { Name = "" }], "the list[0].Name is empty;"),
        Of<IReadOnlyList<Recipient>>("INoticeHost.MembersOfAsync", all => [all[0] with { Reader = default }], "the list[0].Reader is another than was asked about;"),
        Of<IReadOnlyList<Recipient>>(
            "INoticeHost.MembersOfAsync", _ => [Recipient.Member(s_contoso, new("carla"), "Carla Ruiz", null)], "the list[0].Reader is another than was asked about;"),
        Of<IReadOnlyList<Recipient>>("INoticeHost.AgentsAsync", all => [null!, .. all], "the list[0] is null;"),

        // What is shown to support.
        Of<Share>("ISharing.SnapshotAsync", _ => null, "Share is null;"),
        Of<Share>("ISharing.SnapshotAsync", s => s with { Title = null! }, "Share.Title is null;"),
        Of<Share>("ISharing.SnapshotAsync", s => s with { Parts = default }, "Share.Parts is null;"),
        Of<Share>("ISharing.SnapshotAsync", s => s with { Parts = [s.Parts[0] with { Fields = [new("title", null!)] }] }, "Share.Parts[0].Fields[0].Value is null;"),
        Of<Share>("ISharing.FindAsync", s => s with { Parts = [null!] }, "Share.Parts[0] is null;"),
        Of<IReadOnlyList<Shareable>>("ISharing.ListAsync", _ => null, "the list is null;"),
        Of<IReadOnlyList<Shareable>>("ISharing.ListAsync", all => [all[0] with { Id = "4 1" }], "the list[0].Id is no id;"),

        // What support proposes.
        Of<IReadOnlyList<ProposalTarget>>("IProposals.TargetsOf", _ => null, "the list is null;"),
        Of<IReadOnlyList<ProposalTarget>>("IProposals.TargetsOf", all => [all[0] with { Value = null! }], "the list[0].Value is null;"),
        Of<string>("IProposals.PermissionOf", _ => null, "the permission is null;"),
        Of<ProposalOutlook>("IProposals.LookAsync", _ => null, "ProposalOutlook is null;"),
        Of<ProposalOutlook>("IProposals.LookAsync", o => o with { Then = null }, "ProposalOutlook.Then is null;"),
        Of<string>("IProposals.ApplyAsync", _ => "", "the problem is empty;"),

        // What support left behind.
        Of<IReadOnlyList<ActId>>("IUndo.ListOpenAsync", _ => null, "the list is null;"),
        Of<IReadOnlyList<ActId>>("IUndo.ListOpenAsync", _ => [default], "the list[0] is the default;"),
        Of<IReadOnlyDictionary<ActId, string>>("IUndo.ListOvertakenAsync", _ => null, "the list is null;"),
        Of<IReadOnlyDictionary<ActId, string>>("IUndo.ListOvertakenAsync", _ => new Dictionary<ActId, string> { [new("act_1")] = null! }, "the member of act_1 is null;"),
        Of<Undoing>("IUndo.LookAsync", _ => null, "Undoing is null;"),
        Of<Undoing>("IUndo.LookAsync", u => u with { State = (UndoState)9 }, "Undoing.State is none that there is; it takes one of Nothing, Open, Kept, Undone, Overtaken."),
        Of<Undoing>("IUndo.LookAsync", u => u with { Does = [null!] }, "Undoing.Does[0] is null;"),
        Of<Undoing>("IUndo.LookAsync", u => u with { RestsOn = [default] }, "Undoing.RestsOn[0] is the default;"),
        Of<Keeping>("IUndo.ShowAsync", _ => null, "Keeping is null;"),
        Of<Keeping>("IUndo.ShowAsync", k => k with { Texts = [new("bitrise.yml", null, null!)] }, "Keeping.Texts[0].After is null;"),
        Of<Undoing>("IUndo.UndoAsync", _ => null, "Undoing is null;"),
        Of<Undoing>("IUndo.KeepAsync", u => u with { Also = null! }, "Undoing.Also is null;"),
    ];

    private static OddAnswer Of<T>(string asked, Func<T, T?> make, string said, string? by = null)
        where T : class => new(asked, right => make((T)right!), $"{asked}: {said}", by);
}
