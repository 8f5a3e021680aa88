namespace Buildyard.Builds.Tests;

/// <summary>What steps are given, may do, and how they end.</summary>
public sealed class StepTests
{
    [Fact]
    public async Task Environment_IsThatOfBitrise()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml(
            """
            for name in CI BITRISE_IO PR BITRISE_BUILD_NUMBER BITRISE_BUILD_SLUG BITRISE_BUILD_URL BITRISE_APP_TITLE BITRISE_APP_SLUG BITRISE_TRIGGERED_WORKFLOW_ID \
              BITRISE_BUILD_STATUS BITRISE_GIT_BRANCH BITRISE_GIT_TAG BITRISE_PULL_REQUEST BITRISEIO_GIT_BRANCH_DEST BITRISE_SOURCE_DIR BITRISE_DEPLOY_DIR HOME; do
              echo "RUN $name=${!name-unset}"
            done
            echo "RUN $(pwd) $(ls -A | wc -l)"
            env | grep -E '^(DOTNET|ASPNETCORE|XUNIT|LOGNAME=root)' | sed 's/^/RUN leaked /'
            """)) with
        {
            Source = new BuildSource(null, null, Branch: "feature"),
            PullRequest = new PullRequestFacts("7", "feature", "main"),
        };

        var ran = await yard.RunAsync(order);

        Assert.Equal(
            [
                "RUN CI=true", "RUN BITRISE_IO=true", "RUN PR=true", "RUN BITRISE_BUILD_NUMBER=1", "RUN BITRISE_BUILD_SLUG=slug-1",
                "RUN BITRISE_BUILD_URL=https://buildyard.test/apps/sample/builds/1", "RUN BITRISE_APP_TITLE=Sample", "RUN BITRISE_APP_SLUG=sample",
                "RUN BITRISE_TRIGGERED_WORKFLOW_ID=main", "RUN BITRISE_BUILD_STATUS=0", "RUN BITRISE_GIT_BRANCH=feature", "RUN BITRISE_GIT_TAG=unset",
                "RUN BITRISE_PULL_REQUEST=7", "RUN BITRISEIO_GIT_BRANCH_DEST=main", "RUN BITRISE_SOURCE_DIR=/bitrise/src", "RUN BITRISE_DEPLOY_DIR=/bitrise/deploy",
                "RUN HOME=/bitrise/home", "RUN /bitrise/src 0",
            ],
            ran.Said);
    }

    [Fact]
    public async Task Variables_OfAnyName_ReachTheStep_AndNoList()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml(
            """
            env -0 | grep -zE '^(odd|mark|job|PWD|LC_ALL|SHLVL)' | tr '\n\0' '~\n' | grep -v SHLVL | sort | sed 's/^/RUN /'
            cat /proc/[0-9]*/cmdline | tr '\0' ' ' | grep -c 'secret[-]value' | sed 's/^/RUN /'; true
            """)) with
        {
            Environment = [new BuildVariable("odd.name", "1"), new BuildVariable("mark", "2"), new BuildVariable("job", "a\nb"), new BuildVariable("LC_ALL", "C"), new BuildVariable("VALUE", "secret-value")],
        };

        var ran = await yard.RunAsync(order);

        Assert.Equal(["RUN LC_ALL=C", "RUN PWD=/bitrise/src", "RUN job=a~b", "RUN mark=2", "RUN odd.name=1", "RUN 0"], ran.Said);
    }

    [Fact]
    public async Task Workspace_LastsOverSteps_AndEndsWithTheBuild()
    {
        await using var yard = new Yard();

        var first = await yard.ScriptAsync("echo kept > file; echo kept > /tmp/file", "echo \"RUN $(cat file /tmp/file | tr '\\n' ' ')\"");
        var second = await yard.ScriptAsync("ls file /tmp/file 2> /dev/null | sed 's/^/RUN /'; true");

        Assert.Equal(["RUN kept kept "], first.Said);
        Assert.Empty(second.Said);
    }

    [Fact]
    public async Task Script_TakesItsInputs()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order(
            """
            format_version: "23"
            workflows:
              main:
                envs:
                - WHERE: /tmp
                steps:
                - script@1.2:
                    title: perl
                    inputs:
                    - runner_bin: perl
                    - content: |-
                        use Cwd; print "RUN ", getcwd(), " $0\n";
                    - working_dir: $WHERE
                    - script_file_path: $BITRISE_SOURCE_DIR/some/where.pl
                - script:
                    inputs:
                    - content: |
                        #!/bin/bash
                        echo "RUN it's \"quoted\" \$x $((1 + 1)) ünïcode"
                    - is_debug: "yes"
            """));

        Assert.Equal(["RUN /tmp /bitrise/src/some/where.pl", "RUN it's \"quoted\" $x 2 ünïcode"], ran.Said);
        Assert.Equal(["perl", "Script"], ran.Result.Steps.Select(step => step.Title));
        Assert.Contains(ran.Lines, line => line.StartsWith("+ echo", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FailedStep_FailsTheBuild_SkipsOthers_RunsWhatAlwaysRuns()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order(
            """
            format_version: "23"
            workflows:
              main:
                steps:
                - script: {title: soft, is_skippable: true, inputs: [content: exit 3]}
                - script: {title: hard, inputs: [content: "echo RUN hard; exit 4"]}
                - script: {title: never, inputs: [content: echo RUN never]}
                - script: {title: always, is_always_run: true, inputs: [content: 'echo "RUN $BITRISE_BUILD_STATUS $BITRISE_FAILED_STEP_TITLE: $BITRISE_FAILED_STEP_ERROR_MESSAGE"']}
                - script: {title: on failure, is_always_run: true, run_if: .IsBuildFailed, inputs: [content: echo RUN failed]}
            """));

        Assert.Equal(BuildStatus.Failed, ran.Result.Status);
        Assert.Equal(BuildEnd.Finished, ran.Result.End);
        Assert.Equal([StepStatus.FailedSkippable, StepStatus.Failed, StepStatus.Skipped, StepStatus.Success, StepStatus.Success], ran.Statuses);
        Assert.Equal(["RUN hard", "RUN 1 hard: exit status 4", "RUN failed"], ran.Said);
        Assert.Equal("The step hard failed.", ran.Result.Reason);
        Assert.EndsWith("The step hard failed.\n", ran.Plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnavailableStep_FailsByName_AndSaysWhatThereIs()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order("format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - xcode-archive@4: {}\n"));

        Assert.Equal([StepStatus.Failed], ran.Statuses);
        Assert.StartsWith("The step xcode-archive@4 is not available here. There are: script, ", ran.Result.Steps[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunIfThatCantBeEvaluated_FailsItsStepByName()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order("format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - script:\n        run_if: '{{printf \"%s\" .IsCI}}'\n"));

        Assert.Equal([StepStatus.Failed], ran.Statuses);
        Assert.Contains("printf", ran.Result.Steps[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timeout_EndsAStepThatIgnoresIt()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order(
            """
            format_version: "23"
            workflows:
              main:
                steps:
                - script: {title: slow, timeout: 1, is_skippable: true, inputs: [content: "trap 'echo RUN asked to end' TERM; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 1; done; echo RUN ended"]}
                - script: {title: silent, no_output_timeout: 1, inputs: [content: "echo RUN begun; exec sleep 1000"]}
            """));

        Assert.Equal(["RUN asked to end", "RUN begun"], ran.Said);
        Assert.Equal([StepStatus.FailedSkippable, StepStatus.Failed], ran.Statuses);
        Assert.Equal(["It took longer than its timeout of 1.0 s.", "It printed nothing for 1.0 s."], ran.Result.Steps.Select(step => step.Reason));
    }

    [Fact]
    public async Task Envman_HandsOverWhatItIsGiven()
    {
        await using var yard = new Yard();

        var ran = await yard.ScriptAsync(
            """
            export HERE=here
            envman add --key PLAIN --value 'it is "plain" and '\''quoted'\'''
            envman add --key LINES --value "$(printf 'one\ntwo\n\nthree')"
            printf 'from a file\n' > value; envman add --key FILE --valuefile value
            printf 'from a pipe' | envman add --key PIPE
            envman add --key EXPANDED --value '$PLAIN/$MISSING/x'
            envman add --key RAW --value '$PLAIN' --no-expand
            envman add -k AGAIN -v first; bitrise envman add --key=AGAIN --value=second
            envman add --key EMPTY --value ''
            envman unset --key HOME
            exit 5
            """.Replace("exit 5", "true", StringComparison.Ordinal),
            """
            echo "RUN $PLAIN"
            echo "RUN $(printf %s "$LINES" | wc -l) ${LINES##*$'\n'}"
            echo "RUN $FILE|$PIPE|$EXPANDED|$RAW|$AGAIN|${EMPTY-unset}|${HOME-unset}|${HERE-unset}"
            """);

        Assert.Equal(
            [
                "RUN it is \"plain\" and 'quoted'", "RUN 3 three", "RUN from a file",
            ],
            ran.Said.Take(3));
        Assert.Contains("|from a pipe|it is \"plain\" and 'quoted'//x|$PLAIN|second||unset|unset", ran.Plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Envman_RefusesWhatIsTooLarge()
    {
        await using var yard = new Yard();

        var ran = await yard.ScriptAsync(
            "head -c 300000 /dev/zero | tr '\\0' x | envman add --key BIG 2>&1 | sed 's/^/RUN /'; envman add --value x 2>&1 | sed 's/^/RUN /'",
            "echo \"RUN ${BIG-unset}\"",
            "head -c 200000 /dev/zero | tr '\\0' x | envman add --key LARGE",
            "echo RUN never");

        Assert.Equal(["RUN envman: the value of BIG is 292 KB; a value holds at most 256 KB", "RUN envman: --key is missing", "RUN unset"], ran.Said);
        Assert.Equal("The variable LARGE is 195 KB; the system passes 128 KB at most.", ran.Result.Steps[3].Reason);
    }

    [Fact]
    public async Task Output_OfAFailedStep_IsKept()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order(
            """
            format_version: "23"
            workflows:
              main:
                steps:
                - script: {is_skippable: true, inputs: [content: "envman add --key LEFT --value behind; exit 1"]}
                - script: {inputs: [content: 'echo "RUN $LEFT"']}
            """));

        Assert.Equal(["RUN behind"], ran.Said);
    }

    [Fact]
    public async Task Deploy_TakesFilesOutByName()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order(
            """
            format_version: "23"
            workflows:
              main:
                steps:
                - script:
                    inputs:
                    - content: |
                        head -c 300000 /dev/urandom > "$BITRISE_DEPLOY_DIR/app.apk"
                        sha256sum < "$BITRISE_DEPLOY_DIR/app.apk" | sed 's/^/RUN /'
                        echo hidden > "$BITRISE_DEPLOY_DIR/.hidden"
                        echo odd > "$BITRISE_DEPLOY_DIR/$(printf 'a\nb; <c> "d"')"
                        ln -s /etc/passwd "$BITRISE_DEPLOY_DIR/link"
                        mkfifo "$BITRISE_DEPLOY_DIR/pipe"
                        mkdir "$BITRISE_DEPLOY_DIR/folder"; echo inside > "$BITRISE_DEPLOY_DIR/folder/inside"
                        echo alone > one.txt
                - deploy-to-bitrise-io@2: {}
                - deploy-to-bitrise-io@2:
                    inputs:
                    - deploy_path: ./one.txt
                - deploy-to-bitrise-io@2:
                    inputs:
                    - deploy_path: $BITRISE_DEPLOY_DIR/folder
                    - is_compress: "true"
            """));

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        Assert.Equal(["a_b_ _c_ _d_", "app.apk", "folder.tar.gz", "hidden", "one.txt"], ran.Result.Artifacts.Select(artifact => artifact.Name).Order(StringComparer.Ordinal));
        var content = await File.ReadAllBytesAsync(Path.Combine(ran.Order.ArtifactsDirectory, "app.apk"), TestContext.Current.CancellationToken);
        Assert.Equal(ran.Said[0], $"RUN {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))}  -");
    }

    [Fact]
    public async Task Artifacts_AreBounded()
    {
        await using var yard = new Yard();
        var yaml = "format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - script: {inputs: [content: 'head -c 2000000 /dev/zero > $BITRISE_DEPLOY_DIR/big']}\n    - deploy-to-bitrise-io: {}\n";

        var ran = await yard.RunAsync(yard.Order(yaml) with { Limits = new BuildLimits { ArtifactBytes = 1024 * 1024 } });

        Assert.Equal("big is 1 MB; a build keeps 1 MB of artifacts.", ran.Result.Steps[1].Reason);
        Assert.Empty(ran.Result.Artifacts);
    }

    /// <summary>Also where a character that may not stand in a name, or a folder, is in the middle of it.</summary>
    [Fact]
    public async Task ArtifactsNames_HoldNoSecret()
    {
        await using var yard = new Yard();
        var ran = await yard.RunAsync(yard.Order(
            """
            format_version: "23"
            workflows:
              main:
                steps:
                - script:
                    inputs:
                    - content: |
                        cd "$BITRISE_DEPLOY_DIR"; mkdir -p "$(dirname "in-$TOKEN.txt")"; echo one > "in-$TOKEN.txt"
                        echo two > "app-$OTHER.txt"; echo three > "app-$THIRD.txt"
                - deploy-to-bitrise-io: {}
                - deploy-to-bitrise-io: {inputs: [deploy_path: '$BITRISE_DEPLOY_DIR/in-$TOKEN.txt']}
                - deploy-to-bitrise-io: {inputs: [deploy_path: '$BITRISE_DEPLOY_DIR', is_compress: "true", zip_name: '$OTHER']}
                - deploy-to-bitrise-io: {is_skippable: true, inputs: [deploy_path: '$BITRISE_DEPLOY_DIR/$OTHER', is_compress: "true"]}
            """) with
        { Secrets = [new BuildSecret("TOKEN", "hunter2/hunter2"), new BuildSecret("OTHER", "hunter2=hunter2"), new BuildSecret("THIRD", "hunter2third")] });

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        Assert.Equal(
            ["_REDACTED_.tar.gz", "app-_REDACTED_ (2).txt", "app-_REDACTED_.txt", "in-_REDACTED_.txt"],
            ran.Result.Artifacts.Select(artifact => artifact.Name).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("hunter2", $"{ran.Log}{string.Join(' ', ran.Result.Steps)}", StringComparison.Ordinal);
    }
}
