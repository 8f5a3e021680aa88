namespace Buildyard;

/// <summary>
/// Everything that one build needs, decided beforehand: the engine asks no database and no person.
/// Whoever makes a guarded order leaves out secrets and signing files; the engine says so, it doesn't choose. The SSH key of such an
/// order clones the source, outside the sandbox, and goes no further.
/// </summary>
public sealed record BuildOrder
{
    /// <summary>The build's own id (<c>bld_…</c>): it names the workspace, and no two orders share one.</summary>
    public required string Id { get; init; }

    /// <summary>The app's id, slug and title; the id also names its known SSH hosts.</summary>
    public required string AppId { get; init; }
    public required string AppSlug { get; init; }
    public required string AppTitle { get; init; }

    /// <summary>The account that the app belongs to, by whose right its repository is read.</summary>
    public required string AccountId { get; init; }

    /// <summary><c>BITRISE_BUILD_NUMBER</c>.</summary>
    public required int Number { get; init; }

    /// <summary><c>BITRISE_BUILD_SLUG</c>.</summary>
    public required string Slug { get; init; }

    /// <summary><c>BITRISE_BUILD_URL</c>, and <c>BITRISE_APP_URL</c> for its app.</summary>
    public required string Url { get; init; }
    public required string AppUrl { get; init; }

    /// <summary>When the build was asked for: <c>BITRISE_BUILD_TRIGGER_TIMESTAMP</c>.</summary>
    public required DateTimeOffset Triggered { get; init; }

    /// <summary><c>BITRISE_TRIGGER_METHOD</c>: manual, webhook or api.</summary>
    public string TriggerMethod { get; init; } = "manual";

    /// <summary>The text of <c>bitrise.yml</c> as it is to run, and the workflow in it. A pipeline's workflows are orders of their own.</summary>
    public required string Yaml { get; init; }
    public required string Workflow { get; init; }

    public BuildSource Source { get; init; } = BuildSource.Empty;

    /// <summary>The commits of <c>git::</c> steps that are known already: at those they come, wherever their branches and tags stand by now. Default none.</summary>
    public IReadOnlyList<StepCommit> StepCommits { get; init; } = [];

    /// <summary>Whether a step fails that has no full commit as its version and is not among <see cref="StepCommits"/>. Default false: it comes as it stands.</summary>
    public bool KnownStepsOnly { get; init; }

    /// <summary>Set for the builds of a pull request; secrets that are not exposed to those are then left out.</summary>
    public PullRequestFacts? PullRequest { get; init; }

    /// <summary>The lowest layer of the environment, and what is redacted in the log.</summary>
    public IReadOnlyList<BuildSecret> Secrets { get; init; } = [];

    /// <summary>What was given with this very start (API, form): over the secrets, under the app's own.</summary>
    public IReadOnlyList<BuildVariable> Environment { get; init; } = [];

    public IReadOnlyList<SigningFileContent> SigningFiles { get; init; } = [];

    public BuildCache? Cache { get; init; }

    /// <summary>
    /// Why the build is guarded, as one or more sentences for the top of its log; null when it isn't.
    /// A guarded build says at its top that it runs without secrets, signing files and keys.
    /// </summary>
    public string? GuardNote { get; init; }

    /// <summary>The directory that artifacts are left in: made when there are some, kept by the caller.</summary>
    public required string ArtifactsDirectory { get; init; }

    public BuildLimits Limits { get; init; } = new();
}

/// <summary>What is built. Without an address, the build starts in an empty source directory.</summary>
/// <param name="RepositoryUrl">https, ssh or <c>git@host:path</c>; a <c>file://</c> address only where the operator allows private hosts.</param>
/// <param name="SshPrivateKey">The app's key in OpenSSH or PEM form; null where it has none or the build is guarded.</param>
/// <param name="Branch">The branch asked for. Without branch, tag and commit the repository's default branch is taken.</param>
/// <param name="Tag">The tag asked for; before the branch.</param>
/// <param name="Commit">A full or abbreviated commit; before the tag.</param>
/// <param name="Message">The commit's message, where it is known beforehand.</param>
public sealed record BuildSource(string? RepositoryUrl, string? SshPrivateKey, string? Branch = null, string? Tag = null, string? Commit = null, string? Message = null)
{
    public static BuildSource Empty { get; } = new(null, null);
}

