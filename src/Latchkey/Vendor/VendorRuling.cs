namespace Latchkey;

/// <summary>The rules of changing what the vendor rules. Run inside a batch: decide first, append second.</summary>
internal static class VendorRuling
{
    public const int MostOfMinReason = 200;

    public static Answer<VendorPolicy> Rule(Batch batch, AgentRef lead, VendorPolicy policy, SupportAccessOptions options)
    {
        if (!batch.ClockTrusted)
        {
            return Refusal.ClockHoldsWords;
        }

        if (policy != batch.Policy(options))
        {
            batch.Append(AccountId.Vendor, VendorPolicyChanged.Of(policy, lead, batch.Now));
        }

        return batch.Policy(options);
    }

    /// <summary>Checks what a lead typed, and keeps it as it is to be recorded. Not part of a batch: a slow pattern is their own time.</summary>
    public static Answer<VendorPolicy> Check(VendorPolicy policy, SupportAccessOptions options)
    {
        policy = policy with { MaxWindow = Whole(policy.MaxWindow), DefaultWindow = Whole(policy.DefaultWindow), RequestWindow = Whole(policy.RequestWindow) };
        var (reason, ticket) = (policy.Reason, policy.Ticket);
        var refusal = Window(policy.MaxWindow, options.MaxWindow, "max_window")
            ?? Window(policy.DefaultWindow, policy.MaxWindow, "default_window")
            ?? Window(policy.RequestWindow, policy.MaxWindow, "request_window")
            ?? (policy.MinReason is < Entering.MinReason or > MostOfMinReason
                ? TermsCheck.Invalid("reason_min_length", $"'reason_min_length' is {policy.MinReason}; it takes {Entering.MinReason} to {MostOfMinReason}.")
                : null)
            ?? Typed(ref reason, "reason", TextRule.MaxLength, policy.MinReason)
            ?? Typed(ref ticket, "ticket", Entering.MaxTicket, 1);
        return refusal is not null ? refusal : policy with { Reason = reason, Ticket = ticket };
    }

    private static Refusal? Window(TimeSpan window, TimeSpan most, string field) =>
        window < SupportAccessOptions.MinWindow || window > most
            ? TermsCheck.Invalid(field, $"'{field}' takes 1 minute to {TermsCheck.Days(most)} (PT1M to {System.Xml.XmlConvert.ToString(most)}).")
            : null;

    private static Refusal? Typed(ref TextRule? rule, string about, int longest, int shortest)
    {
        if (rule is not { } typed)
        {
            return null;
        }

        var (patternField, exampleField) = ($"{about}_pattern", $"{about}_example");
        var badPattern = TypedText.Check(typed.Pattern, patternField, 1, TextRule.MaxLength, out var pattern);
        var badExample = TypedText.Check(typed.Example, exampleField, shortest, longest, out var example);
        var badHint = TypedText.Check(typed.Hint, $"{about}_hint", 0, TextRule.MaxLength, out var hint);
        if ((badPattern ?? badExample ?? badHint) is { } refusal)
        {
            return refusal;
        }

        rule = new TextRule(pattern!, example!, hint);
        return rule.Fault(patternField, exampleField);
    }

    private static TimeSpan Whole(TimeSpan window) => TimeSpan.FromSeconds(Math.Floor(window.TotalSeconds));
}
