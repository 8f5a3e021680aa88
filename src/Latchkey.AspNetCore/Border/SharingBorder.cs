using System.Runtime.CompilerServices;

namespace Latchkey.AspNetCore;

/// <summary>Between Latchkey and <see cref="ISharing"/>, as <see cref="SupportHostBorder"/> is for the host itself.</summary>
internal sealed class SharingBorder(ISharing sharing) : ISharing
{
    public async ValueTask<Share> SnapshotAsync(HostApp app, Member by, CancellationToken cancellation)
    {
        var answered = To();
        var share = answered.Given(await sharing.SnapshotAsync(app, by, cancellation), nameof(Share));
        Look(answered, share);
        return share;
    }

    public async ValueTask<IReadOnlyList<Shareable>> ListAsync(HostApp app, Member by, CancellationToken cancellation) =>
        To().Each(await sharing.ListAsync(app, by, cancellation), "the list", static (answered, thing, place) =>
        {
            answered.Id(thing.Id, $"{place}.{nameof(Shareable.Id)}");
            answered.Text(thing.Title, $"{place}.{nameof(Shareable.Title)}");
        });

    public async ValueTask<Share?> FindAsync(HostApp app, Member by, string id, CancellationToken cancellation)
    {
        var share = await sharing.FindAsync(app, by, id, cancellation);
        if (share is not null)
        {
            Look(To(), share);
        }

        return share;
    }

    private static Answered To([CallerMemberName] string member = "") => new($"{nameof(ISharing)}.{member}");

    // What its customer wrote stands in titles, names and values: it may hold whatever it holds, and is shown with that marked.
    private static void Look(Answered answered, Share share)
    {
        answered.Text(share.Title, $"{nameof(Share)}.{nameof(Share.Title)}");
        answered.Each(share.Parts, $"{nameof(Share)}.{nameof(Share.Parts)}", static (answered, part, place) =>
        {
            answered.Given(part.Title, $"{place}.{nameof(SharePart.Title)}");
            answered.Each(part.Fields, $"{place}.{nameof(SharePart.Fields)}", static (answered, field, place) =>
            {
                answered.Given(field.Name, $"{place}.{nameof(ShareField.Name)}");
                answered.Given(field.Value, $"{place}.{nameof(ShareField.Value)}");
            });
        });
    }
}
