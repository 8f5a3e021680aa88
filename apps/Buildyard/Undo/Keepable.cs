using System.Text.Json;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Shows what keeping makes the customer's own, and says what of it nobody can be shown: that is not kept. It reads one app, and writes out
/// each version of its file once.
/// </summary>
internal sealed class Keepable(BuildyardDb db, Sealing sealing, IHttpContextAccessor http)
{
    private const string Instead = "Set your own, or undo that.";

    private readonly RowLookup _rows = new(db);
    private readonly Dictionary<int, string?> _written = [];

    /// <param name="kept">The changes that are kept together, in order.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Keeping> ShowAsync(IReadOnlyList<SupportChange> kept, CancellationToken cancellation)
    {
        var (texts, notShown, lines) = (new List<KeptText>(), new List<string>(), 0);
        var app = kept[0].AppId;
        foreach (var row in kept.SelectMany(sealing.OpenRows))
        {
            if (row.Entity == nameof(YamlVersion))
            {
                var (before, after) = await WrittenOutAsync(row, cancellation);
                if (before is null || after is null || (lines += WrittenOut.Changed(before, after)) > WrittenOut.MostLines) notShown.Add($"{WrittenOut.TooLong} {Instead}");
                else texts.Add(new KeptText($"bitrise.yml, version {YamlUndo.NumberOf(row)}", before, after));
                continue;
            }
            foreach (var property in await SealedAsync(app, row, cancellation))
            {
                var what = $"{UndoWords.Words(property)} of {row.Called}";
                if (row.Entity != nameof(AppSecret) || await IsProtectedAsync(row, cancellation)) notShown.Add($"Nobody can be shown the {what} that support set. {Instead}");
                else if (!await MayRevealAsync()) notShown.Add($"Your role doesn't show you the {what} that support set. {Instead}");
                else if (sealing.OpenText(AppSecret.Purpose, row.After![property].GetBytesFromBase64()) is var value && (lines += value.AsSpan().Count('\n')) > WrittenOut.MostLines) notShown.Add($"The {what} that support set takes too many lines to show. {Instead}");
                else texts.Add(new KeptText(UndoWords.Sentence(what), null, value));
            }
        }
        return new Keeping(texts, [.. notShown.Distinct(StringComparer.Ordinal)]);
    }

    private async Task<(string? Before, string? After)> WrittenOutAsync(ChangedRow row, CancellationToken cancellation)
    {
        var number = YamlUndo.NumberOf(row);
        if (!_written.ContainsKey(number - 1) || !_written.ContainsKey(number))
        {
            var texts = await YamlUndo.TextsAsync(db, row, cancellation);
            foreach (var (at, text) in ((int, string)[])[(number - 1, texts[0]), (number, texts[^1])])
                if (!_written.ContainsKey(at)) _written.Add(at, WrittenOut.Of(text));
        }
        return (_written[number - 1], _written[number]);
    }

    /// <summary>What support set of a row that is sealed and told apart by nothing beside it, as far as no member has set it since.</summary>
    private async Task<List<string>> SealedAsync(string app, ChangedRow row, CancellationToken cancellation)
    {
        var found = new List<string>();
        foreach (var property in Sealed(row))
        {
            // Where it is not as this change left it, another one of support's took its place or cleared it, which can be undone, or a member did.
            if (await _rows.FindAsync(row, cancellation) is not { } now || RowLookup.Is(now, property, row.After![property]) || await IsTouchedAgainAsync(app, row, property, cancellation)) found.Add(property);
        }
        return found;
    }

    private static IEnumerable<string> Sealed(ChangedRow row) =>
        (row.After ?? new Dictionary<string, JsonElement>()).Where(value => value.Value.ValueKind != JsonValueKind.Null && UndoWords.IsSealed(row, value.Key)
            && !ToldApart.Kinds.ContainsKey($"{row.Entity}.{value.Key}") && !row.Overtaken.Contains(value.Key)
            && (row.Before is null || !JsonElement.DeepEquals(row.Before[value.Key], value.Value))).Select(value => value.Key);

    /// <summary>Whether another undecided change set it too, cleared it, or took it away: undone, that brings back this one's.</summary>
    private async Task<bool> IsTouchedAgainAsync(string app, ChangedRow row, string property, CancellationToken cancellation)
    {
        var open = await db.SupportChanges.AsNoTracking().Where(c => c.AppId == app && c.State == SupportChangeState.Open).ToListAsync(cancellation);
        return open.SelectMany(sealing.OpenRows).Count(other => other.Row == row.Row && !other.Overtaken.Contains(property)
            && (other.After is null || Sealed(other).Contains(property) || UndoRules.Given(other).Contains(property))) > 1;
    }

    private async Task<bool> IsProtectedAsync(ChangedRow row, CancellationToken cancellation) =>
        row.After![nameof(AppSecret.IsProtected)].GetBoolean() || await _rows.FindAsync(row, cancellation) is { Entity: AppSecret { IsProtected: true } };

    private async Task<bool> MayRevealAsync() =>
        http.HttpContext?.FindAccess() is { } access && await access.SpeaksForCustomerAsync() && await access.MayAsync("secret.value.read");
}
