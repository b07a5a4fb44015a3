namespace Relay.Azure.Ledger;

/// <summary>
/// Exclusion by name within this process and between processes on one machine, by
/// locks on files that the system lets go when a process ends, however it ends.
/// </summary>
/// <remarks>Names share <see cref="Stripes"/> locks. Not reentrant. Fair within a process, not between processes.</remarks>
internal sealed class FolderLocks
{
    private const int Stripes = 64;

    // EWOULDBLOCK of Linux and of macOS, and ERROR_SHARING_VIOLATION: what FileShare.None answers to the second opener.
    private static readonly int[] HeldByAnother = [11, 35, unchecked((int)0x80070020)];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim[] _inProcess = new SemaphoreSlim[Stripes];

    /// <exception cref="IOException">The folder cannot be written, or its file system gives no locks.</exception>
    public FolderLocks(string folder, TimeProvider time)
    {
        _folder = folder;
        _time = time;
        for (var i = 0; i < Stripes; i++) _inProcess[i] = new SemaphoreSlim(1, 1);
        Directory.CreateDirectory(folder);
        Probe();
    }

    /// <summary>True when opening a file failed because another has it locked.</summary>
    public static bool IsHeld(IOException exception) => HeldByAnother.Contains(exception.HResult);

    /// <summary>Waits for the name's lock; dispose to let go.</summary>
    public async ValueTask<Held> AcquireAsync(string name, CancellationToken cancellationToken)
    {
        var stripe = StripeOf(name);
        await _inProcess[stripe].WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            FileStream? file;
            while ((file = TryOpen(Path.Combine(_folder, $"{stripe:x2}"))) is null)
            {
                await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(false);
            }

            return new Held(file, _inProcess[stripe]);
        }
        catch
        {
            _inProcess[stripe].Release();
            throw;
        }
    }

    // FNV-1a: the same in every process, unlike string.GetHashCode.
    private static int StripeOf(string name)
    {
        var hash = 2166136261u;
        foreach (var c in name) hash = unchecked((hash ^ c) * 16777619u);
        return (int)(hash % Stripes);
    }

    // Some file systems, and one switch of the platform, let two openers both hold a lock: then nothing here would be exclusive.
    private void Probe()
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        using var first = TryOpen(path);
        using var second = TryOpen(path);
        File.Delete(path);
        if (first is null || second is not null)
        {
            throw new IOException($"expected a file system with file locks under {_folder}, got two exclusive locks on one file");
        }
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }

    /// <summary>A lock that is held.</summary>
    internal readonly struct Held(FileStream file, SemaphoreSlim inProcess) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            inProcess.Release();
        }
    }
}
