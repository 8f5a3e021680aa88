namespace Latchkey.Tests.Proposals;

/// <summary>What becomes of proposals and of asks for screenshots, whoever answers and however often.</summary>
public sealed class ProposalTests
{
    private static readonly ShareId Share = new("shr_1");

    [Fact]
    public async Task EveryWayThroughTheStates_IsTheModels_AndTheSameAfterRebuilding()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        foreach (var first in Enum.GetValues<ProposalState>())
        {
            foreach (var second in Enum.GetValues<ProposalState>())
            {
                var made = (await world.Access.ProposeAsync(conversation, World.Sam, Draft($"{first} {second}"))).Value!;
                var state = ProposalState.Open;
                foreach (var step in new[] { first, second })
                {
                    var (before, answer) = (state, await StepAsync(world, made.Id, step));
                    state = (before, step) switch
                    {
                        (ProposalState.Open, ProposalState.Applied or ProposalState.Declined or ProposalState.Withdrawn) => step,
                        (ProposalState.Applied, ProposalState.Reverted) => step,
                        _ => before,
                    };
                    Assert.Equal(state == before ? RefusalReason.AlreadyDecided : null, answer.Refusal?.Reason);
                    Assert.Equal(state, (await world.Access.FindProposalAsync(made.Id))!.State);
                }

                if (state == ProposalState.Open) await world.Access.WithdrawProposalAsync(made.Id, World.Sam, isLead: false);
            }
        }

