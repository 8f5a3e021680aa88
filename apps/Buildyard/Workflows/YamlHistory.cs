using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>What came of saving a text.</summary>
internal abstract record SaveResult
{
    /// <summary>A new version; or the current one, when the text is the same.</summary>
    public sealed record Saved(YamlVersion Version, bool IsNew) : SaveResult;

    public sealed record Invalid(YamlCheck Check) : SaveResult;

    /// <summary>Somebody saved after the version that the text is based on.</summary>
    public sealed record Conflict(YamlVersion Current) : SaveResult;

    public sealed record Refused(Refusal Refusal) : SaveResult;
}

/// <summary>The part of a file that a form changed, in words, with its lines before and after.</summary>
internal sealed record ChangedPart(string What, string? Before, string? After);

/// <summary>An app's <c>bitrise.yml</c> with everything it ever was.</summary>
internal sealed class YamlHistory(BuildyardDb db, StackOffer stacks, TimeProvider clock)
{
    public Task<YamlVersion> CurrentAsync(AccessContext access) =>
        Versions(access).OrderByDescending(v => v.Number).FirstAsync();

    public Task<YamlVersion?> FindAsync(AccessContext access, int number) => Versions(access).SingleOrDefaultAsync(v => v.Number == number);

    /// <summary>Versions below <paramref name="before"/>, newest first, without their text.</summary>
    public Task<List<YamlVersion>> ListAsync(AccessContext access, int before, int most) =>
        Versions(access).Where(v => v.Number < before).OrderByDescending(v => v.Number).Take(most)
            .Select(v => new YamlVersion
            {
                AppId = v.AppId,
                Number = v.Number,
                Content = "",
                AuthorId = v.AuthorId,
                AuthorName = v.AuthorName,
                BySupport = v.BySupport,
                SavedAt = v.SavedAt,
                Message = v.Message,
            }).ToListAsync();

    /// <summary>Saves <paramref name="text"/> as the newest version.</summary>
    /// <param name="access">Who saves, in which app.</param>
    /// <param name="text">The whole file.</param>
    /// <param name="basedOn">The version that the author had before them; null: whatever is there now.</param>
    /// <param name="message">A line on why; may be empty.</param>
    /// <param name="part">What of it changed, as the activity shall say it; null: the file as a whole.</param>
    /// <param name="takesOver">Whether a member takes over what they were shown of another workflow.</param>
    public async Task<SaveResult> SaveAsync(AccessContext access, string text, int? basedOn, string? message, ChangedPart? part = null, bool takesOver = false)
    {
        var errors = new List<FieldError>();
        var line = string.IsNullOrWhiteSpace(message) ? "" : Line.Read("message", message, 200, errors);
        if (errors.Count > 0) return new SaveResult.Refused(Refusal.Invalid(errors));
        var current = await CurrentAsync(access);
        var check = Check(access, text, current);
        if (!check.IsValid) return new SaveResult.Invalid(check);
        if (basedOn is { } known && known != current.Number) return new SaveResult.Conflict(current);
        if (current.Content == text) return new SaveResult.Saved(current, IsNew: false);
        return await AddAsync(access, current, text, line!, part, takesOver);
    }

    /// <summary>Makes the text of an earlier version the newest one.</summary>
    public async Task<SaveResult?> RestoreAsync(AccessContext access, int number)
    {
        if (await FindAsync(access, number) is not { } earlier) return null;
        var current = await CurrentAsync(access);
        var check = Check(access, earlier.Content, current);
        if (!check.IsValid) return new SaveResult.Invalid(check);
        return current.Content == earlier.Content
            ? new SaveResult.Saved(current, IsNew: false)
            : await AddAsync(access, current, earlier.Content, $"Restored version {number}");
    }

    /// <summary>Adds, without saving, the version before <paramref name="number"/> again as the newest: a member undoes what support saved, up to <paramref name="last"/>.</summary>
    internal async Task AddUndoAsync(string appId, int number, int last, Member by, CancellationToken cancellation)
    {
        var earlier = await db.YamlVersions.AsNoTracking().SingleAsync(v => v.AppId == appId && v.Number == number - 1, cancellation);
        var newest = await db.YamlVersions.Where(v => v.AppId == appId).MaxAsync(v => v.Number, cancellation);
        db.YamlVersions.Add(new YamlVersion
        {
            AppId = appId,
            Number = newest + 1,
            Content = earlier.Content,
            AuthorId = by.Person.Value,
            AuthorName = by.Name,
            BySupport = false,
            SavedAt = clock.Now(),
            Message = last == number ? $"Undid version {number}" : $"Undid versions {number} to {last}",
        });
    }

    /// <summary>Support doesn't write out either, as <c>"\u202E"</c>, what it may not type; what is there already may stay.</summary>
    private YamlCheck Check(AccessContext access, string text, YamlVersion current)
    {
        var check = stacks.Check(text, current.Content);
        if (access.Support is null || !check.IsValid) return check;
        var known = YamlSource.Hidden(current.Content).Select(hidden => hidden.Text).ToHashSet(StringComparer.Ordinal);
        return check with { Errors = [.. YamlSource.Hidden(text).Where(hidden => !known.Contains(hidden.Text)).Select(hidden => hidden.Remark)] };
    }

    private async Task<SaveResult> AddAsync(AccessContext access, YamlVersion current, string text, string message, ChangedPart? part = null, bool takesOver = false)
    {
        var now = clock.Now();
        var version = new YamlVersion
        {
            AppId = current.AppId,
            Number = current.Number + 1,
            Content = text,
            AuthorId = access.Support?.Agent.Value ?? access.Member!.Person.Value,
            AuthorName = access.ActorName,
            BySupport = access.Support is not null,
            SavedAt = now,
            Message = message,
            TakesOver = takesOver,
        };
        db.YamlVersions.Add(version);
        try
        {
            await db.SaveChangesAsync();
        }
        catch (DbUpdateException e) when (e.IsDuplicate())
        {
            return new SaveResult.Conflict(await CurrentAsync(access));
        }
        access.Changed(part?.What ?? "bitrise.yml", part is null ? current.Content : part.Before, part is null ? text : part.After);
        await db.Apps.Where(a => a.Id == current.AppId).ExecuteUpdateAsync(a => a.SetProperty(x => x.ChangedAt, now));
        return new SaveResult.Saved(version, IsNew: true);
    }

    private IQueryable<YamlVersion> Versions(AccessContext access) =>
        db.YamlVersions.AsNoTracking().Where(v => v.AppId == access.App!.Value.Value);
}
