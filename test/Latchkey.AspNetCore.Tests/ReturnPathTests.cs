namespace Latchkey.AspNetCore.Tests;

public class ReturnPathTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/apps/northwind-ios/settings?tab=general")]
    [InlineData("/apps/%C3%BC")]
    public void KeepsAPathOfThisSite(string path) => Assert.Equal(path, ReturnPath.Check(path));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("https://elsewhere.test/")]
    [InlineData("//elsewhere.test/")]
    [InlineData("/\\elsewhere.test/")]
    [InlineData("/a\\b")]
    [InlineData("/\t/elsewhere.test/")]
    [InlineData("/a\r\nSet-Cookie: x=y")]
    [InlineData("apps")]
    [InlineData("/ü")]
    [InlineData("javascript:alert(1)")]
    public void RefusesWhatCouldLeadElsewhere(string? path) => Assert.Null(ReturnPath.Check(path));

    [Fact]
    public void RefusesAnEndlessPath() => Assert.Null(ReturnPath.Check("/" + new string('a', 2048)));
}
