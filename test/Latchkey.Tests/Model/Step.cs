namespace Latchkey.Tests.Model;

/// <summary>
/// One step of a story: a number out of which everything about the step is chosen among what is there when it is played.
/// So any part of a story is a story again, which is what shrinking needs.
/// </summary>
internal readonly record struct Step(ulong Choice)
{
    public Seeded Random() => new(Choice);
}

/// <summary>Where the product and the model disagreed.</summary>
/// <param name="Message">What was asked, and both answers.</param>
/// <param name="Steps">How many steps were played.</param>
/// <param name="Told">The steps in words.</param>
internal sealed record Failure(string Message, int Steps, string Told);
