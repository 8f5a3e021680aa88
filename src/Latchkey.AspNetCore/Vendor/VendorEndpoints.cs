using System.Globalization;
using Latchkey.AspNetCore.Pages;
using Microsoft.AspNetCore.Routing;

namespace Latchkey.AspNetCore;

/// <summary>What the vendor rules: for every agent to read, for leads to change.</summary>
internal static class VendorEndpoints
{
    private static readonly string[] s_fields =
    [
        "max_window", "default_window", "request_window", "reason_min_length", "reason_pattern", "reason_example", "reason_hint",
        "ticket_required", "ticket_pattern", "ticket_example", "ticket_hint",
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var vendor = routes.MapGroup("/v1/vendor").WithTags("Support leads");
        vendor.MapGet("/policy", GetPolicy)
            .RequireAgent()
            .WithSummary("What the vendor rules: the longest windows, and what a reason and a ticket must look like.")
            .Produces<VendorPolicyState>();
        vendor.MapPut("/policy", PutPolicy)
            .RequireAgent(lead: true)
            .WithSummary("Changes what the vendor rules, from now on; windows that are open stay as they were lent. A field left out stays as it is, an empty pattern takes its rule away. Leads only.")
            .Accepts<VendorPolicyState>("application/json")
            .Produces<VendorPolicyState>().ProducesProblem(422).ProducesProblem(503);

        var pages = routes.MapGroup("/console/policies").RequireAgent(lead: true).ExcludeFromDescription();
        pages.MapGet("", (HttpContext context, VendorDesk desk) => ShowAsync(context, desk, typed: null, refusal: null));
        pages.MapPost("", PostPolicies).WithMetadata(FormSize.Small);
    }

    private static async Task<IResult> GetPolicy(VendorDesk desk, CancellationToken cancellation) => Results.Json(await desk.ReadAsync(cancellation), Wire.Json);

    private static async Task<IResult> PutPolicy(HttpContext context, AccessContext caller, VendorDesk desk, Refuser refuser)
    {
        var body = await JsonBody.ReadAsync(context, s_fields);
        var given = new VendorPolicyBody(
            body.Duration("max_window"), body.Duration("default_window"), body.Duration("request_window"),
            body.Number("reason_min_length"), body.Text("reason_pattern"), body.Text("reason_example"), body.Text("reason_hint"),
            body.Flag("ticket_required"), body.Text("ticket_pattern"), body.Text("ticket_example"), body.Text("ticket_hint"));
        if (body.Refusal is { } unreadable)
        {
            return refuser.Result(unreadable);
        }

        var answer = await desk.ChangeAsync(caller.Agent!, given, context.RequestAborted);
        return answer.Refusal is { } refusal ? refuser.Result(refusal) : Results.Json(answer.Value, Wire.Json);
    }

    private static async Task<IResult> PostPolicies(HttpContext context, AccessContext caller, VendorDesk desk)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var read = Read(form);
        var refusal = read.Refusal ?? (await desk.ChangeAsync(caller.Agent!, read.Value!, context.RequestAborted)).Refusal;
        return refusal is null
            ? new SeeOther($"{Paths.Of(context).ConsolePolicies}?saved")
            : await ShowAsync(context, desk, form, refusal);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, VendorDesk desk, IFormCollection? typed, Refusal? refusal)
    {
        var cancellation = context.RequestAborted;
        context.Features.Set(new PoliciesShown(await desk.ReadAsync(cancellation), await desk.ReadHistoryAsync(cancellation), typed, refusal));
        return LatchkeyPage.Result<PoliciesPage>(refusal is null ? 200 : Refuser.StatusOf(refusal.Reason));
    }

    private static Answer<VendorPolicyBody> Read(IFormCollection form)
    {
        Refusal? refusal = null;
        var given = new VendorPolicyBody(
            Window("max_window"), Window("default_window"), Window("request_window"),
            Number("reason_min_length"), form["reason_pattern"].ToString(), form["reason_example"].ToString(), form["reason_hint"].ToString(),
            form["ticket_required"] == "true", form["ticket_pattern"].ToString(), form["ticket_example"].ToString(), form["ticket_hint"].ToString());
        return refusal is not null ? refusal : given;

        TimeSpan? Window(string name) => (Number(name), form[$"{name}_unit"].ToString()) switch
        {
            ({ } count, "minutes") => TimeSpan.FromMinutes(count),
            ({ } count, "hours") => TimeSpan.FromHours(count),
            ({ } count, _) => TimeSpan.FromDays(count),
            _ => null,
        };

        int? Number(string name)
        {
            if (int.TryParse(form[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 100_000)
            {
                return number;
            }

            refusal ??= new Refusal(RefusalReason.Invalid, $"'{name}' takes a whole number.", name);
            return null;
        }
    }
}

/// <summary>What the page of policies shows: what holds, who changed it, and what was typed and refused.</summary>
internal sealed record PoliciesShown(VendorPolicyState Policy, IReadOnlyList<VendorPolicyStory> Changes, IFormCollection? Typed, Refusal? Refusal);
