using System.Runtime.CompilerServices;

namespace Latchkey.AspNetCore;

/// <summary>
/// Between Latchkey and <see cref="INoticeHost"/>, as <see cref="SupportHostBorder"/> is for the other: nobody is told anything who is not of the
/// account that was asked about.
/// </summary>
internal sealed class NoticeHostBorder(INoticeHost host) : INoticeHost
{
    public Uri BaseAddress
    {
        get
        {
            var answered = To();
            var address = answered.Given(host.BaseAddress, "the address");
            return address is { IsAbsoluteUri: true, Scheme: "https" or "http" }
                ? address
                : throw answered.Refused("the address", "is none of a site", "a whole one such as https://example.com/");
        }
    }

    public async ValueTask<IReadOnlyList<Recipient>> AdministratorsOfAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        MembersIn(To(), account, await host.AdministratorsOfAsync(account, app, cancellation));

    public async ValueTask<IReadOnlyList<Recipient>> OwnersOfAsync(AccountId account, CancellationToken cancellation) =>
        MembersIn(To(), account, await host.OwnersOfAsync(account, cancellation));

    public async ValueTask<IReadOnlyList<Recipient>> MembersOfAsync(AccountId account, CancellationToken cancellation) =>
        MembersIn(To(), account, await host.MembersOfAsync(account, cancellation));

    public async ValueTask<IReadOnlyList<PersonId>> WithoutVoiceAsync(AccountId account, AppId? app, CancellationToken cancellation) =>
        People(To(), await host.WithoutVoiceAsync(account, app, cancellation));

    public async ValueTask<IReadOnlyList<PersonId>> WhoMayEndAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        People(To(), await host.WhoMayEndAsync(account, app, cancellation));

    public async ValueTask<IReadOnlyList<Recipient>> AgentsAsync(CancellationToken cancellation) =>
        Recipients(To(), await host.AgentsAsync(cancellation), static id => ReaderId.Of(new AgentId(id)));

    private static Answered To([CallerMemberName] string member = "") => new($"{nameof(INoticeHost)}.{member}");

    private static IReadOnlyList<PersonId> People(Answered answered, IReadOnlyList<PersonId>? people) =>
        answered.Each(people, "the list", static (answered, person, place) => answered.Id(person, place));

    private static IReadOnlyList<Recipient> MembersIn(Answered answered, AccountId account, IReadOnlyList<Recipient>? people) =>
        Recipients(answered, people, id => ReaderId.Of(account, new PersonId(id)));

    private static IReadOnlyList<Recipient> Recipients(Answered answered, IReadOnlyList<Recipient>? people, Func<string, ReaderId> inbox) =>
    [
        .. answered.Each(people, "the list", (answered, person, place) =>
        {
            answered.Id(person.Id, $"{place}.{nameof(Recipient.Id)}");
            answered.Text(person.Name, $"{place}.{nameof(Recipient.Name)}");
            answered.Email(person.VerifiedEmail, $"{place}.{nameof(Recipient.VerifiedEmail)}");
            answered.Same(person.Reader, inbox(person.Id), $"{place}.{nameof(Recipient.Reader)}");
        }).DistinctBy(person => person.Reader),
    ];
}
