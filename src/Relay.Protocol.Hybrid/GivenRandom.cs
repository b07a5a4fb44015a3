using Org.BouncyCastle.Security;

namespace Relay.Protocol.Hybrid;

/// <summary>Hands BouncyCastle the random bytes that were drawn for it: the platform's generator is the only one, and vectors can be
/// met.</summary>
internal sealed class GivenRandom(byte[] bytes) : SecureRandom(null!)
{
    private bool _taken;

    public override void NextBytes(byte[] buf) => NextBytes(buf.AsSpan());

    public override void NextBytes(byte[] buf, int off, int len) => NextBytes(buf.AsSpan(off, len));

    public override void NextBytes(Span<byte> buffer)
    {
        if (_taken || buffer.Length != bytes.Length)
        {
            throw new InvalidOperationException($"Expected {bytes.Length} random bytes to be taken once, got a call for {buffer.Length}.");
        }
        _taken = true;
        bytes.CopyTo(buffer);
    }
}
