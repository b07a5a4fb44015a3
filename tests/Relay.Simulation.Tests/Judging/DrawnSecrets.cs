using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Simulation.Tests.Judging;

/// <summary>
/// Secrets that follow from a name: the digests of a world's envelopes, and with them the order of its blobs, are those of its seed and of
/// no process.
/// </summary>
internal sealed class DrawnSecrets(string name) : FreshSecrets
{
    private int _blocks;

    public override void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[SHA256.HashSizeInBytes];
        while (destination.Length > 0)
        {
            Digest.Of(Encoding.UTF8.GetBytes($"{name}/{_blocks++}")).CopyTo(block);
            var size = Math.Min(block.Length, destination.Length);
            block[..size].CopyTo(destination);
            destination = destination[size..];
        }
    }

    public override ECDiffieHellman CreateKeyPair()
    {
        using var key = CreateKey("ephemeral");
        return key.CreateECDiffieHellman();
    }

    /// <summary>The key on P-256 that follows from its id; the caller disposes it.</summary>
    public static PrivateJwk KeyOf(string keyId) => new DrawnSecrets(keyId).CreateKey(keyId);

    /// <summary>A key on P-256; the caller disposes it.</summary>
    public PrivateJwk CreateKey(string keyId)
    {
        var value = GetBytes(SHA256.HashSizeInBytes);
        // Half of all values, none of them beyond the curve's order.
        value[0] &= 0x7f;
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = value });
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return PrivateJwk.Parse(JsonSerializer.SerializeToUtf8Bytes(new
        {
            kty = "EC",
            crv = "P-256",
            kid = keyId,
            x = StrictBase64Url.Encode(point.X),
            y = StrictBase64Url.Encode(point.Y),
            d = StrictBase64Url.Encode(value),
        }));
    }
}
