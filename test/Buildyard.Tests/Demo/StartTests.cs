using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Buildyard.Hosting;

namespace Buildyard.Demo;

public sealed class StartTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("buildyard-start-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task EmptyDirectory_BecomesADemo_AndStaysOne()
    {
        await using (var first = await BuildyardHost.StartAsync(directory: _directory))
        {
            var page = await first.Browse().PageAsync("/");
            Assert.All(DemoPeople.All, person => Assert.Contains(person.Name, page.Text(), StringComparison.Ordinal));
            await (await first.CallAsAsync("adam@northwind.test")).PatchAsJsonAsync("/api/apps/northwind-ios", new { title = "Kept" });
        }

        await using var second = await BuildyardHost.StartAsync(directory: _directory);
        var app = await (await (await second.CallAsAsync("adam@northwind.test")).GetAsync("/api/apps/northwind-ios")).JsonAsync();
        Assert.Equal("Kept", app.GetProperty("title").GetString());
    }

    [Fact]
    public async Task Demo_SignsInWithOneClick()
    {
        await using var host = await BuildyardHost.StartAsync(directory: _directory);
        var browser = host.Browse();

        Assert.Equal(HttpStatusCode.Redirect, (await browser.SubmitAsync("/", "/demo/signin", ("person", "dana@northwind.test"))).StatusCode);

        var start = await browser.PageAsync("/");
        Assert.Contains("Dana Kim", start.Body!.TextContent, StringComparison.Ordinal);
        Assert.NotNull(start.QuerySelector(".lk-bell a"));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://buildyard.example:0")]
    [InlineData("http://127.0.0.1:0;http://192.168.1.5:0")]
    public async Task Demo_OpensOnLoopbackOnly(string urls)
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardApp.CreateAsync(["--data", _directory, "--urls", urls]));

        Assert.Contains("--demo=false", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
    }

    [Theory]
    [InlineData("5081")]
    [InlineData("127.0.0.1:5081")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:0;nowhere")]
    public async Task AddressThatIsNone_IsRefused(string urls)
    {
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardApp.CreateAsync(["--data", _directory, "--urls", urls]));

        Assert.Contains("--urls", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory));
    }

    [Fact]
    public async Task Demo_OpensOnLoopbackOnly_HoweverTheAddressIsConfigured()
    {
        await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardApp.CreateAsync(["--data", _directory, "--http_ports", "5081"]));
        await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardApp.CreateAsync(["--data", _directory, "--Kestrel:Endpoints:Open:Url", "http://*:5081"]));
    }

    [Fact]
    public async Task MarkedDirectory_NeverOpensElsewhere()
    {
        await using (await BuildyardHost.StartAsync(directory: _directory))
        {
        }

        var open = await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardApp.CreateAsync(["--data", _directory, "--urls", "http://0.0.0.0:0"]));
        Assert.Contains("demo data", open.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardApp.CreateAsync(["--data", _directory, "--demo=false"]));
    }

    [Fact]
    public async Task Demo_AnswersItsOwnHostsOnly()
    {
        await using var host = await BuildyardHost.StartAsync(directory: _directory);

        foreach (var name in (string[])["buildyard.example", "127.0.0.1.nip.example", "localhost.example", "[::1]"])
            Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusAsync(name));
        foreach (var name in (string[])["localhost", "127.0.0.1"])
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(name));

        async Task<HttpStatusCode> StatusAsync(string name)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Host = name;
            return (await host.Call().SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task ForeignDirectory_IsRefused_AndLeftAsItIs()
    {
        var file = Path.Combine(_directory, "thesis.txt");
        await File.WriteAllTextAsync(file, "mine");

        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardApp.CreateAsync(["--data", _directory]));

        Assert.Contains("not Buildyard's", refused.Message, StringComparison.Ordinal);
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(_directory));
    }

    [Fact]
    public async Task DirectoryThatCannotBe_IsRefused()
    {
        var file = Path.Combine(_directory, "file");
        await File.WriteAllTextAsync(file, "");

        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => BuildyardApp.CreateAsync(["--data", Path.Combine(file, "below")]));

        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutDemo_TwoLinksOpenTheInstance_OnceEach()
    {
        using var process = Start("--data", _directory, "--urls", "http://127.0.0.1:0", "--demo=false");
        var complaints = process.StandardError.ReadToEndAsync();
        try
        {
            var links = await LinksOfAsync(process);
            using var owner = new Browser(new Uri(links[0].GetLeftPart(UriPartial.Authority)));
            using var lead = new Browser(new Uri(links[1].GetLeftPart(UriPartial.Authority)));
            var (first, second) = (links[0].AbsolutePath, links[1].AbsolutePath);

            var founded = await owner.SubmitAsync(first, first, ("account_name", "Fabrikam"), ("email", "fay@fabrikam.test"), ("name", "Fay Ito"), ("password", "three plain words"));
            var leads = await lead.SubmitAsync(second, second, ("email", "lou@support.test"), ("name", "Lou Ray"), ("password", "three plain words"));

            Assert.Equal((HttpStatusCode.Redirect, HttpStatusCode.Redirect), (founded.StatusCode, leads.StatusCode));
            Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync(first)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await lead.GetAsync(second)).StatusCode);
            Assert.Contains("Fabrikam", (await owner.PageAsync("/account")).Text(), StringComparison.Ordinal);
            Assert.Contains("Lou Ray", (await lead.PageAsync("/support/team")).Text(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync("/demo/signin")).StatusCode);
        }
        catch (HttpRequestException e)
        {
            var ended = process.HasExited ? $"ended with {process.ExitCode}" : "still runs";
            process.Kill();
            throw new InvalidOperationException($"Buildyard did not answer. It {ended} and complained: {await complaints}", e);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Program_SaysWhyItDidNotStart()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var (status, said, logged) = await RunAsync("--data", _directory, "--urls", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}", "--Demo:Builds=false");

        Assert.Equal(1, status);
        Assert.Contains("address already in use", said, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("--urls", said, StringComparison.Ordinal);
        Assert.Empty(logged);

        (status, said, logged) = await RunAsync("--data", "/dev/null/nowhere");
        Assert.Equal(1, status);
        Assert.StartsWith("Buildyard didn't start:", said, StringComparison.Ordinal);
        Assert.Empty(logged);
    }

    /// <summary>Reads the links that a first start prints.</summary>
    private static async Task<IReadOnlyList<Uri>> LinksOfAsync(Process process)
    {
        var links = new List<Uri>();
        while (links.Count < 2 && await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("/welcome/", StringComparison.Ordinal)) links.Add(new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]));
        }
        return links;
    }

    private static async Task<(int Status, string Said, string Logged)> RunAsync(params string[] args)
    {
        using var process = Start(args);
        var logged = process.StandardOutput.ReadToEndAsync();
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said, await logged);
    }

    private static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(BuildyardApp).Assembly.Location);
        foreach (var arg in args) start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }
}
