using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Buildyard.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Buildyard.Apps;

/// <summary>Reads from a real git server over https: git's own, behind Kestrel with a certificate that git is told to trust.</summary>
public sealed class RepositoryReadingTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("buildyard-git-test-").FullName;
    private readonly X509Certificate2 _certificate = Certificate();
    private WebApplication _server = null!;
    private BuildyardHost _host = null!;
    private HttpClient _olivia = null!;
    private string _address = "";

    public async ValueTask InitializeAsync()
    {
        var trusted = Path.Combine(_folder, "trusted.pem");
        await File.WriteAllTextAsync(trusted, _certificate.ExportCertificatePem());
        Environment.SetEnvironmentVariable("GIT_SSL_CAINFO", trusted);
        _server = await ServeAsync();
        _host = await BuildyardHost.StartAsync(args: ["--Git:AllowPrivateHosts", "true"]);
        _olivia = await _host.CallAsAsync("olivia@northwind.test");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Yaml_IsRead_FromTheDefaultBranch_AsItIs()
    {
        const string Yaml = "\uFEFFformat_version: \"23\"\r\nworkflows:\r\n  primary: {}\r\n";
        await CommitAsync("app", ("bitrise.yml", Yaml), ("README.md", "hello"));

        var added = await AddAsync("app");

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var slug = (await added.JsonAsync()).GetProperty("slug").GetString();
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(Yaml), await _olivia.GetByteArrayAsync($"/api/apps/{slug}/bitrise-yml"));
        Assert.Contains("Read from the repository", await _olivia.GetStringAsync($"/api/apps/{slug}/bitrise-yml/versions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatCannotBeRead_IsSaid()
    {
        await CommitAsync("bare", ("README.md", "hello"));
        await CommitAsync("broken", ("bitrise.yml", "workflows: []\n"));
        await CommitAsync("huge", ("bitrise.yml", new string('#', (400 * 1024) + 1)));

        Assert.Contains("no bitrise.yml at the top", await ProblemAsync("bare"), StringComparison.Ordinal);
        Assert.Contains("workflows is a list", await ProblemAsync("broken"), StringComparison.Ordinal);
        Assert.Contains("larger than 400 KB", await ProblemAsync("huge"), StringComparison.Ordinal);
        Assert.Contains("git could not read it", await ProblemAsync("absent"), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> AddAsync(string repository) =>
        _olivia.PostAsJsonAsync("/api/apps", new { title = "From a repository", repository_url = $"{_address}/{repository}" });

    private async Task<string> ProblemAsync(string repository)
    {
        var answer = await AddAsync(repository);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task CommitAsync(string repository, params (string Name, string Text)[] files)
    {
        var work = Path.Combine(_folder, "repositories", repository);
        Directory.CreateDirectory(work);
        await GitAsync(work, "init", "--quiet", "--initial-branch=trunk");
        foreach (var (name, text) in files) await File.WriteAllTextAsync(Path.Combine(work, name), text);
        await GitAsync(work, "-c", "core.autocrlf=false", "add", ".");
        await GitAsync(work, "-c", "user.name=Test", "-c", "user.email=test@northwind.test", "commit", "--quiet", "-m", "Start");
    }

    private static async Task GitAsync(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, UseShellExecute = false })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private async Task<WebApplication> ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate)));
        var server = builder.Build();
        server.Run(AnswerAsync);
        await server.StartAsync();
        var port = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        _address = $"https://127.0.0.1:{port}";
        return server;
    }

    /// <summary>Hands a request to git's own CGI program.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        var start = new ProcessStartInfo("git", ["http-backend"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["GIT_PROJECT_ROOT"] = Path.Combine(_folder, "repositories");
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["REQUEST_METHOD"] = context.Request.Method;
        start.Environment["PATH_INFO"] = context.Request.Path;
        start.Environment["QUERY_STRING"] = context.Request.QueryString.Value?.TrimStart('?');
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType;
        start.Environment["HTTP_CONTENT_ENCODING"] = context.Request.Headers.ContentEncoding;
        start.Environment["GIT_PROTOCOL"] = context.Request.Headers["Git-Protocol"];
        using var process = Process.Start(start)!;
        await context.Request.Body.CopyToAsync(process.StandardInput.BaseStream);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);

        var bytes = output.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in System.Text.Encoding.ASCII.GetString(bytes, 0, end).Split("\r\n"))
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name == "Status") context.Response.StatusCode = int.Parse(value.AsSpan(0, 3), CultureInfo.InvariantCulture);
            else context.Response.Headers[name] = value;
        }
        await context.Response.Body.WriteAsync(bytes.AsMemory(end + 4));
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
