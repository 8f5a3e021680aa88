using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>A key to App Store Connect, as it is made there.</summary>
public sealed record NewAppleKey
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Name { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? IssuerId { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? KeyId { get; init; }

    /// <summary>The text of the <c>.p8</c> file. It is not shown again.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? PrivateKey { get; init; }
}

/// <summary>The account's keys to Apple's API: connected by its owner, never readable again.</summary>
public sealed partial class AppleKeyRing(BuildyardDb db, Sealing sealing, TimeProvider clock)
{
    private const int Most = 20;

    public Task<List<AppleKey>> ListAsync(Member member) =>
        db.AppleKeys.AsNoTracking().Where(k => k.AccountId == member.Account.Value).OrderBy(k => k.Name).ToListAsync();

    public async Task<Outcome<AppleKey>> AddAsync(Member member, NewAppleKey wanted)
    {
        var errors = new List<FieldError>();
        var name = Line.Read("name", wanted.Name, 80, errors);
        if (!Guid.TryParseExact(wanted.IssuerId?.Trim(), "D", out var issuer)) errors.Add(new FieldError("issuer_id", "It is not an issuer id.", "A UUID, as App Store Connect shows it above its list of keys."));
        var keyId = wanted.KeyId?.Trim() ?? "";
        if (!KeyId().IsMatch(keyId)) errors.Add(new FieldError("key_id", "It is not a key id.", "Ten capital letters and digits, such as 2X9R4HXF34."));
        if (Problem(wanted.PrivateKey) is { } problem) errors.Add(new FieldError("private_key", problem, "The text of the .p8 file that App Store Connect gave you, once."));
        if (errors.Count > 0) return Refusal.Invalid(errors);
        if (await db.AppleKeys.CountAsync(k => k.AccountId == member.Account.Value) >= Most) return Refusal.Conflict("too_many", $"An account has at most {Most} keys. Remove one first.");

        var now = clock.Now();
        var key = new AppleKey
        {
            Id = Ids.Create("apk", now),
            AccountId = member.Account.Value,
            Name = name!,
            IssuerId = issuer.ToString("D"),
            KeyId = keyId,
            PrivateKey = sealing.Seal(AppleKey.Purpose, wanted.PrivateKey!.ReplaceLineEndings("\n").Trim() + "\n"),
            AddedAt = now,
            AddedBy = member.Name,
        };
        db.AppleKeys.Add(key);
        await db.SaveChangesAsync();
        return key;
    }

    /// <summary>Removes a key; the apps that chose it have none then. One that isn't there is gone already.</summary>
    public async Task RemoveAsync(Member member, string id)
    {
        if (await db.AppleKeys.SingleOrDefaultAsync(k => k.Id == id && k.AccountId == member.Account.Value) is not { } key) return;
        db.AppleKeys.Remove(key);
        await db.SaveChangesAsync();
    }

    /// <summary>What a build is given where the app has chosen a key: three variables, kept out of its log like secrets.</summary>
    public async Task<IReadOnlyList<BuildSecret>> ForBuildAsync(string appId) =>
        await db.AppleChoices.AsNoTracking().Where(c => c.AppId == appId).Select(c => c.AppleKey).SingleOrDefaultAsync() is not { } key
            ? []
            :
            [
                new BuildSecret("APP_STORE_CONNECT_API_ISSUER_ID", key.IssuerId, IsExpand: false),
                new BuildSecret("APP_STORE_CONNECT_API_KEY_ID", key.KeyId, IsExpand: false),
                new BuildSecret("APP_STORE_CONNECT_API_PRIVATE_KEY", sealing.OpenText(AppleKey.Purpose, key.PrivateKey), IsExpand: false),
            ];

    private static string? Problem(string? pem)
    {
        if (string.IsNullOrWhiteSpace(pem)) return "It is empty.";
        if (pem.Length > 4096) return "It is too long for a key.";
        if (!pem.Trim().StartsWith("-----BEGIN PRIVATE KEY-----", StringComparison.Ordinal)) return "It doesn't begin like a .p8 file.";
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            return key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == "1.2.840.10045.3.1.7" ? null : "It is a key of another kind: Apple's are on the curve P-256.";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return "It is not a private key on the curve P-256.";
        }
    }

    [GeneratedRegex("^[A-Z0-9]{10}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex KeyId();
}
