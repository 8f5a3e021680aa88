using System.Security.Claims;
using Latchkey;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>The one place where people come in and go out, by page or by API.</summary>
internal sealed class SignInDoor(
    BuildyardDb db,
    UserManager<Person> people,
    IPasswordHasher<Person> hasher,
    SignInAttempts attempts,
    KnownDevices devices,
    SupportAccess supportAccess,
    TimeProvider clock)
{
    /// <summary>How long an API token works.</summary>
    public static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);

    /// <summary>How long an agent's sign-in lasts, used or not.</summary>
    public static readonly TimeSpan AgentLife = TimeSpan.FromHours(12);

    /// <summary>How long a member's sign-in lasts.</summary>
    public static readonly TimeSpan MemberLife = TimeSpan.FromDays(30);

    private static readonly Refusal s_wrong =
        new(StatusCodes.Status401Unauthorized, "wrong_credentials", "The e-mail address or the password is wrong.", []);

    private static readonly Refusal s_inLine = new(
        StatusCodes.Status429TooManyRequests,
        "too_many_attempts",
        "Other tries to sign in with this e-mail address wait here already. Try again when they are answered.",
        []);

    /// <summary>Finds who <paramref name="email"/> and <paramref name="password"/> belong to. One answer for every way of being wrong.</summary>
    public async Task<Outcome<Person>> CheckAsync(string? email, string? password, HttpContext context)
    {
        var missing = new List<FieldError>();
        if (string.IsNullOrWhiteSpace(email)) missing.Add(new("email", "It is empty.", "An e-mail address."));
        if (string.IsNullOrEmpty(password)) missing.Add(new("password", "It is empty.", "Your password."));
        if (missing.Count > 0) return Refusal.Invalid(missing);
        // Nobody's: there is nothing to guess, and nothing to count.
        if (email!.Length > 254 || password!.Length > Passwords.Longest) return s_wrong;
        Person? found = null;
        var address = people.NormalizeEmail(email)!;
        var right = await attempts.TryAsync(devices.PlaceOf(context, address), address, async () =>
        {
            found = await FindAsync(email, password);
            return found is not null;
        }, context.RequestAborted);
        return right switch
        {
            null => s_inLine,
            false => s_wrong,
            true => found!,
        };
    }

    /// <summary>Signs <paramref name="person"/> in with a cookie.</summary>
    public async Task EnterAsync(HttpContext context, Person person)
    {
        var life = person.Kind == PersonKind.Agent ? AgentLife : MemberLife;
        var record = await RecordAsync(person, null, life);
        await context.SignInAsync(
            IdentityConstants.ApplicationScheme,
            Principal(person, record.Id, IdentityConstants.ApplicationScheme),
            new AuthenticationProperties { IsPersistent = true, IssuedUtc = record.CreatedAt, ExpiresUtc = record.ExpiresAt });
        devices.Remember(context, people.NormalizeEmail(person.Email)!);
    }

    /// <summary>Makes an API token for <paramref name="person"/>. It is shown once.</summary>
    public async Task<(string Token, DateTimeOffset ExpiresAt)> IssueTokenAsync(Person person)
    {
        var token = TokenAuthentication.Prefix + Secrets.Create();
        var record = await RecordAsync(person, Secrets.Hash(token), TokenLife);
        return (token, record.ExpiresAt);
    }

    /// <summary>Ends the sign-in of this request on the server; an agent's sessions in customers' apps end with it.</summary>
    public async Task LeaveAsync(HttpContext context)
    {
        if (SignInId(context.User) is { } id)
        {
            var record = await db.SignIns.Include(s => s.Person).SingleOrDefaultAsync(s => s.Id == id);
            if (record is not null)
            {
                db.SignIns.Remove(record);
                await db.SaveChangesAsync();
                if (record.Person.Kind == PersonKind.Agent)
                    await supportAccess.SignedOutAsync(new AgentId(record.PersonId), id);
            }
        }
        await context.SignOutAsync(IdentityConstants.ApplicationScheme);
    }

    public static string? SignInId(ClaimsPrincipal user) => user.FindFirstValue("sid");

    public static ClaimsPrincipal Principal(Person person, string signIn, string scheme) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, person.Id),
            new Claim("stamp", person.SecurityStamp!),
            new Claim("sid", signIn),
        ],
        scheme));

    private async Task<Person?> FindAsync(string email, string password)
    {
        var person = await people.FindByEmailAsync(email);
        if (person?.PasswordHash is null)
        {
            // Unknown addresses take as long as known ones.
            hasher.HashPassword(null!, password);
            return null;
        }
        return await people.CheckPasswordAsync(person, password) && !person.Suspended ? person : null;
    }

    private async Task<SignInRecord> RecordAsync(Person person, string? tokenHash, TimeSpan life)
    {
        var now = clock.Now();
        await db.SignIns.Where(s => s.PersonId == person.Id && s.ExpiresAt <= now).ExecuteDeleteAsync();
        var record = new SignInRecord { Id = Ids.Create("sgn", now), PersonId = person.Id, TokenHash = tokenHash, CreatedAt = now, ExpiresAt = now + life };
        db.SignIns.Add(record);
        await db.SaveChangesAsync();
        return record;
    }
}

internal static class Passwords
{
    public const int Shortest = 10;
    public const int Longest = 200;

    public static void Check(string? password, List<FieldError> errors)
    {
        if (password is null || password.Length is < Shortest or > Longest)
            errors.Add(new("password", "It is too short or too long.", $"{Shortest} to {Longest} characters."));
    }
}
