using Latchkey.Storage.Contract;

namespace Latchkey.Sqlite.Tests;

/// <summary>The SQLite store does what every store must.</summary>
public sealed class SqliteStoreContractTests : LedgerStoreContract
{
    private readonly Place _place = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _place.Dispose();
    }

    [Fact]
    public async Task ErasedContent_IsOverwrittenOnTheDisk()
    {
        var grant = Facts.Lend(note: "call 555-0100");
        await WriteAsync(grant);
        await Store.EraseAsync(Facts.Account, 0, grant.Note!.Id, CancellationToken.None);
        await Store.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(_place.Directory))
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            Assert.True(bytes.AsSpan().IndexOf("555-0100"u8) < 0, file);
            Assert.True(bytes.AsSpan().IndexOf(grant.Note.Salt) < 0, file);
        }
    }

    [Fact]
    public async Task ErasedWords_AreOverwrittenInTheSearch()
    {
        var opened = Facts.Open("Signing fails");
        var said = Facts.Say(opened, "the password is swordfish");
        await WriteAsync(opened, said);
        await Store.EraseAsync(Facts.Account, 1, said.Text.Id, CancellationToken.None);
        await Store.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(_place.Directory))
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            Assert.True(bytes.AsSpan().IndexOf("wordfish"u8) < 0, file);
        }
    }

    protected override ILedgerStore Create() => new SqliteStore(_place.Directory, Clock);

    protected override Task<IReadOnlyList<string>> DumpReadTablesAsync() => Task.FromResult<IReadOnlyList<string>>(
    [
        .. _place.Run("SELECT * FROM grant_ ORDER BY position"),
        .. _place.Run("SELECT * FROM session ORDER BY position"),
        .. _place.Run("SELECT * FROM act ORDER BY position"),
        .. _place.Run("SELECT * FROM conversation ORDER BY position"),
        .. _place.Run("SELECT * FROM conversation_item ORDER BY position"),
        .. _place.Run("SELECT * FROM attachment ORDER BY position"),
        .. _place.Run("SELECT * FROM grant_cover ORDER BY grant_id, app"),
        .. _place.Run("SELECT * FROM request ORDER BY position"),
        .. _place.Run("SELECT * FROM request_approval ORDER BY position"),
        .. _place.Run("SELECT * FROM account_policy ORDER BY account"),
        .. _place.Run("SELECT * FROM vendor_change ORDER BY position"),
    ]);
}
