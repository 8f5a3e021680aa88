namespace Buildyard;

/// <summary><c>git-clone</c>: the source is there before the first step; this one says what it is, for people and for later steps.</summary>
internal static class GitCloneStep
{
    private const string Submodules = "update_submodules";

    public static BuiltInStep Step { get; } = new("git-clone", "Git Clone Repository", [new EnvItem(Submodules, "yes")], RunAsync);

    /// <summary>Whether a step of the plan asks for submodules: git-clone does, unless the file says no.</summary>
    public static bool WantsSubmodules(RunPlan plan) => plan.Workflows.SelectMany(workflow => workflow.Steps)
        .Any(step => BuiltInSteps.Find(step.Reference) == Step && step.Use.Inputs.FirstOrDefault(input => input.Key == Submodules)?.Value is not "no");

    private static async Task<StepEnd> RunAsync(StepContext step, CancellationToken cancellation)
    {
        if (step.Source is not { } source)
        {
            step.Log.Say("This app has no repository: the source directory is empty.");
            return StepEnd.Good;
        }
        step.Log.Say($"{source.Url} was cloned before the first step, outside the sandbox.");
        step.Log.Say($"Commit {source.Commit.Hash}{(source.Branch is null ? "" : $" of {source.Branch}")}");
        if (source.Submodules.Count > 0 && !step.IsYes(Submodules)) step.Log.Say("Its submodules are left out, as update_submodules says.");
        var facts = new MemoryStream();
        var asked = await step.Sandbox.ReadAsync(
            $"git -C {Bash.Quote($"{step.Sandbox.Root}/src")} log -1 --format=%an%x00%ae%x00%cn%x00%ce%x00%s%x00%b {Bash.Quote(source.Commit.Hash)}\ntell \"$id\" $?",
            facts, 64 * 1024, cancellation);
        if (asked != 0) return StepEnd.Failed("The cloned repository can't be read any more.");
        var fields = System.Text.Encoding.UTF8.GetString(facts.ToArray()).TrimEnd('\n').Split('\0');
        string[] names =
        [
            "GIT_CLONE_COMMIT_AUTHOR_NAME", "GIT_CLONE_COMMIT_AUTHOR_EMAIL", "GIT_CLONE_COMMIT_COMMITER_NAME", "GIT_CLONE_COMMIT_COMMITER_EMAIL",
            "GIT_CLONE_COMMIT_MESSAGE_SUBJECT", "GIT_CLONE_COMMIT_MESSAGE_BODY",
        ];
        // What others wrote is never expanded, here or by a shell.
        return new StepEnd(null, [
            new EnvItem("GIT_CLONE_COMMIT_HASH", source.Commit.Hash) { IsExpand = false },
            .. names.Zip(fields, (name, value) => new EnvItem(name, ShellText.Plain(value)) { IsExpand = false })]);
    }
}
