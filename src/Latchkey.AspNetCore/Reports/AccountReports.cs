using Latchkey.AspNetCore.Pages;

namespace Latchkey.AspNetCore;

/// <summary>What came of a key to the whole account in one app.</summary>
/// <param name="Id">The app.</param>
/// <param name="Title">How it was called when it was last entered.</param>
/// <param name="Report">What came of the key in it.</param>
/// <param name="LeftBehind">How many changes of support are still there and undecided.</param>
/// <param name="Exists">Whether the app is still the account's.</param>
internal sealed record AppReport(AppId Id, string Title, ClosingReport Report, int LeftBehind, bool Exists);

/// <summary>The closing report of a key to the whole account, for its owner.</summary>
internal sealed class AccountReports(SupportAccess access, ISupportHost host, Settler settler)
{
    /// <summary>Answers with the page; as if it were not there for a key that is not this account's, or only one app's.</summary>
    public static async Task<IResult> GetPage(string grant, HttpContext context, AccessContext caller, AccountReports reports, Refuser refuser)
    {
        if (await reports.ReadAsync(caller.Member!.Account, grant, context.RequestAborted) is not var (report, apps))
        {
            return refuser.Result(Settler.Unknown);
        }

        context.Features.Set(apps);
        return LatchkeyPage.Result<AccountReportPage>(200, ("Report", report));
    }

    private async Task<(ClosingReport Report, IReadOnlyList<AppReport> Apps)?> ReadAsync(AccountId account, string grant, CancellationToken cancellation)
    {
        if (!IdText.IsId(grant)
            || await new ClosingReports(access.History).ReadAsync(account, app: null, new GrantId(grant), cancellation) is not { Grant.App: null } report)
        {
            return null;
        }

        var apps = new List<AppReport>();
        foreach (var sessions in report.Sessions.GroupBy(s => s.App).OrderByDescending(g => g.Count()))
        {
            var own = report with { Sessions = [.. sessions] };
            var app = await host.GetAppAsync(sessions.Key, cancellation) is { } known && known.Account == account ? known : null;
            var left = app is null ? LeftBehind.Nothing : await ReportEndpoints.LeftAsync(own, app, settler, most: 0, cancellation);
            apps.Add(new AppReport(sessions.Key, app?.Title ?? own.Sessions[0].AppTitle, own, left.Count, app is not null));
        }

        return (report, apps);
    }
}
