namespace Relay.Protocol.Keys;

/// <summary>What a JWK says it is for: <c>use</c>, <c>key_ops</c> and <c>alg</c> (RFC 7517 sections 4.2 to 4.4).</summary>
/// <param name="MayVerify">Nothing speaks against verifying signatures.</param>
/// <param name="MayAgree">Nothing speaks against encrypting content for it.</param>
/// <param name="Algorithm"><c>alg</c>; null when absent.</param>
internal readonly record struct JwkUse(bool MayVerify, bool MayAgree, string? Algorithm)
{
    public static readonly JwkUse Any = new(true, true, null);
}
