using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Core.Diagnostics;
using Relay.Core.Ledger.Store;

namespace Relay.Core.Tests.Ledger.Store;

public sealed class MeteredStoreTests
{
    [Fact]
    public async Task EachCall_IsCountedByItsKind_WhateverComesOfIt()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var counted = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope != meters || instrument.Name != "relay.store.operations") return;
                self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counted.Add($"{count} {tags[0].Key} {tags[0].Value}"));
        listener.Start();
        var telemetry = new RelayTelemetry(meters, TimeProvider.System, NullLogger<RelayTelemetry>.Instance);
        var store = new MeteredStore(new BrokenStore(), telemetry);
        var token = TestContext.Current.CancellationToken;

        await Assert.ThrowsAsync<LedgerStoreException>(() => store.GetAsync("a", token).AsTask());
        await Assert.ThrowsAsync<LedgerStoreException>(() => store.PutIfAbsentAsync("a", default, token).AsTask());
        await Assert.ThrowsAsync<LedgerStoreException>(() => store.PutIfMatchAsync("a", default, "1", token).AsTask());
        await Assert.ThrowsAsync<LedgerStoreException>(() => store.DeleteAsync("a", token).AsTask());
        Assert.Throws<LedgerStoreException>(() => store.ListAsync("", token));

        string[] kinds = ["read", "write", "write", "delete", "list"];
        Assert.Equal(kinds.Select(kind => $"1 relay.store.operation {kind}"), counted);
    }

    private sealed class BrokenStore : ILedgerStore
    {
        private static readonly LedgerStoreException Broken = new("broken");

        public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken) => throw Broken;

        public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            throw Broken;

        public ValueTask<PutResult> PutIfMatchAsync(
            string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) => throw Broken;

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => throw Broken;

        public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => throw Broken;
    }
}
