using System.Security.Cryptography;

namespace Relay.Protocol.Sealing;

/// <summary>
/// Where a sealing draws what must be new each time: opening, content key, initialisation vector, ephemeral key. Internal, so that nobody
/// outside can seal with anything but the platform's.
/// </summary>
internal abstract class FreshSecrets
{
    /// <summary>The platform's cryptographic random number generator.</summary>
    public static FreshSecrets OfPlatform { get; } = new PlatformSecrets();

    /// <summary>Fills all of it.</summary>
    public abstract void Fill(Span<byte> destination);

    /// <summary>A key pair on P-256; the caller disposes it.</summary>
    public abstract ECDiffieHellman CreateKeyPair();

    public byte[] GetBytes(int count)
    {
        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    private sealed class PlatformSecrets : FreshSecrets
    {
        public override void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

        public override ECDiffieHellman CreateKeyPair() => ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    }
}
