using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Reads what a decision about prekeys must know: who has which, the bundles, and the entries that are to be shown again. What this process
/// has made or read itself is in memory, so that a claim reads nothing. Not for concurrent use.
/// </summary>
internal sealed class PrekeyFactReader(StateBlobs blobs, string negotiation)
{
    // Of each delegation the newest; what is here is content by its hash, or an entry by its index, and never changes.
    private const int MaxKept = LedgerLimits.Prekeys;

    private readonly Dictionary<Digest, ClaimPage> _pages = [];
    private readonly Dictionary<long, ReadOnlyMemory<byte>> _bundles = [];

    /// <summary>Adds to the facts; damage becomes a fact of what it concerns.</summary>
    /// <exception cref="LedgerStoreException">The store does not answer.</exception>
    public async ValueTask ReadAsync(
        WorkingCopy copy, IReadOnlyList<PrekeyCandidate> candidates, GroupFacts facts, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
        {
            if (copy.State.FindPrekeys(candidate.Delegation) is not { } state) continue;
            var page = await ReadPageAsync(state, facts, cancellationToken).ConfigureAwait(false);
            if (candidate is BundleCandidate { Bundle: var bundle })
            {
                if (bundle.Digest == state.Bundle) await ReadEntryAsync(copy, state.Entry, facts, cancellationToken).ConfigureAwait(false);
                continue;
            }
            if (candidate is not ClaimCandidate { Claim: var claim }) continue;
            await ReadBundleAsync(copy, state.Entry, facts, cancellationToken).ConfigureAwait(false);
            if (page is null) continue;
            foreach (var row in claim.Envelopes.Select(page.Find))
            {
                if (row is not { } given) continue;
                await ReadEntryAsync(copy, given.Entry, facts, cancellationToken).ConfigureAwait(false);
                if (given.Entry > state.Entry) continue;
                await ReadBundleAsync(copy, page.PreviousEntry, facts, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<ClaimPage?> ReadPageAsync(PrekeyState state, GroupFacts facts, CancellationToken cancellationToken)
    {
        var digest = state.Claims;
        if (digest == default) return null;
        if (facts.Claims.TryGetValue(digest, out var fact)) return fact.Value;
        if (!_pages.TryGetValue(digest, out var page))
        {
            var name = LedgerPaths.Claims(negotiation, state);
            try
            {
                var content = await blobs.ReadAsync(name, cancellationToken).ConfigureAwait(false);
                if (Digest.Of(content.Span) != digest || !ClaimPage.TryRead(negotiation, content.Span, out page))
                {
                    throw new LedgerDamagedException($"expected the claims of {state.Delegation} in '{name}', got something else");
                }
            }
            catch (LedgerDamagedException e)
            {
                facts.Problems.Add(e.Message);
                facts.Claims[digest] = new Fact<ClaimPage>(null!, e.Message);
                return null;
            }

            Keep(_pages, digest, page);
        }

        facts.Claims[digest] = new Fact<ClaimPage>(page);
        return page;
    }

    /// <summary>Notes a page that a commit has written.</summary>
    public void Remember(Decision decision)
    {
        foreach (var (digest, page) in decision.ClaimPages)
        {
            Keep(_pages, digest, page);
        }
    }

    private async ValueTask ReadBundleAsync(WorkingCopy copy, long index, GroupFacts facts, CancellationToken cancellationToken)
    {
        if (facts.Bundles.ContainsKey(index)) return;
        if (!_bundles.TryGetValue(index, out var bundle))
        {
            if (await ReadEntryAsync(copy, index, facts, cancellationToken).ConfigureAwait(false) is not PrekeysEntry entry)
            {
                facts.Bundles[index] = new Fact<ReadOnlyMemory<byte>>(default, $"expected a bundle as entry {index}, got another");
                return;
            }

            bundle = entry.Bundle.Bytes;
            Keep(_bundles, index, bundle);
        }

        facts.Bundles[index] = new Fact<ReadOnlyMemory<byte>>(bundle);
    }

    private async ValueTask<LedgerEntry?> ReadEntryAsync(
        WorkingCopy copy, long index, GroupFacts facts, CancellationToken cancellationToken)
    {
        if (facts.Proved.TryGetValue(index, out var proved)) return proved.Entry;
        try
        {
            proved = await blobs.ReadEntryAsync(copy.State, copy.Edge, index, cancellationToken).ConfigureAwait(false);
            facts.Proved[index] = proved;
            facts.Entries.Add(index);
            return proved.Entry;
        }
        catch (LedgerDamagedException e)
        {
            facts.Problems.Add(e.Message);
            return null;
        }
    }

    private static void Keep<TKey, TValue>(Dictionary<TKey, TValue> kept, TKey key, TValue value)
        where TKey : notnull
    {
        if (kept.Count >= MaxKept) kept.Clear();
        kept[key] = value;
    }
}
