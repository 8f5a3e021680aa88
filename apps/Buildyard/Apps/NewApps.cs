using System.Security.Cryptography;
using System.Text;
using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>A new app. The YAML is given, or read from the repository when it is left out.</summary>
public sealed record NewApp
{
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? Title { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? RepositoryUrl { get; init; }

    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? ProjectType { get; init; }

    /// <summary>The private key to clone the repository with; empty or left out for none.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? SshPrivateKey { get; init; }

    /// <summary>The text of <c>bitrise.yml</c>.</summary>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public string? BitriseYml { get; init; }
}

/// <summary>Adds apps to an account.</summary>
internal sealed class NewApps(BuildyardDb db, RepositoryReader repositories, SshKeygen keygen, SshKeyRing keys, SupportAccess supportAccess, ISupportHost host, TimeProvider clock)
{
    public async Task<Outcome<App>> AddAsync(Member member, NewApp wanted, CancellationToken cancellation)
    {
        var errors = new List<FieldError>();
        var title = Line.Read("title", wanted.Title, 80, errors);
        var repository = RepositoryUrl.Read(wanted.RepositoryUrl, errors);
        var type = ProjectTypes.Read(wanted.ProjectType ?? "other", errors);
        if (wanted.BitriseYml is null && repository is "") errors.Add(new FieldError("repository_url", "It is empty.", "The repository to read bitrise.yml from."));
        if (errors.Count > 0) return Refusal.Invalid(errors);

        SshKeyPair? pair = null;
        if (!string.IsNullOrWhiteSpace(wanted.SshPrivateKey) && !(await keygen.ReadAsync("ssh_private_key", wanted.SshPrivateKey, "buildyard")).Succeeded(out pair, out var unusable)) return unusable;
        var message = "Added with the app";
        var yaml = wanted.BitriseYml;
        if (yaml is null)
        {
            var read = await repositories.ReadYamlAsync(repository!, member.Account.Value, pair?.PrivateKey, cancellation);
            if (!read.Succeeded(out var found, out var refusal)) return refusal;
            yaml = found;
            message = "Read from the repository";
        }
        var check = BitriseYaml.Check(yaml);
        if (!check.IsValid)
            return Refusal.Invalid([.. check.Errors.Select(e => new FieldError("bitrise_yml", $"Line {e.Line}, column {e.Column}: {e.Message}", ""))]);

        var now = clock.Now();
        var app = new App
        {
            Id = Ids.Create("app", now),
            AccountId = member.Account.Value,
            Slug = Slug(title!),
            Title = title!,
            RepositoryUrl = repository!,
            ProjectType = type!,
            Enabled = true,
            CreatedAt = now,
            ChangedAt = now,
        };
        db.Apps.Add(app);
        if (pair is not null)
        {
            var key = keys.Make(app.Id, pair);
            (key.ChangedAt, key.ChangedBy) = (now, member.Name);
            db.SshKeys.Add(key);
        }
        db.YamlVersions.Add(new YamlVersion
        {
            AppId = app.Id,
            Number = 1,
            Content = yaml,
            AuthorId = member.Person.Value,
            AuthorName = member.Name,
            BySupport = false,
            SavedAt = now,
            Message = message,
        });
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return Refusal.Conflict("slug_taken", "Another app took this name just now. Send it again.");
        }
        await db.Entry(app).Reference(a => a.Account).LoadAsync(CancellationToken.None);
        var added = app.ToHostApp();
        var rights = await host.GetRightsAsync(member, added, CancellationToken.None);
        await supportAccess.AppAddedAsync(added.Ref with { WhoMayEnd = [.. rights.WhoMayEnd] });
        return app;
    }

    /// <summary>
    /// The title as an address, with a few characters that nobody can guess: a title that somebody else's app has too must not be told by the
    /// address that is left for it.
    /// </summary>
    private static string Slug(string title)
    {
        var slug = new StringBuilder();
        foreach (var c in title.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c)) slug.Append(c);
            else if (c is ' ' or '-' or '_' or '.' or '/' && slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        }
        var name = slug.ToString().Trim('-');
        if (name.Length > 60) name = name[..60].TrimEnd('-');
        return $"{(name.Length == 0 ? "app" : name)}-{RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 6)}";
    }
}
