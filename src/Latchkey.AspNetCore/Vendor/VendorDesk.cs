namespace Latchkey.AspNetCore;

/// <summary>What the vendor rules, for the API and the page alike.</summary>
internal sealed class VendorDesk(SupportAccess access)
{
    private const int ChangesShown = 20;

    public async Task<VendorPolicyState> ReadAsync(CancellationToken cancellation)
    {
        var newest = (await access.History.ReadVendorAsync(new VendorQuery(VendorTopic.Policy, Limit: 1), cancellation)).FirstOrDefault();
        return StateOf(access.Policy, newest);
    }

    /// <summary>Who changed what and when, newest first; of the oldest one shown only that it was.</summary>
    public async Task<IReadOnlyList<VendorPolicyStory>> ReadHistoryAsync(CancellationToken cancellation)
    {
        var found = await access.History.ReadVendorAsync(new VendorQuery(VendorTopic.Policy, Limit: ChangesShown), cancellation);
        var changes = found.Select(record => (record.At, Fact: (VendorPolicyChanged)record.Fact)).ToArray();
        var begin = found.Count < ChangesShown ? access.Options.InForceAtStart : null;
        return [.. changes.Select((change, i) => new VendorPolicyStory(
            change.At, change.Fact.By.Value, change.Fact.ByName.Text,
            Differences(i + 1 < changes.Length ? changes[i + 1].Fact.Policy : begin, change.Fact.Policy)))];
    }

    /// <summary>Changes what is given; what is left out stays, except that no window stays longer than the longest one.</summary>
    public async Task<Answer<VendorPolicyState>> ChangeAsync(Agent lead, VendorPolicyBody given, CancellationToken cancellation)
    {
        var current = access.Policy;
        var (reason, ticket) = (Merge(given.ReasonPattern, given.ReasonExample, given.ReasonHint, current.Reason, "reason"), Merge(given.TicketPattern, given.TicketExample, given.TicketHint, current.Ticket, "ticket"));
        if ((reason.Refusal ?? ticket.Refusal) is { } refusal)
        {
            return refusal;
        }

        var max = given.MaxWindow ?? current.MaxWindow;
        var answer = await access.RuleAsync(
            lead.Ref,
            new VendorPolicy(
                max, given.DefaultWindow ?? Shorter(current.DefaultWindow, max), given.RequestWindow ?? Shorter(current.RequestWindow, max),
                given.ReasonMinLength ?? current.MinReason, reason.Rule, given.TicketRequired ?? current.TicketRequired, ticket.Rule),
            cancellation);
        return answer.Refusal is { } refused ? refused : await ReadAsync(cancellation);
    }

    private static (TextRule? Rule, Refusal? Refusal) Merge(string? pattern, string? example, string? hint, TextRule? current, string about)
    {
        var (merged, shown, said) = (pattern ?? current?.Pattern, example ?? current?.Example, hint ?? current?.Hint);
        if (!string.IsNullOrWhiteSpace(merged))
        {
            return (new TextRule(merged, shown ?? "", said), null);
        }

        // A pattern that is taken away takes its example and its sentence along, unless they were given beside it.
        return string.IsNullOrWhiteSpace(example) && string.IsNullOrWhiteSpace(hint)
            ? (null, null)
            : (null, new Refusal(RefusalReason.Invalid, $"'{about}_pattern' is missing; an example and a sentence go with a pattern.", $"{about}_pattern"));
    }

    private VendorPolicyState StateOf(VendorPolicy policy, VendorRecord? newest)
    {
        var changed = newest?.Fact as VendorPolicyChanged;
        return new VendorPolicyState(
            AccessReader.Iso(policy.MaxWindow), AccessReader.Iso(policy.DefaultWindow), AccessReader.Iso(policy.RequestWindow),
            policy.MinReason, policy.Reason?.Pattern, policy.Reason?.Example, policy.Reason?.Hint,
            policy.TicketRequired, policy.Ticket?.Pattern, policy.Ticket?.Example, policy.Ticket?.Hint,
            AccessReader.Iso(access.Options.MaxWindow), newest?.At, changed?.By.Value, changed?.ByName.Text);
    }

    private static List<string> Differences(VendorPolicy? before, VendorPolicy after)
    {
        var said = new List<string>();
        if (before is null)
        {
            return said;
        }

        Window("the longest window", before.MaxWindow, after.MaxWindow);
        Window("the usual window", before.DefaultWindow, after.DefaultWindow);
        Window("the window asked for", before.RequestWindow, after.RequestWindow);
        Say("a reason's least length", $"{before.MinReason}", $"{after.MinReason}");
        Say("what a reason must look like", before.Reason?.Pattern, after.Reason?.Pattern);
        Say("tickets", before.TicketRequired ? "required" : "optional", after.TicketRequired ? "required" : "optional");
        Say("what a ticket must look like", before.Ticket?.Pattern, after.Ticket?.Pattern);
        if (said.Count == 0)
        {
            said.Add("changed the words beside a field");
        }

        return said;

        void Window(string what, TimeSpan old, TimeSpan now) => Say(what, Durations.Length(old), Durations.Length(now));

        void Say(string what, string? old, string? now)
        {
            if (old != now)
            {
                said.Add($"{what}: {old ?? "anything"} → {now ?? "anything"}");
            }
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>What the vendor rules. Windows are ISO 8601 durations; <c>longest_possible</c> is set by whoever runs this and can't be changed here.</summary>
internal sealed record VendorPolicyState(
    string MaxWindow, string DefaultWindow, string RequestWindow,
    int ReasonMinLength, string? ReasonPattern, string? ReasonExample, string? ReasonHint,
    bool TicketRequired, string? TicketPattern, string? TicketExample, string? TicketHint,
    string LongestPossible, DateTimeOffset? ChangedAt, string? ChangedBy, string? ChangedByName);

/// <summary>What is to be changed of it; what is left out stays. An empty pattern takes the rule away.</summary>
internal sealed record VendorPolicyBody(
    TimeSpan? MaxWindow = null, TimeSpan? DefaultWindow = null, TimeSpan? RequestWindow = null,
    int? ReasonMinLength = null, string? ReasonPattern = null, string? ReasonExample = null, string? ReasonHint = null,
    bool? TicketRequired = null, string? TicketPattern = null, string? TicketExample = null, string? TicketHint = null);

/// <summary>One change of it.</summary>
internal sealed record VendorPolicyStory(DateTimeOffset At, string By, string? ByName, IReadOnlyList<string> What);
