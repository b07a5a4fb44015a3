using System.Runtime.InteropServices;

namespace Relay.Azure.Ledger;

/// <summary>Makes what a directory lists durable: a file that is synced but whose name is not is gone after a power cut.</summary>
internal static partial class DirectoryEntries
{
    private const int OpenReadOnly = 0;

    // O_CLOEXEC, so that a child process started meanwhile does not keep the directory open.
    private static readonly int OpenFlags = OpenReadOnly | (OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000);

    /// <summary>Blocks until the entries are on disk. Does nothing on Windows, which writes them with the file.</summary>
    /// <exception cref="IOException">The directory cannot be opened or synced; the message carries the error number.</exception>
    public static void Sync(string directory)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(directory, OpenFlags);
        if (descriptor < 0) throw Failed(directory);
        try
        {
            if (Fsync(descriptor) != 0) throw Failed(directory);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string directory) =>
        new($"cannot sync the directory {directory}: error {Marshal.GetLastPInvokeError()}, {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
