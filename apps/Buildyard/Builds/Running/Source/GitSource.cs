using System.Formats.Tar;

namespace Buildyard;

/// <summary>What was fetched: a repository without a work tree, the commit to build, and the submodules that it names.</summary>
internal sealed record FetchedSource(string Directory, string Url, string? Branch, BuiltCommit Commit, IReadOnlyList<Submodule> Submodules);

/// <summary>
/// Brings an app's source into its sandbox: fetched outside, where the key is; checked out inside, where nothing a repository says
/// can reach anything else.
/// </summary>
internal sealed class GitSource(BuildRunnerOptions options, TimeProvider clock)
{
    private const int History = 50;
    private readonly SourceAddresses _addresses = new(options.AllowPrivateHosts, options.OwnRepositories);

    /// <summary>Fetches what the order asks for into <paramref name="directory"/>.</summary>
    /// <returns>The source, or why there is none.</returns>
    public Task<(FetchedSource? Source, string? Problem)> FetchAsync(BuildOrder order, string directory, CancellationToken cancellation)
    {
        // The app's key opens the app's repository, not one that a stranger's pull request names.
        var fork = order.PullRequest?.SourceRepositoryUrl;
        return FetchAsync(fork is null ? order.Source : order.Source with { RepositoryUrl = fork, SshPrivateKey = null }, order, directory, cancellation);
    }

    /// <summary>Fetches the repository of a <c>git::</c> step, without any key: at a commit where one is known, else at its tag or branch.</summary>
    public async Task<(FetchedSource? Source, string? Problem)> FetchStepAsync(StepReference step, string? commit, BuildOrder order, string directory, CancellationToken cancellation)
    {
        var source = new BuildSource(step.Id, null, Commit: commit);
        if (step.Version.Length == 0 || GitCommit.IsFull(step.Version)) return await FetchAsync(source, order, directory, cancellation);
        var tag = await FetchAsync(source with { Tag = step.Version }, order, directory, cancellation);
        return tag.Source is not null ? tag : await FetchAsync(source with { Branch = step.Version }, order, directory + "-branch", cancellation);
    }

    /// <summary>Puts a repository into <paramref name="place"/> in the sandbox and checks its commit out there.</summary>
    /// <returns>Why that could not be done; null when it is done.</returns>
    public static async Task<string?> PlaceAsync(FetchedSource source, Sandbox sandbox, string place, CancellationToken cancellation)
    {
        var into = Bash.Quote(place);
        var branch = source.Branch is null ? "--detach" : $"-B {Bash.Quote(source.Branch)}";
        var status = await sandbox.WriteAsync(
            $$"""
            mkdir -p {{into}}
            receive | { tar -x --no-same-owner -C {{into}} -f - >&2; status=$?; cat > /dev/null; exit $status; } &&
              HOME={{Bash.Quote($"{sandbox.Root}/home")}} git -C {{into}} -c core.hooksPath=/dev/null -c advice.detachedHead=false checkout -q --force {{branch}} {{Bash.Quote(source.Commit.Hash)}} >&2
            tell "$id" $?
            """,
            stream => TarFile.CreateFromDirectoryAsync(Path.Combine(source.Directory, ".git"), stream, includeBaseDirectory: true, cancellation),
            cancellation);
        if (status == 0) return null;
        return await sandbox.IsFullAsync(cancellation) ? "The source is larger than the build's workspace." : "The source could not be checked out.";
    }

    /// <summary>Fetches the submodules of a source that is in its place, one after another, and puts each where it belongs.</summary>
    /// <returns>Why one could not be had; null when all are there.</returns>
    public async Task<string?> AddSubmodulesAsync(FetchedSource source, BuildOrder order, Sandbox sandbox, LogWriter log, CancellationToken cancellation)
    {
        var waiting = new Queue<(Submodule Submodule, string Path, int Depth)>(source.Submodules.Select(submodule => (submodule, submodule.Path, 1)));
        for (var count = 1; waiting.TryDequeue(out var next); count++)
        {
            var (submodule, path, depth) = next;
            if (count > Submodules.Most || depth > Submodules.Deepest)
                return $"The source has more than {Submodules.Most} submodules, or they stand more than {Submodules.Deepest} deep in each other.";
            var directory = source.Directory + "-submodule";
            var wanted = new BuildSource(submodule.Url, KeyFor(submodule.Url, order), Commit: submodule.Commit);
            var (fetched, problem) = await FetchAsync(wanted, order, directory, cancellation);
            if (fetched is null) return $"The submodule {path} can't be had: {problem}";
            if (await PlaceAsync(fetched, sandbox, $"{sandbox.Root}/src/{path}", cancellation) is { } wrong) return wrong;
            Directory.Delete(directory, recursive: true);
            log.Say($"The submodule {path} is at commit {submodule.Commit} of {submodule.Url}");
            foreach (var inner in fetched.Submodules) waiting.Enqueue((inner, $"{path}/{inner.Path}", depth + 1));
        }
        return null;
    }

