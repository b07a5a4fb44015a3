using Relay.Protocol.Signatures;

namespace Relay.Protocol.Negotiations;

/// <summary>A delegation's own P-256 key, which signs its statements.</summary>
/// <param name="KeyId"><c>{delegation}#{number}</c>, for example <c>us#1</c>.</param>
/// <param name="Key">Verifies ES256; lives as long as the document.</param>
public sealed record IdentityKey(string KeyId, VerificationKey Key);
