namespace Latchkey.AspNetCore;

/// <summary>Keeps secrets out of what support proposes: it can neither change what was masked, nor carry a secret of its own.</summary>
internal static class ProposalCheck
{
    public static Refusal? Of(string before, string after)
    {
        var lines = before.Split('\n');
        foreach (var edit in MaskedPatch.Blocks(before, MaskedPatch.Plain(after)))
        {
            if (lines.Skip(edit.At).Take(edit.Gone).Any(IsMasked))
            {
                var line = edit.At + 1 + lines.Skip(edit.At).TakeWhile(l => !IsMasked(l)).Count();
                return Refused($"'after' changes line {line}, in which something is masked. Leave such lines as they are: the customer's own value stays there.");
            }

            var added = string.Join('\n', edit.Lines);
            if (edit.Lines.Any(IsMasked) || SecretText.Mask(added) != added)
            {
                return Refused("'after' would put a password, a token or a key into plain sight. Leave it out, and ask the customer to fill it in, best as a secret.");
            }
        }

        return null;
    }

    private static bool IsMasked(string line) => line.Contains(SecretText.Mark, StringComparison.Ordinal);

    private static Refusal Refused(string message) => new(RefusalReason.Invalid, message, "after");
}
