using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Relay.Azure.Diagnostics;
using Relay.Core.Ledger.Commit;
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
    /// <param name="clock">Is told the date of the account's answers; null for nobody.</param>
    public static ILedgerStore OpenContainer(Uri container, TokenCredential credential, ServiceClock? clock = null) =>
        Open(clock, options => new BlobContainerClient(container, credential, options));

    /// <summary>A blob container of the account that a connection string names, such as an Azurite.</summary>
    /// <exception cref="FormatException">The connection string has a part missing or malformed.</exception>
    public static ILedgerStore OpenContainer(string connectionString, string container, ServiceClock? clock = null) =>
        Open(clock, options => new BlobContainerClient(connectionString, container, options));

    private static BlobLedgerStore Open(ServiceClock? clock, Func<BlobClientOptions, BlobContainerClient> open)
    {
        var reading = BlobOptions.Create();
        var writing = BlobOptions.Create();
        writing.Retry.MaxRetries = 0;
        if (clock is not null)
        {
            reading.AddPolicy(new DatePolicy(clock), HttpPipelinePosition.PerRetry);
            writing.AddPolicy(new DatePolicy(clock), HttpPipelinePosition.PerRetry);
        }
        return new BlobLedgerStore(open(reading), open(writing));
    }
}
