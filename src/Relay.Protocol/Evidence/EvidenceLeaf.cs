using System.Collections.Immutable;
using Relay.Protocol.Text;

namespace Relay.Protocol.Evidence;

/// <summary>An entry that is said to be in a tree.</summary>
/// <param name="Index">Its index, from 0.</param>
/// <param name="Entry">Its text, whatever it is, at most 65,535 bytes.</param>
/// <param name="Proof">Inclusion proof, the leaf's sibling first.</param>
public sealed record EvidenceLeaf(long Index, ReadOnlyMemory<byte> Entry, ImmutableArray<Digest> Proof);
