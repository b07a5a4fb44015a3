using Relay.Protocol.Sealing;

namespace Relay.Protocol.Evidence;

/// <summary>A content, and the secret by which one of its addressees had to open it.</summary>
/// <param name="Content">The content, as the logged head names it by its hash.</param>
/// <param name="KeyId"><c>kid</c> of the addressee's encryption key, <c>{delegation}#enc-{number}</c>.</param>
/// <param name="Proof">The secret and the proof that it is that key's.</param>
public sealed record EvidenceWrap(ReadOnlyMemory<byte> Content, string KeyId, WrapProof Proof);
