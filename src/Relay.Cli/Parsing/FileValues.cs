using System.CommandLine.Parsing;

namespace Relay.Cli.Parsing;

/// <summary>Reads names of files and folders, and looks whether they can be what they are named for before any work is done.</summary>
internal static class FileValues
{
    /// <summary>A file to be read: there, and no folder.</summary>
    /// <param name="fix">Where to get one.</param>
    public static Func<ArgumentResult, FileInfo?> Input(string fix) => result =>
    {
        var path = result.Text();
        if (File.Exists(path)) return new FileInfo(path);
        return result.Refuse<FileInfo>(
            Directory.Exists(path) ? $"'{path}' is a folder; expected a file. {fix}" : $"'{path}' is not there. {fix}");
    };

    /// <summary>A file to be written: its folder is there, and it is none itself.</summary>
    public static FileInfo? Output(ArgumentResult result)
    {
        var file = OutputWithFolder(result);
        return file is null || file.Directory is { Exists: true }
            ? file
            : result.Refuse<FileInfo>($"the folder {file.DirectoryName} is not there; make it first, or name a file in another");
    }

    /// <summary>A file to be written, whose folder the command makes when there is none.</summary>
    public static FileInfo? OutputWithFolder(ArgumentResult result) => Directory.Exists(result.Text())
        ? result.Refuse<FileInfo>($"'{result.Text()}' is a folder; expected a file, such as {Path.Combine(result.Text(), "out.json")}")
        : new FileInfo(result.Text());

    /// <summary>As <see cref="Folder"/>, by its path.</summary>
    public static string? FolderPath(ArgumentResult result) => Folder(result) is null ? null : result.Text();

    /// <summary>A folder, there already or not; a file of that name is none.</summary>
    public static DirectoryInfo? Folder(ArgumentResult result) => File.Exists(result.Text())
        ? result.Refuse<DirectoryInfo>($"'{result.Text()}' is a file; expected a folder")
        : new DirectoryInfo(result.Text());
}
