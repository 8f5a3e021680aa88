using System.Text.Json;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Buildyard;

/// <summary>Enumerations as the words that the database, the API and forms use: <c>platform_engineer</c>.</summary>
internal static class Words
{
    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static T? Find<T>(string? word) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
            if (Of(value) == word) return value;
        return null;
    }
}

/// <summary>Stores an enumeration as its word.</summary>
internal sealed class Words<T>() : ValueConverter<T, string>(value => Words.Of(value), word => Words.Find<T>(word)!.Value)
    where T : struct, Enum;
