using System.Security.Cryptography;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>A code signing file as it is sent. What kind it is, its name's end says.</summary>
public sealed record NewSigningFile
{
    /// <summary>Ends in <c>.p12</c>, <c>.pfx</c>, <c>.mobileprovision</c>, <c>.provisionprofile</c>, <c>.keystore</c>, <c>.jks</c> or <c>.ks</c>.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Name { get; init; }

    /// <summary>The file, in base64. At most 1 MB.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Content { get; init; }

    /// <summary>Of a certificate or a keystore; empty where there is none.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Password { get; init; }

    /// <summary>The key in a keystore. Where it holds one key, it may be left out.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Alias { get; init; }

    /// <summary>Of the key in a keystore. Left out or empty, it is the keystore's.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? KeyPassword { get; init; }
}

/// <summary>The code signing files of an app: checked when they come, sealed while they are here, opened for builds.</summary>
public sealed class SigningFileShelf(BuildyardDb db, Sealing sealing, TimeProvider clock)
{
    /// <summary>In bytes.</summary>
    public const int Largest = 1024 * 1024;

    private const int Most = 50;
    private const int LongestPassword = 256;

    private static readonly Refusal s_unknown = Refusal.NotFound("There is no code signing file of this id.");

    /// <summary>By kind and name.</summary>
    public Task<List<SigningFile>> ListAsync(AccessContext access) =>
        db.SigningFiles.AsNoTracking().Of(access).OrderBy(f => f.Kind).ThenBy(f => f.Name).ToListAsync();

    /// <summary>Adds a file.</summary>
    public async Task<Outcome<SigningFile>> AddAsync(AccessContext access, NewSigningFile sent)
    {
        if (!Check(sent).Succeeded(out var checkedFile, out var refusal)) return refusal;
        var (upload, kind, facts) = checkedFile;
        access.Target($"signing file {upload.Name}");
        if (await db.SigningFiles.Of(access).AnyAsync(f => f.Name == upload.Name))
            return Refusal.Invalid(new FieldError("name", "There is a file of this name already.", "Another name, or replace that one."));
        if (await db.SigningFiles.Of(access).CountAsync() >= Most)
            return Refusal.Conflict("too_many", $"An app has at most {Most} code signing files. Remove one first.");
        var file = new SigningFile { Id = Ids.Create("sig", clock.Now()), AppId = access.App!.Value.Value, Kind = kind, Name = upload.Name, Size = 0, Content = [], Subject = "", Digest = "" };
        Fill(access, file, upload, facts);
        access.Changed($"signing file {file.Name}", null, Describe(file));
        ReportSecrets(access, file);
        db.SigningFiles.Add(file);
        return await SaveAsync(file);
    }

    /// <summary>Puts another file of the same kind in a file's place.</summary>
    public async Task<Outcome<SigningFile>> ReplaceAsync(AccessContext access, string id, NewSigningFile sent)
    {
        if (await db.SigningFiles.Of(access).SingleOrDefaultAsync(f => f.Id == id) is not { } file) return s_unknown;
        if (!Check(sent).Succeeded(out var checkedFile, out var refusal)) return refusal;
        var (upload, kind, facts) = checkedFile;
        access.Target($"signing file {file.Name}");
        if (kind != file.Kind) return Refusal.Invalid(new FieldError("name", "It is a file of another kind.", $"A file such as {file.Name}."));
        var before = Describe(file);
        Fill(access, file, upload, facts);
        access.Changed($"signing file {file.Name}", before, Describe(file));
        ReportSecrets(access, file);
        return await SaveAsync(file);
    }

    /// <summary>Removes a file. One that isn't there is gone already.</summary>
    public async Task RemoveAsync(AccessContext access, string id)
    {
        if (await db.SigningFiles.Of(access).SingleOrDefaultAsync(f => f.Id == id) is not { } file) return;
        access.Target($"signing file {file.Name}");
        access.Changed($"signing file {file.Name}", Describe(file), null);
        db.SigningFiles.Remove(file);
        await db.SaveChangesAsync();
    }

    /// <summary>A file as it came, for a member who asks for it.</summary>
    public async Task<Outcome<(string Name, byte[] Content)>> OpenAsync(AccessContext access, string id) =>
        await db.SigningFiles.AsNoTracking().Of(access).SingleOrDefaultAsync(f => f.Id == id) is { } file
            ? (file.Name, sealing.Open(SigningFile.ContentPurpose, file.Content))
            : s_unknown;

