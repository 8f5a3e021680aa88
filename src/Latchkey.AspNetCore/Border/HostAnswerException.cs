namespace Latchkey.AspNetCore;

/// <summary>
/// A host answered something that can't be used. The message names the member that answered and the field, and says what would be accepted; the
/// value is not in it.
/// </summary>
internal sealed class HostAnswerException(string message) : Exception(message);
