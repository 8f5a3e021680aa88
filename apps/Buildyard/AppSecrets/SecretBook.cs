using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>A new secret, or new values for one; what is left out stays, or is false for a new one.</summary>
public sealed record SecretChanges
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Value { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(TrueOrFalse))]
    public bool? IsProtected { get; init; }

    /// <summary>True for a new secret unless said otherwise, as in <c>bitrise.yml</c>.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(TrueOrFalse))]
    public bool? IsExpand { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(TrueOrFalse))]
    public bool? IsExposedToPullRequests { get; init; }
}

/// <summary>The secrets of an app. Values go in sealed; out they come for builds, and one by one for members who ask.</summary>
public sealed class SecretBook(BuildyardDb db, AppleKeyRing apple, Sealing sealing, TimeProvider clock)
{
    private const int Most = 200;
    private const int LongestValue = 64 * 1024;

    private static readonly Refusal s_unknown = Refusal.NotFound("There is no secret of this name.");

    /// <summary>By name, without their values.</summary>
    public Task<List<AppSecret>> ListAsync(AccessContext access) => db.AppSecrets.AsNoTracking().Of(access).OrderBy(s => s.Name).ToListAsync();

    /// <summary>Adds a secret, or changes the one of this name. The value that was there is nowhere shown.</summary>
    public async Task<Outcome<AppSecret>> SetAsync(AccessContext access, string? name, SecretChanges changes)
    {
        var errors = new List<FieldError>();
        name = EnvironmentName.Read("name", name, errors);
        if (changes.Value is { } given) CheckValue(given, errors);
        if (errors.Count > 0) return Refusal.Invalid(errors);

        access.Target($"secret {name}");
        var secret = await db.AppSecrets.Of(access).SingleOrDefaultAsync(s => s.Name == name);
        var refusal = secret is null ? await CanAddAsync(access, changes) : CanChange(access, secret, changes);
        if (refusal is not null) return refusal;

        if (secret is null)
            Add(access, name!, changes);
        else
            Change(access, secret, changes);
        try
        {
            await db.SaveChangesAsync();
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return Refusal.Conflict("name_taken", $"{name} was added by somebody else just now. Look at it, and send yours again.");
        }
        return await db.AppSecrets.Of(access).SingleAsync(s => s.Name == name);
    }

    /// <summary>Removes a secret. One that isn't there is gone already.</summary>
    public async Task RemoveAsync(AccessContext access, string name)
    {
        access.Target($"secret {name}");
        if (await db.AppSecrets.Of(access).SingleOrDefaultAsync(s => s.Name == name) is not { } secret) return;
        access.Changed($"secret {name}", Describe(secret), null);
        db.AppSecrets.Remove(secret);
        await db.SaveChangesAsync();
    }

    /// <summary>The value, for a member who asks for this one. A protected one stays shut for everybody.</summary>
    public async Task<Outcome<string>> RevealAsync(AccessContext access, string name)
    {
        if (await db.AppSecrets.AsNoTracking().Of(access).SingleOrDefaultAsync(s => s.Name == name) is not { } secret) return s_unknown;
        return secret.IsProtected
            ? Refusal.Conflict("protected", $"{name} is protected: its value is never shown again. It can be replaced or removed.")
            : sealing.OpenText(AppSecret.Purpose, secret.Value);
    }

    /// <summary>
    /// What a build is given: all of them and the chosen Apple Developer key, or for a pull request those that are exposed to such.
    /// A secret of the app's own goes before a variable of the key.
    /// </summary>
    public async Task<IReadOnlyList<BuildSecret>> ForBuildAsync(string appId, bool pullRequest)
    {
        var secrets = await db.AppSecrets.AsNoTracking().Where(s => s.AppId == appId && (!pullRequest || s.IsExposedToPullRequests)).OrderBy(s => s.Name).ToListAsync();
        var given = secrets.ConvertAll(s => new BuildSecret(s.Name, sealing.OpenText(AppSecret.Purpose, s.Value), s.IsExpand, s.IsExposedToPullRequests));
        return pullRequest ? given : [.. given, .. (await apple.ForBuildAsync(appId)).ExceptBy(given.Select(s => s.Name), s => s.Name)];
    }

