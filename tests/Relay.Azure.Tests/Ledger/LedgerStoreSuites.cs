using Relay.Azure.Ledger;
using Relay.Core.Ledger.Store;
using Relay.Testing;
using Relay.Testing.Ledger;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace Relay.Azure.Tests.Ledger;

public sealed class MemoryLedgerStoreTests : LedgerStoreConformance
{
    protected override Task<ILedgerStore> OpenAsync() => Task.FromResult<ILedgerStore>(new MemoryLedgerStore());
}

public sealed class FolderLedgerStoreConformanceTests : LedgerStoreConformance, IDisposable
{
    private readonly List<TemporaryFolder> _folders = [];

    public void Dispose() => _folders.ForEach(folder => folder.Dispose());

    protected override Task<ILedgerStore> OpenAsync()
    {
        _folders.Add(new TemporaryFolder());
        return Task.FromResult(LedgerStores.OpenFolder(_folders[^1].Path, TimeProvider.System));
    }
}

/// <summary>On Azurite from npm, a blob service nobody here wrote.</summary>
public sealed class BlobLedgerStoreConformanceTests(Azurite azurite) : LedgerStoreConformance
{
    protected override async Task<ILedgerStore> OpenAsync()
    {
        var connectionString = await azurite.ConnectionStringAsync();
        var name = $"c-{Guid.NewGuid():N}";
        var options = new global::Azure.Storage.Blobs.BlobClientOptions(
            global::Azure.Storage.Blobs.BlobClientOptions.ServiceVersion.V2025_11_05);
        var container = new global::Azure.Storage.Blobs.BlobContainerClient(connectionString, name, options);
        await container.CreateIfNotExistsAsync(cancellationToken: Cancel);
        return LedgerStores.OpenContainer(connectionString, name);
    }
}
