using Microsoft.Data.Sqlite;

namespace Latchkey.Sqlite;

/// <summary>The projector's part for requests, for grants of whole accounts, and for what owners and the vendor's leads rule.</summary>
internal sealed class RequestProjector(SqliteConnection connection) : IDisposable
{
    private readonly Statement _cover = new(
        connection,
        """
        INSERT INTO grant_cover (grant_id, app, taken_out, may_end) VALUES (?1, ?2, 0, ?3)
        ON CONFLICT (grant_id, app) DO UPDATE SET taken_out = 0, may_end = excluded.may_end
        """);

    private readonly Statement _uncover = new(connection, "UPDATE grant_cover SET taken_out = 1 WHERE grant_id = ?1 AND app = ?2");

    private readonly Statement _make = new(
        connection,
        """
        INSERT INTO request (position, id, account, app, agent, conversation, delivered, at, expires, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'Pending')
        """);

    private readonly Statement _approve = new(connection, "INSERT INTO request_approval (request_id, account, position) VALUES (?1, ?2, ?3)");

    // What was decided stays decided: of two answers the first one stands.
    private readonly Statement _decide = new(
        connection,
        """
        UPDATE request SET state = ?3, because = ?4, decided_at = ?5, decided_entry = ?6, grant_id = ?7
        WHERE id = ?1 AND account = ?2 AND state = 'Pending'
        """);

    private readonly Statement _rule = new(
        connection,
        """
        INSERT INTO account_policy (account, refuses, approvers, named, entry) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (account) DO UPDATE
        SET refuses = excluded.refuses, approvers = excluded.approvers, named = excluded.named, entry = excluded.entry
        """);

    private readonly Statement _ofVendor = new(connection, "INSERT INTO vendor_change (position, topic) VALUES (?1, ?2)");

    public void Project(long position, AccountId account, DateTimeOffset time, Fact fact)
    {
        switch (fact)
        {
            case GrantCovers f:
                _cover.Run(f.Grant.Value, f.App.Value, Projector.Json(f.MayEnd.Select(p => p.Value)));
                break;
            case GrantUncovers f:
                _uncover.Run(f.Grant.Value, f.App.Value);
                break;
            case RequestMade f:
                // Nobody of support asked where a person of the customer did.
                _make.Run(
                    position, f.Request.Value, account.Value, f.App?.Value, f.Agent?.Value ?? "", f.Conversation,
                    f.AskedByName is not null && account != AccountId.Vendor ? 1L : 0L, Projector.Ms(time), Projector.Ms(f.Expires));
                break;
            case RequestApproved f:
                _approve.Run(f.Request.Value, account.Value, position);
                if (f.Grant is { } grant)
                {
                    _decide.Run(f.Request.Value, account.Value, nameof(RequestState.Approved), null, Projector.Ms(time), position, grant.Value);
                }

                break;
            case RequestEnded f:
                _decide.Run(f.Request.Value, account.Value, f.State.ToString(), f.Because?.ToString(), Projector.Ms(f.At), position, null);
                break;
            case PolicyChanged { Policy: var policy }:
                _rule.Run(account.Value, policy.Refuses ? 1L : 0L, (long)policy.Approvers, Projector.Json(policy.Named.Select(p => p.Value)), position);
                break;
            case VendorFact f:
                _ofVendor.Run(position, f.Topic.ToString());
                break;
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_cover, _uncover, _make, _approve, _decide, _rule, _ofVendor])
        {
            statement.Dispose();
        }
    }
}
