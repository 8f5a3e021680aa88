using System.Globalization;

namespace Buildyard;

/// <summary>Where the logs and artifacts of builds lie: in the data directory, by app and number.</summary>
internal sealed class BuildFiles(DataDirectory directory)
{
    public string Log(Build build) => Path.Combine(Folder(build), "log");

    /// <summary>Its bytes so far.</summary>
    public long LogLength(Build build) => new FileInfo(Log(build)) is { Exists: true } file ? file.Length : 0;

    public string Artifacts(Build build) => Path.Combine(Folder(build), "artifacts");

    public string Artifact(Build build, KeptArtifact artifact) => Path.Combine(Artifacts(build), artifact.Name);

    /// <summary>Makes the build's folder, readable for this process alone.</summary>
    public void Make(Build build)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Folder(build));
        else Directory.CreateDirectory(Folder(build), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Removes all that an app's builds left.</summary>
    public void Remove(string appId)
    {
        if (Directory.Exists(OfApp(appId))) Directory.Delete(OfApp(appId), recursive: true);
    }

    private string Folder(Build build) => Path.Combine(OfApp(build.AppId), build.Number.ToString(CultureInfo.InvariantCulture));

    private string OfApp(string appId) => Path.Combine(directory.Path, "builds", appId);
}
