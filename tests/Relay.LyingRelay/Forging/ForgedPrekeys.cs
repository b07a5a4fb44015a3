using System.Collections.Immutable;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.LyingRelay.Forging;

/// <summary>What a head says of prekeys, and the pages beside it, as if every entry were one that the rules had let through.</summary>
internal sealed class ForgedPrekeys(string negotiation)
{
    private readonly Dictionary<string, ClaimPage> _pages = [];

    public List<StagedBlob> Puts { get; } = [];

    public List<string> Deletes { get; } = [];

    /// <summary>What the head says after an entry; what has to be put and deleted with it is above.</summary>
    public ImmutableArray<PrekeyState> Take(LedgerState before, LedgerEntry? entry)
    {
        Puts.Clear();
        Deletes.Clear();
        return entry switch
        {
            PrekeysEntry { Bundle: var bundle } => Put(before.Prekeys, StateOf(bundle, before.Range.Size)),
            ClaimEntry claim when before.FindPrekeys(claim.Claim.Target) is { } state =>
                Put(before.Prekeys, Give(state, claim, before.Range.Size)),
            _ => before.Prekeys,
        };
    }

    private static PrekeyState StateOf(PrekeyBundle bundle, long index) => new(
        bundle.Delegation,
        bundle.Number,
        bundle.Digest,
        bundle.First,
        bundle.OneTime.Length,
        bundle.OneTime.Length,
        bundle.ExpiresAt,
        index,
        index,
        0,
        default);

    private PrekeyState Give(PrekeyState state, ClaimEntry claim, long index)
    {
        if (claim.Count == 0) return state;
        if (state.Rows > 0) Deletes.Add(LedgerPaths.Claims(negotiation, state));
        var page = _pages.GetValueOrDefault(state.Delegation) ?? new ClaimPage(negotiation, 0, []);
        page = page with { Rows = page.Rows.AddRange(claim.HandedOut.Select(one => new ClaimRow(index, one.Id))) };
        _pages[state.Delegation] = page;
        var made = state with { Left = claim.Left, Last = index, Rows = page.Rows.Length, Claims = Digest.Of(page.ToBytes()) };
        Puts.Add(new StagedBlob(LedgerPaths.Claims(negotiation, made), page.ToBytes()));
        return made;
    }

    private static ImmutableArray<PrekeyState> Put(ImmutableArray<PrekeyState> states, PrekeyState state) =>
        [.. states.Where(one => one.Delegation != state.Delegation), state];
}
