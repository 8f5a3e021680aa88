using System.Globalization;

namespace Buildyard;

/// <summary>The environment that a build begins with: the machine's, the build's facts, secrets, and what the start gave.</summary>
internal sealed class BuildEnvironment(BuildOrder order, RunPlan plan, Sandbox sandbox, BuiltCommit? commit)
{
    private readonly List<EnvItem> _signing = [];

    /// <summary>What is there without being declared by anyone.</summary>
    public IReadOnlyDictionary<string, string> Process { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["PATH"] = $"{sandbox.Tools}:{SandboxTools.SearchPath}",
        ["HOME"] = $"{sandbox.Root}/home",
        ["USER"] = "build",
        ["LOGNAME"] = "build",
        ["SHELL"] = "/bin/bash",
        ["LANG"] = "C.UTF-8",
        ["TERM"] = "xterm-256color",
        ["TMPDIR"] = $"{sandbox.Root}/tmp",
        ["ENVMAN_ENVSTORE_PATH"] = sandbox.EnvStore,
    };

    /// <summary>The secrets that this build gets; a pull request gets only those that are exposed to it.</summary>
    private IEnumerable<BuildSecret> Secrets => order.Secrets.Where(secret => order.PullRequest is null || secret.ExposedToPullRequests);

    /// <summary>The facts of the build, which are no shell to a careless script, then secrets, then what the start gave.</summary>
    public IReadOnlyList<EnvItem> Given() =>
        [
            .. Facts().Where(fact => fact.Value is not null).Select(fact => new EnvItem(fact.Key, fact.Key.EndsWith("_URL", StringComparison.Ordinal) ? ShellText.Url(fact.Value!) : ShellText.Plain(fact.Value!)) { IsExpand = false }),
            .. _signing,
            .. Secrets.Select(secret => new EnvItem(secret.Name, secret.Value) { IsExpand = secret.IsExpand, IsSensitive = true }),
            .. order.Environment.Select(variable => new EnvItem(variable.Name, variable.Value) { IsExpand = variable.IsExpand }),
        ];

    /// <summary>The values of secrets as steps see them, which may differ from those that were stored by what they refer to.</summary>
    public IEnumerable<string> SecretValues()
    {
        var envs = Environments.Apply(Given(), Process);
        return Secrets.Select(secret => envs.GetValueOrDefault(secret.Name, ""));
    }

    /// <summary>Writes the signing files into the sandbox and notes where they are.</summary>
    public async Task PlaceSigningFilesAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < order.SigningFiles.Count; i++)
        {
            var file = order.SigningFiles[i];
            var path = string.Create(CultureInfo.InvariantCulture, $"{sandbox.Root}/.tools/signing-{i}{Path.GetExtension(file.Name)}");
            var status = await sandbox.WriteAsync($"( umask 077; receive > {Bash.Quote(path)} )\ntell \"$id\" $?", stream => stream.WriteAsync(file.Content, cancellation).AsTask(), cancellation);
            if (status != 0) throw new SandboxGoneException("The signing files don't fit into the workspace.");
            var url = $"file://{path}";
            switch (file.Kind)
            {
                case SigningFileKind.Certificate:
                    Join("BITRISE_CERTIFICATE_URL", url);
                    Join("BITRISE_CERTIFICATE_PASSPHRASE", file.Password ?? "");
                    break;
                case SigningFileKind.ProvisioningProfile:
                    Join("BITRISE_PROVISION_URL", url);
                    break;
                case SigningFileKind.Keystore:
                    Join("BITRISEIO_ANDROID_KEYSTORE_URL", url);
                    Join("BITRISEIO_ANDROID_KEYSTORE_PASSWORD", file.Password ?? "");
                    Join("BITRISEIO_ANDROID_KEYSTORE_ALIAS", file.Alias ?? "");
                    Join("BITRISEIO_ANDROID_KEYSTORE_PRIVATE_KEY_PASSWORD", file.KeyPassword ?? "");
                    break;
            }
        }
    }

    /// <summary>Several files of one kind share a variable, divided by bars.</summary>
    private void Join(string name, string value)
    {
        var known = _signing.FindIndex(item => item.Key == name);
        if (known < 0) _signing.Add(new EnvItem(name, value) { IsExpand = false });
        else _signing[known] = _signing[known] with { Value = $"{_signing[known].Value}|{value}" };
    }

    private Dictionary<string, string?> Facts()
    {
        var source = order.Source;
        var request = order.PullRequest;
        var branch = source.Branch ?? request?.SourceBranch;
        return new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["CI"] = "true",
            ["BITRISE_IO"] = "true",
            ["PR"] = request is null ? "false" : "true",
            ["BITRISE_BUILD_NUMBER"] = order.Number.ToString(CultureInfo.InvariantCulture),
            ["BITRISE_BUILD_SLUG"] = order.Slug,
            ["BITRISE_BUILD_URL"] = order.Url,
            ["BITRISE_BUILD_TRIGGER_TIMESTAMP"] = order.Triggered.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["BITRISE_TRIGGER_METHOD"] = order.TriggerMethod,
            ["BITRISE_APP_TITLE"] = order.AppTitle,
            ["BITRISE_APP_SLUG"] = order.AppSlug,
            ["BITRISE_APP_URL"] = order.AppUrl,
            ["BITRISE_TRIGGERED_WORKFLOW_ID"] = plan.Workflow,
            ["BITRISE_TRIGGERED_WORKFLOW_TITLE"] = plan.Title,
            ["BITRISE_SOURCE_DIR"] = $"{sandbox.Root}/src",
            ["BITRISE_DEPLOY_DIR"] = $"{sandbox.Root}/deploy",
            ["BITRISE_CACHE_DIR"] = $"{sandbox.Root}/cache",
            ["BITRISE_TMP_DIR"] = $"{sandbox.Root}/tmp",
            ["GIT_REPOSITORY_URL"] = source.RepositoryUrl,
            ["BITRISE_GIT_BRANCH"] = branch,
            ["BITRISE_GIT_TAG"] = source.Tag,
            ["BITRISE_GIT_COMMIT"] = commit?.Hash ?? source.Commit,
            ["GIT_CLONE_COMMIT_HASH"] = commit?.Hash ?? source.Commit,
            ["BITRISE_GIT_MESSAGE"] = source.Message ?? commit?.Message,
            ["BITRISE_PULL_REQUEST"] = request?.Number,
            ["BITRISEIO_GIT_BRANCH_DEST"] = request?.TargetBranch,
            ["BITRISEIO_PULL_REQUEST_REPOSITORY_URL"] = request is null ? null : request.SourceRepositoryUrl ?? source.RepositoryUrl,
        };
    }
}
