namespace Buildyard.Builds.Tests;

/// <summary>What a build is made of, and repositories that want to be more than that.</summary>
public sealed class SourceTests
{
    private const string Show = "echo \"RUN $(git log -1 --format=%s) $(git rev-parse --abbrev-ref HEAD) $(git status --porcelain | wc -l) $BITRISE_GIT_BRANCH $BITRISE_GIT_TAG\"; cat file | sed 's/^/RUN /'";

    [Fact]
    public async Task Branch_IsCheckedOut()
    {
        await using var yard = new Yard();
        var repository = Repository(yard);

        var ran = await yard.RunAsync(yard.Order(Yard.Yaml(Show)) with { Source = new BuildSource(repository, null, Branch: "feature") });

        Assert.Equal(["RUN on the feature feature 0 feature ", "RUN feature"], ran.Said);
        Assert.Equal(Command.Run(yard.Folder("repository"), "git", "rev-parse", "feature"), ran.Result.Commit?.Hash);
    }

    [Fact]
    public async Task DefaultBranch_Tag_AndCommit_AreCheckedOut()
    {
        await using var yard = new Yard();
        var repository = Repository(yard);
        var first = Command.Run(yard.Folder("repository"), "git", "rev-parse", "v1");

        var byDefault = await yard.RunAsync(yard.Order(Yard.Yaml(Show)) with { Source = new BuildSource(repository, null) });
        var byTag = await yard.RunAsync(yard.Order(Yard.Yaml(Show)) with { Source = new BuildSource(repository, null, Tag: "v1") });
        var byCommit = await yard.RunAsync(yard.Order(Yard.Yaml(Show)) with { Source = new BuildSource(repository, null, Branch: "main", Commit: first) });
        var byShort = await yard.RunAsync(yard.Order(Yard.Yaml(Show)) with { Source = new BuildSource(repository, null, Branch: "main", Commit: first[..8]) });

        Assert.Equal(["RUN second HEAD 0  ", "RUN two"], byDefault.Said);
        Assert.Equal(["RUN first HEAD 0  v1", "RUN one"], byTag.Said);
        Assert.Equal(["RUN first main 0 main ", "RUN one"], byCommit.Said);
        Assert.Equal(["RUN first main 0 main ", "RUN one"], byShort.Said);
    }

