using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>Keeps the address that a repository host reports to.</summary>
internal sealed class IncomingHooks(BuildyardDb db, Sealing sealing, TimeProvider clock)
{
    public Task<IncomingHook?> FindAsync(AccessContext access) => db.Set<IncomingHook>().SingleOrDefaultAsync(h => h.AppId == access.App!.Value.Value);

    /// <summary>The last reports, newest first.</summary>
    public Task<List<HookDelivery>> DeliveriesAsync(IncomingHook hook) =>
        db.Set<HookDelivery>().AsNoTracking().Where(d => d.HookId == hook.Id).OrderByDescending(d => d.ReceivedAt).Take(20).ToListAsync();

    /// <summary>Registers the address, or gives it a new token; the old one works no more.</summary>
    public async Task<IncomingHook> RotateAsync(AccessContext access)
    {
        var token = Secrets.Create();
        var now = clock.Now();
        var hook = await FindAsync(access);
        if (hook is null)
        {
            hook = new IncomingHook { Id = Ids.Create("hok", now), AppId = access.App!.Value.Value, Token = [], TokenHash = "", RotatedAt = now, RotatedBy = "" };
            db.Add(hook);
        }
        (hook.Token, hook.TokenHash, hook.RotatedAt, hook.RotatedBy) = (sealing.Seal(IncomingHook.TokenPurpose, token), Secrets.Hash(token), now, access.ActorName);
        hook.Sign(access, now);
        await db.SaveChangesAsync();
        access.Target("incoming webhook");
        access.ChangedSecret("token of the incoming webhook");
        return hook;
    }

    /// <summary>Sets or forgets what reports must be signed with.</summary>
    public async Task<Outcome<IncomingHook>> SetSecretAsync(AccessContext access, string? secret)
    {
        if (await FindAsync(access) is not { } hook) return Refusal.Conflict("not_registered", "There is no incoming webhook yet. Register it first.");
        if (secret is null || secret.Length > 200 || secret.Any(c => c is < ' ' or '\u007f'))
            return Refusal.Invalid(new FieldError("secret", "It can't be a secret.", "Up to 200 characters without control characters; empty to take unsigned reports."));
        hook.Sign(access, clock.Now());
        hook.Secret = secret.Length == 0 ? null : sealing.Seal(IncomingHook.SecretPurpose, secret);
        await db.SaveChangesAsync();
        access.Target("incoming webhook");
        access.ChangedSecret("secret of the incoming webhook");
        return hook;
    }

    public async Task RemoveAsync(AccessContext access)
    {
        if (await FindAsync(access) is not { } hook) return;
        db.Remove(hook);
        await db.SaveChangesAsync();
        access.Target("incoming webhook");
        access.Changed("incoming webhook", "registered", null);
    }

    /// <summary>The path of the address. For members who may know it: whoever does can start builds.</summary>
    public string PathOf(App app, IncomingHook hook) => $"/hooks/github/{app.Slug}/{sealing.OpenText(IncomingHook.TokenPurpose, hook.Token)}";
}
