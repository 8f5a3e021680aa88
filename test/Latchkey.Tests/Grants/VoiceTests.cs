using System.Reflection;

namespace Latchkey.Tests.Grants;

/// <summary>
/// What is done in the customer's name is done by who speaks for it: nobody of support in a member's clothes, nobody whom support raised,
/// nobody without the role. Ends, and what one takes back of one's own, are not asked for that.
/// </summary>
[Trait("capability", "R4")]
public sealed class VoiceTests
{
    private static readonly Func<ProposalRecord, Task<Refusal?>> s_done = _ => Task.FromResult<Refusal?>(null);

    /// <summary>Every act of the core in the customer's name, by the name of its method; each can be done where it is tried.</summary>
    private static readonly Dictionary<string, Func<Scene, Lender, Task<Refusal?>>> s_acts = new()
    {
        [nameof(SupportAccess.TurnOnAsync)] = async (s, by) => (await s.Access.TurnOnAsync(World.Android, by, new Terms())).Refusal,
        [nameof(SupportAccess.MayApprove)] = (s, by) => Task.FromResult(s.Access.MayApprove(s.Asked, by, [])),
        [nameof(SupportAccess.ApproveAsync)] = async (s, by) =>
            (await s.Access.ApproveAsync(World.Northwind, s.Asked.Id, by, new ApprovalTerms(), [World.Ios])).Refusal,
        [nameof(SupportAccess.DenyAsync)] = async (s, by) => (await s.Access.DenyAsync(World.Northwind, s.Asked.Id, by, note: null)).Refusal,
        [nameof(SupportAccess.RuleAsync)] = async (s, by) =>
            (await s.Access.RuleAsync(World.Northwind, by, AccountPolicy.Default with { Approvers = 2 })).Refusal,
        [nameof(SupportAccess.MaySettle)] = (s, by) => Task.FromResult(s.Access.MaySettle(by)),
        [nameof(SupportAccess.SettleAsync)] = async (s, by) =>
            (await s.Access.SettleAsync(World.Ios, ActId.New(s.Access.Now), Settlement.Kept, by)).Refusal,
        [nameof(SupportAccess.MayAnswerProposal)] = (s, by) => Task.FromResult(s.Access.MayAnswerProposal(by)),
        [nameof(SupportAccess.ApplyProposalAsync)] = async (s, by) => (await s.Access.ApplyProposalAsync(s.Proposed, by, s_done)).Refusal,
        [nameof(SupportAccess.RevertProposalAsync)] = async (s, by) => (await s.Access.RevertProposalAsync(s.Applied, by, s_done)).Refusal,
        [nameof(SupportAccess.DeclineProposalAsync)] = async (s, by) => (await s.Access.DeclineProposalAsync(s.Proposed, by, note: null)).Refusal,
        [nameof(SupportAccess.OpenConversationAsync)] = async (s, by) =>
            (await s.Access.OpenConversationAsync(Scene.Topic, Speaker.Of(by), "Signing fails", new Said("Again"))).Refusal,
        [nameof(SupportAccess.SendAsync)] = async (s, by) => (await s.Access.SendAsync(s.Open, Speaker.Of(by), new Said("Please look"))).Refusal,
        [nameof(SupportAccess.ShareAsync)] = async (s, by) =>
            (await s.Access.ShareAsync(s.Open, Speaker.Of(by), new Share(ShareKind.Snapshot, "Settings", []))).Refusal,
        [nameof(SupportAccess.SolveAsync)] = async (s, by) => (await s.Access.SolveAsync(s.Open, Speaker.Of(by))).Refusal,
        [nameof(SupportAccess.ReopenAsync)] = async (s, by) => (await s.Access.ReopenAsync(s.Solved, Speaker.Of(by))).Refusal,
        [nameof(SupportAccess.AttachAsync)] = async (s, by) => (await s.Access.AttachAsync(s.Open, Speaker.Of(by), Scene.File(), "a.log")).Refusal,
        [nameof(SupportAccess.AnswerScreenshotsAsync)] = async (s, by) =>
            (await s.Access.AnswerScreenshotsAsync(s.Open, s.Wanted, Speaker.Of(by), new Said("Here", [s.Picture.Value]))).Refusal,
        [nameof(SupportAccess.DeclineScreenshotsAsync)] = async (s, by) =>
            (await s.Access.DeclineScreenshotsAsync(s.Open, s.Wanted, Speaker.Of(by), note: null)).Refusal,
    };

