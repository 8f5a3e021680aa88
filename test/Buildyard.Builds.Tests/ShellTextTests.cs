using System.Diagnostics;

namespace Buildyard.Builds.Tests;

/// <summary>What people outside a step wrote is words to a shell that reads it once too often.</summary>
public sealed class ShellTextTests
{
    private const string Secret = "tr0ub4dor-and-three";

    /// <summary>What a careless step does with a variable, in the ways that are common.</summary>
    private const string Careless = """
        echo words > words.txt
        for name in BITRISE_APP_TITLE BITRISE_GIT_MESSAGE BITRISE_GIT_BRANCH BITRISE_GIT_TAG BITRISEIO_GIT_BRANCH_DEST GIT_REPOSITORY_URL BITRISEIO_PULL_REQUEST_REPOSITORY_URL BITRISE_TRIGGERED_WORKFLOW_TITLE GIT_CLONE_COMMIT_AUTHOR_NAME GIT_CLONE_COMMIT_MESSAGE_SUBJECT; do
          bash -c "echo building ${!name}" || echo "RUN broken $name"
          bash -c "echo \"building ${!name}\"" || echo "RUN broken $name"
          bash -c "echo 'building ${!name}'" || echo "RUN broken $name"
          eval echo building ${!name} || echo "RUN broken $name"
        done
        ls made-by-* 2> /dev/null && echo "RUN made"
        echo "RUN done"
        """;

    public static TheoryData<string> Injections =>
    [
        "x; echo ${API_TOKEN} | rev", "x\necho $API_TOKEN | rev", "$(echo $API_TOKEN | rev >&2)", "`echo $API_TOKEN|rev`", "x && echo $API_TOKEN | rev", "x | rev <<< $API_TOKEN", "<(echo $API_TOKEN|rev)",
        "x\" ; echo $API_TOKEN | rev ; \"", "x' ; echo $API_TOKEN | rev ; '", "x\\", "x > made-by-title", "*", "${API_TOKEN#tr0}", "x & touch made-by-title", "# gone",
    ];

    [Theory]
    [MemberData(nameof(Injections))]
    public async Task WhateverTheyAreCalled_BuildsShowNoSecret(string text)
    {
        await using var yard = new Yard();
        var folder = yard.Folder("repository");
        Command.Shell(folder, "git init -q -b main; git checkout -q -b 'feat;echo${IFS}$API_TOKEN|rev'; echo one > file; git add -A");
        Command.Run(folder, "git", "-c", $"user.name={text.ReplaceLineEndings(" ").Replace("<", "", StringComparison.Ordinal)}", "commit", "-qm", text);
        var yaml = Yard.Yaml(Careless).Replace("    steps:\n", "    steps:\n    - git-clone: {}\n", StringComparison.Ordinal);

        var ran = await yard.RunAsync(yard.Order(yaml) with
        {
            AppTitle = text,
            Secrets = [new BuildSecret("API_TOKEN", Secret, ExposedToPullRequests: true)],
            Source = new BuildSource($"file://{folder}", null, Branch: "feat;echo${IFS}$API_TOKEN|rev", Message: text),
            PullRequest = new PullRequestFacts("7", "feat;echo${IFS}$API_TOKEN|rev", "main`id`"),
        });

        Assert.True(ran.Said is ["RUN done"], ran.Plain);
        Assert.DoesNotContain(new string([.. Secret.Reverse()]), ran.Plain, StringComparison.Ordinal);
        Assert.DoesNotContain("[REDACTED]", ran.Plain, StringComparison.Ordinal);
        Assert.DoesNotContain("words.txt", ran.Plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Branch_IsCheckedOut_ByItsTrueName_AndReadsTheSame()
    {
        await using var yard = new Yard();
        var folder = yard.Folder("repository");
        Command.Shell(folder, "git init -q -b 'fix(ui);a&b#1'; echo one > file; git add -A; git commit -qm \"feat(ui): don't x & y (#12)\"");

        var ran = await yard.RunAsync(yard.Order(Yard.Yaml("echo \"RUN $(git rev-parse --abbrev-ref HEAD) $BITRISE_GIT_BRANCH $BITRISE_GIT_MESSAGE\"")) with { Source = new BuildSource($"file://{folder}", null, Branch: "fix(ui);a&b#1") });

        Assert.Equal(["RUN fix(ui);a&b#1 fix（ui）；a＆b#1 feat（ui）: don＇t x ＆ y （#12）"], ran.Said);
    }

    [Theory]
    [InlineData("https://git.example.com/team/app.git", "https://git.example.com/team/app.git")]
    [InlineData("git@git.example.com:team/~app.git", "git@git.example.com:team/~app.git")]
    [InlineData("ssh://git@[2001:db8::1]:22/app.git", "ssh://git@[2001:db8::1]:22/app.git")]
    [InlineData("https://git.example.com/$(id)/a;b&c'd", "https://git.example.com/%24%28id%29/a%3Bb%26c%27d")]
    public void Address_StaysTheSameAddress(string url, string given) => Assert.Equal(given, ShellText.Url(url));

    [Fact]
    public async Task AnyText_IsItsWordsToBash_Quoted_OrNot()
    {
        string[] some = ["$", "`", "\"", "'", "\\", ";", "&", "|", "<", ">", "(", ")", "*", "?", "[", "]", "{", "}", "#", "~", "!", "\n", " ", "HOME", "a", "=", ",", "1"];
        var texts = (from one in some from two in some select $"x {one}{two}HOME{two} {one} y").ToList();
        var start = new ProcessStartInfo("/bin/bash", ["-c", """
            while IFS= read -r -d '' text; do
              bash -c "printf '%s ' building $text" && printf '\0'
              bash -c "printf '%s ' \"building $text\"" && printf '\0'
              bash -c "printf '%s ' 'building $text'" && printf '\0'
            done
            """]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() };
        using var bash = Process.Start(start)!;
        var answer = bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (var text in texts) await bash.StandardInput.WriteAsync(ShellText.Plain(text) + "\0");
        bash.StandardInput.Close();

        var said = (await answer).Split('\0');

        Assert.Equal((texts.Count * 3) + 1, said.Length);
        foreach (var (i, text) in texts.Index())
        {
            var plain = ShellText.Plain(text);
            Assert.Equal(string.Join(' ', ["building", .. plain.Split(' ', StringSplitOptions.RemoveEmptyEntries)]) + " ", said[i * 3].Replace(Environment.GetEnvironmentVariable("HOME")!, "~", StringComparison.Ordinal));
            Assert.Equal([$"building {plain} ", $"building {plain} "], said[((i * 3) + 1)..((i * 3) + 3)]);
        }
    }
}
