using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>
/// The search over conversations. Its index keeps no text, so what was put in must be named again, to the letter, to be taken
/// out: texts come from the entries' contents, which are erased in the same transaction.
/// </summary>
internal sealed class ConversationWords(SqliteConnection connection) : IDisposable
{
    private const int MaxWords = 16;

    private readonly Statement _add = new(connection, "INSERT INTO conversation_words (rowid, account, words) VALUES (?1, ?2, ?3)");

    private readonly Statement _remove = new(
        connection, "INSERT INTO conversation_words (conversation_words, rowid, account, words) VALUES ('delete', ?1, ?2, ?3)");

    /// <summary>What is searched for in a fact; null where there is nothing.</summary>
    public static string? Of(ConversationFact fact, Func<Content, string?> text) => fact switch
    {
        ConversationOpened f => text(f.Subject),
        MessageSent f => text(f.Text),
        ConversationShared f => text(f.Title),
        ProposalMade f => text(f.Why),
        ScreenshotsAsked f => text(f.Wanted),
        _ => null,
    };

    /// <summary>What is asked of the index: each word begins a word of the text. Null where nothing can be asked for.</summary>
    public static string? Match(string words, AccountId? account)
    {
        // A word in quotes is taken as it stands; without a letter or digit it would be none, and match nothing.
        var asked = words.Split((char[]?)null, MaxWords + 1, StringSplitOptions.RemoveEmptyEntries).Take(MaxWords)
            .Where(word => word.EnumerateRunes().Any(Rune.IsLetterOrDigit))
            .Select(word => $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\" *")
            .ToList();
        if (asked.Count == 0)
        {
            return null;
        }

        var match = $"words : ({string.Join(" AND ", asked)})";
        return account is { } only ? $"account : {Token(only)} AND {match}" : match;
    }

    public void Add(long position, AccountId account, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _add.Run(position, Token(account), text);
        }
    }

    public void Remove(long position, AccountId account, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _remove.Run(position, Token(account), text);
        }
    }

    public void Clear() => connection.Execute("INSERT INTO conversation_words (conversation_words) VALUES ('delete-all')");

    /// <summary>Puts the words of all items in.</summary>
    public void AddAll()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT e.position, e.account, e.bytes, e.contents FROM conversation_item i JOIN entry e ON e.position = i.position ORDER BY i.position";
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            if (ToldEntry.Read(row.GetFieldValue<byte[]>(2), row.Blob(3)) is { Fact: ConversationFact fact } entry)
            {
                Add(row.GetInt64(0), new AccountId(row.GetString(1)), Of(fact, entry.Text));
            }
        }
    }

    public void Dispose()
    {
        _add.Dispose();
        _remove.Dispose();
    }

    private static string Token(AccountId account) => string.Create(CultureInfo.InvariantCulture, $"a{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(account.Value))}");
}
