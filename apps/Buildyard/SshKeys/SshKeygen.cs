using System.ComponentModel;
using System.Diagnostics;

namespace Buildyard;

/// <summary>A key pair as text, and what can be said of it.</summary>
public sealed record SshKeyPair(string PrivateKey, string PublicKey, string Fingerprint, string Kind);

/// <summary>
/// Makes and reads SSH keys with <c>ssh-keygen</c>, the program that knows which of them <c>ssh</c> will take.
/// Private keys touch the disk only in a directory of their own that nobody else can open, and for a moment.
/// </summary>
public sealed class SshKeygen(TimeProvider clock)
{
    private const int LongestKey = 16 * 1024;
    private const int ShortestRsa = 2048;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(20);

    private static readonly Refusal s_notInstalled = new(
        StatusCodes.Status503ServiceUnavailable, "no_ssh_keygen", "This server can't handle SSH keys: ssh-keygen (Debian: openssh-client) is not installed.", []);

    /// <summary>A new Ed25519 key.</summary>
    public Task<Outcome<SshKeyPair>> GenerateAsync(string comment) => InFolderAsync(async file =>
    {
        var (status, _, said) = await RunAsync("-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file);
        if (status != 0) throw new InvalidOperationException($"ssh-keygen failed: {said}");
        return await DescribeAsync(file, await File.ReadAllTextAsync(file), await File.ReadAllTextAsync($"{file}.pub"));
    });

    /// <summary>Reads a private key that somebody pasted. Refuses what is none, what needs a passphrase and what is too weak.</summary>
    public async Task<Outcome<SshKeyPair>> ReadAsync(string field, string? text, string comment)
    {
        text = text?.ReplaceLineEndings("\n").Trim() + "\n";
        if (NotAKey(text) is { } problem) return Refuse(problem);
        return await InFolderAsync(async file =>
        {
            await WriteKeyAsync(file, text);
            var (status, line, said) = await RunAsync("-y", "-P", "", "-f", file);
            if (status != 0)
                return Refuse(said.Contains("passphrase", StringComparison.Ordinal) ? "It is protected by a passphrase, which nobody is there to type when a build starts." : "It is not a private key that ssh can read.");
            var words = line.Trim().Split(' ');
            if (words[0].StartsWith("sk-", StringComparison.Ordinal)) return Refuse("It needs a security key to be touched.");
            var outcome = await DescribeAsync(file, text, $"{words[0]} {words[1]} {comment}");
            return outcome.Kind.Split(' ') is ["RSA", var bits] && int.Parse(bits) < ShortestRsa ? Refuse($"It has {bits} bits, too few to be safe.") : outcome;
        });

        Refusal Refuse(string why) => Refusal.Invalid(new FieldError(field, why, "A private key without a passphrase, in OpenSSH or PEM form: ed25519, ECDSA, or RSA of 2048 bits or more."));
    }

    /// <summary>Writes a private key to a new file as <c>ssh</c> wants it: nobody else can read it.</summary>
    public static async Task WriteKeyAsync(string file, string key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var writer = new StreamWriter(new FileStream(file, options));
        await writer.WriteAsync(key);
    }

    private static string? NotAKey(string text) => text switch
    {
        "\n" => "It is empty.",
        { Length: > LongestKey } => "It is too long for a key.",
        _ when text.StartsWith("ssh-", StringComparison.Ordinal) || text.StartsWith("ecdsa-", StringComparison.Ordinal) || text.StartsWith("-----BEGIN PUBLIC", StringComparison.Ordinal) => "It is the public key; the private one is needed.",
        _ when text.StartsWith("PuTTY-User-Key-File", StringComparison.Ordinal) => "It is in PuTTY's form: export it as an OpenSSH key.",
        _ when !text.StartsWith("-----BEGIN ", StringComparison.Ordinal) || !text.Contains("PRIVATE KEY-----", StringComparison.Ordinal) => "It doesn't begin like a private key.",
        _ when text.StartsWith("-----BEGIN DSA", StringComparison.Ordinal) => "It is a DSA key, which git hosts don't take any more.",
        _ => null,
    };

    private async Task<SshKeyPair> DescribeAsync(string file, string privateKey, string publicKey)
    {
        await File.WriteAllTextAsync($"{file}.pub", publicKey);
        var (status, line, said) = await RunAsync("-l", "-E", "sha256", "-f", $"{file}.pub");
        // 256 SHA256:… comment (ED25519)
        var words = line.Trim().Split(' ');
        if (status != 0 || words.Length < 3) throw new InvalidOperationException($"ssh-keygen failed: {said}");
        var type = words[^1].Trim('(', ')');
        return new SshKeyPair(privateKey, publicKey.Trim(), words[1], type == "ED25519" ? type : $"{type} {words[0]}");
    }

    private static async Task<Outcome<SshKeyPair>> InFolderAsync(Func<string, Task<Outcome<SshKeyPair>>> act)
    {
        var folder = Directory.CreateTempSubdirectory("buildyard-key-").FullName;
        try
        {
            return await act(Path.Combine(folder, "key"));
        }
        catch (Win32Exception)
        {
            return s_notInstalled;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<(int Status, string Output, string Said)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("ssh-keygen") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // Without a terminal and a program to ask with, it never waits for somebody to type.
        start.Environment.Remove("DISPLAY");
        start.Environment["SSH_ASKPASS_REQUIRE"] = "never";
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(s_longest, clock);
        try
        {
            var said = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, output, await said);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
