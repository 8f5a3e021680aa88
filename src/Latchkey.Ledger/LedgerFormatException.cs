namespace Latchkey.Ledger;

/// <summary>
/// Something is not in the form the ledger's format asks for. The message names the place, the problem and what would be accepted.
/// Trying again can't help. The verifier never lets it out: there it becomes a finding.
/// </summary>
public sealed class LedgerFormatException : FormatException
{
    /// <summary>Says where and what.</summary>
    /// <param name="path">The place: a JSON path such as <c>$.changes.2.size</c>, or the name of a line or part.</param>
    /// <param name="problem">What is wrong with it, as the rest of a sentence that begins with the place.</param>
    /// <param name="innerException">What the platform said, if it said something.</param>
    public LedgerFormatException(string path, string problem, Exception? innerException = null)
        : base($"{path} {problem}", innerException)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>The place: a JSON path, or the name of a line or part.</summary>
    public string Path { get; }

    /// <summary>What is wrong there.</summary>
    public string Problem { get; }
}
