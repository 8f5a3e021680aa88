namespace Buildyard;

/// <summary>
/// Reads repositories with <c>git</c>: over https as a stranger would, over ssh with a key that it is handed; without prompts,
/// in bounded time and space, and only from where <see cref="SourceAddresses"/> lets it.
/// </summary>
internal sealed class RepositoryReader(SourceAddresses addresses, TimeProvider clock)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private const long LargestClone = 64L * 1024 * 1024;

    /// <summary>The text of <c>bitrise.yml</c> at the top of the default branch, for an app of <paramref name="account"/>.</summary>
    public Task<Outcome<string>> ReadYamlAsync(string url, string account, string? sshKey, CancellationToken cancellation) =>
        InFolderAsync(url, account, sshKey, ", or paste or upload bitrise.yml", async (git, stop) =>
        {
            var cloned = await git.RunAsync(LargestClone, stop, "clone", "--quiet", "--depth=1", "--no-checkout", "--no-tags", "--single-branch", "--", git.Address.Url, "repository");
            if (cloned.Status != 0) return Refuse($"git could not read it: {cloned.Reason}", sshKey is null ? "A repository that anyone may read." : "A repository that this key may read.");
            var shown = await git.RunAsync(LargestClone, stop, "-C", "repository", "cat-file", "blob", "HEAD:bitrise.yml");
            if (shown.Status != 0) return Refuse("There is no bitrise.yml at the top of its default branch.", "A repository with one, or paste or upload it.");
            return YamlText.Decode(shown.Output).Succeeded(out var text, out var unreadable) ? text : unreadable;
        }, cancellation);

    /// <summary>The branch that the repository's <c>HEAD</c> names, for an app of <paramref name="account"/>.</summary>
    public Task<Outcome<string>> DefaultBranchAsync(string url, string account, string? sshKey, CancellationToken cancellation) =>
        InFolderAsync(url, account, sshKey, "", async (git, stop) =>
        {
            var listed = await git.RunAsync(LargestClone, stop, "ls-remote", "--symref", "--", git.Address.Url, "HEAD");
            if (listed.Status != 0) return Refuse($"git could not read it: {listed.Reason}", sshKey is null ? "A repository that anyone may read." : "A repository that this app's key may read.");
            const string Head = "ref: refs/heads/";
            var line = listed.Text.Split('\n').FirstOrDefault(l => l.StartsWith(Head, StringComparison.Ordinal));
            return line is null ? Refuse("It has no branch yet.", "A repository with a branch.") : line[Head.Length..].Split('\t')[0];
        }, cancellation);

    private async Task<Outcome<string>> InFolderAsync(string url, string account, string? sshKey, string otherwise, Func<GitProcess, CancellationToken, Task<Outcome<string>>> act, CancellationToken cancellation)
    {
        if (SourceAddress.IsOverSsh(url) && sshKey is null)
            return Refuse("It can't be read over SSH without a key.", $"An SSH key, an https address that anyone may read{otherwise}.");
        var (address, problem) = await addresses.ResolveAsync(url, account, cancellation);
        if (address is null) return Refuse(problem!, "An address of a host on the public internet.");

        var folder = Directory.CreateTempSubdirectory("buildyard-git-").FullName;
        try
        {
            using var timeout = new CancellationTokenSource(s_longest, clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            try
            {
                // The host's key is taken as it is: what is read here is judged by what it says, and the key proves nothing to whoever sees it used.
                return await act(await GitProcess.ToAsync(address, folder, sshKey, Path.Combine(folder, "known-hosts"), clock), stop.Token);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                return Refuse("It took longer than 30 seconds to read.", $"A smaller repository{otherwise}.");
            }
            catch (IOException e)
            {
                return Refuse(e.Message, $"A smaller repository{otherwise}.");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Refusal Refuse(string problem, string accepted) => Refusal.Invalid(new FieldError("repository_url", problem, accepted));
}
