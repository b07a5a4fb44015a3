using System.Runtime.CompilerServices;
using Relay.Core.Ledger.Store;

namespace Relay.Azure.Ledger;

/// <summary>
/// A folder as ledger store, one file a blob, for one machine: any number of processes on
/// it may use the folder at once. Files are framed (<see cref="BlobFrame"/>), appear and
/// change by renaming a synced temporary one, and are durable with their names when a put returns.
/// </summary>
/// <remarks>
/// Beside the blobs lies the folder <c>~</c> (no name of a blob has that character):
/// <c>~/temporary</c>, swept at start of what killed processes left, and <c>~/locks</c>.
/// A deleted blob may be back after a power cut, not after a kill. A blob that was
/// renamed into place by a process killed in the fraction of a millisecond before the
/// directory was synced is seen by others and lost by a power cut right then; a put that finds it makes it durable first.
/// </remarks>
internal sealed class FolderLedgerStore : ILedgerStore
{
    private const string OwnFolder = "~";
    private const int Attempts = 32;

    private readonly string _root;
    private readonly string _temporary;
    private readonly FolderLocks? _locks;
    private long _syncs;

    /// <summary>Makes the folder if need be, its owner's alone, and sweeps it.</summary>
    /// <exception cref="IOException">The folder cannot be made or written, or its file system gives no locks.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public FolderLedgerStore(string folder, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        _temporary = Path.Combine(_root, OwnFolder, "temporary");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(_temporary);
        else Directory.CreateDirectory(_temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _locks = new FolderLocks(Path.Combine(_root, OwnFolder, "locks"), time);
        Sweep();
    }

