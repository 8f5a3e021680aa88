using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary>Tries whether an app's repository can be read with the key that the app has.</summary>
internal sealed class RepositoryCheck(AppSettings settings, SshKeyRing ring, RepositoryReader repositories)
{
    /// <returns>The branch that the repository itself calls its default.</returns>
    public async Task<Outcome<string>> RunAsync(AccessContext access, CancellationToken cancellation)
    {
        var app = await settings.GetAsync(access);
        if (app.RepositoryUrl.Length == 0) return Refusal.Conflict("no_repository", "The app has no repository URL.");
        access.Target(app.ShownUrl);
        return await repositories.DefaultBranchAsync(app.RepositoryUrl, app.AccountId, await ring.ForBuildAsync(app.Id), cancellation);
    }
}
