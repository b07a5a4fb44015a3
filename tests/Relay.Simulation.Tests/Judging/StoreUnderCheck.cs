using Relay.Checker;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Judging;

/// <summary>A world's store as the checker reads one.</summary>
internal sealed class StoreUnderCheck(SimStore store) : ICheckedStore
{
    public ValueTask<CheckedBlob?> ReadAsync(string name, CancellationToken cancellationToken) =>
        new(store.Get(name) is { } blob ? new CheckedBlob(blob.Content, blob.Version, blob.Intact) : null);

    public async IAsyncEnumerable<string> ListAsync(
        string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        foreach (var name in store.List(prefix)) yield return name;
    }
}