    [Theory]
    [InlineData("gone", null, "could not fetch the branch gone")]
    [InlineData("main", "0123456789", "The commit 0123456789 is not in main")]
    public async Task WhatIsNotThere_FailsTheBuild(string branch, string? commit, string reason)
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order(Yard.Yaml("echo RUN never")) with { Source = new BuildSource(Repository(yard), null, Branch: branch, Commit: commit) });

        Assert.Equal(BuildEnd.Source, ran.Result.End);
        Assert.Contains(reason, ran.Result.Reason, StringComparison.Ordinal);
        Assert.Equal([StepStatus.Skipped], ran.Statuses);
    }

    [Theory]
    [InlineData("https://127.0.0.1/team/app.git")]
    [InlineData("https://localhost:8443/team/app.git")]
    [InlineData("ssh://git@[::1]/app.git")]
    [InlineData("git@10.0.0.1:team/app.git")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("file:///etc")]
    [InlineData("ext::sh -c id")]
    [InlineData("--upload-pack=id")]
    [InlineData("ssh://-oProxyCommand=id/x")]
    public async Task AddressThatIsNotPublic_IsRefused(string url)
    {
        await using var yard = new Yard(options => options with { AllowPrivateHosts = false });

        var ran = await yard.RunAsync(yard.Order(Yard.Yaml("echo RUN never")) with { Source = new BuildSource(url, null, Branch: "main") });

        Assert.Equal(BuildEnd.Source, ran.Result.End);
        Assert.DoesNotContain("git could not", ran.Result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddressOfAnOwnRepository_LeadsToItsDirectory_AndNoOtherDoes()
    {
        await using var making = new Yard();
        var folder = Repository(making)["file://".Length..];
        var (account, own) = Own(folder);
        await using var yard = new Yard(options => options with { AllowPrivateHosts = false, OwnRepositories = own });

        Assert.Equal(["RUN two"], (await BuiltAsync(Address, account)).Said);
        foreach (var other in (string[])["git@own.invalid:team/other.git", "git@OWN.invalid:team/app.git", "git@own.invalid:team/app.git/", "https://own.invalid/team/app.git", $"file://{folder}", folder])
            Assert.Equal(BuildEnd.Source, (await BuiltAsync(other, account)).Result.End);
        var foreign = await BuiltAsync(Address, "acc_other");
        Assert.Equal((BuildEnd.Source, (await BuiltAsync("git@own.invalid:no/such.git", "acc_other")).Result.Reason), (foreign.Result.End, foreign.Result.Reason));

        Task<Ran> BuiltAsync(string url, string of) => yard.RunAsync(yard.Order(Yard.Yaml("sed 's/^/RUN /' file")) with { AccountId = of, Source = new BuildSource(url, null, Branch: "main") });
    }

    [Fact]
    public async Task OwnRepository_DoesntTellAStep_WhereItLies()
    {
        await using var making = new Yard();
        var folder = Repository(making)["file://".Length..];
        var (account, own) = Own(folder);
        await using var yard = new Yard(options => options with { AllowPrivateHosts = false, OwnRepositories = own });

        var ran = await yard.RunAsync(yard.Order(Yard.Yaml($"echo \"RUN $(git remote get-url origin) $(grep -rl '{folder}' .git | wc -l)\"")) with { AccountId = account, Source = new BuildSource(Address, null, Branch: "main") });

        Assert.Equal([$"RUN {Address} 0"], ran.Said);
    }

    [Fact]
    public async Task Submodules_AreCloned_ThoseInsideOthersToo_UnlessTheStepSaysNo()
    {
        await using var yard = new Yard();
        var repository = Repository(yard);
        var inner = yard.Folder("inner");
        var outer = yard.Folder("outer");
        Command.Shell(inner, "git init -q -b main; echo inner > file; git add -A; git commit -qm inner");
        Command.Shell(outer,
            $$"""
            git init -q -b main; echo outer > file; git add -A; git commit -qm outer
            git -c protocol.file.allow=always submodule --quiet add file://{{inner}} deep; git config -f .gitmodules submodule.deep.url ../inner; git add -A; git commit -qm inner
            """);
        Command.Shell(yard.Folder("repository"),
            $$"""
            git -c protocol.file.allow=always submodule --quiet add file://{{outer}} 'libs/the outer'; git commit -qm submodule
            cd 'libs/the outer'; echo later > file; git commit -qam later
            """);
        const string ShowFiles = "cat 'libs/the outer/file' 'libs/the outer/deep/file' 2> /dev/null | sed 's/^/RUN /'; git status --porcelain | sed 's/^/RUN /'; true";

        var ran = await RunAsync("git-clone@8: {}");
        var without = await RunAsync("git-clone@8: {inputs: [update_submodules: \"no\"]}");

        Assert.Equal(["RUN outer", "RUN inner"], ran.Said);
        Assert.Contains(ran.Lines, line => line.StartsWith("The submodule libs/the outer/deep is at commit ", StringComparison.Ordinal));
        Assert.Empty(without.Said);
        Assert.Contains("Its submodules are left out, as update_submodules says.", without.Lines);

        Task<Ran> RunAsync(string step) => yard.RunAsync(
            yard.Order($"format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - {step}\n    - script: {{inputs: [content: \"{ShowFiles.Replace("\"", "\\\"", StringComparison.Ordinal)}\"]}}\n") with
            {
                Source = new BuildSource(repository, null, Branch: "main"),
            });
    }

    [Theory]
    [InlineData("ext::touch {0}", "not one that can be cloned")]
    [InlineData("https://127.0.0.1:1/x.git", "private network")]
    [InlineData("file:///etc", "on this machine's disk")]
    [InlineData("https://ci:hunter2@127.0.0.1:1/x.git", "holds a user name or password")]
    [InlineData("https://hunter2@127.0.0.1:1/x.git", "holds a user name or password")]
    [InlineData("--upload-pack=touch {0}", "not one that can be cloned")]
    public async Task SubmoduleThatLeadsElsewhere_FailsTheBuild(string url, string reason)
    {
        await using var making = new Yard();
        var sign = Path.Combine(making.Data, "was-here");
        var repository = Repository(making)["file://".Length..];
        Command.Shell(repository,
            $$"""
            git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),x
            printf '[submodule "x"]\n\tpath = x\n\turl = {{string.Format(System.Globalization.CultureInfo.InvariantCulture, url, sign)}}\n' > .gitmodules; git add .gitmodules; git commit -qm evil
            """);
        var (account, own) = Own(repository);
        await using var yard = new Yard(options => options with { AllowPrivateHosts = false, OwnRepositories = own });

        var ran = await yard.RunAsync(yard.Order("format_version: \"23\"\nworkflows: {main: {steps: [git-clone: {}]}}\n") with { AccountId = account, Source = new BuildSource(Address, null, Branch: "main") });

        Assert.Equal(BuildEnd.Source, ran.Result.End);
        Assert.StartsWith("The submodule x can't be had:", ran.Result.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, ran.Result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", ran.Result.Reason + ran.Log, StringComparison.Ordinal);
        Assert.False(File.Exists(sign));
    }

    [Fact]
    public async Task Repository_RunsNothingOutside_AndReadsNothing()
    {
        await using var yard = new Yard();
        var sign = Path.Combine(yard.Data, "was-here");
        var folder = yard.Folder("repository");
        var repository = Repository(yard);
        Command.Shell(folder,
            $$"""
            printf '* filter=evil diff=evil merge=evil\n' > .gitattributes
            printf '[submodule "x"]\n\tpath = x\n\turl = ext::touch {{sign}}\n' > .gitmodules
            ln -s {{yard.Data}} data; ln -s /etc/passwd passwd
            mkdir -p hooks; printf '#!/bin/sh\ntouch {{sign}}\n' > hooks/post-checkout; chmod +x hooks/post-checkout
            git add -A; git commit -qm evil
            git config uploadpack.allowFilter true
            git config core.fsmonitor 'touch {{sign}}'; git config filter.evil.smudge 'touch {{sign}}'; git config core.hooksPath hooks
            """);

        var ran = await yard.RunAsync(yard.Order(Yard.Yaml("cat data/* 2> /dev/null | sed 's/^/RUN /'; git config --list | grep -E 'evil|fsmonitor' | sed 's/^/RUN /'; head -1 passwd | cut -d: -f1 | sed 's/^/RUN /'; true")) with
        {
            Source = new BuildSource(repository, null, Branch: "main"),
        });

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        Assert.Equal(["RUN root"], ran.Said);
        Assert.False(File.Exists(sign), "Something of the repository ran outside its sandbox.");
    }

    [Fact]
    public async Task HugeRepository_IsCutOff()
    {
        await using var yard = new Yard();
        var repository = Repository(yard);
        Command.Shell(yard.Folder("repository"), "head -c 12000000 /dev/urandom > big; git add -A; git commit -qm big");

        var tooLargeToClone = await yard.RunAsync(yard.Order(Yard.Yaml("echo RUN never")) with { Source = new BuildSource(repository, null), Limits = new BuildLimits { CloneBytes = 4 * 1024 * 1024 } });
        var tooLargeForItsDisk = await yard.RunAsync(yard.Order(Yard.Yaml("echo RUN never")) with { Source = new BuildSource(repository, null), Limits = new BuildLimits { DiskBytes = 16 * 1024 * 1024 } });

        Assert.Equal("The repository could not be cloned: It is larger than 4 MB.", tooLargeToClone.Result.Reason);
        Assert.Equal("The source is larger than the build's workspace.", tooLargeForItsDisk.Result.Reason);
    }

    [Fact]
    public async Task RepositoryThatHangs_IsGivenUp_AndAbortedAtOnce()
    {
        await using var yard = new Yard();
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var url = $"https://127.0.0.1:{((System.Net.IPEndPoint)silent.LocalEndpoint).Port}/app.git";
        using var abort = new CancellationTokenSource();

        var late = await yard.RunAsync(yard.Order(Yard.Yaml("echo RUN never")) with { Source = new BuildSource(url, null), Limits = new BuildLimits { CloneTime = TimeSpan.FromSeconds(1) } });
        var running = yard.RunAsync(yard.Order(Yard.Yaml("echo RUN never")) with { Source = new BuildSource(url, null) }, abort.Token);
        await abort.CancelAsync();
        var aborted = await running;

        Assert.Equal("Cloning took longer than 1.0 s.", late.Result.Reason);
        Assert.Equal(BuildStatus.Aborted, aborted.Result.Status);
    }

    [Fact]
    public async Task StepsOfTheRepository_AndOfOthers_Run()
    {
        await using var yard = new Yard();
        var repository = Repository(yard);
        var step = yard.Folder("step");
        Command.Shell(step,
            """
            git init -q -b main
            cat > step.yml << 'X'
            title: Shout
            inputs:
            - word: hello
              opts: {is_expand: false}
            - number: "1"
            outputs:
            - SHOUTED:
            toolkit: {bash: {entry_file: main.sh}}
            X
            printf 'echo "RUN $word $number $(basename "$BITRISE_STEP_SOURCE_DIR") $(pwd)"\nenvman add --key SHOUTED --value "$word!"\n' > main.sh
            git add -A; git commit -qm one; git tag 1.0.0
            echo 'echo RUN never' > main.sh; git commit -qam two
            """);
        Command.Shell(yard.Folder("repository"), $"mkdir steps; cp {step}/step.yml steps; echo 'echo \"RUN own $word $number\"' > steps/main.sh; git add -A; git commit -qm steps");

        var ran = await yard.RunAsync(yard.Order(
            $$"""
            format_version: "23"
            workflows:
              main:
                steps:
                - path::./steps:
                    inputs:
                    - word: $HOME
                - git::file://{{step}}@1.0.0:
                    title: Loud
                    inputs:
                    - number: $BITRISE_BUILD_NUMBER
                - script: {inputs: [content: 'echo "RUN $SHOUTED"']}
                - path::./nowhere: {is_always_run: true}
            """) with
        { Source = new BuildSource(repository, null, Branch: "main") });

        Assert.Equal(["RUN own $HOME 1", "RUN hello 1 step-1 /bitrise/src", "RUN hello!"], ran.Said);
        Assert.Equal(["Shout", "Loud", "Script", "path::./nowhere"], ran.Result.Steps.Select(s => s.Title));
        Assert.Equal("There is no step.yml in ./nowhere.", ran.Result.Steps[3].Reason);
    }

    [Fact]
    public async Task KnownStepsOnly_NoOtherIsFetched()
    {
        await using var yard = new Yard();
        var step = yard.Folder("step");
        Command.Shell(step,
            """
            git init -q -b main
            printf 'toolkit: {bash: {entry_file: main.sh}}\n' > step.yml; echo 'echo RUN one' > main.sh; git add -A; git commit -qm one
            echo 'echo RUN two' > main.sh; git commit -qam two
            """);
        var (one, two) = (Command.Run(step, "git", "rev-parse", "HEAD~1"), Command.Run(step, "git", "rev-parse", "HEAD"));
        var order = yard.Order($"format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - git::file://{step}@{two}: {{}}\n    - git::file://{step}@main: {{}}\n    - git::file://{step}: {{}}\n");

        var ran = await yard.RunAsync(order with { KnownStepsOnly = true, StepCommits = [new StepCommit($"file://{step}", "main", one)] });

        Assert.Equal(["RUN two", "RUN one"], ran.Said);
        Assert.Equal([StepStatus.Success, StepStatus.Success, StepStatus.Failed], ran.Statuses);
        Assert.Equal($"The step file://{step} can't be had: at which commit was not known when secrets were allowed.", ran.Result.Steps[2].Reason);
    }

    [Fact]
    public async Task GitClone_SaysWhatWasCloned()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order("format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - git-clone@8: {}\n    - script: {inputs: [content: 'echo \"RUN $GIT_CLONE_COMMIT_AUTHOR_NAME: $GIT_CLONE_COMMIT_MESSAGE_SUBJECT\"']}\n") with
        {
            Source = new BuildSource(Repository(yard), null, Branch: "feature"),
        });

        Assert.Equal(["RUN Ada: on the feature"], ran.Said);
        Assert.Contains(ran.Lines, line => line == $"Commit {ran.Result.Commit!.Hash} of feature");
    }

    private const string Address = "git@own.invalid:team/app.git";

    /// <summary>Makes the folder around a repository that of an account.</summary>
    private static (string Account, OwnRepositories Own) Own(string repository)
    {
        var account = Path.GetDirectoryName(repository)!;
        return (Path.GetFileName(account), new OwnRepositories(Path.GetDirectoryName(account)!, new Dictionary<string, string>(StringComparer.Ordinal) { [Address] = Path.GetFileName(repository) }));
    }

    private static string Repository(Yard yard)
    {
        var folder = yard.Folder("repository");
        Command.Shell(folder,
            """
            git init -q -b main
            echo one > file; git add -A; git commit -qm first; git tag v1
            echo two > file; git commit -qam second
            git checkout -q -b feature; echo feature > file; git commit -qam 'on the feature'; git checkout -q main
            """);
        return $"file://{folder}";
    }
}
