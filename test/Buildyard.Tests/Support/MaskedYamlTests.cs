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
    [InlineData("  - payload: \"{\\\"token\\\": \\\"hunter2\\\"}\"")]
    [InlineData("  - PASSWORD: first\n     hunter2")]
    public void ALiteralSecret_IsMasked(string entry)
    {
        var masked = MaskedYaml.Of($"app:\n  envs:\n{entry}\n  - AFTER: stays\n");
        Assert.DoesNotContain("hunter2", masked, StringComparison.Ordinal);
        Assert.Contains("AFTER: stays", masked, StringComparison.Ordinal);
        Assert.Contains("[removed]", masked, StringComparison.Ordinal);
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
