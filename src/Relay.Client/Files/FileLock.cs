using System.Diagnostics.CodeAnalysis;

namespace Relay.Client.Files;

/// <summary>
/// One file, one hand: an exclusive lock that holds across processes and ends with the process that has it, however that ends. The
/// owner disposes it.
/// </summary>
/// <remarks>
/// An open file that nobody else may open: a sharing mode on Windows, flock on Linux and macOS. The
/// file stays, only the lock goes: a file that is deleted and made again could be two files to
/// two processes.
/// </remarks>
public sealed class FileLock : IDisposable
{
    // Longer than a queue of a few dozen that each wait for a vault.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes it, waiting up to 3 min for whoever has it; makes its folder where there is none.</summary>
    /// <param name="path">The lock's own file.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">Another process kept it for that long.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public static async Task<FileLock> TakeAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(time);
        var started = time.GetTimestamp();
        FileLock? taken;
        while (!TryTake(path, out taken))
        {
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"Another process has kept {path} for {Patience.TotalMinutes:0} minutes.");
            }

            await Task.Delay(Tick, time, cancellationToken).ConfigureAwait(false);
        }

        return taken;
    }

    /// <summary>Takes it unless it is taken.</summary>
    /// <param name="path">The lock's own file; its folder is made where there is none.</param>
    /// <param name="taken">Null when false.</param>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public static bool TryTake(string path, [NotNullWhen(true)] out FileLock? taken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        try
        {
            taken = new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
            return true;
        }
        catch (IOException)
        {
            taken = null;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
