using System.Net;
using System.Net.Http.Json;
using Buildyard.Hosting;
using Latchkey.Testing;

namespace Buildyard.SignIn;

/// <summary>Whoever guesses waits, and nobody else does.</summary>
public sealed class GuessingTests : IAsyncLifetime
{
    private const string Address = "127.0.0.2";
    private readonly ManualClock _clock = new();
    private BuildyardHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BuildyardHost.StartAsync(_clock, args: ["--trusted-proxies=127.0.0.1"]);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task EachGuess_IsCheckedAfterALongerPause_AndTheRightPasswordIsTaken()
    {
        foreach (var seconds in (int[])[0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15])
            Assert.Equal(HttpStatusCode.Unauthorized, await HeldBackAsync(seconds, LogInAsync("dana@northwind.test", "wrong")));

        Assert.Equal(HttpStatusCode.OK, await HeldBackAsync(15, LogInAsync("dana@northwind.test")));
        Assert.Equal(HttpStatusCode.OK, await HeldBackAsync(0, LogInAsync("dana@northwind.test")));
    }

    [Fact]
    public async Task Guesses_AreForgotten_AfterAQuarterOfAnHour()
    {
        await GuessAsync("dana@northwind.test");

        _clock.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(HttpStatusCode.OK, await HeldBackAsync(0, LogInAsync("dana@northwind.test")));
    }

    [Theory]
    [InlineData("dana@northwind.test")]
    [InlineData("nobody@northwind.test")]
    public async Task NobodysGuesses_AreFeltByAnybodyElse_NorElsewhere(string guessed)
    {
        for (var i = 0; i < 120; i++) await LogInAsync($"r{i}@x.test", "bad");
        await GuessAsync(guessed);

        Assert.Equal(HttpStatusCode.OK, await HeldBackAsync(0, LogInAsync("lee@support.test")));
        Assert.Equal(HttpStatusCode.OK, await HeldBackAsync(0, LogInAsync("olivia@northwind.test")));
        Assert.Equal(HttpStatusCode.OK, await HeldBackAsync(0, LogInAsync("dana@northwind.test", from: "127.0.0.9")));
        Assert.Equal(HttpStatusCode.Unauthorized, await HeldBackAsync(4, LogInAsync(guessed, "wrong")));
    }

    [Fact]
    public async Task ADeviceOnWhichThePersonSignedIn_IsNeverHeldUp_ByGuessesFromItsAddress()
    {
        var known = await KnownAsync();
        await GuessAsync("dana@northwind.test");
        // Two may wait; which of them is the third is for the server to say.
        List<Task<HttpResponseMessage>> waiting = [.. Enumerable.Range(0, 3).Select(_ => LogInAsync("dana@northwind.test", "wrong"))];
        var third = await Task.WhenAny(waiting);
        var refused = await third;
        waiting.Remove(third);

        var there = await known.SubmitAsync("/signin", "/signin", ("email", "dana@northwind.test"), ("password", "demo"));

        Assert.Equal(HttpStatusCode.Redirect, there.StatusCode);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(15)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        Assert.DoesNotContain(waiting, answer => answer.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
    }

    [Fact]
    public async Task AKnownDevice_IsOneForWhoSignedInOnIt_AndItsOwnGuessesCount()
    {
        var known = await KnownAsync();
        await GuessAsync("tess@northwind.test");
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.Unauthorized, await HeldBackAsync(0, SubmitAsync("dana@northwind.test", "wrong")));

        Assert.Equal(HttpStatusCode.Redirect, await HeldBackAsync(4, SubmitAsync("tess@northwind.test", "demo")));
        Assert.Equal(HttpStatusCode.Redirect, await HeldBackAsync(1, SubmitAsync("dana@northwind.test", "demo")));

        Task<HttpResponseMessage> SubmitAsync(string email, string password) => known.SubmitAsync("/signin", "/signin", ("email", email), ("password", password));
    }

    /// <summary>A browser on which Dana was signed in, behind the address that guesses come from.</summary>
    private async Task<Browser> KnownAsync()
    {
        var browser = await _host.BrowseAsAsync("dana@northwind.test");
        await browser.SubmitAsync("/", "/signout");
        browser.Headers.Add("X-Forwarded-For", Address);
        return browser;
    }

    /// <summary>Seven wrong guesses: the next one is checked after four seconds.</summary>
    private async Task GuessAsync(string email)
    {
        foreach (var seconds in (int[])[0, 0, 0, 0, 0, 1, 2]) Assert.Equal(HttpStatusCode.Unauthorized, await HeldBackAsync(seconds, LogInAsync(email, "wrong")));
    }

    private async Task<HttpResponseMessage> LogInAsync(string email, string password = "demo", string from = Address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/login") { Content = JsonContent.Create(new { email, password }), Headers = { { "X-Forwarded-For", from } } };
        return await _host.Call().SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The answer, which has to be held back for so many seconds of the clock, no less and no more.</summary>
    private async Task<HttpStatusCode> HeldBackAsync(int seconds, Task<HttpResponseMessage> answer)
    {
        if (seconds > 0)
        {
            // By then it is on hold, or would have been answered.
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System));
            _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
            Assert.False(answer.IsCompleted, $"It was answered before {seconds} s were over.");
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        return (await answer.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).StatusCode;
    }
}
