namespace Latchkey;

/// <summary>An agent proposed a change to something that the customer had shown.</summary>
public sealed record ProposalMade(
    ProposalId Proposal,
    ConversationId Conversation,
    AppId? App,
    Author By,
    ShareId Share,
    Content Target,
    Content Title,
    Content? Base,
    Content Before,
    Content After,
    Content Why) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "proposal.made";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents =>
        Base is null ? [By.Name, Target, Title, Before, After, Why] : [By.Name, Target, Title, Before, After, Why, Base];

    private protected override void Write(FactWriter fields)
    {
        base.Write(fields);
        fields.Id("proposal", Proposal.Value).Id("share", Share.Value).Content("target", Target).Content("title", Title).Content("base", Base)
            .Content("before", Before).Content("after", After).Content("why", Why);
    }

    internal static ProposalMade Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(
            new(f.Text("proposal")), conversation, app, by, new(f.Text("share")), f.Content("target"), f.Content("title"), f.ContentOrNull("base"),
            f.Content("before"), f.Content("after"), f.Content("why"));
    }
}

/// <summary>
/// A proposal was applied or declined by an administrator, taken back or replaced by support; or one that was applied was undone.
/// Of several for one proposal the first that its state allows stands.
/// </summary>
public sealed record ProposalEnded(
    ProposalId Proposal, ConversationId Conversation, AppId? App, Author By, ProposalState State, Content? Note) : ConversationFact(Conversation, App, By)
{
    internal const string KindName = "proposal.ended";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override IEnumerable<Content> Contents => Note is null ? [By.Name] : [By.Name, Note];

    private protected override void Write(FactWriter fields)
    {
        base.Write(fields);
        fields.Id("proposal", Proposal.Value).Enum("state", State).Content("note", Note);
    }

    internal static ProposalEnded Read(FactFields f)
    {
        var (conversation, app, by) = ReadCommon(f);
        return new(new(f.Text("proposal")), conversation, app, by, f.Enum<ProposalState>("state"), f.ContentOrNull("note"));
    }
}
