namespace Emulator.Hosting;

/// <summary>
/// Files and folders that only their owner may read. Permissions have no effect on Windows, where a user's folders are the user's.
/// </summary>
internal static class OwnerFile
{
    /// <summary>What a file is called while it is written.</summary>
    public const string TemporaryExtension = ".tmp";

    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>For what has no secret in it.</summary>
    public const UnixFileMode Readable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Makes the folders that are missing; those that are there keep their permissions.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnlyFolder);
    }

    /// <summary>Opens a file for this process alone, makes it when absent, and takes from others what they may do with it.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public static FileStream OpenExclusive(string path)
    {
        Protect(path);
        return new FileStream(path, Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, OwnerOnly));
    }

    /// <summary>Makes an empty file when there is none, and takes from others what they may do with it.</summary>
    public static void Touch(string path)
    {
        Protect(path);
        using var file = new FileStream(path, Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, OwnerOnly, FileShare.ReadWrite));
    }

    /// <summary>Takes from others what they may do with a file, if it is there.</summary>
    public static void Protect(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path) && File.GetUnixFileMode(path) != OwnerOnly)
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    /// <summary>
    /// Replaces a whole file so that a reader finds the old content or the new, never
    /// a part. Content is flushed to the device before it takes the name; the
    /// rename itself may be undone by a power failure, not by the end of the process.
    /// </summary>
    /// <param name="path">In a folder that exists.</param>
    /// <param name="content">Everything the file shall hold.</param>
    /// <param name="mode">Permissions of the file.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly)
    {
        var temporary = path + TemporaryExtension;

        // Permissions are given when the file is made: a leftover of an earlier crash would keep its own.
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, Options(FileMode.Create, FileAccess.Write, mode)))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static FileStreamOptions Options(FileMode mode, FileAccess access, UnixFileMode permissions, FileShare share = FileShare.None)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = permissions;
        return options;
    }
}
