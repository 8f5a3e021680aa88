namespace Latchkey.AspNetCore;

/// <summary>
/// Conversations as their caller may see them, for the API and the pages alike. An agent sees all of them. A member sees those
/// about apps that they administer, and those about the account where they may speak for it; whoever may speak for the account
/// sees every one of it, also of an app that is gone.
/// </summary>
internal sealed class ConversationDesk(SupportAccess access, ISupportHost host, AccessReader reader, Teller teller)
{
    /// <summary>One conversation; null where there is none, or none that the caller may see.</summary>
    public async Task<ConversationRecord?> FindAsync(AccessContext caller, string id, CancellationToken cancellation) =>
        IdText.IsId(id)
        && await access.Conversations.FindAsync(new ConversationId(id), KeyOf(caller), cancellation) is { } found
        && await MaySeeAsync(caller, found.Account, found.App, cancellation)
            ? found
            : null;

    /// <summary>A page of the conversations that fit the filter.</summary>
    public async Task<IReadOnlyList<ConversationRecord>> ReadAsync(AccessContext caller, ConversationQuery query, string? app, CancellationToken cancellation)
    {
        query = query with { Reader = KeyOf(caller) };
        if (caller.Member is not { } member)
        {
            return app is null ? await access.Conversations.ReadAsync(query, cancellation)
                : IdText.IsId(app) ? await access.Conversations.ReadAsync(query with { App = new AppId(app) }, cancellation)
                : [];
        }

        var account = await host.GetAccountAsync(member, cancellation);
        query = query with { Account = member.Account };
        if (!(await host.GetAccountRightsAsync(member, cancellation)).MayTurn)
        {
            query = query with { Apps = [.. account.Apps.Select(a => a.Id)] };
        }

        if (app is not null)
        {
            var named = account.Apps.FirstOrDefault(a => a.Slug == app || a.Id.Value == app);
            if (named is null)
            {
                return [];
            }

            query = query with { App = named.Id };
        }

        return await access.Conversations.ReadAsync(query, cancellation);
    }

    /// <summary>Who the caller is in a conversation about an app, or about their account.</summary>
    public async Task<Speaker> SpeakerAsync(AccessContext caller, AppId? app, CancellationToken cancellation)
    {
        if (caller.Agent is { } agent)
        {
            return Speaker.Of(agent.Ref);
        }

        var member = caller.Member!;
        return app is { } id && await host.GetAppAsync(id, cancellation) is { } found && found.Account == member.Account
            ? Speaker.Of(await reader.LenderAsync(member, found, cancellation))
            : Speaker.Of(await reader.AccountLenderAsync(member, cancellation));
    }

    /// <summary>Opens a conversation about one of the member's apps, by slug or id, or about their account.</summary>
    public async Task<Answer<OpenedConversation>> OpenAsync(Member member, string? app, string? subject, string? text, IReadOnlyList<NewFile> files, CancellationToken cancellation)
    {
        var account = await host.GetAccountAsync(member, cancellation);
        if (string.IsNullOrEmpty(app))
        {
            var owner = Speaker.Of(await reader.AccountLenderAsync(member, cancellation));
            return await access.OpenConversationAsync(new Topic(member.Account, account.Title, null), owner, subject, new Said(text), files, cancellation);
        }

        if (await host.FindAppAsync(member, app, cancellation) is not { } about)
        {
            return new Refusal(RefusalReason.Invalid, "'app' takes the name of an app that you administer.", "app");
        }

        var by = Speaker.Of(await reader.LenderAsync(member, about, cancellation));
        return await access.OpenConversationAsync(new Topic(member.Account, account.Title, about.Ref), by, subject, new Said(text), files, cancellation);
    }

    /// <summary>Sends a message on, in the newest open conversation about an app, or in a new one.</summary>
    public async Task<Answer<ChangedConversation>> AskToLookAsync(Member member, HostApp app, CancellationToken cancellation)
    {
        const string Text = "Support access is on, please look.";
        var by = Speaker.Of(await reader.LenderAsync(member, app, cancellation));
        var query = new ConversationQuery(Account: app.Account, App: app.Id, OpenOnly: true, Limit: 1);
        if (await access.Conversations.ReadAsync(query, cancellation) is [var open])
        {
            var sent = await access.SendAsync(open, by, new Said(Text), cancellation);
            return sent.Refusal is { } refusal ? refusal : new ChangedConversation(open.Id);
        }

        var opened = await access.OpenConversationAsync(
            new Topic(app.Account, app.AccountTitle, app.Ref), by, "Support access is on", new Said(Text), cancellation);
        return opened.Value is { } made ? new ChangedConversation(made.Id) : opened.Refusal!;
    }

    /// <summary>Notes what the caller has seen.</summary>
    public Task MarkSeenAsync(AccessContext caller, ConversationId id, long position, CancellationToken cancellation) =>
        teller.SeeAsync(InboxReader.AccountOf(caller), InboxReader.Of(caller)!.Value, id, position, cancellation);

    /// <summary>The same for what a page shows: reading goes on where it can't be noted.</summary>
    public async Task MarkShownAsync(AccessContext caller, ConversationId id, long position, CancellationToken cancellation)
    {
        try
        {
            await MarkSeenAsync(caller, id, position, cancellation);
        }
        catch (LedgerStoreException)
        {
            // It stays unread.
        }
    }

    /// <summary>Whether somebody may see what concerns an app of an account, or the account as a whole.</summary>
    public async Task<bool> MaySeeAsync(AccessContext caller, AccountId account, AppId? app, CancellationToken cancellation)
    {
        if (caller.Member is not { } member)
        {
            return caller.Agent is not null;
        }

        return member.Account == account
            && ((app is { } id
                    && await host.GetAppAsync(id, cancellation) is { } found
                    && found.Account == account
                    && await host.GetRightsAsync(member, found, cancellation) is { MayTurn: true, PromotedBySupport: false })
                || (await host.GetAccountRightsAsync(member, cancellation)).MayTurn);
    }

    private static string KeyOf(AccessContext caller) => Author.KeyOf(caller.Member?.Person, caller.Agent?.Id);
}
