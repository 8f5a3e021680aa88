namespace Buildyard;

/// <summary><c>activate-ssh-key</c>: puts the app's key where the steps' own ssh and git find it.</summary>
internal static class SshKeyStep
{
    public static BuiltInStep Step { get; } = new(
        "activate-ssh-key",
        "Activate SSH key (RSA private key)",
        [
            new EnvItem("ssh_rsa_private_key", "$SSH_RSA_PRIVATE_KEY") { IsSensitive = true },
            new EnvItem("ssh_key_save_path", "$HOME/.ssh/bitrise_step_activate_ssh_key"),
        ],
        RunAsync);

    private static async Task<StepEnd> RunAsync(StepContext step, CancellationToken cancellation)
    {
        if (step.Order.GuardNote is not null)
        {
            step.Log.Say("This build is guarded: it gets no SSH key, so there is nothing to activate.");
            return StepEnd.Good;
        }
        var key = step.Input("ssh_rsa_private_key") is { Length: > 0 } given ? given : step.Order.Source.SshPrivateKey;
        if (string.IsNullOrWhiteSpace(key))
        {
            step.Log.Say("This app has no SSH key, so there is nothing to activate.");
            return StepEnd.Good;
        }
        var file = step.Input("ssh_key_save_path");
        var home = $"{step.Sandbox.Root}/home/.ssh";
        var status = await step.Sandbox.AskAsync(
            $$"""
            ( umask 077
              mkdir -p -- {{Bash.Quote(home)}} "$(dirname -- {{Bash.Quote(file)}})" &&
              printf '%s\n' {{Bash.Quote(key.ReplaceLineEndings("\n").TrimEnd('\n'))}} > {{Bash.Quote(file)}} &&
              printf 'Host *\n  IdentityFile %s\n  StrictHostKeyChecking accept-new\n' {{Bash.Quote(file)}} > {{Bash.Quote(home)}}/config ) >&2
            tell "$id" $?
            """,
            cancellation);
        if (status != 0) return StepEnd.Failed($"The key can't be written to {file}.");
        step.Log.Say($"The SSH key is at {file}, and ssh and git use it.");
        return StepEnd.Good;
    }
}
