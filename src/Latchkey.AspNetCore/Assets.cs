using System.Security.Cryptography;

namespace Latchkey.AspNetCore;

/// <summary>Latchkey's own stylesheet and script, served from the assembly.</summary>
internal static class Assets
{
    private static readonly Dictionary<string, (byte[] Bytes, string Type)> Files = Load();

    /// <summary>Changes with the files: an address that names it may be cached for ever.</summary>
    public static string Version { get; } = Convert.ToHexStringLower(
        SHA256.HashData([.. Files.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => f.Value.Bytes)]).AsSpan(0, 6));

    public static IResult Serve(string file, HttpContext context)
    {
        if (!Files.TryGetValue(file, out var found))
        {
            return Results.NotFound();
        }

        context.Response.Headers.CacheControl = context.Request.QueryString.Value == "?" + Version ? "public, max-age=31536000, immutable" : "no-cache";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(found.Bytes, found.Type);
    }

    private static Dictionary<string, (byte[], string)> Load()
    {
        var assembly = typeof(Assets).Assembly;
        var files = new Dictionary<string, (byte[], string)>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames())
        {
            const string folder = ".Assets.";
            var at = name.IndexOf(folder, StringComparison.Ordinal);
            if (at >= 0)
            {
                using var stream = assembly.GetManifestResourceStream(name)!;
                using var memory = new MemoryStream();
                stream.CopyTo(memory);
                files[name[(at + folder.Length)..]] = (memory.ToArray(), name.EndsWith(".css", StringComparison.Ordinal) ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
            }
        }

        return files;
    }
}
