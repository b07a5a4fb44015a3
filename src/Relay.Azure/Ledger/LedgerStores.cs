using Azure.Core;
using Azure.Storage.Blobs;
using Relay.Core.Ledger.Store;

namespace Relay.Azure.Ledger;

/// <summary>Opens the places in which ledgers are kept. What it returns is for the whole life of a process.</summary>
public static class LedgerStores
{
    /// <summary>A folder on this machine; made if need be.</summary>
    /// <param name="folder">Any number of processes of this machine may use it at once; not one on a network share.</param>
    /// <param name="time">Waits between attempts at a lock that another process holds.</param>
    /// <exception cref="IOException">It cannot be made or written, or its file system gives no file locks.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static ILedgerStore OpenFolder(string folder, TimeProvider time) => new FolderLedgerStore(folder, time);

    /// <summary>A folder that is there, to be read only, from any medium.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not there.</exception>
    public static ILedgerStore ReadFolder(string folder) => FolderLedgerStore.ForReading(folder);

    /// <summary>A blob container by its address.</summary>
    /// <param name="container">https.</param>
    /// <param name="credential">May read, and for a relay write and delete, the container's blobs.</param>
    public static ILedgerStore OpenContainer(Uri container, TokenCredential credential) =>
        Open(options => new BlobContainerClient(container, credential, options));

    /// <summary>A blob container of the account that a connection string names, such as an Azurite.</summary>
    /// <exception cref="FormatException">The connection string has a part missing or malformed.</exception>
    public static ILedgerStore OpenContainer(string connectionString, string container) =>
        Open(options => new BlobContainerClient(connectionString, container, options));

    private static BlobLedgerStore Open(Func<BlobClientOptions, BlobContainerClient> open)
    {
        // Emulators refuse versions newer than themselves, and nothing newer is needed.
        var reading = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05);
        var writing = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05);
        writing.Retry.MaxRetries = 0;
        return new BlobLedgerStore(open(reading), open(writing));
    }
}
