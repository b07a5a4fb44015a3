namespace Relay.Protocol.Hybrid;

/// <summary>A single-stage KDF of draft-ietf-hpke-pq section 5, its table of identifiers.</summary>
/// <param name="Id">Last byte of the identifier; the first is 0.</param>
/// <param name="ShakeBits">128 or 256.</param>
/// <param name="HashSize">Nh, bytes.</param>
internal readonly record struct HpkeKdf(byte Id, int ShakeBits, int HashSize)
{
    /// <summary>0x0011: the one of HPKE-8-KE. Another serves the tests alone, which have vectors for it.</summary>
    public static readonly HpkeKdf Shake256 = new(0x11, 256, 64);
}
