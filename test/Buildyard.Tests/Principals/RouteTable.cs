namespace Buildyard.Principals;

/// <summary>
/// Every route, and what each kind of caller gets from it: <c>+</c> let through, <c>1</c> not signed in, <c>3</c> not allowed,
/// <c>4</c> nothing there, <c>g</c> over. A column is a caller, in the order of <see cref="Cast.All"/>:
/// nobody · owner, admin, admin by cookie, platform engineer, developer, tester, another account's owner · agent at an app not lent,
/// lead at one, lead outside a lent one · agent inside by cookie, by token, viewing, after the end by cookie, by token,
/// signed out by cookie, by token, token of another app.
/// </summary>
internal static class RouteTable
{
    public static IReadOnlyDictionary<string, string> Rows { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        // Anyone: what has to be there before anybody is known.
        ["GET /"] = "+ +++++++ +++ ++++++++",
        ["ANY /healthz"] = "+ +++++++ +++ ++++++++",
        ["GET /openapi/{documentName}.json"] = "+ +++++++ +++ ++++++++",
        ["GET /signin"] = "+ +++++++ +++ ++++++++",
        ["POST /signin"] = "+ +++++++ +++ ++++++++",
        ["POST /demo/signin"] = "+ +++++++ +++ ++++++++",
        ["GET /welcome/{secret}"] = "+ +++++++ +++ ++++++++",
        ["POST /welcome/{secret}"] = "+ +++++++ +++ ++++++++",
        ["POST /api/login"] = "+ +++++++ +++ ++++++++",
        ["GET /support-access/assets/{file}"] = "+ +++++++ +++ ++++++++",

        // Whoever is signed in.
        ["GET /apps"] = "1 +++++++ +++ +44+4144",
        ["POST /signout"] = "1 +++++++ +++ +44+4144",
        ["POST /api/logout"] = "1 +++++++ +++ +44+4144",
        ["GET /support-access/v1/events"] = "1 +++++++ +++ +44+4144",

        // Members, and owners alone.
        ["GET /api/apps"] = "1 +++++++ 444 44444144",
        ["POST /api/apps"] = "1 +33333+ 444 44444144",
        ["GET /apps/new"] = "1 +33333+ 444 44444144",
        ["POST /apps/new"] = "1 +33333+ 444 44444144",
        ["GET /account"] = "1 +33333+ 444 44444144",
        ["POST /account"] = "1 +33333+ 444 44444144",
        ["POST /account/members"] = "1 +33333+ 444 44444144",
        ["POST /account/members/owner"] = "1 +33333+ 444 44444144",
        ["POST /account/members/remove"] = "1 +33333+ 444 44444144",
        ["GET /account/billing"] = "1 +33333+ 444 44444144",
        ["POST /account/billing"] = "1 +33333+ 444 44444144",
        ["GET /api/account"] = "1 +33333+ 444 44444144",
        ["PATCH /api/account"] = "1 +33333+ 444 44444144",
        ["GET /api/billing"] = "1 +33333+ 444 44444144",
        ["PATCH /api/billing"] = "1 +33333+ 444 44444144",

        // An app: what can be lent.
        ["GET /apps/{app}"] = "1 ++++++4 443 +++gg1g4",
        ["GET /apps/{app}/settings"] = "1 ++++++4 443 +++gg1g4",
        ["POST /apps/{app}/settings"] = "1 +++3334 443 ++3gg1g4",
        ["POST /apps/{app}/settings/enabled"] = "1 +++3334 443 ++3gg1g4",
        ["GET /apps/{app}/settings/team"] = "1 ++++++4 443 +++gg1g4",
        ["POST /apps/{app}/settings/team/role"] = "1 +++3334 443 ++3gg1g4",
        ["GET /apps/{app}/workflow/yml"] = "1 +++++34 443 +++gg1g4",
        ["POST /apps/{app}/workflow/yml"] = "1 ++++334 443 ++3gg1g4",
        ["GET /apps/{app}/workflow/yml/versions"] = "1 +++++34 443 +++gg1g4",
        ["GET /apps/{app}/workflow/yml/versions/{number:int}"] = "1 +++++34 443 +++gg1g4",
        ["POST /apps/{app}/workflow/yml/versions/{number:int}/restore"] = "1 ++++334 443 ++3gg1g4",
        ["GET /api/apps/{app}"] = "1 ++++++4 443 +++gg1g4",
        ["PATCH /api/apps/{app}"] = "1 +++3334 443 ++3gg1g4",
        ["GET /api/apps/{app}/team"] = "1 ++++++4 443 +++gg1g4",
        ["PUT /api/apps/{app}/team/{person}"] = "1 +++3334 443 ++3gg1g4",
        ["GET /api/apps/{app}/bitrise-yml"] = "1 +++++34 443 +++gg1g4",
        ["PUT /api/apps/{app}/bitrise-yml"] = "1 ++++334 443 ++3gg1g4",
        ["GET /api/apps/{app}/bitrise-yml/versions"] = "1 +++++34 443 +++gg1g4",
        ["GET /api/apps/{app}/bitrise-yml/versions/{number:int}"] = "1 +++++34 443 +++gg1g4",
        ["POST /api/apps/{app}/bitrise-yml/versions/{number:int}/restore"] = "1 ++++334 443 ++3gg1g4",
        ["GET /apps/{app}/workflow/secrets"] = "1 ++++334 443 +++gg1g4",
        ["POST /apps/{app}/workflow/secrets/set"] = "1 ++++334 443 ++3gg1g4",
        ["POST /apps/{app}/workflow/secrets/remove"] = "1 ++++334 443 ++3gg1g4",
        ["GET /api/apps/{app}/secrets"] = "1 ++++334 443 +++gg1g4",
        ["PUT /api/apps/{app}/secrets/{name}"] = "1 ++++334 443 ++3gg1g4",
        ["DELETE /api/apps/{app}/secrets/{name}"] = "1 ++++334 443 ++3gg1g4",

        // An app: what is off limits for support.
        ["POST /apps/{app}/workflow/secrets/reveal"] = "1 ++++334 443 444gg1g4",
        ["POST /api/apps/{app}/secrets/{name}/reveal"] = "1 ++++334 443 444gg1g4",
        ["POST /apps/{app}/settings/delete"] = "1 +333334 443 444gg1g4",
        ["POST /apps/{app}/settings/team/add"] = "1 +++3334 443 444gg1g4",
        ["POST /apps/{app}/settings/team/remove"] = "1 +++3334 443 444gg1g4",
        ["POST /apps/{app}/settings/team/accept"] = "1 +++3334 443 444gg1g4",
        ["POST /api/apps/{app}/team/{person}"] = "1 +++3334 443 444gg1g4",
        ["DELETE /api/apps/{app}/team/{person}"] = "1 +++3334 443 444gg1g4",
        ["POST /api/apps/{app}/team/{person}/accept"] = "1 +++3334 443 444gg1g4",

        // Support access itself: members see it, admins turn it, support comes nowhere near it.
        ["GET /support-access/v1/apps/{app}/access"] = "1 ++++++4 443 444gg1g4",
        ["PUT /support-access/v1/apps/{app}/access"] = "1 +++3334 443 444gg1g4",
        ["DELETE /support-access/v1/apps/{app}/access"] = "1 +++3334 443 444gg1g4",
        ["DELETE /support-access/v1/apps/{app}/sessions/{session}"] = "1 +++3334 443 444gg1g4",
        ["GET /support-access/v1/apps/{app}/activity"] = "1 +++3334 443 444gg1g4",
        ["GET /support-access/v1/apps/{app}/history"] = "1 +++3334 443 444gg1g4",
        ["GET /support-access/v1/apps/{app}/sessions"] = "1 +++3334 443 444gg1g4",
        ["GET /support-access/apps/{app}/activity"] = "1 +++3334 443 444gg1g4",
        ["GET /support-access/apps/{app}/panel"] = "1 ++++++4 443 444gg1g4",
        ["GET /support-access/apps/{app}/presence"] = "1 ++++++4 443 444gg1g4",
        ["POST /support-access/apps/{app}/access/on"] = "1 +++3334 443 444gg1g4",
        ["POST /support-access/apps/{app}/access/off"] = "1 +++3334 443 444gg1g4",
        ["POST /support-access/apps/{app}/sessions/{session}/end"] = "1 +++3334 443 444gg1g4",

        // Agents themselves, and leads alone.
        ["GET /support-access/v1/agent/apps"] = "1 4444444 +++ +44+4144",
        ["GET /support-access/v1/agent/sessions"] = "1 4444444 +++ +44+4144",
        ["POST /support-access/v1/sessions"] = "1 4444444 +++ +44+4144",
        ["DELETE /support-access/v1/sessions/{session}"] = "1 4444444 +44 +44+4144",
        ["POST /support-access/v1/grants/{grant}/forfeit"] = "1 4444444 +++ +44+4144",
        ["POST /support-access/v1/clock/accept"] = "1 4444444 4++ 44444144",
        ["GET /support-access/console"] = "1 4444444 +++ +44+4144",
        ["GET /support-access/console/enter/{slug}"] = "1 4444444 44+ +4444144",
        ["POST /support-access/console/enter/{slug}"] = "1 4444444 44+ +4444144",
        ["GET /support-access/enter/{code}"] = "1 4444444 +++ +44+4144",
        ["POST /support-access/enter/{code}"] = "1 4444444 +++ +44+4144",
        ["POST /support-access/leave/{session}"] = "1 4444444 +++ +44+4144",
        ["POST /support-access/grants/{grant}/forfeit"] = "1 4444444 +++ +44+4144",
        ["POST /support-access/console/clock/accept"] = "1 4444444 4++ 44444144",
        ["GET /support/team"] = "1 4444444 4++ 44444144",
        ["POST /support/team"] = "1 4444444 4++ 44444144",
        ["POST /support/team/suspend"] = "1 4444444 4++ 44444144",
        ["POST /support/team/remove"] = "1 4444444 4++ 44444144",
    };
}