    /// <summary>What a build is given.</summary>
    public async Task<IReadOnlyList<SigningFileContent>> ForBuildAsync(string appId)
    {
        var files = await db.SigningFiles.AsNoTracking().Where(f => f.AppId == appId).OrderBy(f => f.Name).ToListAsync();
        return files.ConvertAll(f => new SigningFileContent(
            f.Name, f.Kind, sealing.Open(SigningFile.ContentPurpose, f.Content), Text(SigningFile.PasswordPurpose, f.Password), f.Alias, Text(SigningFile.KeyPasswordPurpose, f.KeyPassword)));

        string? Text(string purpose, byte[]? text) => text is null ? null : sealing.OpenText(purpose, text);
    }

    private static Outcome<(SigningUpload Upload, SigningFileKind Kind, SigningFacts Facts)> Check(NewSigningFile sent)
    {
        var errors = new List<FieldError>();
        var name = Line.Read("name", sent.Name, 100, errors);
        var kind = name is null ? null : SigningFileReading.KindOf(name);
        if (name is not null && (kind is null || name.AsSpan().IndexOfAny("/\\|") >= 0 || name[0] == '.'))
            errors.Add(new FieldError("name", "It is not the name of a code signing file.", "A name that ends in .p12, .mobileprovision, .keystore or .jks, without slashes."));
        var content = ReadContent(sent.Content, errors);
        foreach (var (field, text) in new[] { ("password", sent.Password), ("alias", sent.Alias), ("key_password", sent.KeyPassword) })
            if (text is { Length: > LongestPassword } || text?.Any(char.IsControl) == true) errors.Add(new FieldError(field, "It is too long, or holds control characters.", $"At most {LongestPassword} characters on one line."));
        if (errors.Count > 0) return Refusal.Invalid(errors);

        var isStore = kind == SigningFileKind.Keystore;
        var upload = new SigningUpload(name!, content!, sent.Password ?? "", isStore ? sent.Alias : null, isStore && !string.IsNullOrEmpty(sent.KeyPassword) ? sent.KeyPassword : null);
        return SigningFileReading.Read(kind!.Value, upload).Succeeded(out var facts, out var refusal) ? (upload, kind.Value, facts) : refusal;
    }

    private static byte[]? ReadContent(string? base64, List<FieldError> errors)
    {
        var content = new byte[(base64?.Length ?? 0) * 3L / 4];
        var problem = base64 switch
        {
            null or "" => "It is missing.",
            _ when !Convert.TryFromBase64String(base64, content, out var length) || (content = content[..length]).Length == 0 => "It is not base64.",
            _ when content.Length > Largest => "It is larger than 1 MB.",
            _ => null,
        };
        if (problem is null) return content;
        errors.Add(new FieldError("content", problem, "A file of at most 1 MB."));
        return null;
    }

    private void Fill(AccessContext access, SigningFile file, SigningUpload upload, SigningFacts facts)
    {
        (file.Size, file.Content, file.Digest) = (upload.Content.Length, sealing.Seal(SigningFile.ContentPurpose, upload.Content), Convert.ToHexStringLower(SHA256.HashData(upload.Content)));
        (file.Subject, file.Detail, file.ExpiresAt, file.Alias) = (facts.Subject, facts.Detail, facts.ExpiresAt, facts.Alias);
        file.Password = file.Kind == SigningFileKind.ProvisioningProfile ? null : sealing.Seal(SigningFile.PasswordPurpose, upload.Password);
        file.KeyPassword = file.Kind == SigningFileKind.Keystore ? sealing.Seal(SigningFile.KeyPasswordPurpose, upload.KeyPassword ?? upload.Password) : null;
        file.Sign(access, clock.Now());
    }

    private async Task<Outcome<SigningFile>> SaveAsync(SigningFile file)
    {
        try
        {
            await db.SaveChangesAsync();
            return file;
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return Refusal.Conflict("name_taken", "A file of this name was added by somebody else just now.");
        }
    }

    private static void ReportSecrets(AccessContext access, SigningFile file)
    {
        access.ChangedSecret($"content of {file.Name}");
        if (file.Password is not null) access.ChangedSecret($"password of {file.Name}");
    }

    private static string Describe(SigningFile file) => $"{file.Subject}, SHA-256 {file.Digest}{(file.Alias is { } alias ? $", key {alias}" : "")}";
}