    /// <summary>The app's key goes to the host that it is for, and to none that a repository or a stranger's pull request names.</summary>
    private static string? KeyFor(string url, BuildOrder order) =>
        order.PullRequest?.SourceRepositoryUrl is null && SourceAddress.IsOverSsh(url) && SourceAddress.Parse(url) == SourceAddress.Parse(order.Source.RepositoryUrl!)
            ? order.Source.SshPrivateKey
            : null;

    private async Task<(FetchedSource? Source, string? Problem)> FetchAsync(BuildSource source, BuildOrder order, string directory, CancellationToken cancellation)
    {
        var (address, problem) = await _addresses.ResolveAsync(source.RepositoryUrl!, order.AccountId, cancellation);
        if (address is null) return (null, problem);
        using var timeout = new CancellationTokenSource(order.Limits.CloneTime, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            var knownHosts = Directory.CreateDirectory(Path.Combine(options.Directory, "known-hosts")).FullName;
            var git = await GitProcess.ToAsync(address, directory, source.SshPrivateKey, Path.Combine(knownHosts, order.AppId), clock);
            return await FetchAsync(git, source, order.Limits.CloneBytes, stop.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return (null, $"Cloning took longer than {Sizes.InWords(order.Limits.CloneTime)}.");
        }
        catch (IOException e)
        {
            return (null, $"The repository could not be cloned: {e.Message}");
        }
    }

    private static async Task<(FetchedSource?, string?)> FetchAsync(GitProcess git, BuildSource source, long most, CancellationToken cancellation)
    {
        var made = await git.RunAsync(most, cancellation, "init", "-q", "--template=", ".");
        if (made.Status != 0) return (null, $"git could not begin: {made.Reason}");
        await git.RunAsync(most, cancellation, "remote", "add", "--", "origin", git.Address.Url);

        var reference = source.Tag is { } tag ? $"refs/tags/{tag}" : source.Branch is { } named ? $"refs/heads/{named}" : "HEAD";
        GitAnswer fetched;
        if (GitCommit.IsFull(source.Commit))
        {
            fetched = await FetchAsync(source.Commit, $"--depth={History}");
            // Not every server gives a commit by its name alone; all of the branch has it, or nothing has.
            if (fetched.Status != 0) fetched = await FetchAsync(reference);
        }
        else
        {
            fetched = source.Commit is null ? await FetchAsync(reference, $"--depth={History}") : await FetchAsync(reference);
        }
        if (fetched.Status != 0) return (null, $"git could not fetch {Name(source)}: {fetched.Reason}");

        var wanted = source.Commit ?? "FETCH_HEAD";
        var hash = await git.RunAsync(most, cancellation, "rev-parse", "--verify", "--quiet", "--end-of-options", $"{wanted}^{{commit}}");
        if (hash.Status != 0) return (null, $"The commit {source.Commit} is not in {source.Tag ?? source.Branch ?? "the default branch"}.");
        var message = await git.RunAsync(most, cancellation, "log", "-1", "--format=%B", hash.Text);
        git.ForgetKey();
        await NameAsPublicAsync(git, source.RepositoryUrl!, most, cancellation);
        var submodules = await Submodules.ReadAsync(git, source.RepositoryUrl!, hash.Text, most, cancellation);
        return (new FetchedSource(git.Directory, source.RepositoryUrl!, source.Tag is null ? source.Branch : null, new BuiltCommit(hash.Text, message.Text), submodules), null);

        Task<GitAnswer> FetchAsync(string what, params string[] how) =>
            git.RunAsync(most, cancellation, ["fetch", "-q", "--no-tags", "--no-write-commit-graph", .. how, "--", "origin", what]);
    }

    /// <summary>What goes into a sandbox knows its origin by the address that people know: where a repository of ours lies on this disk is nothing to a step.</summary>
    private static async Task NameAsPublicAsync(GitProcess git, string url, long most, CancellationToken cancellation)
    {
        if (git.Address.Url == url) return;
        await git.RunAsync(most, cancellation, "remote", "set-url", "--", "origin", url);
        File.Delete(Path.Combine(git.Directory, ".git", "FETCH_HEAD"));
    }

    private static string Name(BuildSource source) =>
        source.Commit is { } commit ? $"the commit {commit}" : source.Tag is { } tag ? $"the tag {tag}" : source.Branch is { } branch ? $"the branch {branch}" : "the default branch";
}
