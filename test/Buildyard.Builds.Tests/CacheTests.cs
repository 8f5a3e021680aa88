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
        var shelf = new CacheShelf(yard.Folder("cache"));
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
    public async Task WholeKey_IsAnExactHit()
    {
        await using var yard = new Yard();
        var shelf = new CacheShelf(yard.Folder("cache"));
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

    [Fact]
    public async Task ShelfThatIsOnlyRestoredFrom_IsNeverWritten()
    {
        await using var yard = new Yard();
        var own = new CacheShelf(yard.Folder("own"));
        var other = new CacheShelf(yard.Folder("other"));
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
        var shelf = new CacheShelf(yard.Folder("cache"));
        var yaml = "format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - script: {inputs: [content: 'head -c 400000 /dev/urandom > f']}\n    - save-cache: {inputs: [key: 'n-$BITRISE_BUILD_NUMBER', paths: f]}\n";
        for (var i = 0; i < 3; i++) await yard.RunAsync(yard.Order(yaml) with { Cache = new BuildCache(shelf, shelf, 1000 * 1024) });

        Assert.Equal(["n-3", "n-2"], shelf.List().Select(archive => archive.Key));
    }

    [Fact]
    public async Task ArchiveThatLeadsOut_StaysInside()
    {
        await using var yard = new Yard();
        var shelf = new CacheShelf(yard.Folder("cache"));
        var folder = yard.Folder("evil");
        Command.Shell(folder, "mkdir x; echo evil > x/f; ln -s /tmp x/out; tar -czPf evil.tar.gz --transform 's,^x/f,../../tmp/escaped,' x/f x/out; tar -czPf evil2.tar.gz --transform 's,^x/f,/tmp/absolute,' x/f; mknod node p; tar -czf evil3.tar.gz node");
        var yaml = "format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - restore-cache: {is_skippable: true, inputs: [key: evil]}\n    - script: {inputs: [content: 'ls /tmp/escaped /tmp/absolute 2> /dev/null | sed \"s/^/RUN /\"; true']}\n";
        foreach (var name in (string[])["evil.tar.gz", "evil2.tar.gz", "evil3.tar.gz"])
        {
            var archive = new CacheArchive("evil", null, 1, 1, DateTimeOffset.UnixEpoch);
            File.Copy(Path.Combine(folder, name), Path.Combine(shelf.Path, archive.Id + ".tar.zst"), overwrite: true);
            await File.WriteAllBytesAsync(Path.Combine(shelf.Path, archive.Id + ".json"), System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(archive), TestContext.Current.CancellationToken);

            var ran = await yard.RunAsync(yard.Order(yaml) with { Cache = new BuildCache(shelf, shelf, 1024 * 1024) });

            Assert.Equal(BuildStatus.Success, ran.Result.Status);
            Assert.Empty(ran.Said);
        }
    }
}
