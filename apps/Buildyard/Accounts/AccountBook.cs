using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>New values for an account.</summary>
internal sealed record AccountChanges
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Name { get; init; }
}

/// <summary>New values for billing.</summary>
internal sealed record BillingChanges
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? InvoiceEmail { get; init; }
}

/// <summary>A member's account: its name, its people, what its builds keep, what it pays.</summary>
internal sealed class AccountBook(BuildyardDb db, BuildStorage storage, SupportAccess supportAccess)
{
    public Task<Account> GetAsync(Member member) =>
        db.Accounts.Include(a => a.Billing).SingleAsync(a => a.Id == member.Account.Value);

    public Task<List<Person>> PeopleAsync(Member member) =>
        db.People.AsNoTracking().Where(p => p.AccountId == member.Account.Value).OrderByDescending(p => p.IsOwner).ThenBy(p => p.Name).ToListAsync();

    public Task<List<Invoice>> InvoicesAsync(Member member) =>
        db.Invoices.AsNoTracking().Where(i => i.AccountId == member.Account.Value).OrderByDescending(i => i.IssuedAt).ToListAsync();

    public Task<StorageUse> StorageAsync(Member member) => storage.UseAsync(member.Account.Value);

    public async Task<Outcome<Account>> UpdateAsync(Member member, AccountChanges changes)
    {
        var errors = new List<FieldError>();
        var name = changes.Name is null ? null : Line.Read("name", changes.Name, 80, errors);
        if (errors.Count > 0) return Refusal.Invalid(errors);
        var account = await GetAsync(member);
        account.Name = name ?? account.Name;
        await db.SaveChangesAsync();
        return account;
    }

    public async Task<Outcome<Account>> UpdateBillingAsync(Member member, BillingChanges changes)
    {
        var errors = new List<FieldError>();
        var email = changes.InvoiceEmail is null ? null : Invitations.ReadEmail(changes.InvoiceEmail, errors);
        if (errors.Count > 0) return Refusal.Invalid([.. errors.Select(e => e with { Field = "invoice_email" })]);
        var account = await GetAsync(member);
        account.Billing.InvoiceEmail = email ?? account.Billing.InvoiceEmail;
        await db.SaveChangesAsync();
        return account;
    }

    /// <summary>Makes a member an owner, or an owner a member. One owner always stays.</summary>
    public async Task<Outcome<Person>> SetOwnerAsync(Member member, string person, bool owner)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await FindAsync(member, person) is not { } found) return s_unknown;
        if (!owner && found.IsOwner && await IsLastOwnerAsync(member)) return s_lastOwner;
        found.IsOwner = owner;
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return found;
    }

    /// <summary>
    /// Takes a person out of the account and all its apps. What they did stays under their name. Whoever can still end what is lent to support
    /// keeps their sign-in for that, and nothing else.
    /// </summary>
    public async Task<Outcome<Person>> RemoveAsync(Member member, string person)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await FindAsync(member, person) is not { } found) return s_unknown;
        if (found.IsOwner && await IsLastOwnerAsync(member)) return s_lastOwner;
        if (supportAccess.FindToEnd(new PersonId(found.Id)).Any()) await LeaveAsync(found);
        else db.People.Remove(found);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return found;
    }

    /// <summary>Whatever goes with a person goes, by the database; they themselves and their sign-ins come back.</summary>
    private async Task LeaveAsync(Person person)
    {
        var signIns = await db.SignIns.AsNoTracking().Where(signIn => signIn.PersonId == person.Id).ToListAsync();
        db.People.Remove(person);
        await db.SaveChangesAsync();
        db.ChangeTracker.Clear();
        (person.AccountId, person.IsOwner) = (null, false);
        db.Entry(person).State = EntityState.Added;
        db.SignIns.AddRange(signIns);
    }

    private static readonly Refusal s_unknown = Refusal.NotFound("Nobody with this id is a member of the account.");
    private static readonly Refusal s_lastOwner = Refusal.Conflict("last_owner", "This is the account's last owner. Make somebody else an owner first.");

    private Task<Person?> FindAsync(Member member, string person) =>
        db.People.SingleOrDefaultAsync(p => p.Id == person && p.AccountId == member.Account.Value);

    private async Task<bool> IsLastOwnerAsync(Member member) =>
        await db.People.CountAsync(p => p.AccountId == member.Account.Value && p.IsOwner) <= 1;
}
