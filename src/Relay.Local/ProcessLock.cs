using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Local;

/// <summary>
/// Says that a process of this machine does something that one at a time may do, and which process; ends with it, however that ends.
/// </summary>
public sealed class ProcessLock : IDisposable
{
    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION as a result code.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private ProcessLock(FileStream file) => _file = file;

    /// <summary>Takes the lock unless another process has it; its owner disposes it.</summary>
    /// <param name="path">File that stands for the lock; its folder is there. It stays when the lock ends.</param>
    /// <param name="taken">Null when false.</param>
    /// <param name="holder">The process that has it, when false; null where the system does not let it be read.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static bool TryTake(string path, [NotNullWhen(true)] out ProcessLock? taken, out int? holder)
    {
        taken = null;
        holder = null;
        try
        {
            taken = new ProcessLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            WriteHolder(path);
            return true;
        }
        catch (IOException exception) when (Held.Contains(exception.HResult))
        {
            holder = ReadHolder(path);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // Beside it, since nobody else may open a file that is locked. It is for people: without it the lock holds all the same.
    private static void WriteHolder(string path)
    {
        try
        {
            File.WriteAllText(HolderOf(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // Said without the number then.
        }
    }

    private static string HolderOf(string path) => Path.ChangeExtension(path, ".pid");

    private static int? ReadHolder(string path)
    {
        try
        {
            return int.TryParse(File.ReadAllText(HolderOf(path)), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
