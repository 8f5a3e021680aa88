using Latchkey;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// One conversation of a new demo, so that both sides have something to read. None where <c>Demo:Conversation</c> says false;
/// left out, that is as <c>Demo:Builds</c>.
/// </summary>
internal sealed class DemoConversation(SupportAccess supportAccess, IServiceScopeFactory scopes, DataDirectory directory, IConfiguration configuration) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The ledger is open by now.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!directory.IsDemo || !configuration.GetValue("Demo:Conversation", configuration.GetValue("Demo:Builds", true)) || !supportAccess.Health.IsWorking) return;
        if (await supportAccess.Conversations.ReadAsync(new ConversationQuery(Limit: 1), cancellationToken) is not []) return;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<BuildyardDb>();
        var app = await db.Apps.AsNoTracking().Include(a => a.Account).SingleOrDefaultAsync(a => a.Slug == "northwind-ios", cancellationToken);
        var adam = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Email == "adam@northwind.test", cancellationToken);
        var sue = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Email == "sue@support.test", cancellationToken);
        if (app is not null && adam is not null && sue is not null) await TalkAsync(app, adam, sue);
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task TalkAsync(App app, Person adam, Person sue)
    {
        var customer = Speaker.Of(new Lender(new PersonId(adam.Id), adam.Name, MayTurn: true, IsAgent: false, PromotedBySupport: false, [new PersonId(adam.Id)]));
        var agent = new AgentRef(new AgentId(sue.Id), sue.Name, "demo");
        var opened = await supportAccess.OpenConversationAsync(
            new Topic(new AccountId(app.AccountId), app.Account.Name, app.ToHostApp().Ref),
            customer,
            "Release builds stop at signing",
            new Said("Since Monday every release build stops at the signing step. Pull requests still build.\n\nWe renewed the distribution certificate last week; the old one runs out on Friday."));
        if (opened.Value is null || await supportAccess.Conversations.FindAsync(opened.Value.Id, null, CancellationToken.None) is not { } conversation) return;
        await supportAccess.AssignAsync(conversation, agent, agent.Id, agent.Name);
        await supportAccess.SendAsync(conversation, Speaker.Of(agent), new Said("That often means that the profile still names the old certificate. Could you show us the settings of the app, and the newest release build? “Show support something” on the right masks secrets and lets you look first."));
        await supportAccess.SendAsync(conversation, customer, new Said("Will do. Is there a way for you to try it yourselves? We can turn support access on for a day."));
    }
}
