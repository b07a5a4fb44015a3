using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Simulation.Tests.Judging;

/// <summary>ES256 without chance (RFC 6979): the platform's signatures of one text differ.</summary>
internal sealed class DrawnSigner : IJwsSigner
{
    // The same curve in arithmetic of its own, which takes a fraction of the time.
    private static readonly ECDomainParameters Curve = new(CustomNamedCurves.GetByName("P-256"));
    private readonly ECPrivateKeyParameters _key;

    public DrawnSigner(PrivateJwk key)
    {
        KeyId = key.KeyId;
        using var ec = key.CreateECDsa();
        _key = new ECPrivateKeyParameters(new BigInteger(1, ec.ExportParameters(includePrivateParameters: true).D!), Curve);
    }

    public string KeyId { get; }

    public JwsAlgorithm Algorithm => JwsAlgorithm.ES256;

    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, _key);
        var signature = new byte[64];
        foreach (var (number, at) in signer.GenerateSignature(hash.ToArray()).Select((number, i) => (number.ToByteArrayUnsigned(), 32 * i)))
        {
            number.CopyTo(signature, at + 32 - number.Length);
        }

        return new(signature);
    }
}
