using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// What an entry says and what is left of its contents. A damaged entry says nothing and has none: its bytes are handed out all
/// the same, for a verifier to judge.
/// </summary>
/// <param name="Fact">What happened; null where the entry can't be read.</param>
/// <param name="Contents">Contents that were not erased, by id.</param>
internal sealed record ToldEntry(Fact? Fact, IReadOnlyDictionary<string, (byte[] Salt, string Text)> Contents)
{
    private static readonly ToldEntry s_nothing = new(null, new Dictionary<string, (byte[], string)>());

    /// <summary>The text of a content; null where it was erased.</summary>
    public string? Text(Content? content) => content is not null && Contents.TryGetValue(content.Id, out var kept) ? kept.Text : null;

    /// <summary>A content with what is left of it.</summary>
    public Content Told(Content content) => Contents.TryGetValue(content.Id, out var kept) ? content.With(kept.Salt, kept.Text) : content;

    public static ToldEntry Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> packed)
    {
        try
        {
            var fields = JsonNode.Parse(bytes)!.AsObject();
            var fact = Fact.Read((string)fields["kind"]!, fields);
            var kept = PackedContents.Unpack(packed);
            var contents = new Dictionary<string, (byte[], string)>(kept.Count);
            var place = 0;
            foreach (var content in fact.Contents)
            {
                if (kept.TryGetValue(place++, out var found))
                {
                    contents[content.Id] = found;
                }
            }

            return new ToldEntry(fact, contents);
        }
        catch (Exception e) when (e is FormatException or JsonException or ArgumentException or InvalidOperationException)
        {
            return s_nothing;
        }
    }
}

/// <summary>Entries by position, for what the read tables leave to them.</summary>
internal sealed class EntryReader : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter _position = new("$position", SqliteType.Integer);

    public EntryReader(SqliteConnection connection)
    {
        _command = connection.CreateCommand();
        _command.CommandText = "SELECT bytes, contents FROM entry WHERE position = $position";
        _command.Parameters.Add(_position);
    }

    /// <summary>The fact at a position and what is left of its contents; null where there is no such fact.</summary>
    public (T Fact, ToldEntry Entry)? Find<T>(long? position)
        where T : Fact
    {
        if (position is null)
        {
            return null;
        }

        _position.Value = position;
        using var row = _command.ExecuteReader();
        return row.Read() && ToldEntry.Read(row.GetFieldValue<byte[]>(0), row.Blob(1)) is { Fact: T fact } entry ? (fact, entry) : null;
    }

    public void Dispose() => _command.Dispose();
}
