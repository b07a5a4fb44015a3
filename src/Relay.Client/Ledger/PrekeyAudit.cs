using System.Globalization;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>
/// Holds bundles and claims of prekeys in a ledger against those before them, and against whose signatures they need. One loop's alone.
/// </summary>
/// <param name="policies">Knows the negotiation's documents, and which is in force.</param>
internal sealed class PrekeyAudit(PolicyInForce policies)
{
    private const int MaxCharges = 64;

    // Of each delegation the newest bundle, or the newest claim that was given one of its one-time keys.
    private readonly Dictionary<string, (long Index, PrekeyChainEntry Entry)> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<long, long> _against = [];

    /// <summary>Index of what shows with a broken entry that it is broken, by that entry's index.</summary>
    public IReadOnlyDictionary<long, long> Against => _against;

    /// <summary>A bundle or a claim was logged.</summary>
    /// <returns>Null when nothing is wrong with it.</returns>
    public AuditFinding? Take(PrekeyChainEntry entry, long index)
    {
        var (delegation, previous) = (entry.Delegation, entry.Previous);
        var (kind, problem) = FindFault(entry) ?? (AuditKind.BadEntry, null);
        var hasLast = _last.TryGetValue(delegation, out var last);
        if (previous != (hasLast ? last.Index : 0) || (hasLast && IsBroken(last, (index, entry))))
        {
            var from = hasLast ? last.Index : 0;
            kind = AuditKind.BadEntry;
            problem = string.Create(
                CultureInfo.InvariantCulture,
                $"expected what goes on about {delegation}'s prekeys from entry {from}, got what does not, or from {previous}");
            // Either what it left out, or what it names and is none.
            if (_against.Count < MaxCharges) _against[index] = hasLast && last.Index >= previous ? last.Index : previous;
        }
        if (entry.IsLink) _last[delegation] = (index, entry);
        return problem is null ? null : new AuditFinding(kind, $"entry {index}: {problem}", index);
    }

    private (AuditKind Kind, string? Detail)? FindFault(PrekeyChainEntry entry)
    {
        var what = $"{entry.KeyId} {(entry is ClaimEntry ? "claimed" : "published")} prekeys";
        if (policies.Find(entry.Policy, what, AuditKind.BadEntry, out var problem) is not { } document) return problem;
        return entry.Verify(document, out var detail) == PrekeyFault.None ? null : (AuditKind.BadEntry, detail);
    }

    private static bool IsBroken((long Index, PrekeyChainEntry Entry) last, (long Index, PrekeyChainEntry Entry) next)
    {
        var shown = EvidenceFile.Between(
            new EvidenceLeaf(last.Index, last.Entry.ToBytes(), []), new EvidenceLeaf(next.Index, next.Entry.ToBytes(), []));
        return shown is LieKind.PrekeyTwice or LieKind.BrokenPrekeys;
    }
}
