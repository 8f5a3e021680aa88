namespace Buildyard.Support;

public sealed class MaskedYamlTests
{
    [Theory]
    [InlineData("  - API_TOKEN: hunter2")]
    [InlineData("  - DB_PASSWORD: \"hunter2 with spaces\"")]
    [InlineData("  - SECRET: |\n      hunter2\n      hunter2 again")]
    [InlineData("  - client_secret: >-\n\n      hunter2")]
    [InlineData("  - PASSWORD:\n      hunter2")]
    [InlineData("  - tokens: [hunter2, hunter2b]")]
    [InlineData("  - \"auth-token\" : 'hunter2'")]
    [InlineData("  - access_key: &anchor hunter2")]
    [InlineData("  - SLACK_WEBHOOK_URL: https://hooks.slack.com/services/T000/B000/hunter2")]
    [InlineData("  - URL: https://bot:hunter2@git.example.com/repo.git")]
    [InlineData("  - script: curl -H 'Authorization: Bearer hunter2hunter2'")]
    [InlineData("  # password = hunter2")]
    [InlineData("  - script: fastlane deliver --api-token hunter2 --verbose")]
    [InlineData("  - script: curl -u bot:hunter2 https://ci.example")]
    [InlineData("  - script: docker login registry.example -u bot -p hunter2docker")]
    [InlineData("  - content: |\n      docker login \\\n        -u bot \\\n        -p 'hunter2docker'")]
    [InlineData("  - script: sshpass -phunter2 ssh host")]
    [InlineData("  - script: security unlock-keychain -p \"hunter2\" ci.keychain")]
    [InlineData("  - script: security import ci.p12 -P hunter2 -A")]
    [InlineData("  - script: keytool -list -storepass hunter2")]
    [InlineData("  - script: openssl pkcs12 -in ci.p12 -passin pass:hunter2")]
    [InlineData("  - script: deploy --password hunter2 --token=hunter2")]
    [InlineData("  - said: The step https://ci:hunter2 can't be had")]
    [InlineData("  - payload: \"{\\\"token\\\": \\\"hunter2\\\"}\"")]
    [InlineData("  - PASSWORD: first\n     hunter2")]
    [InlineData("  - PASSWORD: '*hunter2'")]
    [InlineData("  - PASSWORD: $hunter2\n    opts: {is_expand: false}")]
    [InlineData("  - opts:\n      is_expand: no\n    PASSWORD: \"${hunter2}\"")]
    public void ALiteralSecret_IsMasked(string entry)
    {
        var masked = MaskedYaml.Of($"app:\n  envs:\n{entry}\n  - AFTER: stays\n");
        Assert.DoesNotContain("hunter2", masked, StringComparison.Ordinal);
        Assert.Contains("AFTER: stays", masked, StringComparison.Ordinal);
        Assert.Contains("[removed]", masked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- K:\n      \"hunter2 below\"\n    OPTS")]
    [InlineData("- K: !!str hunter2\n    OPTS")]
    [InlineData("- K: &k !!str\n      hunter2\n    OPTS\n  - OTHER: *k")]
    [InlineData("- K: hunter2 # was hunter2\n    OPTS")]
    [InlineData("- K: \"hunt\\\n      er2\"\n    OPTS")]
    [InlineData("- OPTS\n    K: hunter2")]
    [InlineData("- {OPTS, K: [hunter2, b], }")]
    [InlineData("- ? K\n    : hunter2\n    OPTS")]
    [InlineData("- K: &k\n    - hunter2\n    - - hunter2 b\n    OPTS\n  - OTHER: *k")]
    [InlineData("- K:\n      # why\n      a: hunter2\n    OPTS")]
    [InlineData("- K: |+\n      hunter2\n\n    # hunter2\n    OPTS")]
    [InlineData("- {K: hunter2, OPTS}\n  - PLAIN: hunter2 again\n  - FLOW: [a hunter2, 'b hunter2', \"\\x68unter2\"]")]
    [InlineData("- K: '*hunter2'\n    OPTS\n  - OTHER: \"*hunter2\"")]
    [InlineData("- K: $hunter2\n    opts: {is_sensitive: true, is_expand: false}\n  - OTHER: a $hunter2")]
    [InlineData("- K: hunter2b\n    OPTS\n  - K2: bhunter2\n    OPTS\n  - BOTH: bhunter2b hunter2b")]
    public void ASensitiveValue_IsMasked_HoweverItIsWritten_AndTheFileStaysOne(string entry)
    {
        foreach (var (start, end) in ((string, string)[])[("", "\n"), ("\uFEFF", "\r\n")])
        {
            var yaml = $"{start}format_version: \"23\"\napp:\n  envs:\n  {entry.Replace("OPTS", "opts: {is_sensitive: true}", StringComparison.Ordinal)}\n  - AFTER: stays\n".ReplaceLineEndings(end);
            Assert.True(BitriseYaml.Check(yaml).IsValid, yaml);
            var masked = MaskedYaml.Of(yaml);
            Assert.DoesNotContain("hunter2", masked, StringComparison.Ordinal);
            var (config, check) = BitriseYaml.Read(masked);
            Assert.True(check.IsValid, masked);
            Assert.DoesNotContain("unter2", string.Join('\n', config!.AppEnvs.Select(env => env.Value)), StringComparison.Ordinal);
            Assert.Equal(BitriseYaml.Read(yaml).Config!.AppEnvs.Select(env => env.Key), config.AppEnvs.Select(env => env.Key));
            Assert.Equal("stays", config.AppEnvs[^1].Value);
        }
    }

