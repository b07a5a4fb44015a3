using Org.BouncyCastle.Crypto.Digests;

namespace Relay.Protocol.Hybrid;

/// <summary>SHAKE128 or SHAKE256 (FIPS 202 section 6.2) over parts. BouncyCastle's: the platform has none on every system.</summary>
internal sealed class Keccak(int bits)
{
    private readonly ShakeDigest _digest = new(bits);

    public void Append(ReadOnlySpan<byte> bytes) => _digest.BlockUpdate(bytes);

    /// <summary>Fills the output, whatever its length, and starts anew.</summary>
    public void Finish(Span<byte> output) => _digest.OutputFinal(output);
}
