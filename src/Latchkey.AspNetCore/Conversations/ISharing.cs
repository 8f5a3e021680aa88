namespace Latchkey.AspNetCore;

/// <summary>
/// What a customer can show support of an app in a conversation, supplied by the host. Nothing that it answers holds a secret:
/// <see cref="SecretText.Mask"/> takes tokens, keys and passwords out of texts. The customer sees it before support does.
/// </summary>
public interface ISharing
{
    /// <summary>The app's settings as they are now, with what helps to understand them.</summary>
    ValueTask<Share> SnapshotAsync(HostApp app, Member by, CancellationToken cancellation);

    /// <summary>What else can be shown, such as builds: what the member may see of it, newest first, at most 50.</summary>
    ValueTask<IReadOnlyList<Shareable>> ListAsync(HostApp app, Member by, CancellationToken cancellation);

    /// <summary>One of those, whole; null where there is none of that id that the member may see.</summary>
    ValueTask<Share?> FindAsync(HostApp app, Member by, string id, CancellationToken cancellation);
}

/// <summary>Something that can be shown to support.</summary>
/// <param name="Id">The host's id, up to 128 printable characters without spaces.</param>
/// <param name="Title">Its title: "Build 41".</param>
/// <param name="At">When it was.</param>
/// <param name="Detail">What tells it from others: "deploy on main, failed".</param>
public sealed record Shareable(string Id, string Title, DateTimeOffset At, string? Detail);

/// <summary>A link on the support page.</summary>
/// <param name="Title">What is there.</param>
/// <param name="Url">Where: a path of this site, below its path base, or a whole address.</param>
/// <param name="About">A sentence on it.</param>
public sealed record HelpLink(string Title, string Url, string? About = null);
