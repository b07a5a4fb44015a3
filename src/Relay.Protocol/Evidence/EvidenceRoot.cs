using System.Collections.Immutable;
using Relay.Protocol.Text;

namespace Relay.Protocol.Evidence;

/// <summary>A root that the last tree of a file is said to have had when it was smaller.</summary>
/// <param name="Root">The root at that size.</param>
/// <param name="Proof">Consistency proof from it to the tree's checkpoint.</param>
public sealed record EvidenceRoot(Digest Root, ImmutableArray<Digest> Proof);
