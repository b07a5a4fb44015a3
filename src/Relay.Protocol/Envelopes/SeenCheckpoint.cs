using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>Newest checkpoint of the ledger that the sender of an envelope had verified.</summary>
/// <param name="Size">Entries in the tree, 0 to 2^53 - 1.</param>
/// <param name="Root">Root hash of the tree of that size.</param>
public sealed record SeenCheckpoint(long Size, Digest Root);
