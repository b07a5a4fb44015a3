using Relay.Protocol.Text;

namespace Relay.Risk.Results;

/// <summary>What signals were computed from: whoever has these entries, and knows that they are of this tree, computes the same.</summary>
/// <param name="From">Index of the first entry.</param>
/// <param name="Size">Index after the last one, the size of the tree.</param>
/// <param name="Root">Root of the tree of that size.</param>
public sealed record LedgerStretch(long From, long Size, Digest Root);
