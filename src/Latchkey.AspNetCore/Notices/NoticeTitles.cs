namespace Latchkey.AspNetCore;

/// <summary>What pages call the things that people are told of.</summary>
internal static class NoticeTitles
{
    /// <param name="kind">A kind of notice, as the API names it.</param>
    public static string Of(string kind) => kind switch
    {
        "request" => "Support asks for access",
        "request_answered" => "A request for access was answered or lapsed",
        "on" => "Access is turned on or changed",
        "first_entry" => "Support enters for the first time",
        "each_entry" => "Support enters again",
        "ending" => "Access is about to end: a day and an hour before",
        "ended" => "Access has ended",
        "report" => "The closing report is ready",
        _ => "A message in a conversation",
    };
}
