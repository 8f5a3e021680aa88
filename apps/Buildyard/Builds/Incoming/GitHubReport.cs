using System.Text.Json;

namespace Buildyard;

/// <summary>What a push or pull request asks to be built.</summary>
/// <param name="Event">What happened, for the triggers.</param>
internal sealed record RepositoryChange(TriggerEvent Event)
{
    public string? Branch { get; init; }
    public string? Tag { get; init; }
    public required string Commit { get; init; }
    public string? Message { get; init; }
    public required string Who { get; init; }
    public int? PullRequest { get; init; }
    public string? PullRequestTarget { get; init; }
    public string? ForkUrl { get; init; }

    /// <summary>Every path that a push changed; null where the report doesn't say.</summary>
    public IReadOnlyCollection<string>? Files { get; init; }
    public BuildTrigger Trigger => PullRequest is not null ? BuildTrigger.PullRequest : Tag is not null ? BuildTrigger.Tag : BuildTrigger.Push;
}

/// <summary>A report that was read: what to build, or in words why nothing is.</summary>
internal readonly record struct ReadReport(RepositoryChange? Change, string? Ignored);

/// <summary>Reads GitHub's webhook payloads (docs.github.com, "Webhook events and payloads").</summary>
internal static class GitHubReport
{
    private static readonly string[] s_skips = ["[skip ci]", "[ci skip]"];
    private static readonly string[] s_actions = ["opened", "synchronize", "reopened", "ready_for_review"];

    /// <exception cref="JsonException">It is not such a payload.</exception>
    public static ReadReport Read(string kind, JsonElement payload) => kind switch
    {
        "ping" => Ignore("Pong. Pushes and pull requests start builds here."),
        "push" => Push(payload),
        "pull_request" => PullRequest(payload),
        _ => Ignore($"Nothing is built on {kind}. Choose pushes and pull requests."),
    };

    private static ReadReport Push(JsonElement payload)
    {
        var name = Text(payload, "ref") ?? throw new JsonException("It has no ref.");
        if (payload.TryGetProperty("deleted", out var deleted) && deleted.ValueKind == JsonValueKind.True) return Ignore($"{name} was deleted: there is nothing to build.");
        var branch = After(name, "refs/heads/");
        var tag = After(name, "refs/tags/");
        if ((branch ?? tag) is not { } named || !StartFields.IsRef(named)) return Ignore($"{StartFields.Tame(name)} is neither a branch nor a tag.");
        var head = payload.TryGetProperty("head_commit", out var commit) && commit.ValueKind == JsonValueKind.Object ? commit : (JsonElement?)null;
        var message = head is { } h ? Text(h, "message") : null;
        if (Skips(message)) return Ignore("The newest commit says to skip CI.");
        var hash = Hash(Text(payload, "after") ?? (head is { } c ? Text(c, "id") : null));
        var commits = Commits(payload);
        return new ReadReport(
            new RepositoryChange(tag is null
                ? new TriggerEvent(TriggerKind.Push) { Branch = branch, Commits = commits }
                : new TriggerEvent(TriggerKind.Tag) { Tag = tag })
            {
                Branch = branch,
                Tag = tag,
                Commit = hash,
                Message = StartFields.Tame(message),
                Who = Who(payload),
                Files = commits.Count == 0 ? null : [.. commits.SelectMany(c => c.Files)],
            },
            null);
    }

    private static ReadReport PullRequest(JsonElement payload)
    {
        var action = Text(payload, "action") ?? "";
        if (!s_actions.Contains(action)) return Ignore($"Nothing is built when a pull request is {StartFields.Tame(action)}.");
        var request = Object(payload, "pull_request");
        var (head, target) = (Object(request, "head"), Object(request, "base"));
        var (source, into) = (Text(head, "ref") ?? "", Text(target, "ref") ?? "");
        if (!StartFields.IsRef(source) || !StartFields.IsRef(into)) throw new JsonException("Its branches can't be read.");
        var title = Text(request, "title");
        if (Skips(title) || Skips(Text(request, "body"))) return Ignore("The pull request says to skip CI.");
        var number = request.TryGetProperty("number", out var n) && n.TryGetInt32(out var value) ? value : throw new JsonException("It has no number.");
        var isDraft = request.TryGetProperty("draft", out var draft) && draft.ValueKind == JsonValueKind.True;
        var labels = request.TryGetProperty("labels", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(l => Text(l, "name")).OfType<string>().Take(100).ToList() : [];
        return new ReadReport(
            new RepositoryChange(new TriggerEvent(TriggerKind.PullRequest)
            {
                SourceBranch = source,
                TargetBranch = into,
                State = action == "ready_for_review" ? PullRequestState.JustReady : isDraft ? PullRequestState.Draft : PullRequestState.Ready,
                Labels = labels,
            })
            {
                Branch = source,
                Commit = Hash(Text(head, "sha")),
                Message = StartFields.Tame(title),
                Who = Who(payload),
                PullRequest = number,
                PullRequestTarget = into,
                ForkUrl = Fork(head, target),
            },
            null);
    }

    /// <summary>Where the change lies when that is not the app's repository. A fork that is gone or can't be told counts as one too.</summary>
    private static string? Fork(JsonElement head, JsonElement target)
    {
        var (from, to) = (Repository(head), Repository(target));
        if (from is { } f && to is { } t && Text(f, "full_name") is { Length: > 0 } name && name == Text(t, "full_name")) return null;
        var url = from is { } repository ? Text(repository, "clone_url") : null;
        return RepositoryUrl.Read(url, []) is { Length: > 0 } fork ? fork : throw new JsonException("It can't be told which repository the pull request comes from.");
    }

    private static JsonElement? Repository(JsonElement side) => side.TryGetProperty("repo", out var repo) && repo.ValueKind == JsonValueKind.Object ? repo : null;

    private static List<TriggerCommit> Commits(JsonElement payload) =>
        payload.TryGetProperty("commits", out var commits) && commits.ValueKind == JsonValueKind.Array
            ? [.. commits.EnumerateArray().Select(c => new TriggerCommit(Text(c, "message") ?? "", [.. Files(c, "added"), .. Files(c, "modified"), .. Files(c, "removed")]))]
            : [];

    private static IEnumerable<string> Files(JsonElement commit, string kind) =>
        commit.ValueKind == JsonValueKind.Object && commit.TryGetProperty(kind, out var files) && files.ValueKind == JsonValueKind.Array
            ? files.EnumerateArray().Where(f => f.ValueKind == JsonValueKind.String).Select(f => f.GetString()!)
            : [];

    private static string Who(JsonElement payload) =>
        (payload.TryGetProperty("sender", out var sender) && sender.ValueKind == JsonValueKind.Object ? StartFields.Tame(Text(sender, "login")) : null) is { Length: > 0 and <= 100 } login ? login : "GitHub";

    private static string Hash(string? text) => StartFields.Commit(text, []) ?? throw new JsonException("It names no commit.");

    private static bool Skips(string? text) => text is not null && Array.Exists(s_skips, skip => text.Contains(skip, StringComparison.OrdinalIgnoreCase));

    private static string? After(string text, string start) => text.StartsWith(start, StringComparison.Ordinal) ? text[start.Length..] : null;

    private static JsonElement Object(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : throw new JsonException($"It has no {name}.");

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static ReadReport Ignore(string why) => new(null, why);
}
