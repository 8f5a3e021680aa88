namespace Latchkey.AspNetCore.Tests;

public class DurationsTests
{
    [Theory]
    [InlineData("13.23:59:59", "13 days 23 hours", "13 d 23 h")]
    [InlineData("14.00:00:00", "14 days", "14 d")]
    [InlineData("1.00:59:00", "1 day", "1 d")]
    [InlineData("01:12:30", "1 hour 12 minutes", "1 h 12 min")]
    [InlineData("00:59:59.999", "59 minutes 59 seconds", "59 min 59 s")]
    [InlineData("00:01:01", "1 minute 1 second", "1 min 1 s")]
    [InlineData("00:00:45", "45 seconds", "45 s")]
    [InlineData("00:00:00", "0 seconds", "0 s")]
    [InlineData("-00:00:10", "0 seconds", "0 s")]
    public void SaysWhatIsLeft_InTwoUnitsRoundedDown(string span, string longWords, string shortWords)
    {
        Assert.Equal(longWords, Durations.Long(TimeSpan.Parse(span)));
        Assert.Equal(shortWords, Durations.Short(TimeSpan.Parse(span)));
    }

    [Theory]
    [InlineData("00:00:59", "just now")]
    [InlineData("00:01:59", "1 minute ago")]
    [InlineData("02:59:00", "2 hours ago")]
    [InlineData("3.12:00:00", "3 days ago")]
    public void SaysHowLongAgo_InOneUnit(string span, string words) => Assert.Equal(words, Durations.Ago(TimeSpan.Parse(span)));
}
