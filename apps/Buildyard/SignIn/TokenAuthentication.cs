using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Buildyard;

/// <summary>Signs API requests in by <c>Authorization: Bearer by_…</c>. Other bearers are not ours: Latchkey's session tokens pass by.</summary>
internal sealed class TokenAuthentication(
    BuildyardDb db,
    TimeProvider clock,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "token";
    public const string Prefix = "by_";
    private const string Start = "Bearer " + Prefix;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Start, StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        var hash = Secrets.Hash(header["Bearer ".Length..]);
        var record = await db.SignIns.Include(s => s.Person).SingleOrDefaultAsync(s => s.TokenHash == hash, Context.RequestAborted);
        if (record is null || record.ExpiresAt <= clock.Now() || record.Person.Suspended)
            return AuthenticateResult.Fail("The token is unknown or has expired.");
        return AuthenticateResult.Success(new AuthenticationTicket(SignInDoor.Principal(record.Person, record.Id, Scheme), Scheme));
    }
}
