using System.CommandLine.Parsing;

namespace Relay.Cli.Parsing;

/// <summary>Reads names of files and folders, and looks whether they can be what they are named for before any work is done.</summary>
internal static class FileValues
{
    /// <summary>A file to be read: there, and no folder.</summary>
    /// <param name="fix">Where to get one.</param>
    public static Func<ArgumentResult, FileInfo?> Input(string fix) => result => Input(result, result.Text(), fix);

    /// <summary>Files to be read, as <see cref="Input(string)"/>.</summary>
    /// <param name="fix">Where to get one.</param>
    public static Func<ArgumentResult, FileInfo[]> Inputs(string fix) => result =>
        [.. result.Tokens.Select(token => Input(result, token.Value, fix)).OfType<FileInfo>()];

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="CliFault">It is longer than that.</exception>
    public static async Task<byte[]> ReadAsync(FileInfo file, int maxBytes, CancellationToken cancellationToken)
    {
        if (file.Length > maxBytes) throw new CliFault($"{file.Name} has {file.Length} bytes.", $"Expected at most {maxBytes}.");
        return await File.ReadAllBytesAsync(file.FullName, cancellationToken);
    }

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

    private static FileInfo? Input(ArgumentResult result, string path, string fix)
    {
        if (File.Exists(path)) return new FileInfo(path);
        return result.Refuse<FileInfo>(
            Directory.Exists(path) ? $"'{path}' is a folder; expected a file. {fix}" : $"'{path}' is not there. {fix}");
    }
}
