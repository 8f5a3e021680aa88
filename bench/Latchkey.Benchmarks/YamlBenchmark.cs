using System.Text;
using Buildyard;
using YamlDotNet.RepresentationModel;

namespace Latchkey.Benchmarks;

/// <summary>Reading and checking a <c>bitrise.yml</c>, per kilobyte, against YamlDotNet alone making its tree of the same text.</summary>
internal static class YamlBenchmark
{
    private const int Rounds = 60;
    private const int Workflows = 120;

    public static Task RunAsync()
    {
        var text = Config();
        if (BitriseYaml.Check(text) is { IsValid: false } check) throw new InvalidOperationException(check.Errors[0].ToString());
        var kilobytes = Encoding.UTF8.GetByteCount(text) / 1024.0;
        var (values, limits) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var from = TimeProvider.System.GetTimestamp();
            BitriseYaml.Check(text);
            values.Add(Figure.Milliseconds(from) * 1000 / kilobytes);

            from = TimeProvider.System.GetTimestamp();
            new YamlStream().Load(new StringReader(text));
            limits.Add(Figure.Milliseconds(from) * 1000 / kilobytes);
        }

        // The first rounds warm up.
        Figure.Print("yml", Figure.Median(values.Skip(Rounds / 3)), "µs/KB", Figure.Median(limits.Skip(Rounds / 3)), "small is good");
        return Task.CompletedTask;
    }

    /// <summary>About 100 KB of what people write: chains, variables, scripts, inputs, triggers.</summary>
    private static string Config()
    {
        var text = new StringBuilder("format_version: \"23\"\ndefault_step_lib_source: https://github.com/bitrise-io/bitrise-steplib.git\nworkflows:\n  _setup:\n    steps:\n    - git-clone@8: {}\n");
        for (var i = 0; i < Workflows; i++)
        {
            text.Append($"""
                  build-{i}:
                    summary: Builds part {i}.
                    triggers:
                      push:
                      - branch: part-{i}/*
                    before_run:
                    - _setup
                    envs:
                    - PART: part-{i}
                    - MODE: release
                      opts:
                        is_expand: false
                    steps:
                    - restore-cache@2:
                        inputs:
                        - key: part-{i}-{"{{ checksum \"lock\" }}"}
                    - script@1:
                        title: Build part {i}
                        run_if: .IsCI
                        inputs:
                        - content: |
                            #!/usr/bin/env bash
                            set -euo pipefail
                            make "$PART" MODE="$MODE"
                    - deploy-to-bitrise-io@2: {"{}"}

                """.ReplaceLineEndings("\n"));
        }

        return text.ToString();
    }
}
