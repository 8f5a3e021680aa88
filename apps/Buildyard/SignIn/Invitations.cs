using System.Net.Mail;
using Latchkey;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>What a person fills in to take up an invitation.</summary>
public sealed record Welcome(string? Email, string? Name, string? Password, string? AccountName);

/// <summary>
/// One-time links: the only way into an account or the support team. Whoever invites hands the link over; it works once, for three days. They are
/// not told who signs in elsewhere: where nobody can join with the address, the link's page says so to whoever opens it.
/// </summary>
internal sealed class Invitations(BuildyardDb db, UserManager<Person> people, SupportAccess supportAccess, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromDays(3);

    private static readonly Refusal s_mailboxTaken = new(
        StatusCodes.Status422UnprocessableEntity, "mailbox_taken", "Somebody signs in with this mailbox already. Join with another address; where this link names one, ask for another link.", []);

    /// <summary>Makes the link for somebody's e-mail address and gives the secret in it, which is shown once.</summary>
    public async Task<Outcome<string>> CreateAsync(LinkPurpose purpose, string? accountId, string? email, string? invitedBy = null)
    {
        var errors = new List<FieldError>();
        var address = ReadEmail(email, errors);
        if (address is null) return Refusal.Invalid(errors);
        // They see who is on their own side, and nobody else.
        var kind = purpose == LinkPurpose.Agent ? PersonKind.Agent : PersonKind.Member;
        var side = await db.People.AsNoTracking().Where(p => p.Kind == kind && p.AccountId == accountId).ToListAsync();
        if (side.Find(p => Mailbox.Of(p.Email!) == Mailbox.Of(address)) is { } known)
            return Refusal.Invalid(new FieldError("email", $"It is {known.Name}'s, who has joined already.", "An address of somebody else."));
        return await SaveAsync(purpose, accountId, address, invitedBy);
    }

    /// <summary>The agents who were added and have not set their password yet, the newest first.</summary>
    public Task<List<OneTimeLink>> ListAgentsAsync()
    {
        var now = clock.Now();
        return db.OneTimeLinks.AsNoTracking().Where(l => l.Purpose == LinkPurpose.Agent && l.UsedAt == null && l.ExpiresAt > now).OrderByDescending(l => l.ExpiresAt).ToListAsync();
    }

    /// <summary>Takes an agent's link back. One that was used, or taken back, is left alone.</summary>
    public Task TakeBackAgentAsync(string tokenHash) =>
        db.OneTimeLinks.Where(l => l.TokenHash == tokenHash && l.Purpose == LinkPurpose.Agent && l.UsedAt == null).ExecuteDeleteAsync();

    /// <summary>Makes the links that open a new, empty instance.</summary>
    public async Task<(string Owner, string Lead)?> CreateFirstAsync()
    {
        if (await db.People.AnyAsync()) return null;
        await db.OneTimeLinks.Where(l => l.UsedAt == null).ExecuteDeleteAsync();
        return (await SaveAsync(LinkPurpose.FirstOwner, null, null), await SaveAsync(LinkPurpose.FirstLead, null, null));
    }

    /// <summary>The open invitation behind <paramref name="secret"/>; null when there is none, or it was used, or is too old.</summary>
    public async Task<OneTimeLink?> FindAsync(string secret)
    {
        var hash = Secrets.Hash(secret);
        var now = clock.Now();
        return await db.OneTimeLinks.SingleOrDefaultAsync(l => l.TokenHash == hash && l.UsedAt == null && l.ExpiresAt > now);
    }

    /// <summary>Takes the invitation up: the person exists from then on, and the link is spent.</summary>
    public async Task<Outcome<Person>> AcceptAsync(OneTimeLink link, Welcome welcome)
    {
        var errors = new List<FieldError>();
        var email = link.Email ?? ReadEmail(welcome.Email, errors);
        var name = Line.Read("name", welcome.Name, 80, errors);
        Passwords.Check(welcome.Password, errors);
        var founds = link.Purpose == LinkPurpose.FirstOwner;
        var accountName = founds ? Line.Read("account_name", welcome.AccountName, 80, errors) : null;
        if (errors.Count > 0) return Refusal.Invalid(errors);

        var now = clock.Now();
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await db.OneTimeLinks.Where(l => l.TokenHash == link.TokenHash && l.UsedAt == null).ExecuteUpdateAsync(l => l.SetProperty(x => x.UsedAt, now)) == 0)
            return Refusal.Conflict("link_used", "This link has been used already.");
        var isAgent = link.Purpose is LinkPurpose.FirstLead or LinkPurpose.Agent;
        // Whoever is of support speaks for no customer: nobody becomes both by what somebody else typed. And nobody is two people of one account,
        // who could confirm to themselves what takes two.
        var others = await db.People.Where(p => isAgent || p.Kind == PersonKind.Agent || p.AccountId == link.AccountId).Select(p => p.Email!).ToListAsync();
        if (others.Exists(other => Mailbox.Of(other) == Mailbox.Of(email!))) return s_mailboxTaken;
        // Whoever was taken out of an account has what they can still end there, and nobody else's link gives that to anybody.
        if (!isAgent && await people.FindByEmailAsync(email!) is { AccountId: null, Kind: PersonKind.Member } left)
        {
            if (supportAccess.FindToEnd(new PersonId(left.Id)).Any()) return s_mailboxTaken;
            await people.DeleteAsync(left);
        }
        var account = founds ? Found(accountName!, email!, now) : null;
        var person = new Person
        {
            Id = Ids.Create(isAgent ? "agt" : "per", now),
            Kind = isAgent ? PersonKind.Agent : PersonKind.Member,
            UserName = email,
            Email = email,
            // The link reached this person at this address, by the hand of whoever invited them.
            EmailConfirmed = true,
            Name = name!,
            AccountId = account?.Id ?? link.AccountId,
            IsOwner = founds,
            IsLead = link.Purpose == LinkPurpose.FirstLead,
            CreatedAt = now,
        };
        person.PasswordHash = people.PasswordHasher.HashPassword(person, welcome.Password!);
        var created = await people.CreateAsync(person);
        if (!created.Succeeded) return s_mailboxTaken;
        await transaction.CommitAsync();
        if (isAgent) await RecordAsync(person, link.InvitedBy);
        return person;
    }

    private async Task RecordAsync(Person agent, string? lead)
    {
        var by = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == lead);
        await supportAccess.TeamChangedAsync(
            TeamChange.Added, new AgentId(agent.Id), agent.Name, by is null ? null : new AgentRef(new AgentId(by.Id), by.Name, SignIn: ""));
    }

    private Account Found(string name, string email, DateTimeOffset now)
    {
        var account = new Account { Id = Ids.Create("acc", now), Name = name, CreatedAt = now };
        db.Accounts.Add(account);
        db.Billing.Add(new Billing { AccountId = account.Id, Plan = "Free", Seats = 5, InvoiceEmail = email });
        return account;
    }

    private async Task<string> SaveAsync(LinkPurpose purpose, string? accountId, string? email, string? invitedBy = null)
    {
        var secret = Secrets.Create();
        db.OneTimeLinks.Add(new OneTimeLink
        {
            TokenHash = Secrets.Hash(secret),
            Purpose = purpose,
            AccountId = accountId,
            Email = email,
            InvitedBy = invitedBy,
            ExpiresAt = clock.Now() + Life,
        });
        await db.SaveChangesAsync();
        return secret;
    }

    internal static string? ReadEmail(string? text, List<FieldError> errors)
    {
        var email = text?.Trim();
        // The user name of Identity is the address, so only plain ASCII addresses are taken.
        if (email is { Length: > 2 and <= 254 } && email.All(c => char.IsAsciiLetterOrDigit(c) || "@.-_+".Contains(c, StringComparison.Ordinal))
            && !email.EndsWith('.') && MailAddress.TryCreate(email, out var address) && address.Address == email)
            return email;
        errors.Add(new("email", "It is not an e-mail address that can be used here.", "An address such as name@example.com, letters, digits and . - _ + only."));
        return null;
    }
}
