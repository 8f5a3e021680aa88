namespace Buildyard.Builds.Tests;

/// <summary>A build as a whole: watched, aborted, timed out, with secrets, and where it can't be run.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task WhatTheFileAsksForInVain_IsSaidAtTheTop()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order(
            """
            format_version: "23"
            tools: {nodejs: "22", ruby: "3.3"}
            services:
              db: {image: "postgres:16"}
            workflows:
              main:
                steps:
                - with:
                    services: [db]
                    steps:
                    - script: {inputs: [content: echo RUN]}
              plain:
                steps:
                - script: {inputs: [content: echo RUN]}
            """));
        var plain = await yard.RunAsync(ran.Order with { Id = "bld_plain", Workflow = "plain" });

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        var top = ran.Plain.Split('▶')[0];
        Assert.Contains("Containers and services are not run here", top, StringComparison.Ordinal);
        Assert.Contains("Tools are not installed here (nodejs, ruby)", top, StringComparison.Ordinal);
        Assert.DoesNotContain("Containers", plain.Plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_IsWatchedWhileItRuns()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml("echo RUN one; sleep 1", "echo RUN two"));
        using var output = yard.Output(order);
        var running = yard.Runner.RunAsync(order, output, CancellationToken.None);

        var view = output.View;
        while (view.Steps is not [{ Status: StepStatus.Running }, ..] || !(await ReadAsync(output.Path)).Contains("RUN one", StringComparison.Ordinal)) view = await output.NextAsync(view, TestContext.Current.CancellationToken);
        Assert.Equal(StepStatus.Waiting, view.Steps[1].Status);
        var result = await running;
        output.Complete();

        Assert.Equal(BuildStatus.Success, result.Status);
        view = await output.NextAsync(output.View, TestContext.Current.CancellationToken);
        Assert.True(view.IsComplete);
        var log = await File.ReadAllBytesAsync(output.Path, TestContext.Current.CancellationToken);
        Assert.Equal(log.Length, view.Length);
        foreach (var (step, text) in view.Steps.Zip((string[])["RUN one", "RUN two"]))
            Assert.Contains(text, System.Text.Encoding.UTF8.GetString(log.AsSpan((int)step.LogStart!.Value, (int)(step.LogEnd!.Value - step.LogStart.Value))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Abort_EndsEverythingAtOnce_AndSaysWhy()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml("trap '' TERM INT HUP; echo RUN begun; setsid sleep 1000 & while :; do sleep 1; done", "echo RUN never"));
        using var output = yard.Output(order);
        output.AbortReason = "Sam's access ended.";
        using var abort = new CancellationTokenSource();
        var running = yard.Runner.RunAsync(order, output, abort.Token);
        var view = output.View;
        while (!(await ReadAsync(output.Path)).Contains("RUN begun", StringComparison.Ordinal)) view = await output.NextAsync(view, TestContext.Current.CancellationToken);

        await abort.CancelAsync();
        var result = await running.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(BuildStatus.Aborted, result.Status);
        Assert.Equal("The build was aborted: Sam's access ended.", result.Reason);
        Assert.Equal([StepStatus.Aborted, StepStatus.Skipped], result.Steps.Select(step => step.Status));
        Assert.Contains("The build was aborted: Sam's access ended.", await ReadAsync(output.Path), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(yard.Data, "builds", "work", order.Id)));
    }

    [Fact]
    public async Task Build_ThatTakesTooLong_Fails()
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order(Yard.Yaml("sleep 1000")) with { Limits = new BuildLimits { Total = TimeSpan.FromSeconds(2) } });

        Assert.Equal((BuildStatus.Failed, BuildEnd.TimedOut), (ran.Result.Status, ran.Result.End));
        Assert.EndsWith("The build took longer than 2.0 s.\n", ran.Plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_ReachStepsAndNotTheLog()
    {
        await using var yard = new Yard();
        var order = yard.Order(
            """
            format_version: "23"
            workflows:
              main:
                steps:
                - script:
                    title: my hunter2secret
                    inputs:
                    - content: |
                        echo "RUN ${#TOKEN} $JOINED"
                        printf hunter2; sleep 0.3; printf 'secret\n'
                        echo "$MULTI"
                        echo "$MULTI" | tail -1
                        envman add --key MADE --value made-in-a-step --sensitive
                - script: {inputs: [content: 'echo "RUN $MADE"']}
            """) with
        {
            Secrets = [new BuildSecret("TOKEN", "hunter2secret"), new BuildSecret("JOINED", "x-$TOKEN"), new BuildSecret("MULTI", "first line\nsecond line\n")],
        };

        var ran = await yard.RunAsync(order);

        Assert.Equal(["RUN 13 [REDACTED]", "RUN [REDACTED]"], ran.Said);
        Assert.DoesNotContain("hunter2", ran.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("line", string.Join('\n', ran.Lines.Where(line => !line.Contains("guard", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.DoesNotContain("made-in", ran.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SensitiveValuesOfTheFile_ReachStepsAndNotTheLog()
    {
        await using var yard = new Yard();
        var order = yard.Order(
            """
            format_version: "23"
            app:
              envs:
              - DOOR: hunter2door
                opts: &sensitive {is_sensitive: true}
              - OLD: hunter2$BITRISE_BUILD_NUMBER
                opts: *sensitive
              - TAKEN: $OLD
              - OLD: replaced
              - COUNT: "1"
                opts: *sensitive
              - SWITCH: "true"
                opts: *sensitive
            workflows:
              main:
                envs:
                - WDOOR: |
                    first line
                    second line
                  opts: *sensitive
                steps:
                - script:
                    title: open hunter2door
                    inputs:
                    - content: |
                        echo "RUN app $DOOR $TAKEN $COUNT $SWITCH"
                        printf hunter2; sleep 0.3; printf 'door\n'
                        echo "$WDOOR" | tail -1
                - bundle::inner: {inputs: [code: hunter2given]}
            step_bundles:
              inner:
                envs:
                - BUNDLED: hunter2bundle
                  opts: *sensitive
                inputs:
                - code: hunter2default
                  opts: *sensitive
                steps:
                - script: {inputs: [content: 'echo "RUN ${#BUNDLED} $BUNDLED $code"']}
            """);

        var ran = await yard.RunAsync(order);

        Assert.Equal(["RUN app [REDACTED] [REDACTED] 1 true", "RUN 13 [REDACTED] [REDACTED]"], ran.Said);
        Assert.DoesNotContain("hunter2", ran.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("second line", ran.Log, StringComparison.Ordinal);
        Assert.Equal("open [REDACTED]", ran.Result.Steps[0].Title);
    }

    [Fact]
    public async Task Secret_InAReason_IsHidden()
    {
        await using var yard = new Yard();
        var order = yard.Order("format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - script: {inputs: [working_dir: /nowhere, script_file_path: /proc/$TOKEN]}\n") with { Secrets = [new BuildSecret("TOKEN", "hunter2secret")] };

        var ran = await yard.RunAsync(order);

        Assert.Equal("The script can't be written to /proc/[REDACTED].", ran.Result.Steps[0].Reason);
    }

    [Fact]
    public async Task PullRequest_GetsOnlyExposedSecrets()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml("echo \"RUN ${HIDDEN-unset} ${#SHOWN}\"")) with
        {
            Secrets = [new BuildSecret("HIDDEN", "hidden-value"), new BuildSecret("SHOWN", "shown-value", ExposedToPullRequests: true)],
            PullRequest = new PullRequestFacts("3", "fix", "main"),
        };

        Assert.Equal(["RUN unset 11"], (await yard.RunAsync(order)).Said);
    }

    [Fact]
    public async Task SigningFiles_AreFilesOfTheBuild()
    {
        await using var yard = new Yard();
        var order = yard.Order(Yard.Yaml(
            """
            echo "RUN $(cat "${BITRISE_CERTIFICATE_URL#file://}") ${#BITRISE_CERTIFICATE_PASSPHRASE}"
            echo "RUN $(echo "$BITRISE_PROVISION_URL" | tr '|' '\n' | sed 's#file://##' | xargs cat)"
            echo "RUN $BITRISEIO_ANDROID_KEYSTORE_ALIAS $BITRISEIO_ANDROID_KEYSTORE_PASSWORD"
            """)) with
        {
            SigningFiles =
            [
                new SigningFileContent("dist.p12", SigningFileKind.Certificate, "certificate"u8.ToArray(), "pass-phrase"),
                new SigningFileContent("a.mobileprovision", SigningFileKind.ProvisioningProfile, "one "u8.ToArray()),
                new SigningFileContent("b.mobileprovision", SigningFileKind.ProvisioningProfile, "two"u8.ToArray()),
                new SigningFileContent("my.keystore", SigningFileKind.Keystore, "store"u8.ToArray(), "store-pass", "upload", "key-pass"),
            ],
        };

        Assert.Equal(["RUN certificate 11", "RUN one two", "RUN upload [REDACTED]"], (await yard.RunAsync(order)).Said);
    }

    [Theory]
    [InlineData("nope", "There is no workflow nope.")]
    [InlineData("_util", "_util is a utility workflow")]
    public async Task WorkflowThatCantBeRun_FailsTheBuild(string workflow, string reason)
    {
        await using var yard = new Yard();

        var ran = await yard.RunAsync(yard.Order("format_version: \"23\"\nworkflows:\n  main: {}\n  _util: {}\n", workflow));

        Assert.Equal(BuildEnd.Configuration, ran.Result.End);
        Assert.StartsWith(reason, ran.Result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkflowWithoutSteps_Succeeds()
    {
        await using var yard = new Yard();

        Assert.Equal(BuildStatus.Success, (await yard.RunAsync(yard.Order("format_version: \"23\"\nworkflows:\n  main: {}\n"))).Result.Status);
    }

    [Fact]
    public async Task Network_CanBeLeftOut_AndTheLogSaysSo()
    {
        await using var yard = new Yard(options => options with { AllowNetwork = false });

        var ran = await yard.ScriptAsync("echo \"RUN $(cut -d : -f 1 /proc/net/dev | tail -n +3 | tr -d ' ')\"; (exec 3<> /dev/tcp/1.1.1.1/443) 2> /dev/null && echo RUN open; true");

        Assert.Equal(["RUN lo"], ran.Said);
        Assert.Contains("Builds have no network. The operator gives builds none.", ran.Plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutASandbox_BuildsAreRefused()
    {
        await using var yard = new Yard(options => options with { UseSandbox = false });

        var ran = await yard.ScriptAsync("echo RUN never");

        Assert.Equal((BuildStatus.Failed, BuildEnd.NoSandbox), (ran.Result.Status, ran.Result.End));
        Assert.Empty(ran.Said);
    }

    [Fact]
    public async Task WithoutASandbox_WhereTheOperatorAllowsIt_BuildsRunAndTheLogWarns()
    {
        await using var yard = new Yard(options => options with { UseSandbox = false, AllowUnsandboxed = true });

        var ran = await yard.ScriptAsync("echo \"RUN $(cat x 2> /dev/null)\"; sleep 1000 & touch x; envman add --key A --value b", "echo \"RUN $A $(ls)\"; pgrep -s 0 -x -r S,R,D sleep | sed 's/^/RUN /'; true");

        Assert.Equal(BuildStatus.Success, ran.Result.Status);
        Assert.Equal(["RUN ", "RUN b x"], ran.Said);
        Assert.Contains("Builds run WITHOUT a sandbox", ran.Plain, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(yard.Data, "builds", "work", ran.Order.Id)));
    }

    [Fact]
    public async Task Leftovers_AreRemoved()
    {
        await using var yard = new Yard();
        var left = Directory.CreateDirectory(Path.Combine(yard.Data, "builds", "work", "bld_dead", "source")).FullName;
        await File.WriteAllTextAsync(Path.Combine(left, "key"), "left", TestContext.Current.CancellationToken);

        yard.Runner.Clean();

        Assert.False(Directory.Exists(left));
    }

    private static async Task<string> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A step may come ten thousand times, and each time with what it is called and why it doesn't run.</summary>
    [Fact]
    public async Task TitlesAndReasons_AreShortened()
    {
        await using var yard = new Yard();
        var ran = await yard.RunAsync(yard.Order(
            $"format_version: \"23\"\nworkflows:\n  main:\n    steps:\n    - script: {{title: {new string('t', 50_000)}, run_if: '{{{{enveq \"A\" \"{new string('r', 50_000)}\"}}}}'}}\n"));

        var step = Assert.Single(ran.Result.Steps);
        Assert.Equal(StepStatus.Skipped, step.Status);
        Assert.All((string[])[step.Title, step.Reason!], text => Assert.Equal((1000, '…'), (text.Length, text[^1])));
        Assert.DoesNotContain(new string('t', 2000), ran.Log, StringComparison.Ordinal);
    }

    /// <summary>Forty lines that each say the one before twice are more than any machine holds.</summary>
    [Fact]
    public async Task VariablesThatGrowOutOfBounds_EndTheBuild()
    {
        await using var yard = new Yard();
        var ran = await yard.RunAsync(yard.Order(
            $"format_version: \"23\"\napp:\n  envs:\n  - GROWS: xxxxxxxxxx\n{string.Concat(Enumerable.Repeat("  - GROWS: $GROWS$GROWS\n", 40))}workflows:\n  main:\n    steps:\n    - script: {{}}\n"));

        Assert.Equal((BuildStatus.Failed, BuildEnd.Configuration), (ran.Result.Status, ran.Result.End));
        Assert.Contains("GROWS", ran.Result.Reason, StringComparison.Ordinal);
    }
}
