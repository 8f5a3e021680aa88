using Latchkey.AspNetCore;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Buildyard;

/// <summary>Something to say about a place in a file.</summary>
internal sealed record YamlPlaceRemark(string Message, int Line, int Column)
{
    public static IReadOnlyList<YamlPlaceRemark> Of(IEnumerable<YamlRemark> remarks) => [.. remarks.Select(r => new YamlPlaceRemark(r.Message, r.Line, r.Column))];
}

internal sealed record YamlVerdict(bool Valid, IReadOnlyList<YamlPlaceRemark> Errors, IReadOnlyList<YamlPlaceRemark> Warnings);

/// <summary>A file, and something that happens: a push, a tag, or a pull request.</summary>
internal sealed record TriggerCheck
{
    public string Yml { get; init; } = "";
    public string? PushBranch { get; init; }
    public string? Tag { get; init; }
    public string? PrSourceBranch { get; init; }
    public string? PrTargetBranch { get; init; }
    public string? CommitMessage { get; init; }
    public IReadOnlyList<string>? ChangedFiles { get; init; }

    /// <summary>Whether the pull request is a draft.</summary>
    public bool? Draft { get; init; }

    /// <summary><c>draft</c>, <c>ready_for_review</c> or <c>converted_to_ready_for_review</c>.</summary>
    public string? PrReadyState { get; init; }
    public string? Label { get; init; }
    public IReadOnlyList<string>? Labels { get; init; }
    public string? Comment { get; init; }
}

internal sealed record TriggeredTargets(IReadOnlyList<TriggeredTarget> Targets);

