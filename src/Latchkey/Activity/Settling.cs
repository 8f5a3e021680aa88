namespace Latchkey;

/// <summary>The rules of keeping and undoing what support changed. Whoever may lend may settle: support never, in no disguise.</summary>
internal static class Settling
{
    public static Refusal? MaySettle(Lender by)
    {
        if (by.IsAgent)
        {
            return new(RefusalReason.SupportInDisguise, "You are on the support team. What support changed is kept or undone by an admin of the customer.");
        }

        if (!by.MayTurn)
        {
            return new(RefusalReason.NotAllowed, "Only admins of this app can keep or undo what support changed.");
        }

        return by.PromotedBySupport
            ? new(RefusalReason.PromotedBySupport, "Support made you an admin of this app. You can keep or undo what it changed once another admin has accepted that on the team page.")
            : null;
    }
}

/// <summary>A change that was settled.</summary>
/// <param name="Act">The act that made it.</param>
/// <param name="Decision">What was decided.</param>
public sealed record SettledChange(ActId Act, Settlement Decision);
