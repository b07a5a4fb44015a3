using System.Collections.Immutable;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Commit;

/// <summary>What became of a bundle of prekeys or a claim. Immutable.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="Detail">What was expected and what came; empty for one that is answered.</param>
public sealed record PrekeyOutcome(PrekeyVerdict Verdict, string Detail)
{
    /// <summary>Receipts (tlog-proof texts, UTF-8) of the entries that it is answered by; none when it is refused.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Receipts { get; init; } = [];

    /// <summary>The bundles that the receipts of a claim name, compact JWS.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Bundles { get; init; } = [];

    /// <summary>True when it is answered by entries.</summary>
    public bool IsEntry => !Receipts.IsEmpty;
}
