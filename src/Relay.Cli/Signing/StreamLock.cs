using Relay.Local;

namespace Relay.Cli.Signing;

/// <summary>
/// One stream, one hand: read, sign and advance happen under an exclusive lock that holds across
/// processes and ends with the process that has it, however that ends. The owner disposes it.
/// </summary>
/// <remarks>
/// An open file that nobody else may open: a sharing mode on Windows, flock on Linux and macOS. The
/// file stays, only the lock goes: a file that is deleted and made again could be two files to
/// two processes.
/// </remarks>
internal sealed class StreamLock : IDisposable
{
    // Longer than a queue of a few dozen that each wait for a vault.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    private readonly FileStream _file;

    private StreamLock(FileStream file) => _file = file;

    /// <exception cref="CliFault">Another process kept it for minutes, or the file cannot be opened.</exception>
    public static async Task<StreamLock> TakeAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new StreamLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new CliFault(
                    $"{path} cannot be written: {exception.Message}", "The state folder has to be yours, and writable.", exception);
            }
            catch (IOException exception)
            {
                if (time.GetElapsedTime(started) > Patience)
                {
                    throw new CliFault(
                        $"Another process has kept {path} for {Patience.TotalMinutes:0} minutes.",
                        "Wait for it, or end it: the lock goes with it.",
                        exception);
                }
            }

            await Task.Delay(Tick, time, cancellationToken);
        }
    }

    public void Dispose() => _file.Dispose();
}
