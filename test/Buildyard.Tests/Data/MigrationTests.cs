using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Buildyard.Data;

public sealed class MigrationTests
{
    [Fact]
    public void MigratedSchema_IsTheModels()
    {
        using var migrated = Open();
        Migrations.Apply(migrated);
        using var modelled = Open();
        using (var db = new BuildyardDb(new DbContextOptionsBuilder<BuildyardDb>().UseSqlite(modelled).Options))
            db.Database.EnsureCreated();

        Assert.Equal(Describe(modelled), Describe(migrated));
    }

    [Fact]
    public void Applying_Twice_ChangesNothing()
    {
        using var connection = Open();
        Migrations.Apply(connection);
        var first = Describe(connection);

        Migrations.Apply(connection);

        Assert.Equal(first, Describe(connection));
        Assert.Equal(Migrations.Newest, Convert.ToInt32(Rows(connection, "PRAGMA user_version")[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Refuses_ANewerDatabase_AndLeavesIt()
    {
        using var connection = Open();
        Execute(connection, $"PRAGMA user_version = {Migrations.Newest + 1}");

        var refused = Assert.Throws<StartRefusedException>(() => Migrations.Apply(connection));

        Assert.Contains("newer Buildyard", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Describe(connection));
    }

    /// <summary>N5: of before 0019 it is known which version is the customer's only where nothing of support's is undecided: the newest.</summary>
    [Fact]
    public void OfBefore_TheNewestVersionIsTheCustomers_WhereNothingOfSupportsIsUndecided()
    {
        using var connection = Open();
        Migrations.Apply(connection);
        Execute(connection, "PRAGMA foreign_keys = OFF; ALTER TABLE yaml_versions DROP COLUMN is_the_customers");
        foreach (var (app, state, touches) in ((string, string, string)[])[("untouched", "", ""), ("kept", "kept", "YamlVersion "), ("besides", "open", "App.Title "), ("undecided", "open", "App.Title YamlVersion ")])
        {
            foreach (var number in (int[])[1, 2])
                Execute(connection, $"INSERT INTO yaml_versions (app_id, number, content, author_id, author_name, by_support, saved_at, message) VALUES ('{app}', {number}, '', '', '', 0, 0, '')");
            if (state.Length > 0) Execute(connection, $"INSERT INTO support_changes (act, app_id, at, touches, rows, state) VALUES ('{app}', '{app}', 0, '{touches}', x'', '{state}')");
        }

        Execute(connection, Migration("0019"));

        Assert.Equal(["besides 2", "kept 2", "untouched 2"], Rows(connection, "SELECT app_id || ' ' || number FROM yaml_versions WHERE is_the_customers ORDER BY 1"));
    }

    private static string Migration(string number)
    {
        var assembly = typeof(Migrations).Assembly;
        var name = assembly.GetManifestResourceNames().Single(name => name.StartsWith($"migrations/{number}", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static SqliteConnection Open()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }

    /// <summary>Tables, columns with type, nullability and key, foreign keys and indexes, as lines that can be compared.</summary>
    private static List<string> Describe(SqliteConnection connection)
    {
        var lines = new List<string>();
        foreach (var table in Rows(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"))
        {
            lines.Add($"table {table}");
            lines.AddRange(Rows(connection, $"""SELECT '  ' || name || ' ' || type || ' ' || "notnull" || ' ' || coalesce(dflt_value, '-') || ' ' || pk FROM pragma_table_info('{table}') ORDER BY name"""));
            lines.AddRange(Rows(connection, $"""SELECT '  ' || "from" || ' -> ' || "table" || '.' || "to" || ' ' || on_delete FROM pragma_foreign_key_list('{table}') ORDER BY 1"""));
            lines.AddRange(Rows(connection, $"""
                SELECT '  index ' || CASE origin WHEN 'c' THEN l.name ELSE origin END || ' ' || l."unique" || ' ' || (SELECT group_concat(i.name) FROM pragma_index_info(l.name) i)
                FROM pragma_index_list('{table}') l ORDER BY 1
                """));
        }
        return lines;
    }

    private static List<string> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)!);
        return rows;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
