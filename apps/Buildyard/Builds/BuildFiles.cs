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

    /// <summary>Its log, for reading; null where there is none. Who reads it reads to the end, whatever is removed meanwhile.</summary>
    public FileStream? OpenLog(Build build) => Open(Log(build));

    /// <summary>An artifact, for reading; null where it isn't there.</summary>
    public FileStream? OpenArtifact(Build build, KeptArtifact artifact) => Open(Artifact(build, artifact));

    /// <summary>Removes what an ended build's rows no longer name: artifacts, and its log where that was removed.</summary>
    public void RemoveUnnamed(Build build)
    {
        var kept = build.Artifacts.Select(a => Artifact(build, a)).ToHashSet(StringComparer.Ordinal);
        var emptied = build.LogRemoved ? Folder(build) : Artifacts(build);
        if (!Directory.Exists(emptied)) return;
        if (kept.Count == 0) Directory.Delete(emptied, recursive: true);
        else
            foreach (var file in Directory.EnumerateFiles(emptied).Where(file => !kept.Contains(file))) File.Delete(file);
    }

    /// <summary>Removes all that an app's builds left.</summary>
    public void Remove(string appId)
    {
        if (Directory.Exists(OfApp(appId))) Directory.Delete(OfApp(appId), recursive: true);
    }

    /// <summary>Asked and opened in one: it may be removed at any moment.</summary>
    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string Folder(Build build) => Path.Combine(OfApp(build.AppId), build.Number.ToString(CultureInfo.InvariantCulture));

    private string OfApp(string appId) => Path.Combine(directory.Path, "builds", appId);
}
