using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>A private key that somebody has.</summary>
public sealed record PastedSshKey
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? PrivateKey { get; init; }
}

/// <summary>The SSH key of an app.</summary>
public sealed class SshKeyRing(BuildyardDb db, SshKeygen keygen, Sealing sealing, TimeProvider clock)
{
    public Task<SshKey?> FindAsync(AccessContext access) => db.SshKeys.AsNoTracking().Of(access).SingleOrDefaultAsync();

    /// <summary>Makes a new key, in place of one that is there.</summary>
    public async Task<Outcome<SshKey>> GenerateAsync(AccessContext access) =>
        await KeepAsync(access, await keygen.GenerateAsync(await CommentAsync(access)));

    /// <summary>Takes a key that somebody has, in place of one that is there.</summary>
    public async Task<Outcome<SshKey>> PasteAsync(AccessContext access, PastedSshKey pasted) =>
        await KeepAsync(access, await keygen.ReadAsync("private_key", pasted.PrivateKey, await CommentAsync(access)));

    /// <summary>Removes the key. Without one there is nothing to do.</summary>
    public async Task RemoveAsync(AccessContext access)
    {
        if (await db.SshKeys.Of(access).SingleOrDefaultAsync() is { } key) Remove(access, key);
        await db.SaveChangesAsync();
    }

    /// <summary>Removes the key with the next save: the address it was for has changed, and it must not be shown to another one.</summary>
    internal async Task ForgetAsync(AccessContext access)
    {
        if (await db.SshKeys.Of(access).SingleOrDefaultAsync() is { } key) Remove(access, key);
    }

    /// <summary>The private key that <paramref name="appId"/> is cloned with; null when it has none.</summary>
    public async Task<string?> ForBuildAsync(string appId) =>
        await db.SshKeys.AsNoTracking().SingleOrDefaultAsync(k => k.AppId == appId) is { } key ? sealing.OpenText(SshKey.Purpose, key.PrivateKey) : null;

    /// <summary>A row with the next save, for an app that is being added.</summary>
    internal SshKey Make(string appId, SshKeyPair pair) => new()
    {
        Id = Ids.Create("key", clock.Now()),
        AppId = appId,
        PrivateKey = sealing.Seal(SshKey.Purpose, pair.PrivateKey),
        PublicKey = pair.PublicKey,
        Fingerprint = pair.Fingerprint,
        Kind = pair.Kind,
    };

    private async Task<Outcome<SshKey>> KeepAsync(AccessContext access, Outcome<SshKeyPair> outcome)
    {
        if (!outcome.Succeeded(out var pair, out var refusal)) return refusal;
        var made = Make(access.App!.Value.Value, pair);
        if (await db.SshKeys.Of(access).SingleOrDefaultAsync() is { } key)
        {
            access.Changed("SSH key", Describe(key), Describe(made));
            (key.PrivateKey, key.PublicKey, key.Fingerprint, key.Kind) = (made.PrivateKey, made.PublicKey, made.Fingerprint, made.Kind);
        }
        else
        {
            access.Changed("SSH key", null, Describe(made));
            db.SshKeys.Add(key = made);
        }
        access.ChangedSecret("private SSH key");
        key.Sign(access, clock.Now());
        try
        {
            await db.SaveChangesAsync();
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return Refusal.Conflict("key_set", "Somebody else set a key just now. Look at it, and send yours again.");
        }
        return key;
    }

    private void Remove(AccessContext access, SshKey key)
    {
        access.Changed("SSH key", Describe(key), null);
        db.SshKeys.Remove(key);
    }

    private static string Describe(SshKey key) => $"{key.Kind} {key.Fingerprint}";

    private async Task<string> CommentAsync(AccessContext access)
    {
        var app = access.App!.Value.Value;
        return $"buildyard-{await db.Apps.Where(a => a.Id == app).Select(a => a.Slug).SingleAsync()}";
    }
}
