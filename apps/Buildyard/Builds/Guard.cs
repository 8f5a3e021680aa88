using Latchkey;
using Latchkey.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Buildyard;

/// <summary>
/// Decides whether a build is guarded: it then gets no secrets, signing files or keys and writes caches only to a scope of its own,
/// until the customer allows it.
/// </summary>
internal sealed class Guard(BuildyardDb db)
{
    /// <summary>The permission that lifts the guard from support's own builds. Lent only where a grant names it.</summary>
    public const string UseSecrets = "build.secrets.use";

    /// <summary>Why a build is guarded, as a sentence for the top of its log; null: it is not.</summary>
    /// <param name="build">What is about to be queued.</param>
#pragma warning disable CA1822 // What a build is shaped by, and who changed that last, is for the rows to say.
    public Task<string?> ReasonAsync(Build build) => Task.FromResult(
#pragma warning restore CA1822
        build.BySupport ? $"{build.StartedByName} started it."
        : build.SetUpBySupport ? "It repeats a build that support set up."
        : null);

    /// <summary>Whether the customer has allowed secrets before anybody asks: in the grant itself, or for this session of support's.</summary>
    public async Task<bool> IsAllowedBeforehandAsync(Build build, AccessContext? access)
    {
        if (!build.BySupport) return false;
        if (access is not null && await access.MayAsync(UseSecrets)) return true;
        return await db.SecretPermits.AnyAsync(p => p.AppId == build.AppId && p.SupportSession == build.SupportSession);
    }
}

/// <summary>What the end of support access means for builds.</summary>
internal static class SupportAccessRules
{
    /// <summary>Why a build of support's was stopped.</summary>
    public const string Ended = "Support access to this app has ended.";

    public static bool IsOpen(AppId app, SupportAccess supportAccess) => supportAccess.Find(app)?.IsOpen(supportAccess.Now) == true;

    /// <summary>Whether a build hangs on support access that is over: support's own, and guarded ones that the customer has not allowed their secrets.</summary>
    public static bool OutlivedSupport(Build build, SupportAccess supportAccess) =>
        (build.BySupport || (build.SetUpBySupport && build.GoesWithoutSecrets && build.StartedById is null)) && !IsOpen(new AppId(build.AppId), supportAccess);
}
