using System.Net.Http.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging;

namespace Latchkey.AspNetCore.Tests;

/// <summary>A host that fails while somebody is told of something, or never answers, holds up that alone.</summary>
[Trait("capability", "K1")]
public sealed class SetAsideTests : IAsyncLifetime
{
    private static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30);
    private readonly MailSink _sink = new();
    private readonly Odd _odd = new();
    private readonly LogBook _log = new();
    private readonly ManualResetEventSlim _over = new();
    private SampleHost _host = null!;

    /// <summary>How a host fails over what concerns one customer.</summary>
    public static TheoryData<string, string> Failures => new()
    {
        { "INoticeHost.AdministratorsOfAsync", "throws" }, { "INoticeHost.AdministratorsOfAsync", "blocks" }, { "INoticeHost.AdministratorsOfAsync", "answers nothing" },
        { "INoticeHost.AdministratorsOfAsync", "answers somebody else's" }, { "INoticeHost.AgentsAsync", "throws" },
    };

    public async ValueTask InitializeAsync()
    {
        _host = await SampleHost.StartAsync(
            options =>
            {
                (options.Mail.Host, options.Mail.Port, options.Mail.From) = ("127.0.0.1", _sink.Port, "support@sample.test");
                options.HostPatience = TimeSpan.FromSeconds(2);
            },
            services: Odd.BuiltIn(_odd, _log));
        _host.Apps.Administrators.IntersectWith(["adam", "carla"]);
    }

    public async ValueTask DisposeAsync()
    {
        _over.Set();
        await _host.DisposeAsync();
        await _sink.DisposeAsync();
        _log.Dispose();
        _over.Dispose();
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task WhoeverElse_IsTold_AndTheirsComesWhenTheHostAnswers(string asked, string failure)
    {
        // Agents are told of what goes on where they worked.
        await TurnOnAsync("adam", "northwind-ios");
        await EnterAsync("northwind-ios");
        await UnseenAsync("adam", 2);
        _odd.Answer(asked, Failing(failure));

        await TurnOnAsync("adam", "northwind-ios", "P2D");
        await TurnOnAsync("carla", "contoso-web");
        await UnseenAsync("carla", 1);
        await Told.WhenAsync(() => Task.FromResult(_log.Of(1303).Count), times => times == 1);
        Assert.Contains("the notice 'On 2' of account northwind", Assert.Single(_log.Of(1303)), StringComparison.Ordinal);
        Assert.Equal(2, await CountAsync("adam"));
        Assert.Equal(1, (await _host.Access.Notices.CountTroubleAsync(CancellationToken.None)).Notices);

        _odd.AnswerRight();
        _host.Clock.Advance(HalfAMinute);
        await UnseenAsync("adam", 3);
        Assert.Equal(1, await CountAsync("carla"));
        Assert.Equal(0, (await _host.Access.Notices.CountTroubleAsync(CancellationToken.None)).Notices);
        Assert.Empty(_log.Of(1302));
    }

    [Theory]
    [InlineData("INoticeHost.AdministratorsOfAsync", "throws")]
    [InlineData("INoticeHost.AdministratorsOfAsync", "blocks")]
    [InlineData("INoticeHost.BaseAddress", "throws")]
    [InlineData("ISupportHost.FindAppAsync", "throws")]
    [InlineData("ISupportHost.FindAppAsync", "blocks")]
    public async Task WhoeverElse_IsMailed_AndTheirsGoesWhenTheHostAnswers(string asked, string failure)
    {
        _sink.Mood = Mood.Refuses;
        await TurnOnAsync("adam", "northwind-ios");
        await TurnOnAsync("carla", "contoso-web");
        await Told.WhenAsync(() => _host.Access.Notices.CountTroubleAsync(CancellationToken.None), trouble => trouble.Deliveries == 2);

        _odd.Answer(asked, asked == "INoticeHost.BaseAddress" ? OnceThrowing() : Failing(failure));
        _sink.Mood = Mood.Takes;
        _host.Clock.Advance(HalfAMinute);
        await Told.WhenAsync(() => Task.FromResult(_sink.Taken.Count), taken => taken == 1);
        await Told.WhenAsync(() => Task.FromResult(_log.Of(1304).Count), times => times == 1);
        Assert.Contains("the notice 'On ", Assert.Single(_log.Of(1304)), StringComparison.Ordinal);

        _odd.AnswerRight();
        _host.Clock.Advance(TimeSpan.FromMinutes(2));
        await Told.WhenAsync(() => Task.FromResult(_sink.Taken.Count), taken => taken == 2);
        Assert.Equal(["adam@northwind.test", "carla@contoso.test"], _sink.Taken.Select(mail => mail.To).Order());
        await Told.WhenAsync(() => _host.Access.Notices.CountTroubleAsync(CancellationToken.None), trouble => trouble == new NoticeTrouble(0, 0));
        Assert.Empty(_log.Of(1302));
    }

    [Fact]
    public async Task AnotherCustomersWebhook_IsCalled_WhileTheHostCantReadOnesSecret()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var host = await SampleHost.StartAsync(
            options => options.AllowPrivateWebhooks = true,
            services: services => services.AddSingleton<ILoggerProvider>(_log).AddSingleton<IDataProtectionProvider>(new KeysThatFailOnce(new EphemeralDataProtectionProvider())));
        foreach (var (owner, account, app) in ((string, string, string)[])[("olivia", "northwind", "northwind-ios"), ("carla", "contoso", "contoso-web")])
        {
            using var program = host.Program(owner);
            var api = $"/support-access/v1/accounts/{account}";
            Assert.True((await program.PutAsJsonAsync($"{api}/notice-webhook", new { url = new Uri(receiver.Address, $"/{account}").AbsoluteUri })).IsSuccessStatusCode);
            Assert.True((await program.PutAsJsonAsync($"{api}/notices/on", new { webhook = true })).IsSuccessStatusCode);
            Assert.True((await program.PutAsJsonAsync($"/support-access/v1/apps/{app}/access", new { })).IsSuccessStatusCode);
        }

        await Told.WhenAsync(() => Task.FromResult((receiver.Calls.Count, _log.Of(1304).Count)), both => both == (1, 1));
        Assert.Equal(new NoticeTrouble(0, 1), await host.Access.Notices.CountTroubleAsync(CancellationToken.None));
        host.Clock.Advance(HalfAMinute);
        await Told.WhenAsync(() => Task.FromResult(receiver.Calls.Count), calls => calls == 2);
        Assert.Equal(["/contoso", "/northwind"], receiver.Calls.Select(call => call.Path).Order());
    }

    [Fact]
    public void EachQuestionWithoutARequest_IsBounded() => Assert.All(
        typeof(HostInBackground).GetInterfaceMap(typeof(INoticeHost)).TargetMethods, method => Assert.Equal(typeof(HostInBackground), method.DeclaringType));

    /// <summary>Fails where it is about the northern customer or its people, and is right about everybody else.</summary>
    private Func<object?, object?> Failing(string failure) => right => IsOfNorthwind(right) ? Fail(failure) : right;

    private Recipient[]? Fail(string failure)
    {
        switch (failure)
        {
            case "throws":
                throw new InvalidOperationException("The people's database does not answer.");
            case "blocks":
                _over.Wait();
                return null;
            case "answers nothing":
                return null;
            default:
                return [Recipient.Member(new("contoso"), new("carla"), "Carla Ruiz", "carla@contoso.test")];
        }
    }

    private static Func<object?, object?> OnceThrowing()
    {
        var times = 0;
        return right => Interlocked.Increment(ref times) == 1 ? throw new InvalidOperationException("No address is set.") : right;
    }

    // Of the team it is asked for that customer alone: support works in no other app.
    private static bool IsOfNorthwind(object? right) => right switch
    {
        IReadOnlyList<Recipient> people => people.Any(p => p.Reader.IsAgent || p.Reader.Value.Contains(" northwind ", StringComparison.Ordinal)),
        HostApp app => app.Account.Value == "northwind",
        _ => false,
    };

    private async Task TurnOnAsync(string who, string app, string duration = "P1D")
    {
        using var program = _host.Program(who);
        using var put = await program.PutAsJsonAsync($"/support-access/v1/apps/{app}/access", new { duration });
        Assert.True(put.IsSuccessStatusCode);
    }

    private async Task EnterAsync(string app)
    {
        using var program = _host.Program("sam");
        using var entered = await program.PostAsJsonAsync("/support-access/v1/sessions", new { app, reason = "Signing fails" });
        Assert.True(entered.IsSuccessStatusCode);
    }

    private Task<int> CountAsync(string who)
    {
        var member = _host.Apps.Members[who];
        return _host.Access.Notices.CountUnseenAsync(ReaderId.Of(member.Account, member.Person), CancellationToken.None);
    }

    private Task<int> UnseenAsync(string who, int count) => Told.WhenAsync(() => CountAsync(who), unseen => unseen == count);

    /// <summary>A key store of the host's that does not answer when a webhook's secret is first read.</summary>
    private sealed class KeysThatFailOnce(IDataProtectionProvider keys) : IDataProtectionProvider
    {
        private int _reads;

        public IDataProtector CreateProtector(string purpose) =>
            purpose == "Latchkey.Notices.WebhookSecret" ? new Protector(this, keys.CreateProtector(purpose)) : keys.CreateProtector(purpose);

        private sealed class Protector(KeysThatFailOnce failing, IDataProtector right) : IDataProtector
        {
            public IDataProtector CreateProtector(string purpose) => right.CreateProtector(purpose);

            public byte[] Protect(byte[] plaintext) => right.Protect(plaintext);

            public byte[] Unprotect(byte[] protectedData) =>
                Interlocked.Increment(ref failing._reads) == 1 ? throw new IOException("The key store does not answer.") : right.Unprotect(protectedData);
        }
    }
}
