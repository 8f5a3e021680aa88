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

    protected override ILedgerStore Create() => new SqliteStore(_place.Directory, Clock);

    protected override Task EraseAsync(string contentId)
    {
        _place.Run($"DELETE FROM content WHERE id = '{contentId}'");
        return Task.CompletedTask;
    }

    protected override Task<IReadOnlyList<string>> DumpReadTablesAsync() => Task.FromResult<IReadOnlyList<string>>(
    [
        .. _place.Run("SELECT * FROM grant_ ORDER BY position"),
        .. _place.Run("SELECT * FROM session ORDER BY position"),
        .. _place.Run("SELECT * FROM act ORDER BY position"),
    ]);
}
