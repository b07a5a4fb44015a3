using Relay.Core.Caching;
using Relay.Core.Ledger.State;

namespace Relay.Core.Ledger.Reading;

/// <summary>
/// Heads as they were a second ago at most, for whoever foresees what the ledger would say of a submission over HTTP: one read a second
/// and ledger, however many ask, and a head that is still the same is not verified again. Only a commit decides. Safe for concurrent use.
/// </summary>
public sealed class RecentHeads : IAsyncDisposable
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly BoundedAgeCache<string, RecentHead> _heads;

    /// <param name="reader">Reads heads.</param>
    /// <param name="time">Clock.</param>
    public RecentHeads(LedgerReader reader, TimeProvider time)
    {
        // Who asks has an envelope that a quorum has signed: no stranger chooses the keys, and a slow store is not waited for.
        var options = new BoundedAgeCacheOptions { NewKeysPerSecond = int.MaxValue, LoadTimeout = MaxAge };
        _heads = new BoundedAgeCache<string, RecentHead>(
            options,
            async (negotiation, held, cancellationToken) =>
            {
                var at = time.GetUtcNow();
                var read = await reader.StateAsync(negotiation, held?.Head, cancellationToken).ConfigureAwait(false);
                return read.Status switch
                {
                    LedgerReadStatus.Found => new Loaded<RecentHead>(new RecentHead(read.Value!.State, at, read.Value), MaxAge, MaxAge),
                    LedgerReadStatus.Absent =>
                        new Loaded<RecentHead>(new RecentHead(LedgerState.Empty, at, null), MaxAge, MaxAge) { IsExpendable = true },
                    LedgerReadStatus.Unavailable or LedgerReadStatus.Damaged => null,
                };
            },
            time);
    }

    /// <returns>The head; an empty ledger's where there is none, and null when it cannot be read now.</returns>
    public ValueTask<RecentHead?> FindAsync(string negotiation, CancellationToken cancellationToken) =>
        _heads.GetAsync(negotiation, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _heads.DisposeAsync();
}
