namespace Latchkey.AspNetCore;

/// <summary>Which notices somebody is also mailed: their own choice, below what the owner of a member's account lets be mailed.</summary>
internal sealed class MailChoiceDesk(SupportAccess access, MailSender mail)
{
    public async Task<MailChoicesState> ReadAsync(AccessContext caller, CancellationToken cancellation)
    {
        var reader = InboxReader.Of(caller)!.Value;
        var chosen = await access.Notices.ReadMailChoicesAsync(reader, cancellation);
        var ofAccount = caller.Member is { } member ? await access.Notices.ReadChoicesAsync(member.Account, cancellation) : null;
        return new(mail.IsSetUp, [
            .. NoticeChoices.MailKinds(reader).Select(kind => new MailChoiceState(
                AccessReader.Slug(kind), NoticeChoices.WantsMail(reader, kind, chosen), ofAccount is null || NoticeChoices.Of(kind, ofAccount).Email))]);
    }

    public async Task<Answer<MailChoicesState>> ChooseAsync(AccessContext caller, IReadOnlyDictionary<string, bool> wanted, CancellationToken cancellation)
    {
        var reader = InboxReader.Of(caller)!.Value;
        var kinds = NoticeChoices.MailKinds(reader).ToDictionary(AccessReader.Slug, kind => kind, StringComparer.Ordinal);
        if (wanted.Keys.FirstOrDefault(name => !kinds.ContainsKey(name)) is not null)
        {
            return NoticeDesk.Unknown;
        }

        await access.Notices.WriteMailChoicesAsync(reader, wanted.ToDictionary(w => kinds[w.Key], w => w.Value), cancellation);
        return await ReadAsync(caller, cancellation);
    }
}

/// <summary>Which notices the caller is also mailed. <c>email_available</c> is false while no mail server is set up.</summary>
internal sealed record MailChoicesState(bool EmailAvailable, IReadOnlyList<MailChoiceState> Choices);

/// <summary>Whether the caller wants mails on one event; <c>allowed</c> is false where the account's owner lets nobody be mailed on it.</summary>
internal sealed record MailChoiceState(string Event, bool Email, bool Allowed);

/// <summary>The body of choosing.</summary>
internal sealed record MailChoiceBody(bool Email);
