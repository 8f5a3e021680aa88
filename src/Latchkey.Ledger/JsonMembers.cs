using System.Text.Json.Nodes;

namespace Latchkey.Ledger;

/// <summary>Takes the expected members out of an object that was read, so that what is left was not expected.</summary>
internal static class JsonMembers
{
    public static T Take<T>(this JsonObject members, string name, string expected)
    {
        if (!members.Remove(name, out var node))
            throw new LedgerFormatException($"$.{name}", "is missing");
        try
        {
            if (node is JsonValue value && value.TryGetValue<T>(out var taken))
                return taken;
        }
        catch (InvalidOperationException e)
        {
            throw new LedgerFormatException($"$.{name}", "holds half a surrogate pair", e);
        }

        throw new LedgerFormatException($"$.{name}", $"is not {expected}");
    }

    public static string TakeText(this JsonObject members, string name) =>
        members.Take<string>(name, "a string") is { Length: > 0 } text
            ? text
            : throw new LedgerFormatException($"$.{name}", "is empty");

    public static void ExpectNoMore(this JsonObject members)
    {
        if (members.Count > 0)
            throw new LedgerFormatException($"$.{members.First().Key}", "is not known here");
    }
}
