using System.Collections.Immutable;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Rules;

/// <summary>What a decision says about a bundle or a claim.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="Entries">Ledger indices of the entries that it is answered by, of this commit or earlier; none when it is refused.</param>
/// <param name="Bundles">For a claim the bundles that those entries name, compact JWS.</param>
/// <param name="Detail">What was expected and what came; empty for one that is answered.</param>
public readonly record struct PrekeyRuling(
    PrekeyVerdict Verdict, ImmutableArray<long> Entries, ImmutableArray<ReadOnlyMemory<byte>> Bundles, string Detail)
{
    internal static PrekeyRuling Stop(PrekeyVerdict verdict, string detail) => new(verdict, [], [], detail);
}