        var all = await ReadAsync(world, conversation);
        await world.Store.RebuildAsync(CancellationToken.None);
        Assert.Equal(all, await ReadAsync(world, conversation));
        await world.RestartAsync();
        Assert.Equal(all, await ReadAsync(world, conversation));
    }

    [Fact]
    public async Task TheHostActsOnce_AndItsRefusalLeavesTheProposalOpen()
    {
        await using var world = await World.StartAsync();
        var made = (await world.Access.ProposeAsync(await OpenAsync(world), World.Sam, Draft("title"))).Value!;
        var refused = await world.Access.ApplyProposalAsync(made.Id, World.Adam, _ => Task.FromResult<Refusal?>(new Refusal(RefusalReason.ChangedSince, "Changed since.")));
        Assert.Equal(RefusalReason.ChangedSince, refused.Refusal?.Reason);
        var acted = 0;
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.Access.ApplyProposalAsync(made.Id, World.Adam, async _ =>
        {
            Interlocked.Increment(ref acted);
            await Task.Yield();
            return null;
        })));
        Assert.Equal((1, 1, 7), (acted, answers.Count(a => a.Value is not null), answers.Count(a => a.Refusal?.Reason == RefusalReason.AlreadyDecided)));
    }

    [Fact]
    public async Task SupportAnswersNothing_InNoDisguise()
    {
        await using var world = await World.StartAsync();
        var made = (await world.Access.ProposeAsync(await OpenAsync(world), World.Sam, Draft("title"))).Value!;
        foreach (var (by, reason) in new[]
        {
            (World.Adam with { IsAgent = true }, RefusalReason.SupportInDisguise),
            (World.Adam with { PromotedBySupport = true }, RefusalReason.PromotedBySupport),
            (World.Adam with { MayTurn = false }, RefusalReason.NotAllowed),
        })
        {
            var asked = false;
            Task<Refusal?> Act(ProposalRecord proposal)
            {
                asked = true;
                return Task.FromResult<Refusal?>(null);
            }

            Assert.Equal(reason, (await world.Access.ApplyProposalAsync(made.Id, by, Act)).Refusal?.Reason);
            Assert.Equal(reason, (await world.Access.DeclineProposalAsync(made.Id, by, null)).Refusal?.Reason);
            Assert.Equal(reason, (await world.Access.RevertProposalAsync(made.Id, by, Act)).Refusal?.Reason);
            Assert.False(asked);
        }

        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.WithdrawProposalAsync(made.Id, World.Sue, isLead: false)).Refusal?.Reason);
        Assert.Equal(ProposalState.Withdrawn, (await world.Access.WithdrawProposalAsync(made.Id, World.Sue, isLead: true)).Value?.State);
    }

    [Fact]
    public async Task ANewerOne_ReplacesTheOpenOneToTheSameTarget_Alone()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        await world.Access.ProposeAsync(conversation, World.Sam, Draft("title"));
        await world.Access.ProposeAsync(conversation, World.Sam, Draft("branch"));
        await world.Access.ProposeAsync(conversation, World.Sue, Draft("title"));
        var read = await world.Access.Conversations.ReadProposalsAsync(new ProposalQuery(conversation.Id), CancellationToken.None);
        Assert.Equal([ProposalState.Open, ProposalState.Open, ProposalState.Superseded], read.Select(p => p.State));
        Assert.Equal(ConversationState.WaitingOnCustomer, (await world.Access.Conversations.FindAsync(conversation.Id, null, CancellationToken.None))!.State);
    }

    [Fact]
    public async Task Screenshots_AreAskedForOneAtATime_AndAnsweredOnce()
    {
        await using var world = await World.StartAsync();
        var conversation = await OpenAsync(world);
        Assert.Equal("wanted", (await world.Access.AskForScreenshotsAsync(conversation, World.Sam, [])).Refusal?.Field);
        Assert.Equal("wanted", (await world.Access.AskForScreenshotsAsync(conversation, World.Sam, ["a page", "x"])).Refusal?.Field);
        var asked = (await world.Access.AskForScreenshotsAsync(conversation, World.Sam, ["The signing page", "  The log  "])).Value!;
        Assert.Equal(["The signing page", "The log"], asked.Wanted);
        Assert.Equal(RefusalReason.AlreadyPending, (await world.Access.AskForScreenshotsAsync(conversation, World.Sue, ["The end"])).Refusal?.Reason);

        var (adam, sam) = (Speaker.Of(World.Adam), Speaker.Of(World.Sam));
        var mine = (await world.Access.AttachAsync(conversation, adam, new MemoryStream("a log"u8.ToArray()), "a.log", asked.Id)).Value!;
        var theirs = (await world.Access.AttachAsync(conversation, sam, new MemoryStream("a log"u8.ToArray()), "b.log")).Value!;
        Assert.Equal("attachments", (await world.Access.AnswerScreenshotsAsync(conversation, asked.Id, adam, new Said("", []))).Refusal?.Field);
        Assert.Equal("attachments", (await world.Access.AnswerScreenshotsAsync(conversation, asked.Id, adam, new Said("", [theirs.Id.Value]))).Refusal?.Field);
        Assert.Equal(RefusalReason.NotAllowed, (await world.Access.AnswerScreenshotsAsync(conversation, asked.Id, sam, new Said("", [theirs.Id.Value]))).Refusal?.Reason);
        var disguised = Speaker.Of(World.Adam with { IsAgent = true });
        Assert.Equal(RefusalReason.SupportInDisguise, (await world.Access.DeclineScreenshotsAsync(conversation, asked.Id, disguised, null)).Refusal?.Reason);

        var answers = await Task.WhenAll(
            world.Access.AnswerScreenshotsAsync(conversation, asked.Id, adam, new Said("Here", [mine.Id.Value])),
            world.Access.DeclineScreenshotsAsync(conversation, asked.Id, adam, "No"),
            world.Access.WithdrawScreenshotsAsync(conversation, asked.Id, World.Sam, isLead: false));
        Assert.Single(answers, a => a.Value is not null);
        Assert.Equal(2, answers.Count(a => a.Refusal?.Reason == RefusalReason.AlreadyDecided));
        var won = answers.Single(a => a.Value is not null).Value!;
        await world.Store.RebuildAsync(CancellationToken.None);
        Assert.Equal((won.State, won.Note), ((await world.Access.FindScreenshotsAsync(asked.Id))!.State, (await world.Access.FindScreenshotsAsync(asked.Id))!.Note));
        Assert.NotNull((await world.Access.AskForScreenshotsAsync(conversation, World.Sue, ["The end"])).Value);
    }

    private static Task<Answer<ProposalRecord>> StepAsync(World world, ProposalId id, ProposalState step) => step switch
    {
        ProposalState.Declined => world.Access.DeclineProposalAsync(id, World.Adam, "No"),
        ProposalState.Withdrawn => world.Access.WithdrawProposalAsync(id, World.Sam, isLead: false),
        ProposalState.Reverted => world.Access.RevertProposalAsync(id, World.Adam, _ => Task.FromResult<Refusal?>(null)),
        ProposalState.Applied => world.Access.ApplyProposalAsync(id, World.Adam, _ => Task.FromResult<Refusal?>(null)),
        // Nobody asks for these: they are as refused as an end that came too late.
        _ => Task.FromResult<Answer<ProposalRecord>>(new Refusal(RefusalReason.AlreadyDecided, "")),
    };

    private static async Task<string> ReadAsync(World world, ConversationRecord conversation) =>
        string.Join('\n', (await world.Access.Conversations.ReadProposalsAsync(new ProposalQuery(conversation.Id, Limit: 200), CancellationToken.None)).Select(p => p.ToString()));

    private static ProposalDraft Draft(string target) => new(Share, target, $"Settings: {target}", "7", "before", "after", "It helps");

    private static async Task<ConversationRecord> OpenAsync(World world)
    {
        var opened = await world.Access.OpenConversationAsync(
            new Topic(World.Northwind, "Northwind", World.Ios), Speaker.Of(World.Adam), "Signing fails", new Said("Since today"));
        return (await world.Access.Conversations.FindAsync(opened.Value!.Id, null, CancellationToken.None))!;
    }
}
