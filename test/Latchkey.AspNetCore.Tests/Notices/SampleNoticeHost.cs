namespace Latchkey.AspNetCore.Tests;

/// <summary>Whom the sample host has to tell.</summary>
internal sealed class SampleNoticeHost(SampleApps apps) : INoticeHost
{
    public Uri BaseAddress { get; } = new("https://sample.test/");

    public ValueTask<IReadOnlyList<Recipient>> AdministratorsOfAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        Of(account, m => apps.Administrators.Contains(m.Person.Value) && apps.Apps.Values.Any(a => a.Id == app && a.Account == account));

    public ValueTask<IReadOnlyList<Recipient>> OwnersOfAsync(AccountId account, CancellationToken cancellation) =>
        Of(account, m => apps.Owners.Contains(m.Person.Value));

    public ValueTask<IReadOnlyList<Recipient>> MembersOfAsync(AccountId account, CancellationToken cancellation) => Of(account, _ => true);

    public ValueTask<IReadOnlyList<Recipient>> AgentsAsync(CancellationToken cancellation) =>
        new([.. apps.Agents.Values.Select(a => Recipient.Agent(a.Id, a.Name, a.VerifiedEmail))]);

    private ValueTask<IReadOnlyList<Recipient>> Of(AccountId account, Func<Member, bool> fits) =>
        new([.. apps.Members.Values.Where(m => m.Account == account && fits(m)).Select(m => Recipient.Member(account, m.Person, m.Name, m.VerifiedEmail))]);
}

/// <summary>Waits for what rounds of telling do in the background. Never for time to pass: that is turned by hand.</summary>
internal static class Told
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static async Task<T> WhenAsync<T>(Func<Task<T>> ask, Func<T, bool> holds)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (holds(answer))
            {
                return answer;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(started) < s_patience, $"Still {answer}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
