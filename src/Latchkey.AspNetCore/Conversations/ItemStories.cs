namespace Latchkey.AspNetCore;

/// <summary>What is in a conversation, as the API says it. A further kind of item is a further line.</summary>
internal static class ItemStories
{
    /// <summary>An item for the API. Its number in the account's ledger is for the customer: between two, support would read how much else there is.</summary>
    public static ItemStory Of(ConversationItem item, bool forSupport)
    {
        return item switch
        {
            OpenedItem i => Story("opened") with { Text = i.Subject },
            MessageItem i => Story("message") with { Id = i.Message.Value, Text = i.Text, Attachments = i.Attachments },
            ShareItem i => Story("share") with { Id = i.Id.Value, Shared = AccessReader.Slug(i.Kind), Title = i.Title, Parts = i.Parts },
            AssignedItem i => Story("assigned") with { Agent = i.To?.Value, AgentName = i.ToName },
            RequestItem i => Story("request") with { Id = i.Request.Value },
            RequestAnsweredItem i => Story("request_" + AccessReader.Slug(i.Answer)) with { Id = i.Request.Value, Text = i.Note },
            ProposalItem i => Story("proposal") with { Id = i.Proposal.Value },
            ProposalEndedItem i => Story("proposal_" + AccessReader.Slug(i.State)) with { Id = i.Proposal.Value, Text = i.Note },
            ScreenshotsItem i => Story("screenshots") with { Id = i.Screenshots.Value },
            ScreenshotsEndedItem i => Story("screenshots_" + AccessReader.Slug(i.State)) with { Id = i.Screenshots.Value, Text = i.Note, Attachments = i.Attachments },
            StateItem i => Story(i.Solved ? "solved" : "reopened"),
            _ => Story("other"),
        };

        ItemStory Story(string kind) => new(kind, Cursor.Encode(item.Position), forSupport ? null : item.Seq, item.At, item.Person?.Value, item.Agent?.Value, item.Name);
    }
}
