using System.Text.Json;
using Latchkey.Ledger;

namespace Latchkey;

/// <summary>The fields of one entry while it is written. What is null is left out.</summary>
internal readonly struct FactWriter(FieldsWriter fields)
{
    public FactWriter Id(string name, string? value) => Text(name, value);

    public FactWriter Text(string name, string? value)
    {
        if (value is not null)
        {
            fields.Text(name, value);
        }

        return this;
    }

    public FactWriter Texts(string name, IEnumerable<string> values)
    {
        fields.Texts(name, values);
        return this;
    }

    public FactWriter Time(string name, DateTimeOffset value)
    {
        fields.Time(name, value);
        return this;
    }

    public FactWriter Enum<T>(string name, T value)
        where T : struct, Enum
    {
        fields.Text(name, JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
        return this;
    }

    public FactWriter Number(string name, int? value)
    {
        if (value is { } number)
        {
            fields.Number(name, number);
        }

        return this;
    }

    public FactWriter Flag(string name, bool value)
    {
        fields.Flag(name, value);
        return this;
    }

    public FactWriter Content(string name, Content? content)
    {
        if (content is not null)
        {
            fields.Commitment(name, content.Id, content.Commitment);
        }

        return this;
    }

    public FactWriter Objects<T>(string name, IEnumerable<T> items, Action<FactWriter, T> write)
    {
        fields.Objects(name, items, (writer, item) => write(new FactWriter(writer), item));
        return this;
    }
}
