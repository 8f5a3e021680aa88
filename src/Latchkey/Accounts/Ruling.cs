namespace Latchkey;

/// <summary>The rules of changing an account's policy. Run inside a batch: decide first, append second.</summary>
internal static class Ruling
{
    private const int MaxNamed = 64;

    public static Answer<AccountView> Rule(Batch batch, AccountId account, Lender owner, AccountPolicy policy)
    {
        if ((MayRule(owner) ?? Check(policy)) is { } refusal)
        {
            return refusal;
        }

        policy = policy with { Named = [.. policy.Named.Distinct()] };
        if (policy == batch.Account(account).Policy)
        {
            return batch.Account(account);
        }

        batch.Append(account, new PolicyChanged(policy, owner.Person, Content.New(owner.Name, batch.Now)));
        if (policy.Refuses)
        {
            EndEverything(batch, account, GrantEnd.AccountRefuses, Supersession.AccountRefuses, EndedBy.Of(owner));
        }

        return batch.Account(account);
    }

    /// <summary>Ends every grant and every pending request of an account.</summary>
    public static IReadOnlyList<AppId> EndEverything(Batch batch, AccountId account, GrantEnd cause, Supersession because, EndedBy by = default)
    {
        AppId[] apps = [.. batch.Apps().Where(v => v.Account == account).Select(v => v.App)];
        foreach (var grant in batch.Account(account).Grants)
        {
            Ending.End(batch, grant, cause, by);
        }

        foreach (var app in apps)
        {
            Ending.EndAll(batch, batch.View(app)!, cause, by);
        }

        Asking.Supersede(batch, account, because, _ => true);
        return apps;
    }

    private static Refusal? MayRule(Lender owner)
    {
        if (owner.IsAgent)
        {
            return new(RefusalReason.SupportInDisguise, "You are on the support team. What an account allows support is for its owner to say.");
        }

        return owner is { MayTurn: true, PromotedBySupport: false }
            ? null
            : new(RefusalReason.NotAllowed, "Only the account's owner can change what it allows support.");
    }

    private static Refusal? Check(AccountPolicy policy)
    {
        if (policy.Approvers is < 1 or > 2)
        {
            return TermsCheck.Invalid("approvers", $"'approvers' is {policy.Approvers}; it takes 1 or 2.");
        }

        var named = policy.Named.Distinct().Count();
        if (named > MaxNamed)
        {
            return TermsCheck.Invalid("named", $"'named' has {named} people; it takes at most {MaxNamed}, or nobody for every administrator.");
        }

        return named > 0 && named < policy.Approvers
            ? TermsCheck.Invalid("named", "'named' has one person, but two different people must approve; name at least two, or nobody for every administrator.")
            : null;
    }
}
