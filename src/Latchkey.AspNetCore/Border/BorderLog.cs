namespace Latchkey.AspNetCore;

/// <summary>What a host's engineer reads of answers that could not be used.</summary>
internal sealed partial class BorderLog(ILogger<BorderLog> logger)
{
    [LoggerMessage(1401, LogLevel.Error, "The host's answer can't be used, so what asked for it failed, and nothing else did. {Problem}")]
    private static partial void LogRefused(ILogger logger, string problem);

    [LoggerMessage(1402, LogLevel.Warning, "An agent without Agent.SignIn is asked to sign in anew: it takes the id of the sign-in, made when they signed in.")]
    private static partial void LogNoSignIn(ILogger logger);

    [LoggerMessage(1403, LogLevel.Error,
        "ISupportHost.FindAppAsync found an app of another account than the member's. It is not shown to them: it takes null where they have no part in it.")]
    private static partial void LogForeignApp(ILogger logger);

    public void Refused(HostAnswerException refused) => LogRefused(logger, refused.Message);

    public void NoSignIn() => LogNoSignIn(logger);

    public void ForeignApp() => LogForeignApp(logger);
}
