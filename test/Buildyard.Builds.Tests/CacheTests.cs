using System.Security.Cryptography;

namespace Buildyard.Builds.Tests;

/// <summary>Archives that one build leaves for the next.</summary>
public sealed class CacheTests
{
    private const string SaveAndRestore =
        """
        format_version: "23"
        workflows:
          main:
            steps:
            - restore-cache@2:
                inputs:
                - key: |-
                    {{ .OS }}-npm-{{ checksum "lock" }}
                    {{ .OS }}-npm-
            - script:
                inputs:
                - content: |
                    echo "RUN $BITRISE_CACHE_HIT $(cat node_modules/a ~/.store/b 2> /dev/null | tr '\n' ' ')"
                    mkdir -p node_modules ~/.store; echo "a$BITRISE_BUILD_NUMBER" > node_modules/a; echo "b$BITRISE_BUILD_NUMBER" > ~/.store/b
                    echo "$LOCK" > lock
            - save-cache@1:
                inputs:
                - key: '{{ .OS }}-npm-{{ checksum "l*" }}'
                - paths: |-
                    node_modules
                    ~/.store
                    /etc
                    ../../usr/bin
                    nowhere
        """;

    [Fact]
    public async Task Archive_IsRestoredByItsKey_OrItsBeginning()
    {
        await using var yard = new Yard();
        var shelf = yard.Shelf("cache");
        var cache = new BuildCache(shelf, shelf, 100 * 1024 * 1024);

        var first = await yard.RunAsync(yard.Order(SaveAndRestore) with { Cache = cache, Environment = [new BuildVariable("LOCK", "1")], Source = new BuildSource(null, null, Branch: "main") });
        var second = await yard.RunAsync(yard.Order(SaveAndRestore) with { Cache = cache, Environment = [new BuildVariable("LOCK", "1")] });

        Assert.Equal(["RUN false "], first.Said);
        Assert.Equal(["RUN partial a1 b1 "], second.Said);
        Assert.Contains("/etc is outside the build's directory and is left out.", first.Plain, StringComparison.Ordinal);
        var archive = Assert.Single(shelf.List());
        Assert.StartsWith("linux-npm-", archive.Key, StringComparison.Ordinal);
        Assert.Equal(2, archive.BuildNumber);
        Assert.Equal(archive, shelf.Find(archive.Id));
        Assert.Equal(archive, Assert.Single(second.Result.Caches));
    }

    [Fact]
    public async Task WhatAProcessLeftHalfDone_IsCleaned_AndWholeArchivesStay()
    {
        await using var yard = new Yard();
        var shelf = yard.Shelf("cache");
        var order = yard.Order(SaveAndRestore) with { Cache = new BuildCache(shelf, shelf, 100 * 1024 * 1024), Environment = [new BuildVariable("LOCK", "1")] };
        await yard.RunAsync(order);
        var whole = Assert.Single(shelf.List());
        var size = shelf.Size;
        foreach (var name in (string[])["0123456789abcdef0123456789abcdef.part", "0123456789abcdef0123456789abcdef.part.json", "0123456789abcdef0123456789abcdef.tar.zst", "fedcba9876543210fedcba9876543210.json"])
            await File.WriteAllTextAsync(Path.Combine(shelf.Path, name), "{}");

        shelf.Clean();

        Assert.Equal(size, shelf.Size);
        Assert.Equal([whole], shelf.List());
    }

    [Fact]
    public async Task WholeKey_IsAnExactHit()
    {
        await using var yard = new Yard();
        var shelf = yard.Shelf("cache");
        var order = yard.Order(
            """
            format_version: "23"
            workflows:
              main:
                steps:
                - restore-cache: {inputs: [key: 'k-{{ getenv "FLAVOUR" }}']}
                - script: {inputs: [content: 'echo "RUN $BITRISE_CACHE_HIT $(cat f 2> /dev/null)"; echo x > f']}
                - save-cache: {inputs: [key: k-mild, paths: f]}
            """) with
        { Cache = new BuildCache(shelf, shelf, 1024 * 1024), Environment = [new BuildVariable("FLAVOUR", "mild")] };

        await yard.RunAsync(order);
        var ran = await yard.RunAsync(order with { Id = "bld_again" });

        Assert.Equal(["RUN exact x"], ran.Said);
    }

    /// <summary>Support lists archives and reads logs, and the disk is nobody's to read secrets from.</summary>
    [Fact]
    public async Task KeyThatHoldsASecret_IsShownWithoutIt_AndFoundByIt()
    {
        await using var yard = new Yard();
        var shelf = yard.Shelf("cache");
        Task<Ran> Run(string secret, string steps) => yard.RunAsync(yard.Order(
            $"format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - script: {{inputs: [content: 'echo x > f']}}\n{steps}") with
        { Cache = new BuildCache(shelf, shelf, 1024 * 1024), Secrets = [new BuildSecret("TOKEN", secret)] });
        const string save = "    - save-cache: {inputs: [key: 'deps-$TOKEN-v1', paths: f, is_key_unique: 'true']}\n";
        static string Restore(string key) => $"    - restore-cache: {{inputs: [key: '{key}']}}\n    - script: {{inputs: [content: 'echo \"RUN $BITRISE_CACHE_HIT\"']}}\n";

        await Run("hunter2one", save);
        var again = await Run("hunter2one", Restore("deps-$TOKEN-v1") + save);
        await Run("hunter2one", save);
        var rotated = await Run("hunter2two", Restore("deps-$TOKEN-v1") + Restore("deps-"));
        await Run("hunter2two", save);

        Assert.Equal(["RUN exact"], again.Said);
        Assert.Contains("nothing new to save", again.Plain, StringComparison.Ordinal);
        Assert.Equal(["RUN false", "RUN partial"], rotated.Said);
        Assert.Contains("Restored deps-[REDACTED]-v1", rotated.Plain, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", rotated.Log, StringComparison.Ordinal);
        Assert.Equal([("deps-[REDACTED]-v1", 5), ("deps-[REDACTED]-v1", 3)], shelf.List().Select(archive => (archive.Key, archive.BuildNumber)));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(shelf.Path).Select(File.ReadAllBytes), content => content.AsSpan().IndexOf("hunter2"u8) >= 0);
        Assert.Equal(4, Directory.EnumerateFiles(shelf.Path).Count());
        // Nor can it be tried out on what an archive is called by.
        Assert.DoesNotContain(shelf.List(), archive => archive.Id == Convert.ToHexStringLower(SHA256.HashData("deps-hunter2one-v1"u8).AsSpan(0, 16)));
    }

