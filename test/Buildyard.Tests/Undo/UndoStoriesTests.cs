using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Buildyard.Hosting;
using Buildyard.SigningFiles;
using Latchkey.Tests;

namespace Buildyard.Undo;

/// <summary>
/// N5, P3: random stories of support and a member at the settings of one app, who undoes what support did in any order. No undo brings a value of
/// support's, none throws away a member's unsaid, no credential stands beside another address than it was given for, and nothing is left that
/// can't be decided. LATCHKEY_SEED repeats one story, LATCHKEY_UNDO_RUNS sets how many are played.
/// </summary>
public sealed class UndoStoriesTests(UndoByKindTests.Stage stage) : IClassFixture<UndoByKindTests.Stage>
{
    [Fact]
    public async Task WhateverSupportDid_IsUndoneInAnyOrder()
    {
        var isOne = Environment.GetEnvironmentVariable("LATCHKEY_SEED") is not null;
        var isMany = int.TryParse(Environment.GetEnvironmentVariable("LATCHKEY_UNDO_RUNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked);
        var first = isOne || isMany ? Seeded.SeedOf("LATCHKEY_SEED") : 1;
        for (var story = 0UL; story < (ulong)(isOne ? 1 : isMany ? asked : 20); story++) await new Story(stage, await stage.AddAppAsync(), first + story).PlayAsync();
    }

    /// <summary>Something that is set, and told by what it was set to.</summary>
    /// <param name="Name">What it is.</param>
    /// <param name="Set">Sets it to something that was never there before, in which the given word stands where it can.</param>
    /// <param name="Remove">Takes it away; null where it is always there.</param>
    private sealed record Slot(string Name, Func<HttpClient, string, Task<HttpResponseMessage>> Set, Func<HttpClient, Task<HttpResponseMessage>>? Remove = null);

    private sealed class Story(UndoByKindTests.Stage stage, UndoByKindTests.StagedApp app, ulong seed)
    {
        private const string HeadersOf = "headers of ";
        private readonly Seeded _random = new(seed);
        private readonly List<string> _told = [];

        // Who said what, and for which address a key was made.
        private readonly HashSet<(string Slot, string Value)> _supports = [];
        private readonly HashSet<(string Slot, string Value)> _members = [];
        private readonly Dictionary<string, string?> _addressOf = new(StringComparer.Ordinal);
        private readonly HashSet<string> _lastBySupport = new(StringComparer.Ordinal);
        private readonly List<string> _words = [];
        private readonly bool _keeps = seed % 2 == 0;
        private int _values;
        private bool _kept;
        private bool _own;

        public async Task PlayAsync()
        {
            try
            {
                for (var i = 0; i < 5; i++) await WriteAsync(bySupport: false);
                for (var i = 0; i < 12; i++)
                {
                    if (_random.OneIn(5)) await DecideAsync();
                    else await WriteAsync(bySupport: !_random.OneIn(3));
                }
                await UndoAllAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"LATCHKEY_SEED={seed}: {e.Message}\n{string.Join('\n', _told)}", e);
            }
        }

        private static List<Slot> Slots(IReadOnlyDictionary<string, string?> now)
        {
            var slots = new List<Slot>
            {
                new("title", (by, word) => by.PatchAsJsonAsync("", new { title = word })),
                new("branch", (by, word) => by.PatchAsJsonAsync("", new { default_branch = word })),
                new("title", (by, word) => by.PatchAsJsonAsync("", new { title = word, default_branch = word })),
                new("title", (by, word) => by.PatchAsJsonAsync("", new { title = word, repository_url = $"git@{word}.example:app.git" })),
                new("secret", (by, word) => by.PutAsJsonAsync("secrets/S", new { value = word }), by => by.DeleteAsync("secrets/S")),
                new("repository", (by, word) => by.PatchAsJsonAsync("", new { repository_url = $"git@{word}.example:app.git" }), by => by.PatchAsJsonAsync("", new { repository_url = "" })),
                new("key", (by, _) => by.PostAsJsonAsync("ssh-key/generate", new { repository_url = now["repository"] ?? "" }), by => by.DeleteAsync("ssh-key")),
                new("checks", (by, word) => by.PatchAsJsonAsync("build-settings/checks", new { api_url = $"https://{word}.example" })),
            };
            foreach (var hook in now.Keys.Where(name => name.StartsWith("webhooks/", StringComparison.Ordinal)))
            {
                slots.Add(new(hook, (by, word) => by.PatchAsJsonAsync(hook, new { url = $"https://{word}.example/" }), by => by.DeleteAsync(hook)));
                slots.Add(new(HeadersOf + hook, (by, word) => by.PatchAsJsonAsync(hook, new { url = now[hook], headers = new[] { new { name = $"X-{word}", value = word } } }), by => by.PatchAsJsonAsync(hook, new { url = now[hook], headers = Array.Empty<object>() })));
            }
            foreach (var file in now.Keys.Where(name => name.StartsWith("signing-files/", StringComparison.Ordinal)))
                slots.Add(new(file, (by, word) => by.PutAsJsonAsync(file, Profile(word)), by => by.DeleteAsync(file)));
            if (!now.Keys.Any(name => name.StartsWith("signing-files/", StringComparison.Ordinal))) slots.Add(new("signing-files", (by, word) => by.PostAsJsonAsync("signing-files", Profile(word))));
            if (now.Keys.Count(name => name.StartsWith("webhooks/", StringComparison.Ordinal)) < 2) slots.Add(new("webhook", (by, word) => by.PostAsJsonAsync("webhooks", new { url = $"https://{word}.example/", events = new[] { "build.finished" } })));
            return slots;
        }

        private async Task<Dictionary<string, string?>> ReadAsync()
        {
            var settings = await JsonAsync("");
            var key = (await JsonAsync("ssh-key")).GetProperty("ssh_key");
            using var secret = await app.Owner.PostAsync("secrets/S/reveal", null);
            var now = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["title"] = settings.GetProperty("title").GetString(),
                ["branch"] = settings.GetProperty("default_branch").GetString(),
                ["repository"] = Said(settings.GetProperty("repository_url").GetString()),
                ["secret"] = secret.StatusCode == HttpStatusCode.OK ? (await secret.JsonAsync()).GetProperty("value").GetString() : null,
                ["key"] = key.ValueKind == JsonValueKind.Object ? key.GetProperty("fingerprint").GetString() : null,
                ["checks"] = (await JsonAsync("build-settings")).GetProperty("checks").GetProperty("api_url").GetString(),
            };
            foreach (var hook in (await JsonAsync("webhooks")).GetProperty("webhooks").EnumerateArray())
            {
                var name = $"webhooks/{hook.GetProperty("id")}";
                now[name] = hook.GetProperty("url").GetString();
                now[HeadersOf + name] = Said(string.Join(' ', hook.GetProperty("header_names").EnumerateArray()));
            }
            foreach (var file in (await JsonAsync("signing-files")).GetProperty("signing_files").EnumerateArray()) now[$"signing-files/{file.GetProperty("id")}"] = file.GetProperty("sha256").GetString();
            return now;
        }

        private static string? Said(string? text) => text is { Length: > 0 } ? text : null;

        private static object Profile(string word) => new { name = "app.mobileprovision", content = Convert.ToBase64String(Samples.Profile(word)) };

        private async Task WriteAsync(bool bySupport)
        {
            var (before, by) = (await ReadAsync(), bySupport ? app.Support : app.Owner);
            var slot = _random.Pick(Slots(before));
            var remove = slot.Remove is not null && before.GetValueOrDefault(slot.Name) is not null && _random.OneIn(3);
            // Support may put back what once was there.
            var word = bySupport && _words.Count > 0 && _random.OneIn(4) ? _random.Pick(_words) : $"{(bySupport ? "support" : "northwind")}{++_values}";
            _words.Add(word);
            using var answer = remove ? await slot.Remove!(by) : await slot.Set(by, word);
            _told.Add($"{(bySupport ? "support" : "member")} {(remove ? "removes" : "sets")} {slot.Name}{(remove ? "" : $" to {word}")}: {answer.StatusCode}");
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            var now = await ReadAsync();
            foreach (var (name, _, value) in Changed(before, now).Where(changed => changed.Now is not null))
            {
                (bySupport ? _supports : _members).Add((name, value!));
                if (bySupport) _lastBySupport.Add(name);
                else _lastBySupport.Remove(name);
                if (AddressOf(name, now) is { } address) _addressOf[value!] = address;
            }
            CheckAddresses(now);
        }

        private async Task DecideAsync()
        {
            var open = await OpenAsync();
            if (open.Count == 0) return;
            if (_keeps && _random.OneIn(2)) await KeepAsync([_random.Pick(open)]);
            else await UndoAsync(_random.Pick(open));
        }

        private async Task UndoAllAsync()
        {
            var refused = 0;
            while (await OpenAsync() is { Count: > 0 } open)
            {
                if (refused < open.Count)
                {
                    refused = await UndoAsync(open[refused]) ? 0 : refused + 1;
                    continue;
                }
                // What can't be shown isn't kept: a member sets their own.
                if (!await KeepAsync(open)) await SetOwnAsync();
                refused = 0;
            }
            var now = await ReadAsync();
            Assert.All(now, v => Assert.False(IsSupports(v.Key, v.Value), $"All is undone, and {v.Key} is {v.Value}."));
            var build = await (await app.Owner.PostAsJsonAsync("builds", new { workflow = "primary" })).JsonAsync();
            Assert.Null(build.GetProperty("guarded_because").GetString());
        }

        private bool IsSupports(string name, string? value) => !_kept && value is not null && _supports.Contains((name, value)) && !_members.Contains((name, value));

        private async Task<bool> KeepAsync(List<JsonElement> open)
        {
            foreach (var change in open)
            {
                var with = change.GetProperty("rests_on").EnumerateArray().Select(a => a.GetProperty("id").GetString()).ToList();
                using var answer = await stage.Owner.PostAsJsonAsync($"{app.Changes}/{change.GetProperty("activity").GetProperty("id").GetString()}/keep", new { with });
                _told.Add($"member keeps {change.GetProperty("activity").GetProperty("id")}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                _kept |= answer.IsSuccessStatusCode;
                if (answer.IsSuccessStatusCode) return true;
            }
            return false;
        }

        private async Task SetOwnAsync()
        {
            Assert.False(_own, "Something is left that nobody can decide.");
            _own = true;
            var now = await ReadAsync();
            _told.Add("member sets their own headers and secrets");
            foreach (var hook in now.Keys.Where(name => name.StartsWith("webhooks/", StringComparison.Ordinal)))
            {
                var name = $"X-own{++_values}";
                _addressOf[name] = now[hook];
                (await app.Owner.PatchAsJsonAsync(hook, new { url = now[hook], headers = new[] { new { name, value = "own" } } })).EnsureSuccessStatusCode();
                (await app.Owner.PostAsJsonAsync($"{hook}/secret/rotate", new { url = now[hook] })).EnsureSuccessStatusCode();
            }
        }

        private async Task<bool> UndoAsync(JsonElement change)
        {
            var (before, act) = (await ReadAsync(), change.GetProperty("activity").GetProperty("id").GetString()!);
            var does = change.TryGetProperty("does", out var sentences) ? string.Join(' ', sentences.EnumerateArray()) : "";
            using var answer = await stage.Owner.PostAsync($"{app.Changes}/{act}/undo", null);
            _told.Add($"member undoes “{does}”: {answer.StatusCode}");
            if (answer.StatusCode == HttpStatusCode.Conflict) return false;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var now = await ReadAsync();
            foreach (var (name, was, value) in Changed(before, now))
            {
                // What support had set before stays to be decided.
                if (IsSupports(name, value)) Assert.NotEmpty(await OpenAsync());
                if (was is not null && _members.Contains((name, was)) && !_lastBySupport.Contains(name)) Assert.True(name == "key" && does.Contains("Removes the SSH key", StringComparison.Ordinal), $"A member's {name} is gone, and it was said: {does}");
            }
            CheckAddresses(now);
            return true;
        }

        private void CheckAddresses(Dictionary<string, string?> now)
        {
            foreach (var (name, value) in now)
                if (value is not null && AddressOf(name, now) is { } address) Assert.Equal(_addressOf[value], address);
        }

        /// <summary>The address that a credential stands beside; null: it is none.</summary>
        private static string? AddressOf(string name, Dictionary<string, string?> now) =>
            name == "key" ? now["repository"] ?? "" : name.StartsWith(HeadersOf, StringComparison.Ordinal) ? now[name[HeadersOf.Length..]] : null;

        private static IEnumerable<(string Name, string? Was, string? Now)> Changed(Dictionary<string, string?> before, Dictionary<string, string?> now) =>
            before.Keys.Union(now.Keys, StringComparer.Ordinal).Select(name => (name, before.GetValueOrDefault(name), now.GetValueOrDefault(name))).Where(v => v.Item2 != v.Item3);

        private async Task<List<JsonElement>> OpenAsync() => [.. (await (await stage.Owner.GetAsync(app.Changes)).JsonAsync()).GetProperty("items").EnumerateArray()];

        private async Task<JsonElement> JsonAsync(string path) => await (await app.Owner.GetAsync(path)).JsonAsync();
    }
}
