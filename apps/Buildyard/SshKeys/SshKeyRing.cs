using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>A private key that somebody has.</summary>
public sealed record PastedSshKey
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? PrivateKey { get; init; }

    /// <summary>The app's own; asked for where support set it and nobody has decided on that.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? RepositoryUrl { get; init; }
}

/// <summary>For which repository a key is made.</summary>
public sealed record NewSshKey
{
    /// <summary>The app's own; asked for where support set it and nobody has decided on that.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? RepositoryUrl { get; init; }
}

/// <summary>The SSH key of an app.</summary>
public sealed class SshKeyRing(BuildyardDb db, SshKeygen keygen, Sealing sealing, TimeProvider clock)
{
    public Task<SshKey?> FindAsync(AccessContext access) => db.SshKeys.AsNoTracking().Of(access).SingleOrDefaultAsync();

    /// <summary>Makes a new key, in place of one that is there.</summary>
    public Task<Outcome<SshKey>> GenerateAsync(AccessContext access, NewSshKey? wanted) =>
        KeepAsync(access, wanted?.RepositoryUrl, keygen.GenerateAsync);

    /// <summary>Takes a key that somebody has, in place of one that is there.</summary>
    public Task<Outcome<SshKey>> PasteAsync(AccessContext access, PastedSshKey pasted) =>
        KeepAsync(access, pasted.RepositoryUrl, comment => keygen.ReadAsync("private_key", pasted.PrivateKey, comment));

    /// <summary>Whether the repository that a key would be for is support's choice, and nobody has decided on it.</summary>
    public async Task<bool> IsForSupportsAsync(AccessContext access) => await new SupportsRows(db, sealing).IsSupportsAsync(await AppAsync(access), nameof(App.RepositoryUrl));

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

    private async Task<Outcome<SshKey>> KeepAsync(AccessContext access, string? named, Func<string, Task<Outcome<SshKeyPair>>> make)
    {
        if (await AskAsync(access, named) is { } early) return early;
        if (!(await make($"buildyard-{(await AppAsync(access)).Slug}")).Succeeded(out var pair, out var refusal)) return refusal;
        // Nobody else writes from here on: the address that was looked at is the one that the key stands beside.
        await using var transaction = await db.Database.BeginTransactionAsync();
        db.ChangeTracker.Clear();
        if (await AskAsync(access, named) is { } asked) return asked;
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
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return key;
    }

    private async Task<Refusal?> AskAsync(AccessContext access, string? named)
    {
        var app = await AppAsync(access);
        return await new SupportsRows(db, sealing).AskForThatAsync(access, app, nameof(App.RepositoryUrl), ("repository_url", app.ShownUrl), named);
    }

    private void Remove(AccessContext access, SshKey key)
    {
        access.Changed("SSH key", Describe(key), null);
        db.SshKeys.Remove(key);
    }

    private static string Describe(SshKey key) => $"{key.Kind} {key.Fingerprint}";

    private Task<App> AppAsync(AccessContext access) => db.Apps.SingleAsync(a => a.Id == access.App!.Value.Value);
}
