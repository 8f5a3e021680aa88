using Latchkey.AspNetCore;

namespace Buildyard;

/// <summary><i>Settings › Code</i>: where the code is and how it is fetched.</summary>
internal static class CodePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/apps/{app}/settings/code").ExcludeFromDescription();
        pages.MapGet("", (CodeDesk desk, string? done) => desk.ShowAsync(done: Said(done))).RequirePermission("ssh_key.read");
        pages.MapPost("", (FormBody form, CodeDesk desk) => desk.SetBranchAsync(form["default_branch"] ?? "")).RequirePermission("app.update");
        pages.MapPost("/key", (FormBody form, CodeDesk desk) => desk.PasteAsync(form)).RequirePermission("ssh_key.update");
        pages.MapPost("/key/generate", (FormBody form, CodeDesk desk) => desk.GenerateAsync(form)).RequirePermission("ssh_key.update");
        pages.MapPost("/key/remove", (CodeDesk desk) => desk.RemoveAsync()).RequirePermission("ssh_key.delete");
        pages.MapPost("/check", (CodeDesk desk, CancellationToken cancellation) => desk.CheckAsync(cancellation)).RequirePermission("repository.check");
    }

    private static string? Said(string? done) => done switch
    {
        "branch" => "The default branch is saved.",
        "key" => "The key is kept. Add its public half to the repository's host.",
        "removed" => "The key is removed.",
        _ => null,
    };
}

/// <summary>Shows the page, as it is or after something was done on it.</summary>
internal sealed class CodeDesk(SshKeyRing ring, RepositoryCheck check, AppSettings settings, IHttpContextAccessor http)
{
    private AccessContext Access => http.HttpContext!.GetAccess();

    public async Task<IResult> SetBranchAsync(string branch) =>
        (await settings.UpdateAsync(Access, new AppChanges { DefaultBranch = branch })).Refusal is { } refusal ? await ShowAsync(refusal, branch: branch) : await DoneAsync("branch");

    public async Task<IResult> PasteAsync(FormBody form) =>
        (await ring.PasteAsync(Access, new PastedSshKey { PrivateKey = form["private_key"] ?? "", RepositoryUrl = form["repository_url"]! })).Refusal is { } refusal ? await ShowAsync(refusal) : await DoneAsync("key");

    public async Task<IResult> GenerateAsync(FormBody form) => (await ring.GenerateAsync(Access, new NewSshKey { RepositoryUrl = form["repository_url"]! })).Refusal is { } refusal ? await ShowAsync(refusal) : await DoneAsync("key");

    public async Task<IResult> RemoveAsync()
    {
        await ring.RemoveAsync(Access);
        return await DoneAsync("removed");
    }

    public async Task<IResult> CheckAsync(CancellationToken cancellation) =>
        (await check.RunAsync(Access, cancellation)).Succeeded(out var branch, out var refusal)
            ? await ShowAsync(done: $"The repository can be read. Its default branch is {branch}.")
            : await ShowAsync(refusal with { Title = $"The repository can't be read. {string.Join(' ', refusal.Errors.Select(e => e.Problem).DefaultIfEmpty(refusal.Title))}" });

    public async Task<IResult> ShowAsync(Refusal? refusal = null, string? done = null, string? branch = null) => Page.Show<CodePage>(
        new { View = await AppView.LoadAsync(Access, settings), Key = await ring.FindAsync(Access), IsSupports = await ring.IsForSupportsAsync(Access), Refusal = refusal, Done = done, Branch = branch },
        refusal?.Status ?? StatusCodes.Status200OK);

    private async Task<IResult> DoneAsync(string done) => TypedResults.LocalRedirect($"/apps/{(await settings.GetAsync(Access)).Slug}/settings/code?done={done}");
}