    private static readonly string[] s_endsAndOnesOwn =
    [
        nameof(SupportAccess.TurnOffAsync), nameof(SupportAccess.EndSessionAsync), nameof(SupportAccess.EndAccountAccessAsync),
        nameof(SupportAccess.WithdrawAsync), nameof(SupportAccess.FindToEnd),
        nameof(SupportAccess.FindAttachmentAsync), nameof(SupportAccess.EraseAttachmentAsync),
    ];

    public static TheoryData<string> Acts => [.. s_acts.Keys];

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task InTheCustomersName_ActsWhoSpeaksForIt_AndNobodyElse(string act)
    {
        await using var world = await World.StartAsync();
        var scene = await Scene.SetAsync(world);
        var before = await world.Ledgers.CountAsync(World.Northwind);
        foreach (var (mute, reasons) in new (Lender, RefusalReason[])[]
        {
            (World.Adam with { IsAgent = true }, [RefusalReason.SupportInDisguise]),
            (World.Adam with { IsAgent = true, MayTurn = false }, [RefusalReason.SupportInDisguise]),
            (World.Adam with { PromotedBySupport = true }, [RefusalReason.PromotedBySupport, RefusalReason.NotAllowed]),
            (World.Adam with { MayTurn = false, MayTurnOff = true }, [RefusalReason.NotAllowed]),
        })
        {
            Assert.Contains(Assert.IsType<Refusal>(await s_acts[act](scene, mute)).Reason, reasons);
        }

        Assert.Equal(before, await world.Ledgers.CountAsync(World.Northwind));
        Assert.Null(await s_acts[act](scene, World.Adam));
    }

    [Fact]
    public void EveryActOfAPersonOfTheCustomer_IsInTheTable_OrAnEnd()
    {
        Type[] people = [typeof(Lender), typeof(Speaker), typeof(PersonId)];
        var named = typeof(SupportAccess).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => method.GetParameters().Any(parameter => people.Contains(parameter.ParameterType)))
            .Select(method => method.Name);
        Assert.Equal(s_acts.Keys.Concat(s_endsAndOnesOwn).Order(StringComparer.Ordinal), named.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>A conversation about an app in which something waits for the customer of each kind there is.</summary>
    private sealed record Scene(
        SupportAccess Access, AccessRequest Asked, ConversationRecord Open, ConversationRecord Solved, ProposalId Proposed, ProposalId Applied,
        ScreenshotsId Wanted, AttachmentId Picture)
    {
        public static readonly Topic Topic = new(World.Northwind, "Northwind", World.Ios);

        public static async Task<Scene> SetAsync(World world)
        {
            var (access, adam) = (world.Access, Speaker.Of(World.Adam));
            var (open, solved) = (await OpenAsync(access, adam), await OpenAsync(access, adam));
            Assert.Null((await access.SolveAsync(solved, adam)).Refusal);
            var asked = await access.RequestAsync(new RequestTarget(World.Northwind, World.Ios, "Northwind iOS"), World.Sam, new Plea("Signing fails"));
            var (proposed, applied) = (await ProposeAsync(access, open, "title"), await ProposeAsync(access, open, "branch"));
            Assert.Null((await access.ApplyProposalAsync(applied, World.Adam, s_done)).Refusal);
            var wanted = (await access.AskForScreenshotsAsync(open, World.Sam, ["The signing page"])).Value!.Id;
            var picture = (await access.AttachAsync(open, adam, File(), "a.log", wanted)).Value!.Id;
            return new Scene(access, asked.Value!, open, await ReadAsync(access, solved.Id), proposed, applied, wanted, picture);
        }

        public static MemoryStream File() => new("a log"u8.ToArray());

        private static async Task<ConversationRecord> OpenAsync(SupportAccess access, Speaker by) =>
            await ReadAsync(access, (await access.OpenConversationAsync(Topic, by, "Signing fails", new Said("Since today"))).Value!.Id);

        private static async Task<ConversationRecord> ReadAsync(SupportAccess access, ConversationId id) =>
            (await access.Conversations.FindAsync(id, reader: null, CancellationToken.None))!;

        private static async Task<ProposalId> ProposeAsync(SupportAccess access, ConversationRecord conversation, string target)
        {
            var share = new ShareId("shr_1");
            return (await access.ProposeAsync(conversation, World.Sam, new ProposalDraft(share, target, target, "7", "before", "after", "It helps"))).Value!.Id;
        }
    }
}
