using System.Buffers;
using System.Text;

namespace Buildyard.Builds.Tests;

public sealed class RedactorTests
{
    [Theory]
    [InlineData("the key is hunter2, yes", "the key is [REDACTED], yes")]
    [InlineData("hunter2hunter2", "[REDACTED][REDACTED]")]
    [InlineData("hunter", "hunter")]
    [InlineData("hunterhunter2", "hunter[REDACTED]")]
    public void Value_IsHidden(string text, string expected) => Assert.Equal(expected, Redact(["hunter2"], text, 1));

    [Fact]
    public void LongestOfSeveral_IsHidden() => Assert.Equal("a [REDACTED] b [REDACTED] c", Redact(["pass", "password"], "a password b pass c", 3));

    [Fact]
    public void OverlappingValues_AreHiddenWhole() => Assert.Equal("-[REDACTED]-", Redact(["abcd", "cdef"], "-abcdef-", 2));

    /// <summary>As <c>set -x</c> writes it.</summary>
    [Theory]
    [InlineData(@"+ echo 'hunter'\''s key'", "+ echo '[REDACTED] key'")]
    [InlineData(@"+ echo $'hunter\'s\tkey'", @"+ echo $'[REDACTED]\tkey'")]
    public void Value_IsHidden_AsAShellQuotesIt(string text, string expected) => Assert.Equal(expected, Redact(["hunter's"], text, 2));

    [Fact]
    public void EachLineOfAValue_IsHidden()
    {
        const string key = "-----BEGIN KEY-----\nMIIabc123\n{\n-----END KEY-----\n";

        Assert.Equal("[REDACTED]", Redact([key], key.Trim(), 5));
        Assert.Equal("x [REDACTED] y { z", Redact([key], "x MIIabc123 y { z", 5));
        Assert.Equal("[REDACTED]", Redact([key], key.Trim().Replace("\n", "\\n", StringComparison.Ordinal), 5));
    }

    [Fact]
    public void EmptyValues_HideNothing() => Assert.Equal("a b", Redact(["", "  ", "\n"], "a b", 1));

    [Fact]
    public void WhatMayBecomeAValue_IsHeldBack_AndNothingElse()
    {
        var redactor = new Redactor(["secret"]);
        var seen = new ArrayBufferWriter<byte>();

        redactor.Write("progress 10% sec"u8, seen);
        Assert.Equal("progress 10% ", Encoding.UTF8.GetString(seen.WrittenSpan));
        redactor.Write("ond try"u8, seen);
        Assert.Equal("progress 10% second try", Encoding.UTF8.GetString(seen.WrittenSpan));
    }

    [Fact]
    public void InATextOfManyScripts_EachIsFoundWhereItStands()
    {
        var redactor = new Redactor(["hunter2", "hunter2é", "🔑é🔑"]);

        Assert.Equal("é 🔑 [REDACTED], [REDACTED]", Replaced(redactor, "é 🔑 hunter2é, hunter2"));
        Assert.Equal("[REDACTED]ü \ud83d [REDACTED]", Replaced(redactor, "hunter2ü \ud83d 🔑é🔑"));
    }

    [Fact]
    public void EndlessOverlap_IsNotHeldForEver()
    {
        var redactor = new Redactor(["aa"]);
        var seen = new ArrayBufferWriter<byte>();
        var line = new byte[64 * 1024];
        line.AsSpan().Fill((byte)'a');
        for (var i = 0; i < 100; i++) redactor.Write(line, seen);
        redactor.Write("b"u8, seen);

        Assert.Equal("[REDACTED]b", Encoding.UTF8.GetString(seen.WrittenSpan));
    }

    /// <summary>Random secrets over few letters, random texts, random cuts: the stream gives what a look at the whole text gives.</summary>
    [Fact]
    public void AnyText_InAnyChunks_IsAsIfRedactedWhole()
    {
        var state = 0x9E3779B97F4A7C15UL;
        for (var round = 0; round < 20_000; round++)
        {
            var letters = 2 + Next(3);
            var secrets = Enumerable.Range(0, 1 + Next(4)).Select(_ => Text(1 + Next(6), letters)).ToList();
            var text = Text(Next(60), letters);

            var got = Redact(secrets, text, 1 + Next(8));

            Assert.Equal(Naive(secrets, text), Replaced(new Redactor(secrets), text));
            Assert.True(Naive(secrets, text) == got, $"secrets {string.Join(',', secrets)} in {text}: expected {Naive(secrets, text)}, got {got}");
        }

        int Next(int below)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            return (int)(state % (ulong)below);
        }

        string Text(int length, int letters) => new([.. Enumerable.Range(0, length).Select(_ => (char)('a' + Next(letters)))]);
    }

    private static string Naive(List<string> secrets, string text)
    {
        var found = new List<(int From, int To)>();
        foreach (var secret in secrets.Distinct(StringComparer.Ordinal))
            for (var i = text.IndexOf(secret, StringComparison.Ordinal); i >= 0; i = text.IndexOf(secret, i + 1, StringComparison.Ordinal)) found.Add((i, i + secret.Length));
        var result = new StringBuilder();
        var at = 0;
        var runs = new List<(int From, int To)>();
        foreach (var (from, to) in found.Order())
        {
            if (runs.Count > 0 && from < runs[^1].To) runs[^1] = (runs[^1].From, Math.Max(runs[^1].To, to));
            else runs.Add((from, to));
        }
        foreach (var (from, to) in runs)
        {
            result.Append(text, at, from - at).Append("[REDACTED]");
            at = to;
        }
        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>What is found in a whole text, replaced.</summary>
    private static string Replaced(Redactor redactor, string text) =>
        redactor.Find(text).Reverse().Aggregate(text, (rest, found) => string.Concat(rest.AsSpan(0, found.From), "[REDACTED]", rest.AsSpan(found.To)));

    private static string Redact(IEnumerable<string> secrets, string text, int chunk)
    {
        var redactor = new Redactor(secrets);
        var seen = new ArrayBufferWriter<byte>();
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i += chunk) redactor.Write(bytes.AsSpan(i, Math.Min(chunk, bytes.Length - i)), seen);
        redactor.Flush(seen);
        return Encoding.UTF8.GetString(seen.WrittenSpan);
    }
}
