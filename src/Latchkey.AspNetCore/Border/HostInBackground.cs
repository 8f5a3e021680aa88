using Microsoft.Extensions.Options;

namespace Latchkey.AspNetCore;

/// <summary>
/// The host, asked where no request is: each question in a scope of its own, and given up when the host does not answer in time. What it does meanwhile
/// reaches nobody; its scope is kept until it has done it.
/// </summary>
internal sealed class HostInBackground(IServiceScopeFactory scopes, IOptions<LatchkeyOptions> options) : INoticeHost
{
    public Uri BaseAddress
    {
        get
        {
            using var scope = scopes.CreateScope();
            return scope.ServiceProvider.GetRequiredService<INoticeHost>().BaseAddress;
        }
    }

    public async ValueTask<IReadOnlyList<Recipient>> AdministratorsOfAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        await PeopleAsync((host, stop) => host.AdministratorsOfAsync(account, app, stop), cancellation);

    public async ValueTask<IReadOnlyList<Recipient>> OwnersOfAsync(AccountId account, CancellationToken cancellation) =>
        await PeopleAsync((host, stop) => host.OwnersOfAsync(account, stop), cancellation);

    public async ValueTask<IReadOnlyList<Recipient>> MembersOfAsync(AccountId account, CancellationToken cancellation) =>
        await PeopleAsync((host, stop) => host.MembersOfAsync(account, stop), cancellation);

    public async ValueTask<IReadOnlyList<PersonId>> WithoutVoiceAsync(AccountId account, AppId? app, CancellationToken cancellation) =>
        await PeopleAsync((host, stop) => host.WithoutVoiceAsync(account, app, stop), cancellation);

    public async ValueTask<IReadOnlyList<PersonId>> WhoMayEndAsync(AccountId account, AppId app, CancellationToken cancellation) =>
        await PeopleAsync((host, stop) => host.WhoMayEndAsync(account, app, stop), cancellation);

    public async ValueTask<IReadOnlyList<Recipient>> AgentsAsync(CancellationToken cancellation) =>
        await PeopleAsync((host, stop) => host.AgentsAsync(stop), cancellation);

    /// <summary>Asks something with services of its own.</summary>
    /// <exception cref="TimeoutException">The host has not answered in time.</exception>
    public async Task<T> AskAsync<T>(Func<IServiceProvider, CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        var patience = options.Value.HostPatience;
        // Real time, as the host takes it, whatever clock access is decided by.
        using var late = new CancellationTokenSource(patience, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        // On a thread of its own: a host may block without ever giving its thread back.
        var asked = Task.Run(() => InScopeAsync(ask, stop.Token), CancellationToken.None);
        try
        {
            return await asked.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"The host has not answered within {patience.TotalSeconds} seconds.", e);
        }
    }

    private Task<T> PeopleAsync<T>(Func<INoticeHost, CancellationToken, ValueTask<T>> ask, CancellationToken cancellation) =>
        AskAsync((services, stop) => ask(services.GetRequiredService<INoticeHost>(), stop).AsTask(), cancellation);

    private async Task<T> InScopeAsync<T>(Func<IServiceProvider, CancellationToken, Task<T>> ask, CancellationToken stop)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await ask(scope.ServiceProvider, stop);
    }
}
