namespace Buildyard.Builds.Model;

/// <summary>A build of a story, as the rules have it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Target">The workflow, or the pipeline <c>P</c>.</param>
/// <param name="Version">The version of <c>bitrise.yml</c> that it runs.</param>
/// <param name="Variable">What it was started with.</param>
/// <param name="Written">How much had been written when it was queued.</param>
internal sealed record Began(int Number, string Target, int Version, string Variable, int Written)
{
    public bool BySupport { get; init; }

    /// <summary>Whether support chose what it builds, or what a build chose that this one repeats.</summary>
    public bool SetUpBySupport { get; set; }

    /// <summary>Whether support gave it what it was started with: a member's goes the way of secrets.</summary>
    public bool VariableBySupport { get; init; }

    public bool IsGuarded { get; set; }

    /// <summary>The customer's word on its secrets; null: none.</summary>
    public bool? Allowed { get; set; }

    public bool IsOver { get; set; }

    public bool HasSecrets => !IsGuarded || Allowed == true;

    /// <summary>Whoever repeats a build repeats its branch, and the commit that it came to.</summary>
    public void LookAtSource(Naive naive) => SetUpBySupport |= naive.Given.Where(slot => slot is "branch" or "repository").Any(naive.Differs);

    /// <summary>It starts: what was allowed was allowed for what it would have been given then.</summary>
    /// <param name="naive">The values as they are.</param>
    /// <param name="session">Whether the customer allowed what the session of support starts.</param>
    public void Start(Naive naive, bool session)
    {
        LookAtSource(naive);
        IsGuarded |= naive.Given.Any(naive.Differs);
        if (Allowed == true && naive.SetBySupport(Written).Any()) Allowed = null;
        if (BySupport && session) Allowed ??= true;
    }
}