    private FolderLedgerStore(string folder)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        _temporary = "";
    }

    /// <summary>Files and directories synced so far: what benchmarks count.</summary>
    public long Syncs => Interlocked.Read(ref _syncs);

    /// <summary>A folder that is there, to be read only: nothing in it is made or swept, and puts and deletes fail.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not there.</exception>
    public static FolderLedgerStore ForReading(string folder) =>
        Directory.Exists(folder)
            ? new FolderLedgerStore(folder)
            : throw new DirectoryNotFoundException($"expected a folder at {folder}, got none");

    /// <inheritdoc/>
    public async ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        cancellationToken.ThrowIfCancellationRequested();
        return await OnPoolAsync("read", name, () => Read(path), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        PutAsync(name, content, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(etag);
        return PutAsync(name, content, etag, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalidPrefix(prefix);
        // Directories still to be listed, the next one on top: names come out in order without holding them all.
        var pending = new Stack<string>();
        pending.Push(prefix[..(prefix.LastIndexOf('/') + 1)]);
        while (pending.TryPop(out var name))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (name.Length > 0 && name[^1] != '/')
            {
                yield return name;
                continue;
            }

            var entries = await OnPoolAsync("list", name, () => Entries(name, prefix), cancellationToken).ConfigureAwait(false);
            for (var i = entries.Count - 1; i >= 0; i--) pending.Push(entries[i]);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        cancellationToken.ThrowIfCancellationRequested();
        using var held = await AcquireAsync(name, cancellationToken).ConfigureAwait(false);
        await OnPoolAsync("delete", name, () => Delete(path), cancellationToken).ConfigureAwait(false);
    }

    private static StoredBlob? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            var expected = (int)Math.Min(length, BlobFrame.HeaderBytes + LedgerBlobName.MaxContentBytes + 1L);
            var bytes = new byte[expected];
            var read = 0;
            while (read < expected && RandomAccess.Read(file, bytes.AsSpan(read), read) is > 0 and var count) read += count;
            var there = bytes.AsMemory(0, read);
            var intact = BlobFrame.IsIntact(there.Span, out var etag);
            return new StoredBlob(there[Math.Min(read, BlobFrame.HeaderBytes)..], etag, intact);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // The parents of a removed file go with it when they are empty; a put that meets that makes them again.
    private bool Delete(string path)
    {
        if (!File.Exists(path)) return false;
        File.Delete(path);
        for (var parent = Path.GetDirectoryName(path)!; parent.Length > _root.Length; parent = Path.GetDirectoryName(parent)!)
        {
            try
            {
                Directory.Delete(parent);
            }
            catch (IOException)
            {
                break;
            }
        }

        return true;
    }

    // Everything of one directory that is a blob or may hold some, in ordinal order of
    // full names; directories end with a slash, which sorts them as their blobs are.
    private List<string> Entries(string directory, string prefix)
    {
        var entries = new List<string>();
        try
        {
            foreach (var entry in new DirectoryInfo(Path.Combine(_root, directory)).EnumerateFileSystemInfos())
            {
                var name = directory + entry.Name;
                if (!LedgerBlobName.IsValid(name)) continue;
                if (entry is DirectoryInfo) name += "/";
                if (name.StartsWith(prefix, StringComparison.Ordinal)
                    || (name[^1] == '/' && prefix.StartsWith(name, StringComparison.Ordinal)))
                {
                    entries.Add(name);
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing below it, or not any more.
        }

        entries.Sort(StringComparer.Ordinal);
        return entries;
    }

    private async ValueTask<PutResult> PutAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        LedgerBlobName.ThrowIfTooLong(content);
        cancellationToken.ThrowIfCancellationRequested();
        // Most puts of what is there already, and most losers of a race, end here without writing anything.
        if (!await OnPoolAsync("read", name, () => Holds(path, etag), cancellationToken).ConfigureAwait(false)) return default;
        using var held = await AcquireAsync(name, cancellationToken).ConfigureAwait(false);
        return await OnPoolAsync("write", name, () => Put(path, content.Span, etag), cancellationToken).ConfigureAwait(false);
    }

    // Called with the name's lock held.
    private PutResult Put(string path, ReadOnlySpan<byte> content, string? etag)
    {
        if (!Holds(path, etag)) return default;
        var header = BlobFrame.Header(content);
        for (var attempt = 1; ; attempt++)
        {
            var temporary = Path.Combine(_temporary, Guid.NewGuid().ToString("N"));
            try
            {
                MakeDirectories(Path.GetDirectoryName(path)!);
                // Open until it has its name, so that no sweep takes it for a killed process's.
                using var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
                RandomAccess.Write(file, header, 0);
                RandomAccess.Write(file, content, header.Length);
                RandomAccess.FlushToDisk(file);
                Interlocked.Increment(ref _syncs);
                File.Move(temporary, path, overwrite: etag is not null);
                SyncDirectory(Path.GetDirectoryName(path)!);
                return new PutResult(Stored: true, BlobFrame.ETagOf(header));
            }
            catch (IOException e) when (
                attempt < Attempts && (e is FileNotFoundException or DirectoryNotFoundException || FolderLocks.IsHeld(e)))
            {
                // A delete took the directory, or a sweep the file between its creation and its lock.
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }
        }
    }

    // True when the put's condition holds. What is there already may have been renamed by a process
    // that was killed before it synced: whoever builds on it must find it after a power cut.
    private bool Holds(string path, string? etag)
    {
        if (etag is not null) return Read(path)?.ETag == etag;
        if (!File.Exists(path)) return true;
        SyncDirectory(Path.GetDirectoryName(path)!);
        return false;
    }

    private void MakeDirectories(string directory)
    {
        if (Directory.Exists(directory)) return;
        var parent = Path.GetDirectoryName(directory)!;
        if (directory.Length > _root.Length) MakeDirectories(parent);
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (IOException) when (!File.Exists(directory))
        {
            // "Already exists", of a directory that a delete took between the attempt to make it and the look at it.
            throw new DirectoryNotFoundException($"the directory {directory} went while it was made");
        }

        SyncDirectory(parent);
    }

    private void SyncDirectory(string directory)
    {
        DirectoryEntries.Sync(directory);
        Interlocked.Increment(ref _syncs);
    }

    private void Sweep()
    {
        foreach (var path in Directory.EnumerateFiles(_temporary))
        {
            try
            {
                // A living writer holds a lock on it.
                using var abandoned = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
                File.Delete(path);
            }
            catch (IOException)
            {
                // In use, or gone.
            }
        }
    }

    private string PathOf(string name)
    {
        LedgerBlobName.ThrowIfInvalid(name);
        return Path.Combine(_root, name);
    }

    private async ValueTask<FolderLocks.Held> AcquireAsync(string name, CancellationToken cancellationToken)
    {
        if (_locks is null) throw new LedgerStoreException($"cannot change {name} in {_root}: it was opened for reading");
        try
        {
            return await _locks.AcquireAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerStoreException($"cannot lock {name} in {_root}: {e.Message}", e);
        }
    }

    // File calls block: a caller that starts several at once, or serves requests, must not wait for each.
    private async ValueTask<T> OnPoolAsync<T>(string verb, string name, Func<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerStoreException($"cannot {verb} {name} in {_root}: {e.Message}", e);
        }
    }
}