/// <summary>Asks about a <c>bitrise.yml</c> that belongs to no app. Nothing is stored.</summary>
internal static class CheckApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/bitrise-yml").WithTags("bitrise.yml");
        api.MapPost("/validate", ValidateAsync).RequireSignedIn()
            .WithSummary("Says whether a bitrise.yml is valid, and what is wrong with it at which place. Nothing is stored.")
            .Produces<YamlVerdict>().ProducesProblem(429)
            // Any body is taken, whatever it says it is; so its type is described, not demanded.
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/yaml"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } } },
                };
                return Task.CompletedTask;
            });
        api.MapPost("/trigger-check", CheckAsync).RequireSignedIn()
            .WithSummary("Says which workflows and pipelines a push, a tag or a pull request would start. Nothing is stored.")
            .Produces<TriggeredTargets>().ProducesProblem(400).ProducesProblem(422).ProducesProblem(429);
    }

    private static async Task<IResult> ValidateAsync(HttpRequest request, ComputeTurns turns)
    {
        if (await YamlText.ReadBodyAsync(request) is not { } bytes) return Unreadable("It is larger than 400 KB.");
        if (!YamlText.Decode(bytes).Succeeded(out var text, out var unreadable)) return Unreadable(unreadable.Errors[0].Problem);
        return await InTurnAsync(request.HttpContext, turns, cancellation =>
        {
            var check = BitriseYaml.Check(text, cancellation);
            return TypedResults.Ok(new YamlVerdict(check.IsValid, YamlPlaceRemark.Of(check.Errors), YamlPlaceRemark.Of(check.Warnings)));
        });
    }

    private static Ok<YamlVerdict> Unreadable(string why) => TypedResults.Ok(new YamlVerdict(false, [new YamlPlaceRemark(why, 1, 1)], []));

    /// <summary>Works for whoever asks, once their request is there, until they leave.</summary>
    private static async Task<IResult> InTurnAsync(HttpContext context, ComputeTurns turns, Func<CancellationToken, IResult> work)
    {
        var outcome = await turns.DoAsync(ComputeParty.Of(context.GetAccess()), work, context.RequestAborted);
        if (outcome.Succeeded(out var answer, out var refusal)) return answer;
        context.Response.Headers.RetryAfter = ComputeTurns.RetryAfter;
        return refusal.Result();
    }

    private static async Task<IResult> CheckAsync(TriggerCheck asked, HttpContext context, ComputeTurns turns)
    {
        var errors = new List<FieldError>();
        var happened = Read(asked, errors);
        if (happened is null || errors.Count > 0) return Refusal.Invalid(errors).Result();
        return await InTurnAsync(context, turns, cancellation =>
        {
            var (config, check) = BitriseYaml.Read(asked.Yml, cancellation);
            if (config is null || !check.IsValid)
                return Problems.Of(422, "invalid_yaml", "This is not a valid bitrise.yml.", YamlPlaceRemark.Of(check.Errors));
            var (targets, excess) = config.Match(happened, cancellation);
            if (excess is null) return TypedResults.Ok(new TriggeredTargets(targets));
            return Refusal.Invalid(new FieldError(asked.ChangedFiles is null ? "yml" : "changed_files", excess, "Fewer or simpler patterns in yml, or fewer changed_files.")).Result();
        });
    }

    private static TriggerEvent? Read(TriggerCheck asked, List<FieldError> errors)
    {
        var state = asked.PrReadyState switch
        {
            null or "" => asked.Draft == true ? PullRequestState.Draft : PullRequestState.Ready,
            "draft" => PullRequestState.Draft,
            "ready_for_review" => PullRequestState.Ready,
            "converted_to_ready_for_review" => PullRequestState.JustReady,
            _ => (PullRequestState?)null,
        };
        if (state is null) errors.Add(new FieldError("pr_ready_state", "It is not known.", "draft, ready_for_review or converted_to_ready_for_review."));
        (TriggerKind Kind, string Field, bool Given)[] kinds =
        [
            (TriggerKind.Push, "push_branch", !string.IsNullOrEmpty(asked.PushBranch)),
            (TriggerKind.PullRequest, "pr_source_branch", !string.IsNullOrEmpty(asked.PrSourceBranch) || !string.IsNullOrEmpty(asked.PrTargetBranch)),
            (TriggerKind.Tag, "tag", !string.IsNullOrEmpty(asked.Tag)),
        ];
        var given = kinds.Where(k => k.Given).ToList();
        const string accepted = "One of push_branch, tag, or pr_source_branch with pr_target_branch.";
        if (given.Count == 0) errors.Add(new FieldError("push_branch", "Nothing happens.", accepted));
        else if (given.Count > 1) errors.Add(new FieldError(given[1].Field, $"It is given besides {given[0].Field}.", accepted));
        (string Field, IEnumerable<string?> Texts)[] texts =
        [
            ("push_branch", [asked.PushBranch]), ("tag", [asked.Tag]), ("pr_source_branch", [asked.PrSourceBranch]), ("pr_target_branch", [asked.PrTargetBranch]),
            ("commit_message", [asked.CommitMessage]), ("changed_files", asked.ChangedFiles ?? []), ("label", [asked.Label]), ("labels", asked.Labels ?? []), ("comment", [asked.Comment]),
        ];
        foreach (var (field, _) in texts.Where(t => t.Texts.Any(text => text?.Length > TriggerMatcher.LongestText)))
            errors.Add(new FieldError(field, "It is too long.", "At most 65,536 characters."));
        if (errors.Count > 0) return null;
        return new TriggerEvent(given[0].Kind)
        {
            Branch = asked.PushBranch,
            Tag = asked.Tag,
            SourceBranch = asked.PrSourceBranch,
            TargetBranch = asked.PrTargetBranch,
            Commits = asked.CommitMessage is null && asked.ChangedFiles is null ? [] : [new TriggerCommit(asked.CommitMessage ?? "", asked.ChangedFiles ?? [])],
            State = state!.Value,
            Labels = [.. asked.Labels ?? [], .. asked.Label is null ? Array.Empty<string>() : [asked.Label]],
            Comment = asked.Comment,
        };
    }
}