    private async Task<Refusal?> CanAddAsync(AccessContext access, SecretChanges changes)
    {
        if (changes.Value is null) return Refusal.Invalid(new FieldError("value", "A new secret needs a value.", "Text of 1 to 65,536 bytes."));
        return await db.AppSecrets.Of(access).CountAsync() >= Most ? Refusal.Conflict("too_many", $"An app has at most {Most} secrets. Remove one first.") : null;
    }

    private static Refusal? CanChange(AccessContext access, AppSecret secret, SecretChanges changes)
    {
        if (secret.IsProtected && changes.IsProtected == false)
            return Refusal.Conflict("protected", $"{secret.Name} is protected, and stays so. Remove it and add it anew to have one that isn't.");
        // Whoever writes a pull request could print what it is given: support may not aim a value there that it doesn't know.
        return access.Support is not null && changes is { IsExposedToPullRequests: true, Value: null } && !secret.IsExposedToPullRequests
            ? Refusal.Conflict("value_needed", "Support can expose a secret to pull requests only together with a new value.")
            : null;
    }

    private void Add(AccessContext access, string name, SecretChanges changes)
    {
        var now = clock.Now();
        var secret = new AppSecret
        {
            Id = Ids.Create("sec", now),
            AppId = access.App!.Value.Value,
            Name = name,
            Value = sealing.Seal(AppSecret.Purpose, changes.Value!),
            IsProtected = changes.IsProtected ?? false,
            IsExpand = changes.IsExpand ?? true,
            IsExposedToPullRequests = changes.IsExposedToPullRequests ?? false,
        };
        secret.Sign(access, now);
        db.AppSecrets.Add(secret);
        access.Changed($"secret {name}", null, Describe(secret));
        access.ChangedSecret($"value of {name}");
    }

    private void Change(AccessContext access, AppSecret secret, SecretChanges changes)
    {
        var before = Describe(secret);
        secret.IsProtected |= changes.IsProtected ?? false;
        secret.IsExpand = changes.IsExpand ?? secret.IsExpand;
        secret.IsExposedToPullRequests = changes.IsExposedToPullRequests ?? secret.IsExposedToPullRequests;
        if (Describe(secret) is var after && after != before) access.Changed($"secret {secret.Name}", before, after);
        if (changes.Value is { } value)
        {
            secret.Value = sealing.Seal(AppSecret.Purpose, value);
            access.ChangedSecret($"value of {secret.Name}");
        }
        if (db.ChangeTracker.HasChanges()) secret.Sign(access, clock.Now());
    }

    private static string Describe(AppSecret secret) =>
        $"{(secret.IsProtected ? "protected" : "not protected")}, {(secret.IsExpand ? "expanded" : "not expanded")}, {(secret.IsExposedToPullRequests ? "given to pull requests" : "not given to pull requests")}";

    private static void CheckValue(string value, List<FieldError> errors)
    {
        var problem = value switch
        {
            "" => "It is empty.",
            _ when value.Contains('\0', StringComparison.Ordinal) => "It holds a NUL character, which no environment variable can hold.",
            _ when !IsWellFormed(value) => "It holds half a character (a lone surrogate).",
            _ when System.Text.Encoding.UTF8.GetByteCount(value) > LongestValue => "It is longer than 64 KB.",
            _ => null,
        };
        if (problem is not null) errors.Add(new FieldError("value", problem, "Text of 1 to 65,536 bytes."));
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!System.Text.Rune.TryGetRuneAt(text, i, out var rune)) return false;
            if (rune.Utf16SequenceLength == 2) i++;
        }
        return true;
    }
}