    /// <summary>A note of before, which says the key, secrets and all, and what is no note, after a power cut say.</summary>
    [Theory]
    [InlineData("""{"Key":"deps-hunter2","Branch":null,"BuildNumber":1,"Size":1,"Saved":"2026-11-30T00:00:00+00:00","Id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"Archive":{"Id":"a","Key":"k","Branch":null,"BuildNumber":1,"Size":1,"Saved":"2026-11-30T00:00:00+00:00"},"SealedKey":"?"}""")]
    [InlineData("""{"Archive":{"Id":"a","Key":"k","Branch":null,"BuildNumber":1,"Size":1,"Saved":"2026-11-30T00:00:00+00:00"},"SealedKey":"AAAA"}""")]
    public async Task ArchiveWhoseNoteIsNone_GoesAsItIsSeen(string note)
    {
        await using var yard = new Yard();
        var (shelf, id) = (yard.Shelf("cache"), new string('a', 32));
        await File.WriteAllTextAsync(Path.Combine(shelf.Path, $"{id}.tar.zst"), "x", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(shelf.Path, $"{id}.json"), note, TestContext.Current.CancellationToken);

        Assert.Null(shelf.Find(id));
        Assert.Empty(shelf.List());
        Assert.Empty(Directory.EnumerateFiles(shelf.Path));
    }

    [Fact]
    public async Task ShelfThatIsOnlyRestoredFrom_IsNeverWritten()
    {
        await using var yard = new Yard();
        var own = yard.Shelf("own");
        var other = yard.Shelf("other");
        var yaml = "format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - cache-pull: {}\n    - script: {inputs: [content: 'echo \"RUN $(cat f 2> /dev/null)\"; echo \"$BITRISE_BUILD_NUMBER\" > f']}\n    - cache-push: {inputs: [cache_paths: ./f -> ./lock]}\n";
        var source = new BuildSource(null, null, Branch: "main");

        await yard.RunAsync(yard.Order(yaml) with { Source = source, Cache = new BuildCache(own, own, 1024 * 1024) });
        var apart = await yard.RunAsync(yard.Order(yaml) with { Source = source, Cache = new BuildCache(other, own, 1024 * 1024) });
        var after = await yard.RunAsync(yard.Order(yaml) with { Source = source, Cache = new BuildCache(own, own, 1024 * 1024) });

        Assert.Equal(["RUN 1"], apart.Said);
        Assert.Equal(["RUN 1"], after.Said);
        Assert.Equal(2, Assert.Single(other.List()).BuildNumber);
    }

    [Fact]
    public async Task Quota_PutsTheOldestOut()
    {
        await using var yard = new Yard();
        var shelf = yard.Shelf("cache");
        var yaml = "format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - script: {inputs: [content: 'head -c 400000 /dev/urandom > f']}\n    - save-cache: {inputs: [key: 'n-$BITRISE_BUILD_NUMBER', paths: f]}\n";
        for (var i = 0; i < 3; i++) await yard.RunAsync(yard.Order(yaml) with { Cache = new BuildCache(shelf, shelf, 1000 * 1024) });

        Assert.Equal(["n-3", "n-2"], shelf.List().Select(archive => archive.Key));
    }

    [Fact]
    public async Task ArchiveThatLeadsOut_StaysInside()
    {
        await using var yard = new Yard();
        var shelf = yard.Shelf("cache");
        var folder = yard.Folder("evil");
        Command.Shell(folder, "mkdir x; echo evil > x/f; ln -s /tmp x/out; tar -czPf evil.tar.gz --transform 's,^x/f,../../tmp/escaped,' x/f x/out; tar -czPf evil2.tar.gz --transform 's,^x/f,/tmp/absolute,' x/f; mknod node p; tar -czf evil3.tar.gz node");
        var yaml = "format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - restore-cache: {is_skippable: true, inputs: [key: evil]}\n    - script: {inputs: [content: 'ls /tmp/escaped /tmp/absolute 2> /dev/null | sed \"s/^/RUN /\"; true']}\n";
        foreach (var (i, name) in ((string[])["evil.tar.gz", "evil2.tar.gz", "evil3.tar.gz"]).Index())
        {
            shelf.Put(new CacheArchive(new string((char)('a' + i), 32), "evil", null, 1, 1, DateTimeOffset.UnixEpoch), "evil", Path.Combine(folder, name), 1024);

            var ran = await yard.RunAsync(yard.Order(yaml) with { Cache = new BuildCache(shelf, shelf, 1024 * 1024) });

            Assert.Equal(BuildStatus.Success, ran.Result.Status);
            Assert.Empty(ran.Said);
        }
    }
}
