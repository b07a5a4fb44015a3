namespace Emulator.KeyVault.Storage;

/// <summary>
/// Replaces whole files so that a reader finds the old content or the new, never a part. Content is flushed to the device before it takes the
/// name; the rename itself may be undone by a power failure, not by the end of the process.
/// </summary>
internal static class AtomicFile
{
    public const string TemporaryExtension = ".tmp";

    /// <param name="path">In a folder that exists.</param>
    /// <param name="content">Everything the file shall hold.</param>
    /// <param name="mode">Permissions of the file; has no effect on Windows.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var temporary = path + TemporaryExtension;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = mode;

        // Permissions are given when the file is made: a leftover of an earlier crash would keep its own.
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
