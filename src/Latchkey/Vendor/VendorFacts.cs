namespace Latchkey;

/// <summary>What the vendor's own ledger tells of the vendor.</summary>
public enum VendorTopic
{
    /// <summary>What leads ruled.</summary>
    Policy,

    /// <summary>Who joined and left the support team, and leads it.</summary>
    Team,
}

/// <summary>Something on the vendor's own ledger that concerns the vendor alone.</summary>
public abstract record VendorFact : Fact
{
    private protected VendorFact()
    {
    }

    /// <summary>What it is about.</summary>
    public abstract VendorTopic Topic { get; }

    /// <summary>The same fact with each content as <paramref name="told"/> makes it: with the text that is left of it.</summary>
    public abstract VendorFact With(Func<Content, Content> told);
}

/// <summary>A lead changed what the vendor rules. Windows are in whole seconds.</summary>
public sealed record VendorPolicyChanged(
    int MaxWindow,
    int DefaultWindow,
    int RequestWindow,
    int MinReason,
    RuleContents? Reason,
    bool TicketRequired,
    RuleContents? Ticket,
    AgentId By,
    Content ByName) : VendorFact
{
    internal const string KindName = "vendor_policy.changed";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override VendorTopic Topic => VendorTopic.Policy;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => [.. Reason?.All ?? [], .. Ticket?.All ?? [], ByName];

    /// <summary>What is ruled from here on. A pattern that was erased rules nothing.</summary>
    public VendorPolicy Policy => new(
        TimeSpan.FromSeconds(MaxWindow), TimeSpan.FromSeconds(DefaultWindow), TimeSpan.FromSeconds(RequestWindow),
        MinReason, Reason?.Rule, TicketRequired, Ticket?.Rule);

    /// <inheritdoc/>
    public override VendorFact With(Func<Content, Content> told)
    {
        ArgumentNullException.ThrowIfNull(told);
        return this with { Reason = Reason?.With(told), Ticket = Ticket?.With(told), ByName = told(ByName) };
    }

    internal static VendorPolicyChanged Of(VendorPolicy policy, AgentRef by, DateTimeOffset now) => new(
        Seconds(policy.MaxWindow), Seconds(policy.DefaultWindow), Seconds(policy.RequestWindow), policy.MinReason,
        RuleContents.Of(policy.Reason, now), policy.TicketRequired, RuleContents.Of(policy.Ticket, now), by.Id, Content.New(by.Name, now));

    private protected override void Write(FactWriter fields)
    {
        fields.Number("max_window", MaxWindow).Number("default_window", DefaultWindow).Number("request_window", RequestWindow).Number("min_reason", MinReason);
        Reason?.Write(fields, "reason");
        fields.Flag("ticket_required", TicketRequired);
        Ticket?.Write(fields, "ticket");
        fields.Id("by", By.Value).Content("by_name", ByName);
    }

    internal static VendorPolicyChanged Read(FactFields f) => new(
        f.Number("max_window"), f.Number("default_window"), f.Number("request_window"), f.Number("min_reason"),
        RuleContents.Read(f, "reason"), f.Flag("ticket_required"), RuleContents.Read(f, "ticket"), new(f.Text("by")), f.Content("by_name"));

    private static int Seconds(TimeSpan window) => (int)window.TotalSeconds;
}

/// <summary>A <see cref="TextRule"/> as an entry commits to it.</summary>
public sealed record RuleContents(Content Pattern, Content Example, Content? Hint)
{
    internal IEnumerable<Content> All => Hint is null ? [Pattern, Example] : [Pattern, Example, Hint];

    internal TextRule? Rule => Pattern.Text is { } pattern ? new TextRule(pattern, Example.Text ?? "", Hint?.Text) : null;

    internal static RuleContents? Of(TextRule? rule, DateTimeOffset now) => rule is null
        ? null
        : new(Content.New(rule.Pattern, now), Content.New(rule.Example, now), rule.Hint is null ? null : Content.New(rule.Hint, now));

    internal RuleContents With(Func<Content, Content> told) => new(told(Pattern), told(Example), Hint is null ? null : told(Hint));

    internal void Write(FactWriter fields, string about) => fields
        .Content($"{about}_pattern", Pattern).Content($"{about}_example", Example).Content($"{about}_hint", Hint);

    internal static RuleContents? Read(FactFields f, string about) => f.ContentOrNull($"{about}_pattern") is { } pattern
        ? new(pattern, f.Content($"{about}_example"), f.ContentOrNull($"{about}_hint"))
        : null;
}

/// <summary>What became of somebody on the support team.</summary>
public enum TeamChange
{
    /// <summary>They joined.</summary>
    Added,

    /// <summary>They may not work for now. Their sessions ended.</summary>
    Suspended,

    /// <summary>They may work again.</summary>
    Restored,

    /// <summary>They left. Their sessions ended.</summary>
    Removed,

    /// <summary>They lead the team.</summary>
    MadeLead,

    /// <summary>They lead it no longer.</summary>
    UnmadeLead,
}

/// <summary>Somebody joined or left the support team, or their part in it changed. No <paramref name="By"/>: not by another agent.</summary>
public sealed record TeamChanged(TeamChange Change, AgentId Agent, Content AgentName, AgentId? By, Content? ByName) : VendorFact
{
    /// <inheritdoc/>
    public override string Kind => KindOf(Change);

    /// <inheritdoc/>
    public override VendorTopic Topic => VendorTopic.Team;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => ByName is null ? [AgentName] : [AgentName, ByName];

    /// <inheritdoc/>
    public override VendorFact With(Func<Content, Content> told)
    {
        ArgumentNullException.ThrowIfNull(told);
        return this with { AgentName = told(AgentName), ByName = ByName is null ? null : told(ByName) };
    }

    /// <summary>What a kind of entry says happened on the team; null for a kind that says nothing of it.</summary>
    internal static TeamChange? ChangeOf(string kind) =>
        Enum.GetValues<TeamChange>().Where(change => KindOf(change) == kind).Select(change => (TeamChange?)change).FirstOrDefault();

    private static string KindOf(TeamChange change) => "agent." + System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(change.ToString());

    private protected override void Write(FactWriter fields) => fields
        .Id("agent", Agent.Value).Content("agent_name", AgentName).Id("by", By?.Value).Content("by_name", ByName);

    internal static TeamChanged Read(TeamChange change, FactFields f) =>
        new(change, new(f.Text("agent")), f.Content("agent_name"), f.AgentOrNull("by"), f.ContentOrNull("by_name"));
}
