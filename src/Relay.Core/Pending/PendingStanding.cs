using System.Collections.Immutable;
using Relay.Protocol.Text;

namespace Relay.Core.Pending;

/// <summary>How far an envelope is that waits for more signatures.</summary>
/// <param name="Digest">Digest of the envelope.</param>
/// <param name="Weight">Of the signatures that count now.</param>
/// <param name="Required">What it needs.</param>
/// <param name="Signed">Mediators that have signed, by name.</param>
/// <param name="Missing">Mediators that have not, by name.</param>
/// <param name="Since">When the first copy came.</param>
/// <param name="Until">From when it is waited for no longer.</param>
public sealed record PendingStanding(
    Digest Digest,
    int Weight,
    int Required,
    ImmutableArray<string> Signed,
    ImmutableArray<string> Missing,
    DateTimeOffset Since,
    DateTimeOffset Until);