    [Theory]
    [InlineData("ghp_16C7e42F292c6912E7710c838347Ae178B4a")]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    [InlineData("xoxb-1234567890-abcdefghij")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----")]
    public void AToken_IsMaskedByItsShape_WhereverItStands(string token)
    {
        Assert.DoesNotContain(token[4..16], MaskedYaml.Of($"workflows:\n  primary:\n    description: use {token} here\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void AKeyWithAValueOfAMachine_IsMasked_AndACacheKeyIsNot()
    {
        var masked = MaskedYaml.Of("envs:\n- SIGNING_KEY: Zx9Qw3Er7Ty1Ui5Op2As8Df4Gh6\n- key: gems-{{ checksum \"Gemfile.lock\" }}\n");
        Assert.DoesNotContain("Zx9Qw3", masked, StringComparison.Ordinal);
        Assert.Contains("gems-{{ checksum", masked, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatHoldsNoSecret_StaysToTheLetter()
    {
        const string Yaml = """
            format_version: "23"
            app:
              envs:
              - GITHUB_TOKEN: $TOKEN_OF_THE_BOT
                opts:
                  is_expand: true
              - PASSWORD: ${KEYCHAIN_PASSWORD}
              - DB_PASSWORD: &password "$DB"
              - OF_TESTS: *password
            workflows:
              token_refresh:
                steps:
                - script@1:
                    title: Refresh the token
                    inputs:
                    - content: |
                        set -e
                        echo "done"
            """;
        Assert.Equal(Yaml, MaskedYaml.Of(Yaml));
    }

    [Theory]
    [InlineData("mkdir -p build/out")]
    [InlineData("docker login -u bot -p $DOCKER_PASSWORD")]
    [InlineData("docker login --password-stdin && docker run -p 8080:80 app")]
    [InlineData("npm login; mkdir -p build")]
    [InlineData("curl http://localhost:8080 https://git.example:443/x http://[::1]:5000")]
    [InlineData("git clone ssh://git@git.example.com/o/r.git")]
    [InlineData("keytool -list -storepass $STOREPASS -v")]
    public void ACommandWithoutASecret_Stays(string command)
    {
        var yaml = $"workflows:\n  primary:\n    steps:\n    - script@1:\n        inputs:\n        - content: |\n            {command}\n";
        Assert.Equal(yaml, MaskedYaml.Of(yaml));
    }

    [Fact]
    public void EveryRealConfiguration_KeepsItsShape()
    {
        var corpus = Workflows.SharedFiles.Find("bitrise-yml/corpus");
        foreach (var file in Directory.EnumerateFiles(corpus, "*.yml", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file).ReplaceLineEndings("\n");
            var masked = MaskedYaml.Of(text);
            var names = text.Split('\n').Count(line => line.TrimStart().StartsWith("- script", StringComparison.Ordinal));
            Assert.Equal(names, masked.Split('\n').Count(line => line.TrimStart().StartsWith("- script", StringComparison.Ordinal)));
        }
    }
}