/// <summary>The pull request that a build is of.</summary>
/// <param name="Number"><c>BITRISE_PULL_REQUEST</c>.</param>
/// <param name="SourceBranch">The branch with the change; <see cref="BuildSource.Branch"/> is the same.</param>
/// <param name="TargetBranch"><c>BITRISEIO_GIT_BRANCH_DEST</c>.</param>
/// <param name="SourceRepositoryUrl">Where the change lies when it comes from a fork; null: in the app's repository.</param>
public sealed record PullRequestFacts(string Number, string SourceBranch, string TargetBranch, string? SourceRepositoryUrl = null);

/// <summary>One environment variable of a build; with <c>IsExpand</c>, <c>$NAME</c> in its value is replaced by what is known so far.</summary>
public sealed record BuildVariable(string Name, string Value, bool IsExpand = true);

/// <summary>One secret of a build: an environment variable whose value never reaches the log.</summary>
public sealed record BuildSecret(string Name, string Value, bool IsExpand = true, bool ExposedToPullRequests = false);

/// <summary>What a code signing file is.</summary>
public enum SigningFileKind
{
    /// <summary>A <c>.p12</c> certificate: <c>BITRISE_CERTIFICATE_URL</c>, <c>BITRISE_CERTIFICATE_PASSPHRASE</c>.</summary>
    Certificate,

    /// <summary>A <c>.mobileprovision</c>: <c>BITRISE_PROVISION_URL</c>.</summary>
    ProvisioningProfile,

    /// <summary>A <c>.keystore</c>: <c>BITRISEIO_ANDROID_KEYSTORE_URL</c>, <c>…_PASSWORD</c>, <c>…_ALIAS</c>, <c>…_PRIVATE_KEY_PASSWORD</c>.</summary>
    Keystore,
}

/// <summary>A code signing file, given to the build as a file inside its workspace. Its passwords are redacted like secrets.</summary>
public sealed record SigningFileContent(string Name, SigningFileKind Kind, ReadOnlyMemory<byte> Content, string? Password = null, string? Alias = null, string? KeyPassword = null);

/// <summary>Where a build finds and leaves cache archives.</summary>
/// <param name="WriteTo">The shelf that it leaves them on.</param>
/// <param name="ReadFrom">The shelf that it restores from; usually the same.</param>
/// <param name="Quota">How many bytes the written shelf may hold; the oldest archives go first.</param>
public sealed record BuildCache(CacheShelf WriteTo, CacheShelf ReadFrom, long Quota);

/// <summary>What a build may use. Each bound fails this build alone, and the log says which.</summary>
public sealed record BuildLimits
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>From start to end, clone included. Default 45 minutes.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>Bytes of log that are kept; what is printed after is read and dropped. Default 20 MB.</summary>
    public long OutputBytes { get; init; } = 20 * Megabyte;

    /// <summary>Bytes of the workspace, source included. Default 2 GB.</summary>
    public long DiskBytes { get; init; } = 2048 * Megabyte;

    /// <summary>Bytes of memory for all of the build's processes together, where there is a cgroup; for each of them otherwise. Default 2 GB.</summary>
    public long MemoryBytes { get; init; } = 2048 * Megabyte;

    /// <summary>Processes and threads at one time. Default 512.</summary>
    public int Processes { get; init; } = 512;

    /// <summary>Bytes of artifacts, and of one cache archive. Default 500 MB.</summary>
    public long ArtifactBytes { get; init; } = 500 * Megabyte;

    /// <summary>Bytes that a clone may take on the way. Default 1 GB.</summary>
    public long CloneBytes { get; init; } = 1024 * Megabyte;

    /// <summary>How long the clone may take. Default 10 minutes.</summary>
    public TimeSpan CloneTime { get; init; } = TimeSpan.FromMinutes(10);
}
