using System.Text;
using Latchkey.Ledger;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>Contents by id, as far as they were not erased.</summary>
internal sealed class ContentQuery : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter _id = new("$id", SqliteType.Text);

    public ContentQuery(SqliteConnection connection)
    {
        _command = connection.CreateCommand();
        _command.CommandText = "SELECT salt, text FROM content WHERE id = $id";
        _command.Parameters.Add(_id);
    }

    public string? Text(string? id) => id is not null && Find(id) is (_, var text) ? text : null;

    /// <summary>The contents that an entry commits to. A damaged entry has none: its bytes are handed out all the same, for a verifier to judge.</summary>
    public Dictionary<string, (byte[] Salt, string Text)> OfEntry(byte[] bytes)
    {
        var found = new Dictionary<string, (byte[], string)>();
        try
        {
            var entry = LedgerEntry.Parse(bytes);
            foreach (var content in Fact.Read(entry.Kind, entry.Fields).Contents)
            {
                if (Find(content.Id) is { } kept)
                {
                    found[content.Id] = kept;
                }
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return [];
        }

        return found;
    }

    public void Dispose() => _command.Dispose();

    private (byte[] Salt, string Text)? Find(string id)
    {
        _id.Value = id;
        using var row = _command.ExecuteReader();
        return row.Read() ? (row.GetFieldValue<byte[]>(0), Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(1))) : null;
    }
}
